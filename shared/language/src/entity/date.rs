//! Days of the calendar, and days seen from today.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::find::{Claims, Found};
use super::number::whole;
use super::pattern::{EDGE, after, before, is_tail, number, pattern};
use super::{EntityKind, Value};

const MONTHS: &str = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?\
                      |oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const MONTH_STARTS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `2026-11-20`, 2026年11月20日, 11月20日, 2026年11月; named year, month and day where they are told.
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    let year = "(?:19|20)[0-9]{2}";
    pattern(&format!(
        "{EDGE}(?:(?P<y1>{year})[-/.](?P<m1>[0-9]{{1,2}})[-/.](?P<d1>[0-9]{{1,2}})(?:[日号]|{EDGE})\
         |(?P<y2>{year}) ?年 ?(?P<m2>[0-9]{{1,2}}) ?月(?: ?(?P<d2>[0-9]{{1,2}}) ?[日号]?)?\
         |[0-9]{{1,2}} ?月 ?[0-9]{{1,2}} ?[日号]\
         |[0-9]{{1,2}}/[0-9]{{1,2}}/{year}{EDGE})"
    ))
});

/// `20 Nov 2026`, `20th of November`.
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"{EDGE}([0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? ?({MONTHS})(?:\.?,? ((?:19|20)[0-9]{{2}}))?{EDGE}"))
});

/// `Nov 20, 2026`, `November 20th`.
static MONTH_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"{EDGE}({MONTHS})\.? ([0-9]{{1,2}})(?:st|nd|rd|th)?(?:,? ((?:19|20)[0-9]{{2}}))?{EDGE}"))
});

/// Days with a name and how many days ago they are.
const NAMED: [(&str, i32); 23] = [
    ("大前天", 3),
    ("前天", 2),
    ("昨天", 1),
    ("昨日", 1),
    ("昨晚", 1),
    ("今天", 0),
    ("今日", 0),
    ("今早", 0),
    ("今晚", 0),
    ("明天", -1),
    ("明日", -1),
    ("明早", -1),
    ("明晚", -1),
    ("大后天", -3),
    ("后天", -2),
    ("the day before yesterday", 2),
    ("day before yesterday", 2),
    ("yesterday", 1),
    ("today", 0),
    ("tonight", 0),
    ("the day after tomorrow", -2),
    ("day after tomorrow", -2),
    ("tomorrow", -1),
];
/// What only ends in 前 or 后: 目前天猫, 售后天天; and what only begins with 天: 前天气.
const NOT_BEFORE: [char; 10] = ['以', '之', '目', '当', '眼', '提', '今', '最', '然', '售'];
const NOT_AFTER: [char; 3] = ['天', '猫', '气'];

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    let whole = |name: &str| if name.is_ascii() { format!("{EDGE}{name}{EDGE}") } else { name.to_owned() };
    let named = NAMED.map(|(name, _)| whole(name)).join("|");
    let zh = "[上这本下]个?(?:周|星期|礼拜)[一二三四五六日天末]?|[上这下]个?月";
    let day = "mon|tues|wednes|thurs|fri|satur|sun";
    let en = format!("{EDGE}(?:last|this|next) (?:week(?:end)?|month|(?:{day})day){EDGE}");
    pattern(&format!("(?P<named>{named})|{zh}|{en}"))
});

/// So many days or weeks, and where they lie.
static DAYS: LazyLock<Regex> = LazyLock::new(|| {
    let zh = "个?(?P<zh>天|周|星期|礼拜)(?P<side>[之以]?[前内后]|多)?";
    let en = format!("(?P<en>days?|weeks?)(?: (?P<where>ago|later|from now))?{EDGE}");
    let before = format!("{EDGE}(?:in|within|next|after|every|per) ");
    pattern(&format!("(?P<before>{before})?(?P<number>{}|{EDGE}an?) ?(?:{zh}|{en})", number()))
});
/// What follows days that are a promise or a saying: 7天无理由, 三天两头, 两周年.
const NOT_DAYS: [&str; 11] = ["无理由", "价保", "保价", "保修", "质保", "试用", "免费", "两头", "到晚", "年", "岁"];

