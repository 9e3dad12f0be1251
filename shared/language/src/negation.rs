//! Words said only to deny them: 没有受伤, "not on fire".

use crate::fold::{WORD_END, WORD_START};
use crate::lexicon::Hit;

/// How far back an English "not" reaches, in words: `did not cause any injury`.
const WORDS_BACK: usize = 3;
/// How far back a Chinese 没有 reaches, in characters: 没有造成任何人员受伤.
const CHARACTERS_BACK: usize = 8;

const NOT_EN: [&str; 23] = [
    "not", "no", "never", "none", "nobody", "nothing", "without", "neither", "nor", "hardly", "isnt", "wasnt", "arent",
    "werent", "dont", "doesnt", "didnt", "wont", "hasnt", "havent", "cant", "cannot", "wouldnt",
];
/// Where the denial stops: `it does not work and smokes`, `not only`, `cannot believe`.
const STOP_EN: [&str; 17] = [
    "and", "but", "because", "so", "then", "now", "that", "only", "believe", "until", "unless", "if", "when", "just",
    "stop", "stopped", "prevent",
];
const NOT_ZH: [&str; 7] = ["没", "没有", "不", "未", "无", "并非", "别"];
/// What ends in such a word and denies nothing: 不得不起诉, 别人受伤了, 这不是骗人吗.
const NOT_DENYING_ZH: [&str; 10] =
    ["不得不", "不能不", "无不", "忍不住不", "别人", "分别", "差不多", "这不", "这不是", "难道不是"];
/// What may stand between the denial and the word.
const BETWEEN_ZH: [&str; 29] = [
    "有", "被", "人", "人员", "造成", "引起", "发生", "出现", "任何", "什么", "是", "会", "想", "要", "用", "算", "太",
    "很", "够", "特别", "十分", "那么", "怎么", "至于", "再", "导致", "的", "想象", "多",
];

/// Whether the hit is denied by what stands before it in the same clause.
pub(crate) fn denied(text: &str, hit: &Hit<'_>) -> bool {
    let before = &text[..hit.start];
    denied_en(before) || denied_zh(before)
}

/// Whether the hit is asked about and not told: 会过敏吗.
pub(crate) fn asked(text: &str, hit: &Hit<'_>) -> bool {
    text[hit.end..].starts_with(['吗', '么'])
}

fn denied_en(before: &str) -> bool {
    words_back(before).take(WORDS_BACK).take_while(|word| !STOP_EN.contains(word)).any(|word| NOT_EN.contains(&word))
}

/// The words before the end, nearest first, up to the first sign that is not a blank.
fn words_back(before: &str) -> impl Iterator<Item = &str> {
    let mut rest = before;
    std::iter::from_fn(move || {
        let (left, word) = rest.trim_end_matches(' ').strip_suffix(WORD_END)?.rsplit_once(WORD_START)?;
        rest = left;
        Some(word)
    })
}

fn denied_zh(before: &str) -> bool {
    let mut rest = last_characters(before, CHARACTERS_BACK);
    loop {
        if before_ending(rest, &NOT_DENYING_ZH).is_some() {
            return false;
        }
        // Before the denials, since 特别 ends in one.
        match before_ending(rest, &BETWEEN_ZH) {
            Some(shorter) => rest = shorter,
            None => return before_ending(rest, &NOT_ZH).is_some(),
        }
    }
}

/// The text before the first of the words that ends it.
fn before_ending<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| text.strip_suffix(word))
}

fn last_characters(text: &str, count: usize) -> &str {
    let start = text.char_indices().rev().take(count).last().map_or(text.len(), |(start, _)| start);
    &text[start..]
}
