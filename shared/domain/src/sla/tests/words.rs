//! Metrics, keys and seconds as they are written.

use crate::sla::{ClockKey, Metric, Seconds};
use jiff::SignedDuration;
use serde_json::json;

#[test]
fn every_metric_is_read_back_from_its_word() {
    let law = Metric::Statutory("returns_7".into());
    for metric in Metric::NAMED.into_iter().chain([law]) {
        assert_eq!(Metric::parse(&metric.word()), Some(metric.clone()));
        assert_eq!(serde_json::from_value::<Metric>(json!(metric)).unwrap(), metric);
    }
}

#[test]
fn a_statutory_name_is_short_and_plain() {
    let longest = format!("statutory:{}", "a".repeat(64));
    assert!(Metric::parse(&longest).is_some_and(|metric| metric.is_statutory()));
    let names = ["", "A", "a-b", "a b", "七日", &"a".repeat(65)];
    for word in names.map(|name| format!("statutory:{name}")) {
        assert_eq!(Metric::parse(&word), None, "{word}");
    }
    assert!(Metric::NAMED.iter().all(|metric| !metric.is_statutory()));
    assert_eq!(Metric::parse("returns_7"), None);
    assert!(serde_json::from_value::<Metric>(json!("first")).unwrap_err().to_string().contains("first is no metric"));
}

#[test]
fn a_clock_is_named_by_its_cycle_and_metric_and_by_its_exchange_from_the_second_on() {
    let key = |exchange| ClockKey { metric: Metric::NextResponse, cycle: 2, exchange };
    assert_eq!(key(1).to_string(), "2/next_response");
    assert_eq!(key(2).to_string(), "2/next_response/2");
    assert_eq!(json!(key(1)), json!({"metric": "next_response", "cycle": 2}));
    assert_eq!(serde_json::from_value::<ClockKey>(json!(key(1))).unwrap(), key(1));
    assert_eq!(json!(key(3)), json!({"metric": "next_response", "cycle": 2, "exchange": 3}));
}

#[test]
fn seconds_show_a_fraction_only_where_there_is_one() {
    for (ms, shown, number) in [(5_400_000, "5400", json!(5400)), (1_500, "1.5", json!(1.5)), (0, "0", json!(0))] {
        let seconds = Seconds::of(SignedDuration::from_millis(ms));
        assert_eq!((seconds.to_string().as_str(), json!(seconds)), (shown, number));
    }
    assert!(json!(Seconds::of(SignedDuration::from_secs(1))).is_i64());
}
