//! What a message says besides its own words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use redress_domain::category::Language;
use redress_domain::feedback::Money;
use serde_json::{Map, Value};

/// The values of one message, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values(Map<String, Value>);

impl Values {
    /// Small facts as a delivery keeps them. What is absent or `null` is not said; a statutory
    /// metric goes by the word for all of them; an amount of money, and an instant, are written as
    /// people of that language write them.
    #[must_use]
    pub fn of(facts: &Value, language: Language) -> Self {
        let facts = facts.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        Self(facts.map(|(name, value)| (name.clone(), written(name, value, language))).collect())
    }

    /// The same with one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(crate) fn link(&self) -> Option<&str> {
        self.0.get("link")?.as_str()
    }
}

fn written(name: &str, value: &Value, language: Language) -> Value {
    let instant = || value.as_str()?.parse::<Timestamp>().ok();
    match name {
        "metric" if value.as_str().is_some_and(|metric| metric.starts_with("statutory:")) => "statutory".into(),
        "amount" => {
            serde_json::from_value::<Money>(value.clone()).map_or(value.clone(), |amount| money(&amount).into())
        }
        "due" | "until" => instant().map_or(value.clone(), |at| when(at, language).into()),
        _ => value.clone(),
    }
}

/// An instant on the clock that a reader of that language most likely lives by.
#[must_use]
pub fn when(at: Timestamp, language: Language) -> String {
    let (zone, name) = match language {
        Language::Zh => (TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC), "（北京时间）"),
        Language::En | Language::Other => (TimeZone::UTC, " (UTC)"),
    };
    format!("{}{name}", at.to_zoned(zone).strftime("%Y-%m-%d %H:%M"))
}

/// Currencies with another number of decimals than two.
///
/// # Source
/// ISO 4217, table A.1, column "minor unit".
const DECIMALS: [(&str, u32); 24] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// An amount as people read it: `CNY 129.00`, `JPY 500`.
#[must_use]
pub fn money(amount: &Money) -> String {
    let decimals = DECIMALS.iter().find(|(code, _)| *code == amount.currency).map_or(2, |(_, decimals)| *decimals);
    let unit = 10_u64.pow(decimals);
    let (sign, minor) = (if amount.amount_minor < 0 { "-" } else { "" }, amount.amount_minor.unsigned_abs());
    let whole = format!("{} {sign}{}", amount.currency, minor / unit);
    match usize::try_from(decimals) {
        Ok(width @ 1..) => format!("{whole}.{:0width$}", minor % unit),
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_the_decimals_of_its_currency() {
        for (amount_minor, currency, read) in [
            (12_900, "CNY", "CNY 129.00"),
            (5, "USD", "USD 0.05"),
            (500, "JPY", "JPY 500"),
            (1_234, "KWD", "KWD 1.234"),
            (-250, "EUR", "EUR -2.50"),
            (i64::MIN, "JPY", "JPY -9223372036854775808"),
        ] {
            assert_eq!(money(&Money { amount_minor, currency: currency.to_owned() }), read);
        }
    }

    #[test]
    fn an_instant_is_read_on_the_readers_clock() {
        let at = "2026-11-23T16:30:00Z".parse().unwrap();
        assert_eq!(when(at, Language::Zh), "2026-11-24 00:30（北京时间）");
        assert_eq!(when(at, Language::En), "2026-11-23 16:30 (UTC)");
        assert_eq!(when(at, Language::Other), "2026-11-23 16:30 (UTC)");
    }
}