/// Days of the calendar; those without a year have no value.
pub(super) fn absolute(text: &str, claims: &mut Claims) {
    for captures in NUMBERS.captures_iter(text) {
        let number = |one, other| captures.name(one).or_else(|| captures.name(other)).map(|part| part.as_str());
        take(text, &captures, day(number("y1", "y2"), number("m1", "m2"), number("d1", "d2")), claims);
    }
    for (pattern, d, m) in [(&DAY_FIRST, 1, 2), (&MONTH_FIRST, 2, 1)] {
        for captures in pattern.captures_iter(text) {
            let group = |index| captures.get(index).map(|part| part.as_str());
            let month = group(m).and_then(|name| MONTH_STARTS.iter().position(|start| name.starts_with(start)));
            let month = month.map(|index| (index + 1).to_string());
            // `may 5 people come` asks a favour.
            if group(m) != Some("may") || group(3).is_some() {
                take(text, &captures, day(group(3), month.as_deref(), group(d)), claims);
            }
        }
    }
}

fn take(text: &str, captures: &Captures<'_>, date: Option<Date>, claims: &mut Claims) {
    let Some(all) = captures.get(0) else { return };
    let joins = |c: Option<char>| matches!(c, Some('-' | '/' | '.' | '0'..='9'));
    let next = after(text, all.end()).filter(|c| *c != '.');
    if !joins(before(text, all.start())) && !joins(next) {
        let value = date.map(|date| Value::Day { date });
        claims.take(Found { kind: EntityKind::Date, start: all.start(), end: all.end(), value });
    }
}

fn day(year: Option<&str>, month: Option<&str>, day: Option<&str>) -> Option<Date> {
    Date::new(year?.parse().ok()?, month?.parse().ok()?, day?.parse().ok()?).ok()
}

/// Days seen from today.
pub(super) fn relative(text: &str, claims: &mut Claims) {
    for captures in DAY.captures_iter(text) {
        take_day(text, &captures, claims);
    }
    DAYS.captures_iter(text).filter_map(|captures| days(text, &captures)).for_each(|found| claims.take(found));
}

fn take_day(text: &str, captures: &Captures<'_>, claims: &mut Claims) {
    let Some(all) = captures.get(0) else { return };
    let name = captures.name("named").map(|name| name.as_str());
    let is_part = matches!(name, Some("前天" | "后天"))
        && (before(text, all.start()).is_some_and(|c| NOT_BEFORE.contains(&c))
            || after(text, all.end()).is_some_and(|c| NOT_AFTER.contains(&c)));
    let days = name.and_then(|name| NAMED.iter().find(|named| named.0 == name)).map(|named| named.1);
    if !is_part {
        let value = days.map(|days| Value::DaysAgo { days });
        claims.take(Found { kind: EntityKind::Date, start: all.start(), end: all.end(), value });
    }
}

fn days(text: &str, captures: &Captures<'_>) -> Option<Found> {
    let (all, number) = (captures.get(0)?, captures.name("number")?);
    let group = |name| captures.name(name).map(|group| group.as_str());
    let (ago, en) = (group("where") == Some("ago"), group("en").unwrap_or_default());
    let is_none = is_tail(text, number.start())
        || matches!(before(text, number.start()), Some('-' | '~' | '至' | '到'))
        || NOT_DAYS.iter().any(|word| text[all.end()..].starts_with(word))
        // `one day I hope`, `a day`: only `one day ago` says when.
        || matches!(en, "day" | "week") && !ago;
    if is_none {
        return None;
    }
    let week = if en.starts_with("week") || group("zh").is_some_and(|unit| unit != "天") { 7 } else { 1 };
    let number = if number.as_str().starts_with('a') { 1 } else { whole(number.as_str())? };
    let days = i32::try_from(number).ok()?.checked_mul(week)?;
    // Where it lies is told by another event: 3天内, 3天后才到, `within 3 days`, `3 days later`.
    let is_open = group("before").is_some()
        || group("where").is_some_and(|place| place != "ago")
        || group("side").is_some_and(|side| side.ends_with(['内', '后']));
    let value = (!is_open).then_some(Value::DaysAgo { days });
    Some(Found { kind: EntityKind::Date, start: all.start(), end: all.end(), value })
}
