//! One shape for many spellings, with the way back to the customer's own characters.

use std::ops::Range;
use std::str::Chars;

use super::Entity;
use super::find::Found;
use crate::fold::{half_width, is_east_asian};

/// A text in half width and lower case, character for character but for white space: a run of it is
/// one blank, and none between East Asian characters, where it is a line break or an accident.
pub(super) struct Plain {
    pub(super) text: String,
    /// Whether there is any digit.
    pub(super) has_digit: bool,
    /// Whether there is any Chinese numeral.
    pub(super) has_numeral: bool,
    /// The original's characters that are not in `text`, in order.
    dropped: Vec<usize>,
}

impl Plain {
    pub(super) fn of(original: &str) -> Self {
        let text = String::with_capacity(original.len());
        let mut plain = Self { text, has_digit: false, has_numeral: false, dropped: Vec::new() };
        let mut characters = original.chars().map(plain_char).enumerate();
        while let Some((index, c)) = characters.next() {
            if c == ' ' && plain.is_redundant(characters.clone().map(|(_, c)| c)) {
                plain.dropped.push(index);
                continue;
            }
            plain.has_digit |= c.is_ascii_digit();
            plain.has_numeral |= !c.is_ascii() && is_numeral(c);
            plain.text.push(c);
        }
        plain
    }

    /// Whether a blank before `rest` says nothing: another follows, or it parts East Asian characters.
    fn is_redundant(&self, mut rest: impl Iterator<Item = char>) -> bool {
        match rest.next() {
            Some(' ') => true,
            Some(next) => is_east_asian(next) && self.text.ends_with(is_east_asian) && !self.is_in_handle(),
            None => false,
        }
    }

    /// Whether the text ends in an `@handle`, which a blank ends.
    fn is_in_handle(&self) -> bool {
        self.text.chars().rev().take(HANDLE).take_while(|c| *c != ' ').any(|c| c == '@')
    }

    /// The entities that stand in the original where something was found, given in its order.
    pub(super) fn locate(&self, original: &str, found: impl Iterator<Item = Found>) -> Vec<Entity> {
        let mut walk = self.walk(original);
        let entity = |Found { kind, start, end, value }| {
            let ((start, first), (end, last)) = (walk.from(start), walk.to(end));
            Entity { kind, text: original[first..last].to_owned(), start, end, value }
        };
        found.map(entity).collect()
    }

    /// The original with a label for each of the ranges of plain bytes, given in its order.
    pub(super) fn replace(&self, original: &str, marks: Vec<(Range<usize>, &str)>) -> String {
        let mut walk = self.walk(original);
        let (mut replaced, mut done) = (String::with_capacity(original.len()), 0);
        for (range, label) in marks {
            let ((_, first), (_, last)) = (walk.from(range.start), walk.to(range.end));
            replaced.push_str(&original[done..first]);
            replaced.push_str(label);
            done = last;
        }
        replaced + &original[done..]
    }

    fn walk<'a>(&'a self, original: &'a str) -> Walk<'a> {
        let dropped = self.dropped.iter();
        Walk { original: original.chars(), plain: self.text.chars(), dropped, index: 0, byte: 0, plain_byte: 0 }
    }
}

/// Both texts at the same character.
struct Walk<'a> {
    original: Chars<'a>,
    plain: Chars<'a>,
    /// Characters of the original that the plain text has not, from here on.
    dropped: std::slice::Iter<'a, usize>,
    index: usize,
    byte: usize,
    plain_byte: usize,
}

impl Walk<'_> {
    /// The character and the original's byte up to which a byte of the plain text reaches, not before
    /// the one asked for last.
    fn to(&mut self, plain_byte: usize) -> (usize, usize) {
        while self.plain_byte < plain_byte {
            self.pass_dropped();
            let Some(plain) = self.plain.next() else { break };
            self.plain_byte += plain.len_utf8();
            self.pass();
        }
        (self.index, self.byte)
    }

    /// The same for a byte that something begins at.
    fn from(&mut self, plain_byte: usize) -> (usize, usize) {
        self.to(plain_byte);
        self.pass_dropped();
        (self.index, self.byte)
    }

    fn pass_dropped(&mut self) {
        while self.dropped.as_slice().first() == Some(&self.index) {
            self.dropped.next();
            self.pass();
        }
    }

    fn pass(&mut self) {
        self.byte += self.original.next().map_or(0, char::len_utf8);
        self.index += 1;
    }
}

/// As far back as an `@handle` of Chinese characters may begin.
const HANDLE: usize = 13;

/// One character for one.
fn plain_char(c: char) -> char {
    match c {
        _ if c.is_whitespace() => ' ',
        _ if c.is_ascii() => c.to_ascii_lowercase(),
        '\u{2010}'..='\u{2013}' | '\u{2212}' => '-',
        '\u{ffe5}' => '¥',
        '\u{ffe1}' => '£',
        _ => half_width(c).to_ascii_lowercase(),
    }
}

fn is_numeral(c: char) -> bool {
    matches!(c, '一' | '二' | '两' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十')
}
