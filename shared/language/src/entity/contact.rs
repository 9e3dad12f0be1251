//! Ways to reach or rob a person: addresses, phones, identity numbers, cards.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::EntityKind;
use super::find::Claims;
use super::pattern::{EDGE, after, before, pattern};

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"));

/// A scheme or `www.`, or a host that is followed by a path: m.tb.cn/h.abc.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    let path = r"[a-z0-9._~:/?#@!$&'()*+,;=%-]*[a-z0-9/_=#&-]";
    pattern(&format!(r"(?:https?://|{EDGE}www\.){path}|{EDGE}[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{{2,}}/{path}"))
});

/// Mobile and fixed lines in mainland China, service lines, any country code, North America.
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    let mobile = "(?:1[3-9][0-9](?:[ -]?[0-9]{4}){2}|1[3-9][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{4})";
    let lines = [
        format!(r"(?:(?:\+ ?|{EDGE}00)86|{EDGE}86)[ -]?{mobile}"),
        format!("{EDGE}{mobile}"),
        format!(r"(?:\(0[0-9]{{2,3}}\)|{EDGE}0[1-9][0-9]{{1,2}})[ -]?[2-9][0-9]{{6,7}}(?:-[0-9]{{1,6}})?"),
        format!("{EDGE}0[1-9][0-9]{{1,3}}[ -][0-9]{{3,4}}[ -]?[0-9]{{3,4}}"),
        format!("{EDGE}[48]00[ -]?[0-9]{{3,4}}[ -]?[0-9]{{3,4}}"),
        r"\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{1,5}\)?){2,6}".to_owned(),
        format!(r"(?:{EDGE}1[ .-])?(?:\([2-9][0-9]{{2}}\) ?|{EDGE}[2-9][0-9]{{2}}[ .-])[2-9][0-9]{{2}}[ .-][0-9]{{4}}"),
    ];
    pattern(&format!("(?:{}){EDGE}", lines.join("|")))
});

/// Any number after a word for a phone.
static NAMED_PHONE: LazyLock<Regex> = LazyLock::new(|| {
    let en = format!("{EDGE}(?:phone|tel|telephone|mobile|cell|whatsapp|call)(?: ?(?:number|no\\.?))?");
    let zh = "(?:电话|手机|座机|热线|联系方式|致电)(?:号码?)?";
    pattern(&format!(r"(?:{zh}|{en})[ :=是为(]{{0,4}}(\+?[0-9](?:[ -]?[0-9]){{6,14}}){EDGE}"))
});
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

static IDENTITY: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!("{EDGE}[1-9][0-9]{{5}}[ -]?[0-9]{{8}}[ -]?[0-9]{{3}}[0-9x]{EDGE}")));

/// Digits in groups that are parted by one blank or hyphen.
static GROUPS: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("{EDGE}[0-9]{{2,}}(?:[ -][0-9]{{2,}})*{EDGE}")));
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// E-mail addresses and links.
pub(super) fn addresses(text: &str, claims: &mut Claims) {
    if text.contains('@') {
        take_all(&EMAIL, EntityKind::Email, text, claims);
    }
    if text.contains('/') || text.contains("www.") {
        take_all(&URL, EntityKind::Url, text, claims);
    }
}

/// Identity numbers and phones.
pub(super) fn people(text: &str, claims: &mut Claims) {
    for found in IDENTITY.find_iter(text).filter(|found| is_identity(found.as_str())) {
        claims.take_name(EntityKind::IdentityNumber, (found.start(), found.end()));
    }
    for found in PHONE.find_iter(text).filter(|found| PHONE_DIGITS.contains(&digits(found.as_str()).count())) {
        if !continues(text, found.start(), found.end()) {
            claims.take_name(EntityKind::Phone, (found.start(), found.end()));
        }
    }
    for found in NAMED_PHONE.captures_iter(text).filter_map(|captures| captures.get(1)) {
        claims.take_name(EntityKind::Phone, (found.start(), found.end()));
    }
}

/// Bank cards: so many digits in other numbers add up by chance that they are asked last.
pub(super) fn cards(text: &str, claims: &mut Claims) {
    for groups in GROUPS.find_iter(text) {
        cards_among(groups.as_str(), groups.start(), claims);
    }
}

fn take_all(pattern: &Regex, kind: EntityKind, text: &str, claims: &mut Claims) {
    for found in pattern.find_iter(text) {
        claims.take_name(kind, (found.start(), found.end()));
    }
}

/// Whether it is cut out of something longer: 2026-010-12345678, 400-123-4567%.
fn continues(text: &str, start: usize, end: usize) -> bool {
    before(text, start).is_some_and(|c| matches!(c, '-' | '.' | '/' | '+'))
        || after(text, end).is_some_and(|c| matches!(c, '%' | '元' | '块'))
}

fn digits(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.chars().filter_map(|c| c.to_digit(10))
}

/// A day of birth, and the check digit of ISO 7064 mod 11-2.
///
/// # Source
///
/// GB 11643-1999.
fn is_identity(text: &str) -> bool {
    let plain: Vec<u32> = text.chars().filter_map(|c| if c == 'x' { Some(10) } else { c.to_digit(10) }).collect();
    let born = plain[6..14].iter().fold(0, |number, digit| number * 10 + digit);
    let part = |number: u32| i8::try_from(number % 100).unwrap_or_default();
    let year = i16::try_from(born / 10_000).unwrap_or_default();
    let is_day = (1900..2100).contains(&year) && Date::new(year, part(born / 100), part(born)).is_ok();
    is_day && plain.iter().fold(0, |sum, digit| (sum * 2 + digit) % 11) == 1
}

/// The cards among groups of digits: from each group on the shortest run of groups that is one.
fn cards_among(groups: &str, offset: usize, claims: &mut Claims) {
    let mut start = 0;
    while start < groups.len() {
        let rest = &groups[start..];
        let card = card_length(rest);
        if let Some(length) = card {
            claims.take_name(EntityKind::BankCard, (offset + start, offset + start + length));
        }
        let group = rest.find([' ', '-']).unwrap_or(rest.len());
        start += card.unwrap_or(group) + 1;
    }
}

/// The length of the shortest card that begins the text and ends with a group.
fn card_length(text: &str) -> Option<usize> {
    let mut count = 0;
    for (at, c) in text.char_indices() {
        match c {
            ' ' | '-' if is_card(&text[..at]) => return Some(at),
            ' ' | '-' => {}
            _ => count += 1,
        }
        if count > *CARD_DIGITS.end() {
            return None;
        }
    }
    is_card(text).then_some(text.len())
}

/// The number of digits, and the check digit of the Luhn formula.
///
/// # Source
///
/// ISO/IEC 7812-1, annex B.
fn is_card(text: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let backwards = text.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = backwards.map(|(place, digit)| if place % 2 == 1 { doubled(digit) } else { digit }).sum();
    CARD_DIGITS.contains(&digits(text).count()) && !text.starts_with('0') && sum.is_multiple_of(10)
}
