//! How the patterns are written: in lower case and half width, ASCII word boundaries only.

use regex::Regex;

/// Between an ASCII word and anything else; a Han character is anything else, so that 共300元 holds
/// a number and `v300` does not.
pub(super) const EDGE: &str = r"(?-u:\b)";

/// `12`, `12,000.50`.
pub(super) const ARABIC: &str = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?";

/// 十二, 三百, 两万五.
pub(super) const HAN: &str = "[零〇一二两三四五六七八九十百千万亿]+";

/// What may follow either: 1.2万, 1万2, 20多, 十几万, 三千来.
pub(super) const TAIL: &str = "(?: ?[百千万亿]+[0-9]*)?[多余几来]?[百千万亿]*[多余]?";

/// English number words up to twelve.
pub(super) const WORDS: &str = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve";

/// A pattern of this crate.
pub(super) fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern compiles: a test uses each")
}

/// A number in any of the spellings, standing by itself on the left.
pub(super) fn number() -> String {
    format!("(?:(?:{EDGE}{ARABIC}|{HAN}){TAIL}|{EDGE}(?:{WORDS}))")
}

/// The character before a byte of the text.
pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at a byte of the text.
pub(super) fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// Whether a number that begins here is the end of another word: 第三, 几十, 周五, `.5`, 10月一;
/// or an 一 that counts nothing: 有一天, 每一个人, 同一个订单.
pub(super) fn is_tail(text: &str, start: usize) -> bool {
    let number = after(text, start);
    let joins = |c: char| match c {
        '第' | '几' | '数' | '周' | '期' | '拜' | '初' | '.' => true,
        '有' | '每' | '同' | '某' | '哪' | '那' | '后' => number == Some('一'),
        _ => c.is_ascii_digit() && number.is_some_and(|c| !c.is_ascii()),
    };
    before(text, start).is_some_and(joins)
}
