use redress_domain::category::Category;
use redress_language::{Reading, read};

/// The characters `start..end` of a text.
pub(crate) fn slice(text: &str, (start, end): (usize, usize)) -> String {
    text.chars().skip(start).take(end - start).collect()
}

/// Every span lies in the text, is not empty, and evidence quotes it word for word.
pub(crate) fn assert_spans(text: &str, reading: &Reading) {
    let length = text.chars().count();
    for evidence in &reading.evidence {
        assert!(evidence.start < evidence.end && evidence.end <= length, "{text:?}: {evidence:?}");
        assert_eq!(evidence.text, slice(text, (evidence.start, evidence.end)), "{text:?}");
        assert!(evidence.weight > 0.0, "{text:?}: {evidence:?}");
    }
    for cue in &reading.cues {
        let (start, end) = cue.span;
        assert!(start < end && end <= length, "{text:?}: {cue:?}");
    }
}

fn quoted(text: &str) -> Vec<String> {
    let reading = read(text);
    assert_spans(text, &reading);
    reading.evidence.into_iter().map(|evidence| evidence.text).collect()
}

/// Each of the words is quoted, exactly so, in this order.
fn quotes(text: &str, words: &[&str]) {
    let told = quoted(text);
    let places: Vec<_> = words.iter().map(|word| told.iter().position(|evidence| evidence == word)).collect();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{text}: {told:?}");
}

#[test]
fn evidence_quotes_the_customer_in_the_customers_order() {
    quotes("我要退款，不要换货", &["退款", "换货"]);
    quotes("REFUND me now, or send a Replacement", &["REFUND", "Replacement"]);
}

#[test]
fn nobody_is_shown_half_a_word() {
    for text in ["Refundable deliveries of invoices", "the couriers mishandled parcels", "paymentprocessing失败"] {
        for words in quoted(text) {
            let at = text.find(&words).unwrap();
            let cut = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            let whole = !words.starts_with(|c: char| c.is_ascii_alphanumeric()) || !cut(text[..at].chars().next_back());
            let ended =
                !words.ends_with(|c: char| c.is_ascii_alphanumeric()) || !cut(text[at + words.len()..].chars().next());
            assert!(whole && ended, "{text}: {words}");
        }
    }
}

#[test]
fn spans_count_characters_past_emoji() {
    quotes("😡😡👨‍👩‍👧 退款呢", &["退款"]);
    quotes("👍🏽 refund 📦?", &["refund"]);
}

#[test]
fn spans_quote_full_width_and_zero_width_as_written() {
    quotes("请\u{feff}给ＩＮＶＯＩＣＥ", &["ＩＮＶＯＩＣＥ"]);
    quotes("要发\u{200b}票", &["发\u{200b}票"]);
}

#[test]
fn spans_survive_letters_that_grow_when_lowered() {
    quotes("İİİ refund", &["refund"]);
    quotes("ẞ e\u{301}tat refund", &["refund"]);
}

#[test]
fn the_same_words_twice_are_evidence_once() {
    for text in ["退款退款退款", "refund, refund and refund"] {
        let told = quoted(text);
        assert!((0..told.len()).all(|at| !told[..at].contains(&told[at])), "{told:?}");
    }
}

#[test]
fn ten_pieces_of_evidence_are_enough() {
    let text = "refund return exchange replacement warranty repair returned refunded broken faulty wrong item 退款 退货 换货 维修 保修";
    let reading = read(text);
    assert_eq!((reading.top[0].category, reading.evidence.len()), (Category::AfterSales, 10));
    assert_spans(text, &reading);
}
