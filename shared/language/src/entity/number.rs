//! How much a number word is.

use super::pattern::WORDS;

/// Four decimals are kept: 1.2345万.
pub(super) const SCALE: i64 = 10_000;
/// A longer run of digits is no number anybody counts or pays.
const DIGITS_MAX: usize = 12;

/// A number in ten-thousandths: `1,299.5`, 1.2万, 三百五, 十几万 (at least 十万), `twelve`.
/// `None` where it has no one value (两三, 万) or is too large.
pub(super) fn scaled(text: &str) -> Option<i64> {
    if let Some(index) = WORDS.split('|').position(|word| word == text) {
        return Some((i64::try_from(index).ok()? + 1) * SCALE);
    }
    let mut sum = Sum::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii_digit() { arabic_length(rest) } else { c.len_utf8() };
        sum.take(c, &rest[..length])?;
        rest = &rest[length..];
    }
    sum.total()
}

/// A whole number.
pub(super) fn whole(text: &str) -> Option<u32> {
    let scaled = scaled(text)?;
    if scaled % SCALE == 0 { u32::try_from(scaled / SCALE).ok() } else { None }
}

fn arabic_length(text: &str) -> usize {
    text.find(|c: char| !matches!(c, '0'..='9' | ',' | '.')).unwrap_or(text.len())
}

fn arabic(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.replace(',', "");
    if whole.len() > DIGITS_MAX {
        return None;
    }
    let decimals: String = fraction.chars().chain("0000".chars()).take(4).collect();
    Some(whole.parse::<i64>().ok()? * SCALE + decimals.parse::<i64>().ok()?)
}

/// A number being read, part by part.
#[derive(Default)]
struct Sum {
    /// What stands before 万 and 亿.
    large: i64,
    /// What stands before 十, 百 and 千.
    small: i64,
    /// A digit whose unit is still to come.
    open: Option<i64>,
    /// The unit read last, 0 after 零: what a bare digit at the end counts in.
    unit: i64,
}

impl Sum {
    fn take(&mut self, c: char, part: &str) -> Option<()> {
        match c {
            ' ' | '多' | '余' | '几' | '来' => Some(()),
            '零' | '〇' => {
                self.unit = 0;
                Some(())
            }
            '十' => self.unit(10),
            '百' => self.unit(100),
            '千' => self.unit(1_000),
            '万' => self.large_unit(10_000),
            '亿' => self.large_unit(100_000_000),
            '0'..='9' => self.open(arabic(part)?),
            _ => self.open(digit(c)? * SCALE),
        }
    }

    /// Two digits in a row are a guess (两三个) or a code, not a number.
    fn open(&mut self, digit: i64) -> Option<()> {
        self.open.replace(digit).is_none().then_some(())
    }

    fn unit(&mut self, unit: i64) -> Option<()> {
        let bare_ten = (unit == 10).then_some(SCALE);
        let digit = self.open.take().or(bare_ten)?;
        self.small = self.small.checked_add(digit.checked_mul(unit)?)?;
        self.unit = unit;
        Some(())
    }

    fn large_unit(&mut self, unit: i64) -> Option<()> {
        let before = self.small.checked_add(self.open.take().unwrap_or_default())?;
        let before = if before == 0 { std::mem::take(&mut self.large) } else { before };
        self.large = (before != 0).then(|| before.checked_mul(unit)?.checked_add(self.large))??;
        (self.small, self.unit) = (0, unit);
        Some(())
    }

    fn total(self) -> Option<i64> {
        let open = self.open.unwrap_or_default();
        // 三百五 is 350 and 1万2 is 12,000, but 三百零五 is 305.
        let last = if self.unit > 10 && open < 10 * SCALE { open.checked_mul(self.unit / 10)? } else { open };
        self.large.checked_add(self.small)?.checked_add(last)
    }
}

fn digit(c: char) -> Option<i64> {
    Some(match c {
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_people_mean_by_it() {
        for (text, value) in [
            ("0", 0),
            ("1,299", 1_299),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("三百五", 350),
            ("三百零五", 305),
            ("两千多", 2_000),
            ("一万二", 12_000),
            ("十几万", 100_000),
            ("1.2万", 12_000),
            ("1万2", 12_000),
            ("1万2000", 12_000),
            ("3千万", 30_000_000),
            ("三千五百万", 35_000_000),
            ("twelve", 12),
        ] {
            assert_eq!(whole(text), Some(value), "{text}");
        }
        assert_eq!(scaled("12.345"), Some(123_450));
    }

    #[test]
    fn a_guess_and_a_giant_are_no_number() {
        for text in ["两三", "三四十", "百", "万", "1234567890123", "九千亿亿亿", "二〇二六"] {
            assert_eq!(scaled(text), None, "{text}");
        }
        assert_eq!(whole("1.5"), None);
    }
}
