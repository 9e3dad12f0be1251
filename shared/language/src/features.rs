//! What a text is made of: one walk over the folded text, a call for every feature.
//!
//! East Asian characters give n-grams across their run (no segmenter), words of letters give the
//! word, its character 3–5-grams with the word marks as `^` and `$`, and pairs of neighbouring
//! words. Digit runs are one mark, long ones another, so that a masked `[NUM]` and a real order
//! number are the same feature; likewise `[EMAIL]` and `[URL]`.

use crate::fold::{WORD_END, WORD_START, is_east_asian};
use crate::personal;

/// What a feature is made of; each kind has its own value in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    /// One East Asian character.
    Han1,
    /// Two in a row.
    Han2,
    /// Three in a row.
    Han3,
    /// A whole word, or a mark that stands for a number, an e-mail or a URL.
    Word,
    /// A part of a word, word marks included.
    Part,
    /// Two neighbouring words.
    Pair,
    /// Two words with one between them.
    Skip,
    /// Punctuation or an emoji.
    Sign,
    /// Two of them side by side: `!!`, `:(`.
    Signs,
}

/// How many kinds there are.
pub(crate) const KINDS: usize = 9;

/// How many bits of the hash name a feature: 14 for the group of rows, 12 for the tag in it.
pub(crate) const KEY_BITS: u32 = 26;

/// A feature and the folded bytes, half-open, that it was read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Feature {
    /// Its name, hashed with the kind to [`KEY_BITS`] bits.
    pub(crate) key: u32,
    /// What it is made of.
    pub(crate) kind: Kind,
    /// First folded byte.
    pub(crate) start: usize,
    /// One past the last folded byte.
    pub(crate) end: usize,
}

/// A piece of the text with its hash.
#[derive(Clone, Copy, Default)]
struct Piece {
    hash: u64,
    start: usize,
}

/// Longer words are cut here: nobody writes them, and the letters fit on the stack.
const MAX_WORD: usize = 32;
/// Hash of a short digit run, and of the marks that stand for personal data.
const SHORT_DIGITS: u64 = 0x30;
const LONG_DIGITS: u64 = 0x0011_0001;
const EMAIL: u64 = 0x0011_0002;
const URL: u64 = 0x0011_0003;

/// Calls `emit` for every feature of a folded text, in its order.
pub(crate) fn walk(folded: &str, emit: &mut impl FnMut(Feature)) {
    Walker {
        text: folded,
        han: [Piece::default(); 2],
        run: 0,
        words: [Piece::default(); 2],
        seen: 0,
        sign: Piece::default(),
        sign_end: 0,
        emit,
    }
    .walk();
}

struct Walker<'a, E> {
    text: &'a str,
    /// The last two East Asian characters, the newest first.
    han: [Piece; 2],
    /// How many of them are in the open run.
    run: usize,
    /// The last two words, the newest first.
    words: [Piece; 2],
    /// How many words came before, at most two.
    seen: usize,
    /// The last sign, and where it ended: 0 before the first.
    sign: Piece,
    sign_end: usize,
    emit: &'a mut E,
}

impl<E: FnMut(Feature)> Walker<'_, E> {
    fn walk(mut self) {
        let mut at = 0;
        while let Some(c) = self.text[at..].chars().next() {
            at = match c {
                WORD_START => self.address(at).unwrap_or_else(|| self.letters(at)),
                '[' => self.masked(at).unwrap_or_else(|| self.other(c, at)),
                _ => self.other(c, at),
            };
        }
    }

    fn other(&mut self, c: char, at: usize) -> usize {
        let end = at + c.len_utf8();
        if is_east_asian(c) {
            self.han(c, at, end);
        } else {
            self.run = 0;
            if c != ' ' {
                let hash = u64::from(c);
                self.feature(Kind::Sign, mix(0, hash), at, end);
                if self.sign_end == at && at > 0 {
                    self.feature(Kind::Signs, mix(self.sign.hash, hash), self.sign.start, end);
                }
                self.sign = Piece { hash, start: at };
                self.sign_end = end;
            }
        }
        end
    }

    fn han(&mut self, c: char, start: usize, end: usize) {
        let mut hash = mix(0, u64::from(c));
        self.feature(Kind::Han1, hash, start, end);
        for (back, kind) in [Kind::Han2, Kind::Han3].into_iter().enumerate().take(self.run) {
            hash = mix(hash, self.han[back].hash);
            self.feature(kind, hash, self.han[back].start, end);
        }
        self.han = [Piece { hash: u64::from(c), start }, self.han[0]];
        self.run = (self.run + 1).min(2);
    }

    /// A word between its marks; a long number inside stands for itself.
    fn letters(&mut self, at: usize) -> usize {
        let end = self.text[at..].find(WORD_END).map_or(self.text.len(), |length| at + length + 1);
        let inside = at + 1;
        let word = &self.text[inside..end - 1];
        let mut open = inside;
        for (from, to) in personal::long_digits(word) {
            self.piece(open, inside + from);
            self.whole(LONG_DIGITS, inside + from, inside + to);
            open = inside + to;
        }
        self.piece(open, end - 1);
        end
    }

    /// Letters and short digit runs: the word, its parts, its pairs.
    fn piece(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        let mut letters = [Piece::default(); MAX_WORD];
        let length = spell(&self.text[start..end], start, &mut letters);
        let letters = &letters[..length];
        let hash = letters[1..length - 1].iter().fold(0, |hash, letter| mix(hash, letter.hash));
        self.whole(hash, start, end);
        if length > 3 {
            self.parts(letters, end);
        }
    }

    fn parts(&mut self, letters: &[Piece], end: usize) {
        for first in 0..letters.len().saturating_sub(2) {
            let mut hash = mix(mix(0, letters[first].hash), letters[first + 1].hash);
            for last in first + 2..letters.len().min(first + 5) {
                hash = mix(hash, letters[last].hash);
                let end = letters.get(last + 1).map_or(end, |next| next.start.min(end));
                self.feature(Kind::Part, hash, letters[first].start, end);
            }
        }
    }

    /// A word or mark, with the words before it.
    fn whole(&mut self, hash: u64, start: usize, end: usize) {
        self.run = 0;
        self.feature(Kind::Word, hash, start, end);
        let [last, before] = self.words;
        if self.seen > 0 {
            self.feature(Kind::Pair, mix(last.hash, hash), last.start, end);
        }
        if self.seen > 1 {
            self.feature(Kind::Skip, mix(before.hash, hash), before.start, end);
        }
        self.words = [Piece { hash, start }, last];
        self.seen = (self.seen + 1).min(2);
    }

    fn feature(&mut self, kind: Kind, hash: u64, start: usize, end: usize) {
        (self.emit)(Feature { key: finish(hash, kind), kind, start, end });
    }

    /// `[NUM]`, `[EMAIL]`, `[NAME]`: what the training data wears in place of personal data.
    fn masked(&mut self, at: usize) -> Option<usize> {
        let (name, length) = personal::mask(&self.text[at..])?;
        let hash = match name {
            "num" | "order" | "tracking" | "phone" | "id" | "card" => LONG_DIGITS,
            "email" => EMAIL,
            "url" => URL,
            _ => name.bytes().fold(LONG_DIGITS, |hash, byte| mix(hash, u64::from(byte))),
        };
        self.whole(hash, at, at + length);
        Some(at + length)
    }

    /// An e-mail address or a URL that starts with the word at `at`.
    fn address(&mut self, at: usize) -> Option<usize> {
        let rest = &self.text[at..];
        let (hash, length) = match personal::url(rest) {
            Some(length) => (URL, length),
            None => (EMAIL, personal::email(rest)?),
        };
        self.whole(hash, at, at + length);
        Some(at + length)
    }
}

