//! What a text names: orders, parcels, sums of money, people's numbers and addresses, days.
//!
//! Shapes and nearby words decide, not meaning: `单号 88231` is an order's number since it stands
//! after 单号. What looks like two things is the one that is named by a word, then the one whose
//! shape is rarer. A text that names nothing costs one walk over it.

mod contact;
mod date;
mod find;
mod mask;
mod number;
mod pattern;
mod plain;
mod quantity;
mod reference;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::mask::{mask, preview};
use self::plain::Plain;

/// Something a text names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// The characters `start..end` of the text as the customer wrote them.
    pub text: String,
    /// First character, counted in Unicode scalar values of the original text.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// What it amounts to: always there for an amount and a count, for a date where it can be
    /// told without knowing today (not 上周五, not `within 3 days`), never for the rest.
    pub value: Option<Value>,
}

/// The kinds of things that are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// 订单号 88231, `order no. 88231`, `#12345`, `112-1234567-1234567`.
    OrderNumber,
    /// 快递单号 YT88231, `tracking number 88231`, `1Z999AA10123456784`.
    TrackingNumber,
    /// 货号 A-100, `SKU: A-100`, `model X5`.
    Sku,
    /// 199元, 1.2万元, `$1,299.00`.
    Amount,
    /// 13800138000, 010-12345678, `+44 20 7946 0958`.
    Phone,
    /// `li@example.com`.
    Email,
    /// `https://example.com/a`, `www.example.com`, `m.tb.cn/h.abc`.
    Url,
    /// A Chinese resident's 18 digits with a birthday and a check digit that holds.
    IdentityNumber,
    /// 13 to 19 digits whose check digit holds.
    BankCard,
    /// 2026年11月20日, `20 Nov 2026`, 昨天, 三天前, `last Friday`.
    Date,
    /// 30个订单, `three people`, 第三次.
    Count,
}

/// What an amount, a count or a date amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Value {
    /// A sum of money, 0 or more.
    Amount {
        /// In the currency's smallest unit: cents, 分; whole yen.
        amount_minor: i64,
        /// The money; `$` is taken for US dollars and `¥` for yuan where no word says more.
        currency: Currency,
    },
    /// So many, 0 to 100,000.
    Count {
        /// How many; the third time (第三次) is 3.
        number: u32,
        /// Of what.
        of: Counted,
    },
    /// A day of the calendar.
    Day {
        /// As `2026-11-20`.
        date: jiff::civil::Date,
    },
    /// A day seen from the day of writing, or a stretch of days that ends there.
    DaysAgo {
        /// 1 is yesterday, 0 today, −1 tomorrow; a week is 7.
        days: i32,
    },
}

/// Moneys that are told apart.
///
/// # Source
///
/// ISO 4217: the codes, and that yen has no smaller unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the codes say it")]
pub enum Currency {
    Cny,
    Usd,
    Eur,
    Gbp,
    Hkd,
    Jpy,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// 订单, 单; `orders`.
    Orders,
    /// 人, 客户, 同事; `people`, `customers`.
    People,
    /// 件, 台, 箱; `pieces`, `units`, `boxes`.
    Pieces,
    /// 次, 第三次; `times`, `the third time`.
    Times,
}

/// What a text names, in its order, no two sharing a character; in time proportional to its length.
///
/// Full-width digits, letters and signs count as their half-width form.
///
/// ```
/// use redress_language::entity::{Counted, Currency, EntityKind, Value, entities};
///
/// let named = entities("订单号88231等了３天，30件一共1.2万元");
/// assert_eq!(named[0].kind, EntityKind::OrderNumber);
/// assert_eq!((named[0].text.as_str(), named[0].start, named[0].end), ("88231", 3, 8));
/// assert_eq!(named[1].value, Some(Value::DaysAgo { days: 3 }));
/// assert_eq!(named[2].value, Some(Value::Count { number: 30, of: Counted::Pieces }));
/// assert_eq!(named[3].value, Some(Value::Amount { amount_minor: 1_200_000, currency: Currency::Cny }));
///
/// let named = entities("Order #88231, paid $1,299.00 on 20 Nov 2026");
/// assert_eq!(named.iter().map(|entity| entity.text.as_str()).collect::<Vec<_>>(), [
///     "88231",
///     "$1,299.00",
///     "20 Nov 2026",
/// ]);
/// assert!(entities("iPhone 15 Pro, 5 stars, 100%").is_empty());
/// ```
#[must_use]
pub fn entities(text: &str) -> Vec<Entity> {
    let plain = Plain::of(text);
    plain.locate(text, find::find(&plain))
}
