//! When customers are asked whether it was put right, and who is not.

use super::when::{covers, takes};
use super::{LONGEST, PolicyError};
use crate::calendar::is_zone;
use crate::category::{Category, Language};
use crate::feedback::{Channel, Tier};
use crate::order::WorkOrder;
use crate::reach::QuietHours;
use crate::survey::Answer;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Whom a survey policy is for; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyConditions {
    /// One of these channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Vec<Channel>>,
    /// One of these tiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Vec<Tier>>,
    /// One of these categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<Category>>,
    /// One of these languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Vec<Language>>,
}

impl SurveyConditions {
    /// Whether the customer of `order` is one of those; one whose tier nobody said is a standard one.
    #[must_use]
    pub fn matches(&self, order: &WorkOrder) -> bool {
        takes(self.channel.as_ref(), Some(&order.channel))
            && takes(self.tier.as_ref(), Some(&order.customer.tier.unwrap_or(Tier::Standard)))
            && takes(self.category.as_ref(), Some(&order.category))
            && takes(self.language.as_ref(), Some(&order.language))
    }

    /// Whether these match everything that `other` matches.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        covers(self.channel.as_ref(), other.channel.as_ref())
            && covers(self.tier.as_ref(), other.tier.as_ref())
            && covers(self.category.as_ref(), other.category.as_ref())
            && covers(self.language.as_ref(), other.language.as_ref())
    }
}

/// Scores below these say that it was not good enough (docs/adr/0023).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReopenBelow {
    /// Satisfaction, 1 (never) to 5.
    #[serde(default = "three")]
    pub csat: u8,
    /// Effort, 1 (never) to 7; counts where neither satisfaction nor `solved` is given.
    #[serde(default = "three")]
    pub ces: u8,
    /// Would recommend, 0 (never) to 10; counts like effort.
    #[serde(default = "three")]
    pub nps: u8,
}

fn three() -> u8 {
    3
}

impl Default for ReopenBelow {
    fn default() -> Self {
        Self { csat: 3, ces: 3, nps: 3 }
    }
}

impl ReopenBelow {
    /// Whether an answer says that it was put right well enough: what it says of that itself comes
    /// first, then how satisfied the customer is; effort and recommendation count where neither is said.
    #[must_use]
    pub fn is_satisfied(&self, answer: &Answer) -> bool {
        let reaches = |score: Option<u8>, least: u8| score.is_none_or(|score| score >= least);
        if answer.solved.is_some() || answer.csat.is_some() {
            return answer.solved != Some(false) && reaches(answer.csat, self.csat);
        }
        reaches(answer.ces, self.ces) && reaches(answer.nps, self.nps)
    }
}

/// When customers are called about a survey, besides being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevisitAfter {
    /// Nobody answered in time.
    Expired,
    /// The verdict brought the order to a supervisor.
    DissatisfiedAtCap,
    /// The survey has come to its end, in whichever way.
    Always,
}

impl RevisitAfter {
    /// Every one and its word in JSON.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Expired, "expired"), (Self::DissatisfiedAtCap, "dissatisfied_at_cap"), (Self::Always, "always")];
}

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevisitPolicy {
    /// When.
    pub after: RevisitAfter,
    /// How many of those, 1 to 100.
    pub share_percent: u8,
}

/// One version of when, and whether, customers are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyPolicy {
    /// Its name within the tenant.
    pub id: String,
    /// From 1; a published version never changes.
    pub version: u32,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For whom.
    #[serde(default)]
    pub when: SurveyConditions,
    /// Whether they are asked at all.
    pub enabled: bool,
    /// From resolved to asked.
    pub delay_seconds: i64,
    /// How long an answer is taken, and may be changed.
    pub window_seconds: i64,
    /// When nobody is asked or reminded, on the customer's own clock; what falls inside moves to
    /// their end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// The clock of customers whose locale does not say which is theirs: an IANA zone; that of the
    /// tenant's own calendar if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// How long a customer who was asked is not asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cool_down_seconds: Option<i64>,
    /// From asked to reminded, once, while there is no answer; nobody is reminded if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_after_seconds: Option<i64>,
    /// Scores below these bring the order back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopen_below: Option<ReopenBelow>,
    /// Whose customers are called besides; nobody's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revisit: Option<RevisitPolicy>,
}

impl SurveyPolicy {
    /// The name of the policy that every tenant starts with.
    pub const EVERYONE: &'static str = "everyone";

    /// One that asks everyone and does nothing besides.
    #[must_use]
    pub fn plain(id: &str, delay_seconds: i64, window_seconds: i64) -> Self {
        Self {
            id: id.to_owned(),
            version: 1,
            name: None,
            when: SurveyConditions::default(),
            enabled: true,
            delay_seconds,
            window_seconds,
            quiet_hours: None,
            time_zone: None,
            cool_down_seconds: None,
            reminder_after_seconds: None,
            reopen_below: None,
            revisit: None,
        }
    }

    /// Everything about it that can't be meant, whatever other policies there are.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyError> {
        let bounds = [
            ("/delay_seconds", Some(self.delay_seconds), 0, LONGEST),
            ("/window_seconds", Some(self.window_seconds), 1, LONGEST),
            ("/cool_down_seconds", self.cool_down_seconds, 0, LONGEST),
            ("/reminder_after_seconds", self.reminder_after_seconds, 60, LONGEST),
        ];
        let outside =
            bounds.into_iter().filter(|(_, given, least, most)| given.is_some_and(|s| !(*least..=*most).contains(&s)));
        let mut faults: Vec<_> = outside
            .map(|(place, _, least, most)| PolicyError::at(place, format!("must be {least} to {most}")))
            .collect();
        faults
            .extend(self.quiet_hours.into_iter().flat_map(QuietHours::faults).map(|fault| fault.under("/quiet_hours")));
        if self.time_zone.as_deref().is_some_and(|zone| !is_zone(zone)) {
            faults.push(PolicyError::at("/time_zone", "is no time zone of the IANA database, like Asia/Shanghai"));
        }
        if self.reminder_after_seconds.is_some_and(|after| after >= self.window_seconds) {
            let detail = "nobody would be reminded: must be less than window_seconds";
            faults.push(PolicyError::at("/reminder_after_seconds", detail));
        }
        if self.revisit.is_some_and(|revisit| !(1..=100).contains(&revisit.share_percent)) {
            faults.push(PolicyError::at("/revisit/share_percent", "must be 1 to 100"));
        }
        let below = self.reopen_below.unwrap_or_default();
        let scores = [("/csat", below.csat, 1, 5), ("/ces", below.ces, 1, 7), ("/nps", below.nps, 0, 10)];
        let odd = scores.into_iter().filter(|(_, score, least, most)| !(*least..=*most).contains(score));
        faults.extend(odd.map(|(place, _, least, most)| {
            PolicyError::at(format!("/reopen_below{place}"), format!("must be {least} (never) to {most}"))
        }));
        faults
    }
}

/// A list of survey policies; or what stood there before there were several: one delay and one
/// window, which become the policy for everyone.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SurveyPolicy>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Many(Vec<SurveyPolicy>),
        One(Times),
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Times {
        delay_seconds: i64,
        window_seconds: i64,
    }
    Ok(match Kept::deserialize(from)? {
        Kept::Many(policies) => policies,
        Kept::One(Times { delay_seconds, window_seconds }) => {
            vec![SurveyPolicy::plain(SurveyPolicy::EVERYONE, delay_seconds, window_seconds)]
        }
    })
}