/// The letters of a word with its marks at both ends; a number is one letter.
fn spell(word: &str, start: usize, letters: &mut [Piece; MAX_WORD]) -> usize {
    letters[0] = Piece { hash: u64::from(WORD_START), start };
    let mut length = 1;
    let mut in_number = false;
    for (at, c) in word.char_indices() {
        let digit = c.is_ascii_digit() || (in_number && c == '.');
        let again = digit && in_number;
        in_number = digit;
        if again {
            continue;
        }
        if length == MAX_WORD - 1 {
            break;
        }
        let hash = if digit { SHORT_DIGITS } else { u64::from(c) };
        letters[length] = Piece { hash, start: start + at };
        length += 1;
    }
    letters[length] = Piece { hash: u64::from(WORD_END), start: start + word.len() };
    length + 1
}

/// One step of a multiply-rotate hash (the constant is that of FxHash); [`finish`] mixes well.
fn mix(hash: u64, next: u64) -> u64 {
    (hash.rotate_left(5) ^ next).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014) over the hash and the kind.
fn finish(hash: u64, kind: Kind) -> u32 {
    let mut h = hash ^ (kind as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (h >> (64 - KEY_BITS)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::Folded;

    fn features(text: &str) -> Vec<(u32, Kind)> {
        let mut features = Vec::new();
        walk(Folded::of(text).text(), &mut |feature| features.push((feature.key, feature.kind)));
        features
    }

    #[test]
    fn masked_and_real_data_have_the_same_features() {
        for (masked, real) in [
            ("order [NUM] is late", "order 12345678 is late"),
            ("订单[NUM]没到", "订单1234567没到"),
            ("订单[ORDER]没到", "订单1234567没到"),
            ("call [PHONE] please", "call 13800138000 please"),
            ("order#[NUM]", "order#9988776655"),
            ("write to [EMAIL] please", "write to jo.ann@mail.example.com please"),
            ("看[URL] 这里", "看https://a.example/b?c=1 这里"),
            ("see [URL] now", "see www.example.com/x now"),
            ("mail [EMAIL].", "mail jo_ann@example.com."),
            ("wait 3 days", "wait 12 days"),
        ] {
            assert_eq!(features(masked), features(real), "{masked}");
        }
    }

    #[test]
    fn spans_lie_on_the_words() {
        let folded = Folded::of("退款 please, ORDER 12345678!");
        let mut words = Vec::new();
        walk(folded.text(), &mut |feature| {
            if feature.kind == Kind::Word {
                words.push(folded.span(feature.start, feature.end));
            }
        });
        assert_eq!(words, [(3, 9), (11, 16), (17, 25)]);
    }

    #[test]
    fn any_text_can_be_walked() {
        let odd =
            ["", "[", "[]", "[NUM", "@", "a@", "a@b", "@b.c", "http://", "[😀]", "é@è.com", "\u{2}\u{3}", "i\u{307}"];
        for text in odd {
            let folded = Folded::of(text);
            walk(folded.text(), &mut |feature| {
                assert!(folded.text().get(feature.start..feature.end).is_some_and(|span| !span.is_empty()), "{text:?}");
            });
        }
    }
}
