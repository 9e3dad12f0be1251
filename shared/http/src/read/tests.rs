//! What is taken and what is not, field by field.

use super::*;
use crate::tests::NOON;
use serde_json::{Value, json};

fn with(pointer: &str, value: Value) -> Value {
    let mut body = json!({"channel": "web", "message": "hi", "customer": {"ref": "c"}, "order": {"amount": {"amount_minor": 1, "currency": "CNY"}}});
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}

fn taken(pointer: &str, value: Value) -> bool {
    match feedback(NOON.parse().unwrap()).read(&with(pointer, value)) {
        Ok(_) => true,
        Err(wrong) => {
            assert!(wrong.iter().all(|wrong| wrong.pointer.starts_with(pointer)), "{wrong:?}");
            false
        }
    }
}

#[test]
fn each_text_is_taken_up_to_its_limit_in_code_points() {
    for (pointer, most) in [
        ("/message", 8000),
        ("/transcript", 8000),
        ("/customer/ref", 128),
        ("/customer/name", 200),
        ("/customer/phone", 64),
        ("/order/ref", 128),
        ("/order/sku", 128),
        ("/order/product_type", 128),
        ("/order/lot", 128),
        ("/order/courier", 128),
        ("/order/warehouse", 128),
        ("/order/status", 128),
        ("/source_message_id", 255),
    ] {
        for letter in ["a", "字", "😀"] {
            assert!(taken(pointer, letter.repeat(most).into()), "{pointer}");
            assert!(!taken(pointer, letter.repeat(most + 1).into()), "{pointer}");
        }
        assert!(!taken(pointer, "a\0b".into()), "{pointer}");
        assert!(!taken(pointer, Value::Null), "{pointer}");
        assert!(!taken(pointer, 7.into()), "{pointer}");
        let may_be_empty = ["/transcript", "/customer/name", "/customer/phone"].contains(&pointer);
        assert_eq!(taken(pointer, "".into()), may_be_empty, "{pointer}");
    }
}

#[test]
fn what_nobody_can_see_says_nothing() {
    for c in [
        ' ',
        '\t',
        '\n',
        '\r',
        '\u{b}',
        '\u{85}',
        '\u{a0}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{1160}',
        '\u{1680}',
        '\u{180e}',
        '\u{2000}',
        '\u{200b}',
        '\u{200d}',
        '\u{200f}',
        '\u{2028}',
        '\u{202e}',
        '\u{2060}',
        '\u{2064}',
        '\u{2066}',
        '\u{206f}',
        '\u{2800}',
        '\u{3000}',
        '\u{3164}',
        '\u{fe00}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e007f}',
        '\u{e0100}',
        '\u{1}',
    ] {
        assert!(!taken("/message", c.to_string().repeat(3).into()), "U+{:04X}", u32::from(c));
        assert!(taken("/message", format!("{c}a{c}").into()), "U+{:04X}", u32::from(c));
    }
    for text in [".", "0", "嗯", "👍", "\u{301}"] {
        assert!(taken("/message", text.into()), "{text}");
    }
}

#[test]
fn an_address_is_plausible_or_refused() {
    for address in ["a@b", "王@例子.中国", "a+b@example.com", &format!("{}@b", "a".repeat(252))] {
        assert!(taken("/customer/email", address.into()), "{address}");
    }
    for address in ["", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "a\u{200b}@b", &format!("{}@b", "a".repeat(253))] {
        assert!(!taken("/customer/email", address.into()), "{address}");
    }
}

#[test]
fn a_locale_has_the_form_of_bcp_47() {
    for tag in ["zh", "zh-CN", "zh-Hans-CN", "en-US-x-twain", "x-shop"] {
        assert!(taken("/locale", tag.into()) && taken("/customer/locale", tag.into()), "{tag}");
    }
    for tag in ["", "zh_CN", "zh-", "-CN", "中文", "zh--CN", "zh-verylongsubtag", "1a", &"en-abcdefgh".repeat(4)] {
        assert!(!taken("/locale", tag.into()), "{tag}");
    }
}

#[test]
fn money_is_whole_and_has_a_currency() {
    let most = 9_007_199_254_740_991_i64;
    for amount in [json!(0), json!(-1), json!(most), json!(-most), json!(1.0), json!(-129e2)] {
        assert!(taken("/order/amount/amount_minor", amount));
    }
    for amount in [json!(most + 1), json!(-most - 1), json!(1.5), json!("1"), json!(1e30), json!(u64::MAX), Value::Null]
    {
        assert!(!taken("/order/amount/amount_minor", amount.clone()), "{amount}");
    }
    for currency in ["", "CN", "CNYX", "cny", "人民币"] {
        assert!(!taken("/order/amount/currency", currency.into()), "{currency}");
    }
    assert!(!taken("/order/amount", json!({})) && !taken("/order/amount", json!(5)));
}

#[test]
fn a_channel_may_be_a_day_ahead_and_no_more() {
    assert!(taken("/occurred_at", "2026-03-05T12:00:00+08:00".into()));
    assert!(!taken("/occurred_at", "2026-03-05T12:00:00.001+08:00".into()));
    assert!(taken("/occurred_at", "1999-01-01T00:00:00Z".into()));
    assert!(taken("/order/delivered_at", "2030-01-01T00:00:00Z".into()));
}

#[test]
fn lists_and_flags_and_ids_are_what_they_say() {
    assert!(taken("/attachments", json!(["at_1"])) && taken("/attachments", json!([])));
    assert!(!taken("/attachments", json!(vec!["at_1"; 21])) && !taken("/attachments", json!("at_1")));
    assert!(taken("/public", true.into()) && !taken("/public", 1.into()));
    assert!(taken("/thread", "fb_1".into()) && !taken("/thread", "fb_".into()) && !taken("/thread", "wo_1".into()));
    assert!(taken("/customer/tier", "vip".into()) && !taken("/customer/tier", "VIP".into()));
}

#[test]
fn a_pointer_is_escaped() {
    let wrong = feedback(NOON.parse().unwrap()).read(&with("/a~1b", json!(1))).unwrap_err();
    assert_eq!(wrong[0].pointer, "/a~01b");
}
