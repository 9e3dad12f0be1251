//! One shape for many spellings, character for character.

use std::ops::Range;
use std::str::Chars;

use super::Entity;
use super::find::Found;
use crate::fold::half_width;

/// A text in half width and lower case, with as many characters as the original: what is found
/// in it stands in the original at the same character.
pub(super) struct Plain {
    pub(super) text: String,
    /// Whether there is any digit.
    pub(super) has_digit: bool,
    /// Whether there is any Chinese numeral.
    pub(super) has_numeral: bool,
}

impl Plain {
    pub(super) fn of(original: &str) -> Self {
        let mut plain = Self { text: String::with_capacity(original.len()), has_digit: false, has_numeral: false };
        for c in original.chars().map(plain_char) {
            plain.has_digit |= c.is_ascii_digit();
            plain.has_numeral |= !c.is_ascii() && is_numeral(c);
            plain.text.push(c);
        }
        plain
    }

    /// The entities that stand in the original where something was found, given in its order.
    pub(super) fn locate(&self, original: &str, found: impl Iterator<Item = Found>) -> Vec<Entity> {
        let mut walk = self.walk(original);
        let entity = |Found { kind, start, end, value }| {
            let ((start, first), (end, last)) = (walk.to(start), walk.to(end));
            Entity { kind, text: original[first..last].to_owned(), start, end, value }
        };
        found.map(entity).collect()
    }

    /// The original with a label for each of the ranges of plain bytes, given in its order.
    pub(super) fn replace(&self, original: &str, marks: Vec<(Range<usize>, &str)>) -> String {
        let mut walk = self.walk(original);
        let (mut replaced, mut done) = (String::with_capacity(original.len()), 0);
        for (range, label) in marks {
            let ((_, first), (_, last)) = (walk.to(range.start), walk.to(range.end));
            replaced.push_str(&original[done..first]);
            replaced.push_str(label);
            done = last;
        }
        replaced + &original[done..]
    }

    fn walk<'a>(&'a self, original: &'a str) -> Walk<'a> {
        Walk { original: original.chars(), plain: self.text.chars(), index: 0, byte: 0, plain_byte: 0 }
    }
}

/// Both texts at the same character.
struct Walk<'a> {
    original: Chars<'a>,
    plain: Chars<'a>,
    index: usize,
    byte: usize,
    plain_byte: usize,
}

impl Walk<'_> {
    /// The character and the original's byte that stand at a byte of the plain text, not before
    /// the one asked for last.
    fn to(&mut self, plain_byte: usize) -> (usize, usize) {
        while self.plain_byte < plain_byte
            && let (Some(original), Some(plain)) = (self.original.next(), self.plain.next())
        {
            self.index += 1;
            self.byte += original.len_utf8();
            self.plain_byte += plain.len_utf8();
        }
        (self.index, self.byte)
    }
}

/// One character for one, so that offsets stay.
fn plain_char(c: char) -> char {
    match c {
        _ if c.is_ascii() => c.to_ascii_lowercase(),
        '\u{a0}' | '\u{202f}' => ' ',
        '\u{2010}'..='\u{2013}' | '\u{2212}' => '-',
        '\u{ffe5}' => '¥',
        '\u{ffe1}' => '£',
        _ => half_width(c).to_ascii_lowercase(),
    }
}

fn is_numeral(c: char) -> bool {
    matches!(c, '一' | '二' | '两' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十')
}
