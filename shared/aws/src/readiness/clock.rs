//! Whether this machine and the service agree what time it is: signatures, links and shifts rest on
//! it.

use jiff::Timestamp;
use redress_service::readiness::Finding;

/// Seconds that two clocks may differ by; AWS refuses signatures that are five minutes old.
const SKEW_SECONDS: i64 = 30;

/// Our clock beside that of `whom`, who told theirs with an answer that we heard at `heard_at`.
pub(super) fn here(whom: &str, told_at: Option<Timestamp>, heard_at: Timestamp) -> Finding {
    const ID: &str = "clock.skew";
    let Some(told_at) = told_at else {
        return Finding::unknown(ID, whom, "its answer has no date", "compare `date -u` with another clock");
    };
    let skew = heard_at.duration_since(told_at).as_secs();
    let says = match skew {
        0 => "this machine's clock agrees with it".to_owned(),
        ahead @ 1.. => format!("this machine's clock is {ahead} s ahead of it"),
        behind => format!("this machine's clock is {} s behind it", behind.abs()),
    };
    if skew.abs() < SKEW_SECONDS {
        return Finding::ok(ID, whom, says);
    }
    Finding::fail(ID, whom, says, "set this machine's clock, by NTP")
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_service::readiness::Severity;

    #[test]
    fn clocks_that_differ_by_half_a_minute_are_not_fit() {
        let told: Timestamp = "2026-11-25T17:00:00Z".parse().unwrap();
        let found = |at: &str| here("CloudFormation", Some(told), at.parse().unwrap());
        assert_eq!(found("2026-11-25T17:00:29Z").severity, Severity::Ok);
        assert_eq!(found("2026-11-25T17:00:30Z").severity, Severity::Fail);
        let behind = found("2026-11-25T16:59:00Z");
        assert_eq!((behind.severity, behind.says.as_str()), (Severity::Fail, "this machine's clock is 60 s behind it"));
        assert_eq!(here("CloudFormation", None, told).severity, Severity::Unknown);
    }
}
