//! A text without what tells who wrote it or what they bought.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::EntityKind;
use super::find::find;
use super::pattern::pattern;
use super::plain::Plain;

/// A handle, or digits that may be somebody's. A Chinese name has an end only where something else
/// than Chinese follows.
static REST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?P<named>@[a-z0-9_\u{4e00}-\u{9fff}-]{1,12})(?:[ \r\n:,]|$)|@[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|[0-9](?:[ -]?[0-9]){6,}",
    )
});
/// The digits among them inside an amount, a date, a count or an article's number, whose own blanks
/// and hyphens say nothing.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern("[0-9]{7,}"));

/// Bytes of a plain text and what to write in their place.
type Mark = (Range<usize>, &'static str);

/// The text with `[ORDER] [TRACKING] [PHONE] [EMAIL] [URL] [ID] [CARD]` for what identifies a person
/// or a purchase, `[NUM]` for any other 7 digits or more in a row (half or full width, split by
/// single blanks or hyphens too), and `[USER]` for an `@handle`. Sums, days, counts and articles
/// stay, but no 7 digits at once. Masking twice changes nothing more.
///
/// ```
/// use redress_language::entity::mask;
///
/// assert_eq!(mask("订单号８８２３１，电话138-0013-8000，退我199元"), "订单号[ORDER]，电话[PHONE]，退我199元");
/// assert_eq!(mask("Mail li@example.com about 1234 5678, @shop"), "Mail [EMAIL] about [NUM], [USER]");
/// ```
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    // A label may set something free that its digits had joined. Every pass takes a digit, an `@` or
    // a dot away and brings none, so that there is an end.
    while let Some(again) = masked_once(&masked) {
        masked = again;
    }
    masked
}

/// The first of a text, masked, its white space collapsed, in at most `most` characters; `…` says that
/// there is more.
///
/// ```
/// use redress_language::preview;
///
/// assert_eq!(preview("电话13800138000，\n快递三天没到", 80), "电话[PHONE]， 快递三天没到");
/// assert_eq!(preview("My parcel never arrived", 10), "My parcel…");
/// ```
#[must_use]
pub fn preview(text: &str, most: usize) -> String {
    // What is masked grows by a few characters at most, and what names somebody may be cut in two
    // only behind what is shown.
    let head = text.char_indices().nth(most * LOOK_AHEAD).map_or(text, |(end, _)| &text[..end]);
    let words = mask(head).split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(most) {
        None if head.len() == text.len() => words,
        None => format!("{words}…"),
        Some(_) => {
            let end = words.char_indices().nth(most - 1).map_or(0, |(end, _)| end);
            format!("{}…", words[..end].trim_end())
        }
    }
}

/// How much more of a text than a preview shows is masked for it.
const LOOK_AHEAD: usize = 4;

/// `None` where there is nothing to mask.
fn masked_once(text: &str) -> Option<String> {
    let plain = Plain::of(text);
    let (mut marks, mut done) = (Vec::new(), 0);
    for found in find(&plain) {
        rest(&plain.text, done..found.start, &mut marks);
        match label(found.kind) {
            Some(label) => marks.push((found.start..found.end, label)),
            None => digits(&plain.text, found.start..found.end, &mut marks),
        }
        done = found.end;
    }
    rest(&plain.text, done..plain.text.len(), &mut marks);
    (!marks.is_empty()).then(|| plain.replace(text, marks))
}

/// Marks what no entity holds.
fn rest(text: &str, range: Range<usize>, marks: &mut Vec<Mark>) {
    marks.extend(REST.captures_iter(&text[range.clone()]).filter_map(|captures| {
        let found = captures.name("named").or_else(|| captures.get(0))?;
        let label = if found.as_str().starts_with('@') { "[USER]" } else { "[NUM]" };
        Some((range.start + found.start()..range.start + found.end(), label))
    }));
}

/// Marks the digits of an entity that stays.
fn digits(text: &str, range: Range<usize>, marks: &mut Vec<Mark>) {
    let found = DIGITS.find_iter(&text[range.clone()]);
    marks.extend(found.map(|found| (range.start + found.start()..range.start + found.end(), "[NUM]")));
}

fn label(kind: EntityKind) -> Option<&'static str> {
    match kind {
        EntityKind::OrderNumber => Some("[ORDER]"),
        EntityKind::TrackingNumber => Some("[TRACKING]"),
        EntityKind::Phone => Some("[PHONE]"),
        EntityKind::Email => Some("[EMAIL]"),
        EntityKind::Url => Some("[URL]"),
        EntityKind::IdentityNumber => Some("[ID]"),
        EntityKind::BankCard => Some("[CARD]"),
        EntityKind::Sku | EntityKind::Amount | EntityKind::Date | EntityKind::Count => None,
    }
}
