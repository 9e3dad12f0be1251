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
        assert!((0.5..=4.0).contains(&evidence.weight), "{text:?}: {evidence:?}");
    }
    for cue in &reading.cues {
        let (start, end) = cue.span.expect("a cue of the text");
        assert!(start < end && end <= length, "{text:?}: {cue:?}");
    }
}

fn quoted(text: &str) -> Vec<String> {
    let reading = read(text);
    assert_spans(text, &reading);
    reading.evidence.into_iter().map(|evidence| evidence.text).collect()
}

#[test]
fn evidence_quotes_the_customer_in_the_customers_order() {
    assert_eq!(quoted("质量差，才两天就坏了"), ["质量差", "就坏"]);
    assert_eq!(quoted("DELIVERY late, where is my Parcel"), ["DELIVERY", "Parcel"]);
}

#[test]
fn spans_count_characters_past_emoji() {
    assert_eq!(quoted("😡😡👨‍👩‍👧 快递呢"), ["快递"]);
    assert_eq!(quoted("👍🏽 where is my parcel 📦?"), ["parcel"]);
}

#[test]
fn spans_quote_full_width_and_zero_width_as_written() {
    assert_eq!(quoted("请\u{feff}给ＩＮＶＯＩＣＥ，发\u{200b}票"), ["ＩＮＶＯＩＣＥ", "发\u{200b}票"]);
    assert_eq!(quoted("要发\u{200b}票"), ["发\u{200b}票"]);
    assert_eq!(quoted("it doesn’t  work"), ["doesn’t  work"]);
}

#[test]
fn spans_survive_letters_that_grow_when_lowered() {
    assert_eq!(quoted("İİİ my parcel"), ["parcel"]);
    assert_eq!(quoted("ẞ e\u{301}tat refund"), ["refund"]);
}

#[test]
fn the_same_words_twice_are_evidence_once() {
    assert_eq!(quoted("退款退款退款，refund, refund").len(), 2);
}

#[test]
fn ten_words_of_evidence_are_enough() {
    let text =
        "快递 发货 送货 签收 运费 压坏 parcel dispatch delivery postage crushed signed for damaged in transit how soon";
    let reading = read(text);
    assert_eq!((reading.category, reading.evidence.len()), (Category::Logistics, 10));
    assert_spans(text, &reading);
}
