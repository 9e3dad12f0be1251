//! A webhook as it is kept.

use crate::id::WebhookId;
use crate::order::later;
use crate::policy::Subscription;
use crate::signature::SigningSecret;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long a secret still signs after another has taken its place: receivers change it meanwhile.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// Whether a webhook is told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// It is.
    Enabled,
    /// It is not: it said that it is gone, or could not be reached for days.
    Disabled,
}

/// A secret that another has taken the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// It.
    pub secret: SigningSecret,
    /// Until when it signs, too.
    pub until: Timestamp,
}

/// A webhook: where, what, and by which secrets. Whoever shows it leaves the secrets out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where events go: as [`super::check_url`] wrote it.
    pub url: String,
    /// Which events it is told; [`super::ALL`] for all.
    pub events: BTreeSet<String>,
    /// What its owners call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is told anything.
    pub state: WebhookState,
    /// Why it is not, in one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Of what was recorded from this instant on it is told: when it was made, or enabled again.
    pub since: Timestamp,
    /// What signs.
    pub secret: SigningSecret,
    /// What signs, too, for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Retired>,
}

impl Webhook {
    /// What signs at an instant, the newest first: two at most.
    #[must_use]
    pub fn secrets(&self, now: Timestamp) -> Vec<SigningSecret> {
        let retired = self.retired.iter().filter(|retired| now < retired.until).map(|retired| &retired.secret);
        [&self.secret].into_iter().chain(retired).cloned().collect()
    }

    /// The same with another secret; the one before signs for [`OVERLAP`] more, one before that no
    /// longer.
    #[must_use]
    pub fn rotated(self, secret: SigningSecret, now: Timestamp) -> Self {
        let retired = Some(Retired { secret: self.secret, until: later(now, OVERLAP) });
        Self { secret, retired, ..self }
    }

    /// The same, which is told nothing more.
    #[must_use]
    pub fn disabled(self, why: &str) -> Self {
        Self { state: WebhookState::Disabled, why: Some(why.to_owned()), ..self }
    }

    /// The same, which is told what happens from now on; one that is enabled already is left as it is.
    #[must_use]
    pub fn enabled(self, now: Timestamp) -> Self {
        match self.state {
            WebhookState::Enabled => self,
            WebhookState::Disabled => Self { state: WebhookState::Enabled, why: None, since: now, ..self },
        }
    }

    /// What the tenant's policies say of it; nothing while it is disabled.
    #[must_use]
    pub fn subscription(&self) -> Option<Subscription> {
        let subscription = || Subscription { events: self.events.clone(), since: self.since };
        (self.state == WebhookState::Enabled).then(subscription)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook() -> Webhook {
        Webhook {
            id: WebhookId::derive(&["x"]),
            url: "https://shop.example/hooks".to_owned(),
            events: ["work_order.created.v1".to_owned()].into(),
            description: None,
            state: WebhookState::Enabled,
            why: None,
            created_at: Timestamp::UNIX_EPOCH,
            since: Timestamp::UNIX_EPOCH,
            secret: secret(1),
            retired: None,
        }
    }

    fn secret(byte: u8) -> SigningSecret {
        SigningSecret::new([byte; 32])
    }

    fn hour(hours: i64) -> Timestamp {
        later(Timestamp::UNIX_EPOCH, SignedDuration::from_hours(hours))
    }

    #[test]
    fn the_secret_before_signs_for_a_day_more_and_never_a_third() {
        let once = webhook().rotated(secret(2), hour(0));
        assert_eq!(once.secrets(hour(23)), [secret(2), secret(1)]);
        assert_eq!(once.secrets(hour(24)), [secret(2)]);
        let twice = once.rotated(secret(3), hour(1));
        assert_eq!(twice.secrets(hour(1)), [secret(3), secret(2)]);
        assert_eq!(twice.secrets(hour(25)), [secret(3)]);
    }

    #[test]
    fn one_that_is_enabled_again_is_told_nothing_of_the_time_between() {
        let disabled = webhook().disabled("gone");
        assert_eq!((disabled.subscription(), disabled.why.as_deref()), (None, Some("gone")));
        let enabled = disabled.enabled(hour(5));
        let subscription = enabled.subscription().unwrap();
        assert!(subscription.wants("work_order.created.v1", hour(5)));
        assert!(!subscription.wants("work_order.created.v1", hour(4)));
        assert_eq!(webhook().enabled(hour(5)), webhook());
    }

    #[test]
    fn it_comes_back_from_the_table_as_it_was_put_there() {
        let rotated = webhook().rotated(secret(2), hour(0));
        let kept = serde_json::to_value(&rotated).unwrap();
        assert_eq!(serde_json::from_value::<Webhook>(kept).unwrap(), rotated);
        assert!(!format!("{rotated:?}").contains("whsec_"));
    }
}
