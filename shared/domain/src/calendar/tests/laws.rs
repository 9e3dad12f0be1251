//! What holds for every calendar, whatever its zone, hours and exceptions.

use proptest::prelude::*;

use super::*;

const MILLI: SignedDuration = SignedDuration::from_millis(1);

fn instants() -> impl Strategy<Value = Timestamp> {
    // 1985 to 2045, to the millisecond.
    (473_385_600_000..2_366_841_600_000i64).prop_map(|millis| Timestamp::from_millisecond(millis).expect("an instant"))
}

/// Up to 30 days of business time, often a round one; some end exactly at a closing.
fn durations() -> impl Strategy<Value = SignedDuration> {
    prop_oneof![
        (0..2_592_000_000i64).prop_map(SignedDuration::from_millis),
        (0..200i64).prop_map(SignedDuration::from_hours),
    ]
}

/// A calendar open on Mondays at least, and an instant near its exceptions.
fn calendars() -> impl Strategy<Value = (Value, Timestamp)> {
    let near = -400..400i64;
    (oracle::documents(), near, instants(), any::<bool>()).prop_map(|((mut document, around), hours, far, close)| {
        document["hours"]["mon"] = json!([["09:00", "17:00"]]);
        document["hours"]["sun"] = json!([]);
        let near = around.in_tz("UTC").expect("a date").timestamp() + SignedDuration::from_hours(hours);
        (document, if close { near } else { far })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_added_is_what_lies_between_and_no_earlier_instant_will_do(
        (document, t) in calendars(), d in durations(),
    ) {
        let calendar = calendar(&document);
        let u = calendar.add(t, d).expect("open on Mondays");
        prop_assert_eq!(calendar.between(t, u), d);
        prop_assert!(d.is_zero() && u == t || calendar.between(t, u - MILLI) == d - MILLI);
    }

    #[test]
    fn what_was_taken_off_is_what_lies_between_and_no_later_instant_will_do(
        (document, t) in calendars(), d in durations(),
    ) {
        let calendar = calendar(&document);
        let u = calendar.sub(t, d).expect("open on Mondays");
        prop_assert_eq!(calendar.between(u, t), d);
        prop_assert!(d.is_zero() && u == t || calendar.between(u + MILLI, t) == d - MILLI);
    }

    #[test]
    fn a_later_start_or_a_longer_duration_never_ends_earlier(
        (document, t) in calendars(), d in durations(), more in durations(),
    ) {
        let calendar = calendar(&document);
        let end = calendar.add(t, d).expect("open on Mondays");
        prop_assert!(end <= calendar.add(t + more, d).expect("open on Mondays"));
        prop_assert!(end <= calendar.add(t, d + more).expect("open on Mondays"));
    }

    #[test]
    fn time_adds_up_however_it_is_cut(
        (document, a) in calendars(), d in durations(), e in durations(),
    ) {
        let calendar = calendar(&document);
        let (b, c) = (a + d, a + d + e);
        prop_assert_eq!(calendar.between(a, c), calendar.between(a, b) + calendar.between(b, c));
        let steps = calendar.add(a, d).and_then(|u| calendar.add(u, e));
        prop_assert_eq!(steps, calendar.add(a, d + e));
    }

    #[test]
    fn holidays_and_breaks_never_shorten_the_wait((document, t) in calendars(), d in durations()) {
        let (mut fewer, strict) = (document.clone(), calendar(&document));
        for key in ["holidays", "breaks"] {
            fewer[key] = json!([]);
            let lenient = calendar(&fewer);
            prop_assert!(lenient.add(t, d).expect("open") <= strict.add(t, d).expect("open"));
        }
    }

    #[test]
    fn the_next_opening_is_open_and_nothing_before_it_is((document, t) in calendars()) {
        let calendar = calendar(&document);
        let open = calendar.next_open(t).expect("open on Mondays");
        prop_assert!(calendar.is_open(open));
        prop_assert_eq!(calendar.between(t, open), SignedDuration::ZERO);
        prop_assert_eq!(calendar.is_open(t), open == t);
    }

    #[test]
    fn a_closed_day_has_no_open_time_and_every_other_day_has_some((document, t) in calendars()) {
        let calendar = calendar(&document);
        let zone = jiff::tz::TimeZone::get(document["time_zone"].as_str().expect("a name")).expect("a zone");
        let closed = calendar.closed_days(t, t + SignedDuration::from_hours(240));
        let first = zone.to_datetime(t).date();
        for date in (1..9).map(|days| first + SignedDuration::from_hours(24 * days)) {
            let day = |date: Date| date.to_zoned(zone.clone()).expect("a day").timestamp();
            let (start, end) = (day(date), day(date + SignedDuration::from_hours(24)));
            let shut = start < end && calendar.between(start, end).is_zero();
            prop_assert_eq!(closed.iter().any(|day| day.date == date), shut, "{}", date);
        }
    }
}

#[test]
fn where_the_clock_is_steady_the_short_way_gives_what_the_long_way_gives() {
    for zone in ["America/New_York", "Atlantic/Azores", "Pacific/Apia", "Asia/Kathmandu", "America/St_Johns"] {
        let calendar = calendar(&daily(zone, json!([["00:00", "01:30"], ["23:15", "24:00"]])));
        let mut known = zone::Stretch::NONE;
        let plan = &calendar.0;
        let steady = (14_600..15_700).filter(|date| plan.steady_agrees(*date, &mut known)).count();
        assert!(steady > 1000, "{zone}: {steady}");
    }
}

#[test]
fn whole_days_leave_no_instant_out_in_any_zone_however_its_clock_was_moved() {
    let (from, to) = (at("1968-01-01T00:00Z"), at("2040-01-01T00:00Z"));
    let three_days = SignedDuration::from_hours(72);
    for name in jiff::tz::TimeZoneDatabase::bundled().available().step_by(48) {
        let zone = jiff::tz::TimeZone::get(name.as_str()).expect("a zone");
        let calendar = calendar(&daily(name.as_str(), json!([["00:00", "24:00"]])));
        for moved in zone.following(from).map(|moved| moved.timestamp()).take_while(|moved| *moved < to) {
            let around = calendar.between(moved - three_days, moved + three_days);
            assert_eq!(around, three_days + three_days, "{} {moved}", name.as_str());
        }
    }
}
