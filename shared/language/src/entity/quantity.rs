//! How much money, and how many of what.

use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

use super::find::{Claims, Found};
use super::number::{SCALE, scaled, whole};
use super::pattern::{ARABIC, EDGE, HAN, TAIL, WORDS, after, before, is_tail, number, pattern};
use super::plain::Plain;
use super::{Counted, Currency, EntityKind, Value};
use crate::fold::is_han;

/// A larger number is an order's or a phone's, not a count.
const COUNT_MAX: u32 = 100_000;

/// Words and signs of a currency, a longer one before the one it begins with.
const MONEY: [(Currency, &str); 6] = [
    (Currency::Cny, "元人民币|元|块钱|块|人民币|rmb|cny|yuan|cn¥|¥"),
    (Currency::Usd, "美元|美金|us dollars|us dollar|dollars|dollar|bucks|usd|us$|$"),
    (Currency::Eur, "欧元|euros|euro|eur|€"),
    (Currency::Gbp, "英镑|pounds|pound|gbp|£"),
    (Currency::Hkd, "港币|港元|hong kong dollars|hkd|hk$"),
    (Currency::Jpy, "日元|日币|yen|jpy|jp¥"),
];
/// What 元 begins without being money: 元旦, 元素.
const NOT_YUAN: [char; 6] = ['旦', '宵', '件', '素', '月', '年'];
/// What may follow a few 块 of money; before anything else they are pieces: 两块屏幕.
const AFTER_KUAI: [char; 12] = ['的', '了', '吧', '呢', '都', '也', '就', '还', '包', '多', '左', '钱'];

/// A sign or code and the number, perhaps with a word too (¥5000日元); or a number and a word.
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    let words = regex::escape(&MONEY.map(|(_, words)| words).join("|")).replace(r"\|", "|");
    let codes = r"us\$|hk\$|jp¥|cn¥|rmb ?¥?|cny ?¥?|usd ?\$?|eur ?€?|gbp ?£?|hkd ?\$?|jpy ?¥?";
    pattern(&format!(
        "(?P<sign>{EDGE}(?:{codes})|[¥$€£]) ?(?P<signed>(?:{ARABIC}|{HAN}){TAIL})(?P<k1>k{EDGE})?(?: ?(?P<also>{words}))?\
         |(?P<plain>{})(?P<k2>k{EDGE})? ?(?P<word>{words})",
        number()
    ))
});

static COUNT_ZH: LazyLock<Regex> = LazyLock::new(|| {
    let nouns = COUNTED.map(|(_, zh, _)| zh).join("|");
    pattern(&format!("(第 ?)?((?:{EDGE}{ARABIC}|{HAN}){TAIL}) ?([个位名笔张份])? ?({nouns})"))
});

static COUNT_EN: LazyLock<Regex> = LazyLock::new(|| {
    let nouns = COUNTED.map(|(_, _, en)| en).join("|");
    pattern(&format!("{EDGE}({ARABIC}|{WORDS})\\+? ?({nouns}){EDGE}"))
});

static TIME_EN: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!("{EDGE}(?:({ORDINALS})|([0-9]{{1,3}})(?:st|nd|rd|th)) time{EDGE}")));
const ORDINALS: &str = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth";

/// What is counted. Han ones of one character may follow a number at once, longer ones follow a
/// Chinese numeral only with a measure word between, for 统一订单 counts nothing.
const COUNTED: [(Counted, &str, &str); 4] = [
    (Counted::Orders, "订单|单", "orders"),
    (
        Counted::People,
        "员工|客户|顾客|客人|同事|学生|孩子|家长|用户|买家|人",
        "people|customers|users|employees|students|colleagues|guests|buyers",
    ),
    (Counted::Pieces, "包裹|台|件|套|箱", "units|pieces|pcs|boxes|parcels"),
    (Counted::Times, "次", "times"),
];
/// What begins like one of those but is none: 单号 is an order number, 328单人间 a room.
const NOT_COUNTED: [&str; 33] = [
    "单号", "单子", "单人", "单间", "单元", "单品", "单价", "单据", "单独", "单位", "单机", "单反", "单身", "单双",
    "人间", "人房", "人份", "人座", "人民", "人工", "人气", "件号", "件套", "件事", "台阶", "台式", "套餐", "套房",
    "次日", "次性", "次元", "次方", "次数",
];

/// Sums of money.
pub(super) fn amounts(text: &str, claims: &mut Claims) {
    AMOUNT.captures_iter(text).filter_map(|captures| amount(text, &captures)).for_each(|found| claims.take(found));
}

fn amount(text: &str, captures: &Captures<'_>) -> Option<Found> {
    let either = |one, other| captures.name(one).or_else(|| captures.name(other));
    let (start, sign, number) = (captures.get(0)?.start(), captures.name("sign"), either("signed", "plain")?);
    let is_cut = match sign {
        Some(_) => before(text, start).is_some_and(|c| c.is_ascii_alphanumeric()),
        None => is_tail(text, start),
    };
    let thousand = either("k1", "k2");
    let scaled = scaled(number.as_str())?.checked_mul(if thousand.is_some() { 1_000 } else { 1 })?;
    let worded = either("also", "word").and_then(|word| worded(text, word, scaled));
    let (currency, part, end) = match (worded, sign) {
        (Some(worded), _) => worded,
        (None, Some(sign)) => (currency(sign.as_str())?, 0, thousand.unwrap_or(number).end()),
        (None, None) => return None,
    };
    let is_cut = is_cut || worded.is_none() && after(text, end).is_some_and(|c| c.is_ascii_alphanumeric());
    let value = Value::Amount { amount_minor: minor(scaled.checked_add(part)?, currency), currency };
    (!is_cut).then_some(Found { kind: EntityKind::Amount, start, end, value: Some(value) })
}

