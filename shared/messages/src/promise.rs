//! What a service promise comes to, in words: how long it takes at most, for what is how urgent, and
//! what follows if it takes longer. Exact: a target is said in the largest unit that divides it.

use crate::money;
use redress_domain::category::Language;
use redress_domain::feedback::Money;
use redress_domain::priority::Priority;
use redress_domain::promise::Late;
use redress_domain::sla::Metric;

/// How long something takes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Seconds around the clock.
    Elapsed(i64),
    /// Seconds of somebody's working hours.
    Working(i64),
    /// Whole days of the calendar on the wall.
    Days(u32),
}

/// What is measured.
#[must_use]
pub fn metric(metric: &Metric, language: Language) -> &'static str {
    let (zh, en) = match metric {
        Metric::FirstResponse => ("首次答复", "First answer"),
        Metric::NextResponse => ("后续每次答复", "Each further answer"),
        Metric::Resolution => ("解决问题", "Put right"),
        Metric::Ownership => ("有人接手", "Taken on"),
        Metric::Statutory(_) => ("依法办结", "Done, as the law asks"),
    };
    said(language, zh, en)
}

/// How urgent what has a priority is.
#[must_use]
pub fn urgency(priority: Priority, language: Language) -> &'static str {
    let (zh, en) = match priority {
        Priority::P1 => ("最紧急", "most urgent"),
        Priority::P2 => ("紧急", "urgent"),
        Priority::P3 => ("一般", "usual"),
        Priority::P4 => ("不急", "not urgent"),
    };
    said(language, zh, en)
}

/// By when: `within 4 working hours`, `4 个工作小时内`.
#[must_use]
pub fn within(span: Span, language: Language) -> String {
    match language {
        Language::Zh => format!("{}内", length(span, language)),
        Language::En | Language::Other => format!("within {}", length(span, language)),
    }
}

/// What follows a breach, and what all of it comes to for one order. `working`: whether time is
/// counted in somebody's working hours.
#[must_use]
pub fn late(late: &Late, cap: &Money, working: bool, language: Language) -> String {
    let by = match late.late_by_seconds {
        0 => None,
        seconds if working => Some(length(Span::Working(seconds), language)),
        seconds => Some(length(Span::Elapsed(seconds), language)),
    };
    let (amount, cap) = (money(&late.amount), money(cap));
    match (language, by) {
        (Language::Zh, None) => format!("如逾期，补偿最高 {amount}；同一工单合计最高 {cap}。"),
        (Language::Zh, Some(by)) => format!("如逾期超过 {by}，补偿最高 {amount}；同一工单合计最高 {cap}。"),
        (_, None) => format!("If we are late: up to {amount}, and up to {cap} for one case in all."),
        (_, Some(by)) => format!("If we are more than {by} late: up to {amount}, and up to {cap} for one case in all."),
    }
}

fn said(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    if language == Language::Zh { zh } else { en }
}

/// A length of time: `4 working hours`, `4 个工作小时`.
fn length(span: Span, language: Language) -> String {
    let (count, unit, working) = match span {
        Span::Days(days) => (i64::from(days), "calendar day", false),
        Span::Elapsed(seconds) if seconds >= 172_800 && seconds % 86_400 == 0 => (seconds / 86_400, "day", false),
        Span::Elapsed(seconds) => unit(seconds, false),
        Span::Working(seconds) => unit(seconds, true),
    };
    if language != Language::Zh {
        let (working, many) = (if working { "working " } else { "" }, if count == 1 { "" } else { "s" });
        return format!("{count} {working}{unit}{many}");
    }
    match (unit, working) {
        ("calendar day", _) => format!("{count} 个自然日"),
        ("day", _) => format!("{count} 天"),
        ("hour", true) => format!("{count} 个工作小时"),
        ("hour", false) => format!("{count} 小时"),
        ("minute", true) => format!("{count} 个工作分钟"),
        ("minute", false) => format!("{count} 分钟"),
        (_, true) => format!("{count} 个工作秒"),
        (_, false) => format!("{count} 秒"),
    }
}

/// The largest unit that divides so many seconds, and how many of it they are.
fn unit(seconds: i64, working: bool) -> (i64, &'static str, bool) {
    match seconds {
        seconds if seconds % 3_600 == 0 => (seconds / 3_600, "hour", working),
        seconds if seconds % 60 == 0 => (seconds / 60, "minute", working),
        seconds => (seconds, "second", working),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_said_exactly_in_the_largest_unit_that_divides_it() {
        for (span, zh, en) in [
            (Span::Working(14_400), "4 个工作小时内", "within 4 working hours"),
            (Span::Working(3_600), "1 个工作小时内", "within 1 working hour"),
            (Span::Working(115_200), "32 个工作小时内", "within 32 working hours"),
            (Span::Working(5_400), "90 个工作分钟内", "within 90 working minutes"),
            (Span::Working(61), "61 个工作秒内", "within 61 working seconds"),
            (Span::Elapsed(30), "30 秒内", "within 30 seconds"),
            (Span::Elapsed(900), "15 分钟内", "within 15 minutes"),
            (Span::Elapsed(86_400), "24 小时内", "within 24 hours"),
            (Span::Elapsed(172_800), "2 天内", "within 2 days"),
            (Span::Elapsed(176_400), "49 小时内", "within 49 hours"),
            (Span::Days(1), "1 个自然日内", "within 1 calendar day"),
            (Span::Days(7), "7 个自然日内", "within 7 calendar days"),
        ] {
            assert_eq!((within(span, Language::Zh), within(span, Language::En)), (zh.to_owned(), en.to_owned()));
        }
    }

    #[test]
    fn what_follows_a_breach_says_from_when_how_much_and_how_much_in_all() {
        let money = |amount_minor| Money { amount_minor, currency: "CNY".to_owned() };
        let offer = |late_by_seconds| Late { amount: money(500), late_by_seconds };
        assert_eq!(
            late(&offer(0), &money(1_000), true, Language::Zh),
            "如逾期，补偿最高 CNY 5.00；同一工单合计最高 CNY 10.00。"
        );
        assert_eq!(
            late(&offer(7_200), &money(1_000), true, Language::Zh),
            "如逾期超过 2 个工作小时，补偿最高 CNY 5.00；同一工单合计最高 CNY 10.00。"
        );
        assert_eq!(
            late(&offer(0), &money(1_000), true, Language::En),
            "If we are late: up to CNY 5.00, and up to CNY 10.00 for one case in all."
        );
        assert_eq!(
            late(&offer(60), &money(1_000), false, Language::En),
            "If we are more than 1 minute late: up to CNY 5.00, and up to CNY 10.00 for one case in all."
        );
    }

    #[test]
    fn every_metric_and_every_priority_has_its_words_in_both_languages() {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let law = Metric::Statutory("returns".to_owned());
        for each in Metric::NAMED.iter().chain([&law]) {
            assert!(chinese(metric(each, Language::Zh)) && !chinese(metric(each, Language::En)));
        }
        for each in [Priority::P1, Priority::P2, Priority::P3, Priority::P4] {
            assert!(chinese(urgency(each, Language::Zh)) && !chinese(urgency(each, Language::Other)));
        }
    }
}
