//! In which language, by the letters alone.

use redress_domain::category::Language;

use crate::fold::{half_width, is_han, is_kana_or_hangul};

/// A Han character says about as much as a short word, so that `我的 iPhone 收不到货` is Chinese.
const LETTERS_PER_HAN: usize = 3;
/// From this share of kana or hangul on, Han characters are taken for Japanese or Korean: one の
/// for 的 is still Chinese, while Japanese prose is about half kana.
const FOREIGN_ONE_IN: usize = 5;

#[derive(Default)]
struct Letters {
    han: usize,
    latin: usize,
    kana_or_hangul: usize,
    other: usize,
}

/// The language most of the letters belong to. Latin letters are taken for English whatever they
/// spell; no letters at all is [`Language::Other`].
pub(crate) fn language(text: &str) -> Language {
    let letters = count(text);
    let han = letters.han * LETTERS_PER_HAN;
    let kana_or_hangul = letters.kana_or_hangul * LETTERS_PER_HAN;
    let mostly_latin = letters.latin > 0 && letters.latin >= han + kana_or_hangul;
    if letters.other > han.max(letters.latin) {
        Language::Other
    } else if mostly_latin {
        Language::En
    } else if letters.han > 0 && !is_foreign(&letters) {
        Language::Zh
    } else {
        Language::Other
    }
}

fn is_foreign(letters: &Letters) -> bool {
    letters.kana_or_hangul * FOREIGN_ONE_IN > letters.han + letters.kana_or_hangul
}

fn count(text: &str) -> Letters {
    let mut letters = Letters::default();
    for c in text.chars().map(half_width).filter(|c| c.is_alphabetic()) {
        match c {
            _ if is_han(c) => letters.han += 1,
            _ if is_kana_or_hangul(c) => letters.kana_or_hangul += 1,
            _ if is_latin(c) => letters.latin += 1,
            _ => letters.other += 1,
        }
    }
    letters
}

fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}
