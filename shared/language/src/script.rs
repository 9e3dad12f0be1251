//! In which language: by the letters, and of Latin ones by the little words.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use redress_domain::category::Language;

use crate::fold::{Folded, WORD_END, WORD_START, half_width, is_han, is_kana_or_hangul};

/// A Han character says about as much as a short word, so that `我的 iPhone 收不到货` is Chinese.
const LETTERS_PER_HAN: usize = 3;
/// From this share of kana or hangul on, Han characters are taken for Japanese or Korean: one の
/// for 的 is still Chinese, while Japanese prose is about half kana.
const FOREIGN_ONE_IN: usize = 5;
/// Words of a text that are looked up to tell English from other languages in Latin letters.
const WORDS: usize = 40;
/// A text of fewer words than this is taken for English: a name or a brand says nothing.
const FEW: usize = 3;
/// English without a little word has at least one known word in so many: `battery caught fire`.
const KNOWN_ONE_IN: usize = 4;

/// Little English words.
static ENGLISH: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    words(
        "a all am an and any are at be been but by can cannot could did do does for from get had has have how i if in is \
     it its my not of on or our please still that the their there they this to very was we what when where which who \
     why will with would you your",
    )
});

/// Little words of Spanish, French, German, Italian, Portuguese, Dutch, Malay, Turkish, Polish,
/// Tagalog and Swedish that English does not have, without their accents.
static FOREIGN: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    words(
        "aber ada ako ang att auf aus avec barang belum bestelling bir bitte bonjour bu che ciao com commande con cuando \
     czy dan das de degil del della dem den dengan der des det di donde dove du een ein eine el ele es est esta et \
     fur gdzie gracias grazie habe hai hallo hat heb het hindi hola ich icin ik il ini ist itu jag je jest kapan ko \
     la las le les los ma maar mein meine merci meu mi mia mijn minha mio mit moje mon muy nao ne nerede ng nicht nie \
     niet noch nog non nous obrigado och oder onde ordine ou pacco paket para pas pedido per pero pesanan po por \
     porque pour pourquoi prosze que sa saya se sie sind siparis sono su sudah tidak todavia um uma un una und une \
     untuk van ve voce von vous waar wann wanneer wir wo yang",
    )
});

fn words(list: &'static str) -> BTreeSet<&'static str> {
    list.split(' ').collect()
}

#[derive(Default)]
struct Letters {
    han: usize,
    latin: usize,
    kana_or_hangul: usize,
    other: usize,
}

/// The language most of the letters belong to; none of them is [`Language::Other`]. `knows` says
/// whether a folded word with its marks is one that the model, trained on English, has met.
pub(crate) fn language(text: &str, folded: &Folded, knows: impl Fn(&str) -> bool) -> Language {
    let letters = count(text);
    let han = letters.han * LETTERS_PER_HAN;
    let kana_or_hangul = letters.kana_or_hangul * LETTERS_PER_HAN;
    let mostly_latin = letters.latin > 0 && letters.latin >= han + kana_or_hangul;
    if letters.other > han.max(letters.latin) {
        Language::Other
    } else if mostly_latin {
        if is_english(folded.text(), knows) { Language::En } else { Language::Other }
    } else if letters.han > 0 && !is_foreign(&letters) {
        Language::Zh
    } else {
        Language::Other
    }
}

fn is_english(folded: &str, knows: impl Fn(&str) -> bool) -> bool {
    let (mut words, mut known, mut english, mut foreign) = (0, 0, 0, 0);
    let starts = folded.match_indices(WORD_START).map(|(start, _)| &folded[start..]);
    let all = starts.filter_map(|rest| Some(&rest[..rest.find(WORD_END)? + WORD_END.len_utf8()]));
    for marked in all.filter(|word| word.bytes().any(|byte| byte.is_ascii_alphabetic())).take(WORDS) {
        let word = marked.trim_matches([WORD_START, WORD_END]);
        words += 1;
        english += usize::from(ENGLISH.contains(word));
        foreign += usize::from(FOREIGN.contains(word));
        known += usize::from(knows(marked));
    }
    match english.cmp(&foreign) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => words < FEW || known * KNOWN_ONE_IN >= words,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_in_both_lists() {
        assert!(ENGLISH.is_disjoint(&FOREIGN));
    }
}
