//! Numbers that make a matter wide: how many orders or people, how much money.

use crate::fold::{Folded, WORD_END, WORD_START};

/// So many orders, people or pieces are more than one household's matter.
const MANY: f64 = 10.0;
/// So many are a whole department, class or pallet.
const VERY_MANY: f64 = 50.0;
/// A longer number is an order's or a phone's, not a count.
const COUNT_MAX: f64 = 100_000.0;
/// In any currency: what most households would not shrug off. A rough mark; the shop's own
/// policy knows the order's value.
const LARGE_SUM: f64 = 5_000.0;
/// Ten times that.
const VERY_LARGE_SUM: f64 = 50_000.0;

const POINTS_MANY: i32 = 20;
const POINTS_VERY_MANY: i32 = 40;
const POINTS_LARGE: i32 = 20;
const POINTS_VERY_LARGE: i32 = 40;

const CURRENCY_SIGNS: [char; 4] = ['¥', '$', '€', '£'];
const CURRENCIES: [&str; 17] = [
    "元",
    "块",
    "人民币",
    "美元",
    "美金",
    "欧元",
    "英镑",
    "港币",
    "rmb",
    "cny",
    "usd",
    "dollars",
    "euros",
    "eur",
    "pounds",
    "gbp",
    "bucks",
];
const ABOUT: [char; 4] = ['多', '余', '几', '来'];
const MEASURES: [char; 6] = ['个', '位', '名', '笔', '张', '份'];
const COUNTED: [&str; 29] = [
    "订单",
    "单",
    "人",
    "员工",
    "客户",
    "顾客",
    "同事",
    "学生",
    "孩子",
    "家长",
    "用户",
    "买家",
    "台",
    "件",
    "套",
    "箱",
    "orders",
    "people",
    "customers",
    "users",
    "employees",
    "students",
    "colleagues",
    "guests",
    "units",
    "pieces",
    "pcs",
    "boxes",
    "parcels",
];
/// What begins like one of those but is none: 单号 is an order number, 328单人间 a room.
const NOT_COUNTED: [&str; 8] = ["单号", "件号", "单子", "单人", "单间", "台阶", "件套", "件事"];

/// A number worth points: the rule's name, the points, and the folded bytes it stands in.
pub(crate) struct Figure {
    pub(crate) rule: &'static str,
    pub(crate) points: i32,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The figures of a text, in its order.
pub(crate) fn find(folded: &Folded) -> impl Iterator<Item = Figure> + '_ {
    let text = folded.text();
    text.match_indices(WORD_START).filter_map(|(start, _)| figure(text, start))
}

fn figure(text: &str, start: usize) -> Option<Figure> {
    let word = &text[start + WORD_START.len_utf8()..];
    let digits = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let value: f64 = word[..digits].parse().ok()?;
    let after = &word[digits..];
    let (rule, points, rest) = match sum(text[..start].chars().next_back(), value, after) {
        Some((points, rest)) => ("impact.amount", points, rest),
        None => count(value, after).map(|(points, rest)| ("impact.many", points, rest))?,
    };
    Some(Figure { rule, points, start, end: text.len() - rest.len() })
}

/// The points of a sum of money and the text after it.
fn sum(sign: Option<char>, value: f64, after: &str) -> Option<(i32, &str)> {
    let bare = after.strip_prefix(WORD_END).unwrap_or(after);
    let bare = bare.strip_prefix(ABOUT).unwrap_or(bare);
    let (value, bare) = match bare.strip_prefix('万') {
        Some(bare) => (value * 10_000.0, bare.strip_prefix(ABOUT).unwrap_or(bare)),
        None => (value, bare),
    };
    let rest = match sign {
        Some(sign) if CURRENCY_SIGNS.contains(&sign) => bare,
        _ => after_noun(bare, &CURRENCIES)?,
    };
    Some((points(value, (LARGE_SUM, POINTS_LARGE), (VERY_LARGE_SUM, POINTS_VERY_LARGE))?, rest))
}

/// The points of a number of orders or people and the text after it.
fn count(value: f64, after: &str) -> Option<(i32, &str)> {
    let bare = after.strip_prefix(WORD_END).unwrap_or(after);
    let bare = bare.strip_prefix(ABOUT).unwrap_or(bare);
    let bare = bare.strip_prefix(MEASURES).unwrap_or(bare);
    let is_number = value > COUNT_MAX || NOT_COUNTED.iter().any(|noun| bare.starts_with(noun));
    let rest = if is_number { None } else { after_noun(bare, &COUNTED) }?;
    Some((points(value, (MANY, POINTS_MANY), (VERY_MANY, POINTS_VERY_MANY))?, rest))
}

fn points(value: f64, large: (f64, i32), very_large: (f64, i32)) -> Option<i32> {
    let reached = |mark: &(f64, i32)| value >= mark.0;
    [very_large, large].into_iter().find(reached).map(|mark| mark.1)
}

/// The text after one of the nouns: a Han one at once, a Latin one as the rest of this word
/// (`50pcs`) or the next.
fn after_noun<'a>(text: &'a str, nouns: &[&str]) -> Option<&'a str> {
    let word = text.trim_start_matches([' ', WORD_START]);
    let (word, rest) = match word.find(WORD_END) {
        Some(end) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            (&word[..end], &word[end + WORD_END.len_utf8()..])
        }
        _ => return nouns.iter().find_map(|noun| text.strip_prefix(noun)),
    };
    nouns.contains(&word).then_some(rest)
}
