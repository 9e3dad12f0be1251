use super::*;
use crate::id::WebhookId;
use serde_json::json;

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn delivery() -> Delivery {
    let tenant = TenantId::parse("tn_shop").expect("an id");
    let to = Recipient::Supervisors;
    Delivery::new(&tenant, "wo_1/3", to, ("order_escalated", json!({})), instant("2026-03-02T01:00:00Z"))
}

fn answer(outcome: Outcome) -> Answer {
    Answer { outcome, status: Some(500), took_ms: 12, not_before: None }
}

/// Tries until it has ended; answers with the instants of the tries, in seconds from the first.
fn refused_until_the_end(mut delivery: Delivery) -> (Vec<i64>, Delivery) {
    let start = delivery.created_at;
    let mut at = Vec::new();
    while let Some(next) = delivery.next_at {
        at.push(next.duration_since(start).as_secs());
        delivery = delivery.after(next, &answer(Outcome::Refused));
    }
    (at, delivery)
}

#[test]
fn the_same_reason_is_one_delivery() {
    assert_eq!(delivery(), delivery());
    let tenant = TenantId::parse("tn_other").expect("an id");
    let of = |tenant, reason, to| Delivery::new(tenant, reason, to, ("t", json!({})), Timestamp::UNIX_EPOCH).id;
    let ours = TenantId::parse("tn_shop").expect("an id");
    let one = of(&ours, "wo_1/3", Recipient::Supervisors);
    assert_ne!(one, of(&tenant, "wo_1/3", Recipient::Supervisors));
    assert_ne!(one, of(&ours, "wo_1/4", Recipient::Supervisors));
    assert_eq!(one, of(&ours, "wo_1/3", Recipient::Compensation), "whom it was told first keeps it");
}

#[test]
fn what_is_refused_is_tried_over_days_and_then_given_up() {
    let (at, ended) = refused_until_the_end(delivery());
    assert_eq!(u32::try_from(at.len()), Ok(TRIES));
    let waits: Vec<i64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, step) in waits.iter().zip([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]) {
        assert!((step - 1..=step + step / 10 + 1).contains(wait), "{wait} of {step}");
    }
    assert_eq!((ended.state, ended.why.as_deref()), (DeliveryState::Failed, Some("given_up")));
    assert_eq!(ended.expires_at(), ended.ended_at.map(|at| later(at, KEPT)));
}

#[test]
fn the_jitter_follows_from_the_id() {
    let other = Delivery { id: DeliveryId::derive(&["other"]), ..delivery() };
    assert_eq!(refused_until_the_end(delivery()).0, refused_until_the_end(delivery()).0);
    assert_ne!(refused_until_the_end(delivery()).0, refused_until_the_end(other).0);
}

#[test]
fn whoever_has_taken_it_up_is_alone_for_a_minute() {
    let fresh = delivery();
    let now = fresh.created_at;
    let held = fresh.taken_up(now);
    assert!(fresh.is_due(now) && !held.is_due(now) && !held.is_due(later(now, SignedDuration::from_secs(59))));
    assert!(held.is_due(later(now, TURN)));
}

#[test]
fn a_receiver_that_asks_for_time_gets_it() {
    let fresh = delivery();
    let asked = later(fresh.created_at, SignedDuration::from_hours(1));
    let busy = Answer { not_before: Some(asked), ..answer(Outcome::Refused) };
    assert_eq!(fresh.after(fresh.created_at, &busy).next_at, Some(asked));
    let soon = Answer { not_before: Some(fresh.created_at), ..busy };
    assert!(fresh.after(fresh.created_at, &soon).next_at > Some(fresh.created_at), "never sooner than the schedule");
}

#[test]
fn what_is_held_back_is_not_due_before() {
    let monday = instant("2026-03-09T01:00:00Z");
    let held = delivery().held(Some(monday));
    assert!(!held.is_due(instant("2026-03-09T00:59:59Z")) && held.is_due(monday));
    assert!(delivery().held(None).is_due(delivery().created_at));
}

#[test]
fn only_the_newest_tries_are_remembered() {
    let mut delivery = delivery();
    for _ in 0..REMEMBERED + 5 {
        delivery = Delivery { tried: 0, ..delivery.after(delivery.created_at, &answer(Outcome::TimedOut)) };
    }
    assert_eq!(delivery.tries.len(), REMEMBERED);
}

#[test]
fn who_is_told_reads_as_it_is_written() {
    let webhook = WebhookId::derive(&["x"]);
    for (recipient, text) in [
        (Recipient::Agent(crate::id::AgentId::parse("ag_li").expect("an id")), "agent:ag_li"),
        (Recipient::Supervisors, "supervisors"),
        (Recipient::Customer("会员:7".to_owned()), "customer:会员:7"),
        (Recipient::Subscribers("quality".to_owned()), "subscribers:quality"),
        (Recipient::Compensation, "compensation"),
        (Recipient::Webhook(webhook.clone()), &format!("webhook:{webhook}")),
    ] {
        assert_eq!(recipient.to_string(), text);
        assert_eq!(text.parse(), Ok(recipient.clone()));
        assert_eq!(serde_json::to_value(&recipient).ok(), Some(json!(text)));
    }
    for text in ["", "agent", "agent:", "agent:li", "webhook:ag_li", "everybody", "supervisors:1"] {
        assert_eq!(text.parse::<Recipient>(), Err(NoRecipient), "{text}");
    }
}

#[test]
fn a_delivery_that_was_stored_reads_back() {
    let tried = delivery().after(instant("2026-03-02T01:00:01Z"), &answer(Outcome::Refused));
    let text = serde_json::to_string(&tried).expect("JSON");
    assert_eq!(serde_json::from_str::<Delivery>(&text).ok(), Some(tried));
}
