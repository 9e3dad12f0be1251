//! What is asked of a calendar, and the laws its answers keep.

use jiff::{SignedDuration, Timestamp};
use redress_domain::calendar::Calendar;

const MILLI: SignedDuration = SignedDuration::from_millis(1);
const DAY: i64 = 86_400_000;
/// 2020-01-01 and ten years, in milliseconds.
const NOW: (i64, i64) = (1_577_836_800_000, 3_652 * DAY);

/// An instant, another within four hundred days of it, and a number to make a duration of.
#[derive(Debug)]
pub struct Question {
    a: Timestamp,
    b: Timestamp,
    number: i64,
}

impl Question {
    /// Eight bytes for each.
    pub fn of(bytes: &[u8; 24]) -> Self {
        let number = |k: usize| i64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * k + byte]));
        let (a, apart) = (instant(number(0)), SignedDuration::from_millis(number(1) % (400 * DAY)));
        Self { a, b: a.saturating_add(apart).unwrap_or(a), number: number(2) }
    }

    /// Asks all there is to ask, and holds the answers against each other.
    pub fn ask(&self, calendar: &Calendar) {
        let Self { a, b, number } = *self;
        let whole = calendar.between(a, b);
        let duration = duration(number, whole);
        self.forwards(calendar, duration);
        self.backwards(calendar, duration);
        assert!(whole >= SignedDuration::ZERO && whole <= b.duration_since(a).max(SignedDuration::ZERO));
        assert_eq!(calendar.add(a, SignedDuration::ZERO), Ok(a));
        assert_eq!(calendar.sub(a, SignedDuration::ZERO), Ok(a));
        opens(calendar, a);
        closes(calendar, a, duration);
    }

    fn forwards(&self, calendar: &Calendar, d: SignedDuration) {
        let t = self.a;
        let Ok(u) = calendar.add(t, d) else { return };
        let half = d / 2;
        let each = [half, d].map(|d| calendar.add(t, d).expect("half of it, too"));
        assert_eq!(
            calendar.add_each(t, &[SignedDuration::ZERO, half, half, d]),
            Ok(vec![t, each[0], each[0], each[1]])
        );
        assert_eq!(calendar.between(t, u), d, "{self:?} {u}");
        assert!(u == t || calendar.between(t, u - MILLI) == d - MILLI, "{self:?} {u}: an earlier one does");
    }

    fn backwards(&self, calendar: &Calendar, d: SignedDuration) {
        let t = self.a;
        let Ok(u) = calendar.sub(t, d) else { return };
        assert_eq!(calendar.between(u, t), d, "{self:?} {u}");
        assert!(u == t || calendar.between(u + MILLI, t) == d - MILLI, "{self:?} {u}: a later one does");
    }
}

fn opens(calendar: &Calendar, t: Timestamp) {
    let open = calendar.next_open(t);
    assert_eq!(calendar.is_open(t), open == Some(t));
    if let Some(open) = open {
        assert!(calendar.is_open(open) && calendar.between(t, open).is_zero() && !calendar.never_opens());
        assert_eq!(calendar.add(open, MILLI), Ok(open + MILLI));
    }
    // Near the end of time there may be too little left of it for the next opening.
    assert!(!calendar.never_opens() || calendar.add(t, MILLI).is_err());
}

/// The closed days of at most sixty days.
fn closes(calendar: &Calendar, t: Timestamp, d: SignedDuration) {
    let end = t.saturating_add(d.min(SignedDuration::from_hours(24 * 60))).unwrap_or(t);
    let closed = calendar.closed_days(t, end);
    assert!(closed.is_sorted_by(|a, b| a.date < b.date));
    assert!(closed.len() as i64 <= end.duration_since(t).as_hours() / 22 + 2);
}

/// An odd number is of our days, an even one of any.
fn instant(number: i64) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
    let millis = match number & 1 {
        1 => NOW.0 + (number >> 1).rem_euclid(NOW.1),
        _ => first + (number >> 1).rem_euclid(last - first + 1),
    };
    Timestamp::new(millis.div_euclid(1000), (millis.rem_euclid(1000) * 1_000_000) as i32).expect("an instant")
}

/// Up to a minute more than twice as long as `whole`; of eight, one is anything there is. More of those would
/// spend the time on walks through thousands of years.
fn duration(number: i64, whole: SignedDuration) -> SignedDuration {
    let positive = number & i64::MAX;
    match number & 7 {
        0 => SignedDuration::from_millis(positive),
        _ => SignedDuration::from_millis(positive % (2 * whole.as_millis() as i64 + 60_000)),
    }
}
