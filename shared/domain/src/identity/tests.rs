use super::*;

fn phone(text: &str) -> Option<String> {
    Identity::read(IdentityKind::Phone, text).map(|identity| identity.normal)
}

fn at() -> Timestamp {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

#[test]
fn every_spelling_of_a_number_is_one_number() {
    for spelt in [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+8613800138000",
        "0086 13800138000",
        "8613800138000",
        "(+86)13800138000",
        "１３８００１３８０００",
        "＋86 138\u{3000}0013\u{3000}8000",
        "\t138.0013.8000 ",
    ] {
        assert_eq!(phone(spelt).as_deref(), Some("8613800138000"), "{spelt}");
    }
    assert_eq!(phone("+44 (0)20 7946 0958"), phone("0044 20 7946 0958"));
    assert_eq!(phone("+1 (415) 555-2671").as_deref(), Some("14155552671"));
}

#[test]
fn numbers_of_two_countries_stay_apart() {
    // Eleven digits beginning with 13: with its country it rings in the United States.
    assert_ne!(phone("+1 380 013 8000"), phone("1380 013 8000"));
    assert_eq!(phone("020 7946 0958").as_deref(), Some("02079460958"), "in which country, nobody can say");
    assert_ne!(phone("020 7946 0958"), phone("+44 20 7946 0958"));
    assert_eq!(phone("12345678901").as_deref(), Some("12345678901"), "no mobile number begins with 12");
}

#[test]
fn what_is_not_one_persons_number_tells_nobody_apart() {
    for text in [
        "",
        " ",
        "+",
        "110",
        "123456",
        "1234567890123456",
        "00000000000",
        "11111111",
        "010-62345678 转 8001",
        "13800138000, 13900139000",
        "call me",
        "138+00138000",
        "++8613800138000",
    ] {
        assert_eq!(phone(text), None, "{text}");
    }
}

#[test]
fn no_country_begins_with_nought() {
    for text in ["+0 1380 013 8000", "+086 13800138000", "000 7946 0123", "00007946 0123"] {
        assert_eq!((phone(text), international(text)), (None, None), "{text}");
    }
    assert_eq!(phone("+0086 13800138000"), phone("+86 13800138000"), "both ways to say abroad at once");
}

#[test]
fn an_address_is_one_in_any_case() {
    let email = |text| Identity::read(IdentityKind::Email, text).map(|identity| identity.normal);
    assert_eq!(email(" Ming@Example.COM\n").as_deref(), Some("ming@example.com"));
    assert_eq!(email("小明@例子.中国").as_deref(), Some("小明@例子.中国"));
    for text in ["", "ming", "@example.com", "ming@", "a@b@c"] {
        assert_eq!(email(text), None, "{text}");
    }
}

#[test]
fn colleagues_are_shown_the_end_of_a_number_and_the_host_of_an_address() {
    let shown = |kind, text| Identity::read(kind, text).unwrap().shown();
    assert_eq!(shown(IdentityKind::Phone, "138 0013 8000"), "…8000");
    assert_eq!(shown(IdentityKind::Email, "Ming@example.com"), "m…@example.com");
    assert_eq!(shown(IdentityKind::Email, "小明@例子.中国"), "小…@例子.中国");
    assert_eq!(shown(IdentityKind::Ref, "会员-7"), "会员-7");
    assert_eq!(shown(IdentityKind::Openid, "oX6"), "oX6");
}

#[test]
fn a_reference_and_an_openid_are_one_identity_and_nothing_else_is() {
    let of = |kind| Identity::read(kind, "13800138000@x").map(|identity| identity.digest());
    assert_eq!(of(IdentityKind::Ref), of(IdentityKind::Openid));
    assert_ne!(of(IdentityKind::Ref), of(IdentityKind::Email));
    assert_ne!(Identity::reference("a"), Identity::reference("A"));
    assert_eq!(Known::new(&Identity::read(IdentityKind::Openid, "oX").unwrap()).kind, IdentityKind::Ref);
}

#[test]
fn a_customer_says_what_else_identifies_the_same_person() {
    let customer = |more: serde_json::Value| -> Customer { serde_json::from_value(more).unwrap() };
    let all = customer(serde_json::json!({"ref": "c", "phone": "13800138000", "email": "m@x.cn"}));
    let kinds: Vec<_> = all.contacts().iter().map(|identity| identity.kind).collect();
    assert_eq!(kinds, [IdentityKind::Phone, IdentityKind::Email]);
    let none = customer(serde_json::json!({"ref": "c", "phone": "无", "email": "none"}));
    assert_eq!(none.contacts(), []);
}

#[test]
fn a_link_stands_on_both_sides_once() {
    let (a, b) = (Identity::reference("a"), Identity::read(IdentityKind::Phone, "13800138000").unwrap());
    let (mut one, mut other) = (Known::new(&a), Known::new(&b));
    assert!(link((&mut one, &a), (&mut other, &b), at(), "fb_1"));
    assert!(!link((&mut one, &a), (&mut other, &b), at(), "fb_2"));
    assert!(!link((&mut other, &b), (&mut one, &a), at(), "fb_3"));
    assert_eq!((one.links.len(), other.links.len()), (1, 1));
    let link = one.link_to(&b).unwrap();
    assert_eq!((link.kind, link.shown.as_str(), link.by.as_str()), (IdentityKind::Phone, "…8000", "fb_1"));
    assert_eq!(other.link_to(&a).unwrap().shown, "a");
}

#[test]
fn nobody_is_linked_to_themselves() {
    let a = Identity::reference("a");
    let (mut one, mut other) = (Known::new(&a), Known::new(&a));
    assert!(!link((&mut one, &a), (&mut other, &Identity::read(IdentityKind::Openid, "a").unwrap()), at(), "ak_1"));
}

#[test]
fn what_too_many_share_joins_nobody_and_grows_no_more() {
    let hotline = Identity::read(IdentityKind::Phone, "4008001234").unwrap();
    let mut shared = Known::new(&hotline);
    for number in 0..40 {
        let customer = Identity::reference(&number.to_string());
        let mut one = Known::new(&customer);
        let news = link((&mut one, &customer), (&mut shared, &hotline), at(), "fb_1");
        assert_eq!(news, number <= CROWD, "{number}");
        assert_eq!(shared.is_crowded(), number >= CROWD);
        assert_eq!(one.links.is_empty(), !news);
    }
    assert_eq!(shared.links.len(), CROWD + 1);
}
