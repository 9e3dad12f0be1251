//! One shape for many spellings, with the way back to the customer's own characters.

use std::iter;
use std::ops::Range;
use std::str::Chars;

use unicode_normalization::UnicodeNormalization;

/// Stands before every word of letters or digits, so that a phrase matches whole words only.
pub(crate) const WORD_START: char = '\u{2}';
/// Stands after every such word.
pub(crate) const WORD_END: char = '\u{3}';

/// A text in lower case and half width, compatibility forms and accents taken apart, words marked,
/// white space as one blank and none between East Asian characters, and zero-width characters,
/// apostrophes and accents gone: `Don’t  ｗａｉｔ` and `dont wait` are the same, as are `退 款` and `退款`.
///
/// # Source
/// Unicode Standard Annex 15, form KD, character by character, so that each folded character has
/// the one it came from; combining marks are dropped, so that this agrees with form KC whatever the
/// text came in. Kana and hangul, which it would take apart, stay as they are.
pub(crate) struct Folded {
    text: String,
    /// For every byte of `text`, the original character it came from; a mark has its
    /// neighbour's inside the word.
    origin: Vec<usize>,
}

impl Folded {
    /// Folds a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut folder = Folder::with_capacity(text.len());
        let mut rest = text.chars();
        let mut index = 0;
        while let Some(character) = rest.next() {
            folder.take(character, index, &rest);
            index += 1;
        }
        folder.end_word();
        folder.folded
    }

    /// The folded text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The original characters, half-open, that the folded bytes `start..end` came from.
    pub(crate) fn span(&self, start: usize, end: usize) -> (usize, usize) {
        (self.origin[start], self.origin[end - 1] + 1)
    }

    /// The folded bytes of the original characters `span`, half-open.
    pub(crate) fn bytes(&self, (start, end): (usize, usize)) -> Range<usize> {
        let at = |character| self.origin.partition_point(|origin| *origin < character);
        at(start)..at(end)
    }

    /// The folded part of the first `characters` original characters.
    pub(crate) fn head(&self, characters: usize) -> &str {
        &self.text[self.bytes((0, characters))]
    }

    fn push(&mut self, character: char, index: usize) {
        self.text.push(character);
        self.origin.resize(self.text.len(), index);
    }
}

struct Folder {
    folded: Folded,
    /// The original index of the open word's last character.
    word: Option<usize>,
}

impl Folder {
    fn with_capacity(bytes: usize) -> Self {
        let folded = Folded { text: String::with_capacity(bytes), origin: Vec::with_capacity(bytes) };
        Self { folded, word: None }
    }

    fn take(&mut self, character: char, index: usize, rest: &Chars<'_>) {
        let character = half_width(character);
        if character.is_ascii() {
            self.put(character.to_ascii_lowercase(), index, rest);
        } else if is_east_asian(character) {
            self.put(character, index, rest);
        } else {
            iter::once(character).nfkd().flat_map(char::to_lowercase).for_each(|plain| self.put(plain, index, rest));
        }
    }

    fn put(&mut self, plain: char, index: usize, rest: &Chars<'_>) {
        match self.kind(plain, rest) {
            Kind::Nothing => {}
            Kind::Word => self.word(plain, index),
            Kind::Blank => self.blank(index),
            Kind::Sign => self.sign(plain, index),
        }
    }

    fn kind(&self, plain: char, rest: &Chars<'_>) -> Kind {
        match plain {
            ',' if self.after_digit() && thousands_follow(rest) => Kind::Nothing,
            '.' if self.after_digit() && digits(rest) > 0 => Kind::Word,
            _ => kind(plain),
        }
    }

    fn after_digit(&self) -> bool {
        self.word.is_some() && self.folded.text.ends_with(|c: char| c.is_ascii_digit())
    }

    fn word(&mut self, plain: char, index: usize) {
        if self.word.is_none() {
            self.folded.push(WORD_START, index);
        }
        self.folded.push(plain, index);
        self.word = Some(index);
    }

    fn end_word(&mut self) {
        if let Some(index) = self.word.take() {
            self.folded.push(WORD_END, index);
        }
    }

    fn blank(&mut self, index: usize) {
        self.end_word();
        if !self.folded.text.ends_with(' ') {
            self.folded.push(' ', index);
        }
    }

    fn sign(&mut self, plain: char, index: usize) {
        self.end_word();
        if is_east_asian(plain) {
            self.join();
        }
        self.folded.push(plain, index);
    }

    /// Takes away a blank between the East Asian character before it and one that follows: these
    /// scripts write no words apart, so it is a line break or an accident.
    fn join(&mut self) {
        if self.folded.text.strip_suffix(' ').is_some_and(|before| before.ends_with(is_east_asian)) {
            self.folded.text.pop();
            self.folded.origin.pop();
        }
    }
}

enum Kind {
    /// Not there for the reader.
    Nothing,
    /// A letter or digit of a script that writes words apart.
    Word,
    /// White space, or a hyphen: `charge-back` is `charge back`.
    Blank,
    /// A Han character, kana, hangul, punctuation, an emoji: each for itself.
    Sign,
}

fn kind(plain: char) -> Kind {
    match plain {
        '-' | '\u{2010}' | '\u{2011}' => Kind::Blank,
        _ if plain.is_whitespace() => Kind::Blank,
        _ if is_nothing(plain) => Kind::Nothing,
        _ if plain.is_alphanumeric() && !is_east_asian(plain) => Kind::Word,
        _ => Kind::Sign,
    }
}

fn is_nothing(plain: char) -> bool {
    plain.is_control()
        || matches!(plain, '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}')
        || matches!(plain, '\u{ad}' | '\u{180e}' | '\u{feff}' | '\u{300}'..='\u{36f}')
        || matches!(plain, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(plain, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}')
}

/// Han, kana, hangul: scripts whose phrases are looked up without word marks.
pub(crate) fn is_east_asian(c: char) -> bool {
    is_han(c) || is_kana_or_hangul(c)
}

/// A Han character, the iteration mark 々 too.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
        || matches!(c, '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Japanese kana (half width too) or Korean hangul.
pub(crate) fn is_kana_or_hangul(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}')
        || matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}')
}

/// The ASCII character of a full-width one (`Ａ`, `５`, `！`), and a blank of the ideographic one.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// How many digits come next, counted up to four.
fn digits(rest: &Chars<'_>) -> usize {
    rest.clone().take(4).take_while(|c| half_width(*c).is_ascii_digit()).count()
}

/// `12,000` is one number, `1, 2` and `1,2` are two.
fn thousands_follow(rest: &Chars<'_>) -> bool {
    digits(rest) == 3
}