/// The currency of a word, what stands after it of the sum (三块五), and where it ends; `None`
/// where the word is none of money.
fn worded(text: &str, word: Match<'_>, scaled: i64) -> Option<(Currency, i64, usize)> {
    let next = after(text, word.end());
    let is_latin = word.as_str().ends_with(|c: char| c.is_ascii_alphabetic());
    let (part, end) = match word.as_str() {
        "元" if next.is_some_and(|c| NOT_YUAN.contains(&c)) => return None,
        "块" => kuai(text, word.end(), scaled)?,
        _ if is_latin && next.is_some_and(|c| c.is_ascii_alphanumeric()) => return None,
        _ => (0, word.end()),
    };
    Some((currency(word.as_str())?, part, end))
}

/// The tenths after 块 (9块9包邮) and where they end; `None` where 块 are pieces or 一块 is together.
fn kuai(text: &str, end: usize, value: i64) -> Option<(i64, usize)> {
    let may_follow = |c: char| AFTER_KUAI.contains(&c) || !is_han(c) && !c.is_ascii_alphanumeric();
    let Some(next) = after(text, end) else { return (value != SCALE).then_some((0, end)) };
    let part = &text[end..end + next.len_utf8()];
    let after_part = end + part.len();
    match scaled(part).filter(|tenths| (SCALE..10 * SCALE).contains(tenths)) {
        Some(tenths) if after(text, after_part).is_none_or(may_follow) => Some((tenths / 10, after_part)),
        _ => (value >= 10 * SCALE || value != SCALE && may_follow(next)).then_some((0, end)),
    }
}

fn currency(text: &str) -> Option<Currency> {
    MONEY.iter().find(|(_, words)| words.split('|').any(|word| text.starts_with(word))).map(|(currency, _)| *currency)
}

/// In the smallest unit; what is less than one is dropped.
fn minor(scaled: i64, currency: Currency) -> i64 {
    if currency == Currency::Jpy { scaled / SCALE } else { scaled / (SCALE / 100) }
}

/// Numbers of orders, people, pieces and times.
pub(super) fn counts(plain: &Plain, claims: &mut Claims) {
    let text = plain.text.as_str();
    if plain.has_digit || plain.has_numeral {
        COUNT_ZH
            .captures_iter(text)
            .filter_map(|captures| count_zh(text, &captures))
            .for_each(|count| claims.take(count));
    }
    COUNT_EN.captures_iter(text).filter_map(|captures| count_en(text, &captures)).for_each(|count| claims.take(count));
    TIME_EN.captures_iter(text).filter_map(|captures| time_en(&captures)).for_each(|count| claims.take(count));
}

fn count_zh(text: &str, captures: &Captures<'_>) -> Option<Found> {
    let (all, number, noun) = (captures.get(0)?, captures.get(2)?, captures.get(4)?);
    let of = counted(noun.as_str())?;
    let is_numeral = !number.as_str().starts_with(|c: char| c.is_ascii());
    let is_ordinal = captures.get(1).is_some();
    let is_none = NOT_COUNTED.iter().any(|word| text[noun.start()..].starts_with(word))
        // 统一订单; 二次销售 is a second-hand sale, two times are 两次.
        || is_numeral && captures.get(3).is_none() && noun.as_str().chars().count() > 1
        || is_ordinal && of != Counted::Times
        || !is_ordinal && (number.as_str() == "二" || is_tail(text, number.start()));
    if is_none { None } else { count(number.as_str(), of, (all.start(), all.end())) }
}

fn count_en(text: &str, captures: &Captures<'_>) -> Option<Found> {
    let (all, number, noun) = (captures.get(0)?, captures.get(1)?, captures.get(2)?);
    let is_cut = before(text, number.start()) == Some('.');
    if is_cut { None } else { count(number.as_str(), counted(noun.as_str())?, (all.start(), all.end())) }
}

fn time_en(captures: &Captures<'_>) -> Option<Found> {
    let all = captures.get(0)?;
    let number = match (captures.get(1), captures.get(2)) {
        (Some(word), _) => ORDINALS.split('|').position(|ordinal| ordinal == word.as_str())? + 1,
        (None, number) => number?.as_str().parse().ok()?,
    };
    count(&number.to_string(), Counted::Times, (all.start(), all.end()))
}

fn count(number: &str, of: Counted, (start, end): (usize, usize)) -> Option<Found> {
    let number = whole(number).filter(|number| *number <= COUNT_MAX)?;
    Some(Found { kind: EntityKind::Count, start, end, value: Some(Value::Count { number, of }) })
}

fn counted(noun: &str) -> Option<Counted> {
    let has = |nouns: &str| nouns.split('|').any(|known| known == noun);
    COUNTED.iter().find(|(_, zh, en)| has(zh) || has(en)).map(|(of, ..)| *of)
}
