use proptest::prelude::*;
use redress_domain::category::{Category, Sentiment};
use redress_language::{Reading, read};

use crate::spans::assert_spans;

/// What holds for every text whatsoever.
fn assert_sound(text: &str) -> Reading {
    let reading = read(text);
    assert_spans(text, &reading);
    assert_eq!(reading.top.len(), 3);
    assert!(reading.top.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert!((0.0..=1.0).contains(&reading.confidence));
    assert!((-1.0..=1.0).contains(&reading.sentiment_score));
    assert!(!reading.needs_review || reading.category == Category::Other);
    assert!(reading.evidence.len() <= 10);
    reading
}

#[test]
fn nothing_says_nothing() {
    for text in ["", " ", "。", "a", "退", "\u{200b}", "\u{2}\u{3}", "\0", "😀", "😀😡🎉👩‍🚀"] {
        let reading = assert_sound(text);
        assert!(reading.needs_review, "{text:?}");
        assert!(reading.confidence < 0.5, "{text:?}: {}", reading.confidence);
    }
    assert_eq!(read("").sentiment, Sentiment::Neutral);
}

#[test]
fn long_texts_are_read_to_the_end() {
    let text = "说明".repeat(50_000) + "，漏电";
    assert_eq!(assert_sound(&text).cues[0].span, (100_001, 100_003));
    let text = "word ".repeat(20_000) + "caught fire";
    assert_eq!(assert_sound(&text).cues[0].span, (100_000, 100_011));
}

#[test]
fn one_character_over_and_over_is_harmless() {
    for c in ["a", "退", "不", "!", " ", "9", ".", ",", "😀", "\u{2}", "\u{3}", "\u{301}", "Ａ", "İ"] {
        assert_sound(&c.repeat(8_000));
    }
}

#[test]
fn phrases_over_and_over_stay_few() {
    for phrase in
        ["退款", "着火", "9000元", "refund ", "not on fire ", "no smoke ", "不没有", "fire,", "1,000,", "垃圾"]
    {
        let reading = assert_sound(&phrase.repeat(8_000));
        assert!(reading.cues.len() <= 4 && reading.evidence.len() <= 10, "{phrase}");
    }
}

#[test]
fn marks_in_the_text_are_not_taken_for_ours() {
    let (marked, plain) = (read("pre\u{2}refund\u{3}s"), read("prerefunds"));
    assert_eq!((marked.top, marked.sentiment_score), (plain.top, plain.sentiment_score));
}

#[test]
fn mojibake_and_controls_are_read() {
    for text in ["å¿«é€’ä¸‰å¤©æ²¡åˆ°", "\u{202e}dnufer\u{202c} 退款", "ï»¿refund\u{fffd}", "\u{0}\u{7f}退\u{1b}[0m款"]
    {
        assert_sound(text);
    }
}

#[test]
fn a_reading_survives_json_and_looks_the_same_every_time() {
    let reading = read("第三次了！charger smoking，要退款，损失 $9,000");
    let json = serde_json::to_string(&reading).expect("plain data");
    assert_eq!(serde_json::from_str::<Reading>(&json).expect("plain data"), reading);
    assert_eq!(
        json,
        serde_json::to_string(&read("第三次了！charger smoking，要退款，损失 $9,000")).expect("plain data")
    );
    assert!(!json.contains("-0.0") && !json.contains("00000000"), "{json}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        assert_sound(&text);
    }

    #[test]
    fn any_mix_of_known_words_is_read(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        assert_sound(&words.concat());
    }
}

const WORDS: &[&str] = &[
    "退款",
    "没",
    "没有",
    "起火",
    "不",
    "吗",
    "refund",
    "Refunding",
    " ",
    "not ",
    "no",
    "fire",
    " on fire",
    "，",
    ".",
    "12315",
    "¥",
    "$",
    "9000",
    ",000",
    "元",
    "万",
    "多",
    "个订单",
    "people",
    "\u{200b}",
    "\u{fe0f}",
    "\u{301}",
    "ＡＢＣ",
    "😡",
    "ﬁ",
    "İ",
    "\n",
    "-",
    "’",
    "第3次",
    "，漏电",
    "\u{2}",
    "\u{3}",
    "好",
    "差",
    "bad",
    "thank you",
    "the parcel",
    "が",
    "한",
];
