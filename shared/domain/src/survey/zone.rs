//! Which clock a customer lives by.

/// Regions that have one clock, and its name. China goes by one clock in law, though the database
/// also knows a second one that people use in its west.
///
/// # Source
/// IANA time zone database, `zone.tab`: the regions that have one row
/// (<https://data.iana.org/time-zones/tzdb/zone.tab>).
const ZONES: &str = include_str!("zones.tsv");

/// The zone of the region that a locale names, as in `zh-CN` or `zh-Hant-TW`; `None` where it names
/// none, or the region has several.
#[must_use]
pub fn of_locale(locale: &str) -> Option<&'static str> {
    // RFC 5646, section 2.2.4: a region is the first two letters after the language and the script;
    // what stands behind a single letter is an extension.
    let parts = locale.split('-').skip(1).take_while(|part| part.len() > 1);
    let region = parts.into_iter().find(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()))?;
    let mut rows = ZONES.lines().filter_map(|line| line.split_once('\t'));
    rows.find(|(code, _)| code.eq_ignore_ascii_case(region)).map(|(_, zone)| zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::is_zone;

    #[test]
    fn a_locale_with_a_region_of_one_clock_says_which() {
        for (locale, zone) in [
            ("zh-CN", Some("Asia/Shanghai")),
            ("zh-Hans-CN", Some("Asia/Shanghai")),
            ("zh-Hant-TW", Some("Asia/Taipei")),
            ("en-gb", Some("Europe/London")),
            ("en-SG-u-ca-chinese", Some("Asia/Singapore")),
            ("en-US", None),
            ("de-DE", None),
            ("zh", None),
            ("zh-Hans", None),
            ("en-u-gb", None),
            ("es-419", None),
            ("", None),
        ] {
            assert_eq!(of_locale(locale), zone, "{locale}");
        }
    }

    #[test]
    fn every_zone_of_the_table_is_one_that_calendars_know() {
        let rows: Vec<_> = ZONES.lines().map(|line| line.split_once('\t').unwrap()).collect();
        assert!(rows.len() > 200);
        assert!(rows.is_sorted_by(|one, other| one.0 < other.0));
        for (region, zone) in rows {
            assert!(is_zone(zone), "{region} {zone}");
        }
    }
}
