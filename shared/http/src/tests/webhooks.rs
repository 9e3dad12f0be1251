//! Webhooks: made, shown without their secrets, told what happens, tested, replayed, disabled.

use super::{Shop, key};
use jiff::SignedDuration;
use redress_domain::delivery::{Answer, Outcome};
use redress_domain::signature::{SigningSecret, verify};
use redress_domain::webhook::Access;
use redress_service::auth::Role;
use redress_service::memory::Crash;
use redress_service::ports::{Call, World};
use redress_service::webhooks::MOST;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const HOOKS: &str = "/v1/webhooks";

fn asking(events: &[&str]) -> Value {
    json!({"url": "https://erp.example/hooks", "events": events, "description": "ERP 同步"})
}

fn refused(status: u16) -> Answer {
    Answer { outcome: Outcome::Refused, status: Some(status), took_ms: 12, not_before: None }
}

fn gone() -> Answer {
    Answer { outcome: Outcome::Gone, ..refused(410) }
}

impl Shop {
    /// A webhook: its path, and its secret.
    async fn hook(&self, events: &[&str]) -> (String, SigningSecret) {
        let made = self.publish(HOOKS, &asking(events)).await.json();
        let secret = SigningSecret::parse(made["secret"].as_str().unwrap()).unwrap();
        (format!("{HOOKS}/{}", made["id"].as_str().unwrap()), secret)
    }

    fn calls(&self) -> Vec<Call> {
        self.memory.outside().calls()
    }

    /// What was called, as the types of the events.
    fn events(&self) -> Vec<String> {
        self.calls().iter().map(|call| body(call)["type"].as_str().unwrap().to_owned()).collect()
    }

    async fn deliveries(&self, hook: &str, state: &str) -> Vec<Value> {
        let listed = self.admin("GET", &format!("{hook}/deliveries?state={state}")).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        listed.json()["items"].as_array().unwrap().clone()
    }

    /// Time passes, and whatever is due is done.
    async fn wait(&self, time: SignedDuration) {
        self.memory.advance(time);
        self.memory.sweep().await.unwrap();
        self.memory.settle().await;
    }
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

#[tokio::test]
async fn a_webhook_is_told_what_happens_to_an_order_signed_and_in_its_order() {
    let shop = Shop::open().await;
    let (_, secret) = shop.hook(&["*"]).await;
    let order = shop.order().await;
    let posted = json!({"direction": "outbound", "body": "马上查 on it"});
    shop.by(Role::Agent, "POST", &format!("{order}/messages")).json(&posted).await;
    shop.memory.settle().await;
    let told = shop.events();
    for event in ["created", "classified", "assigned", "message_posted"] {
        assert!(told.contains(&format!("work_order.{event}.v1")), "{told:?}");
    }
    let id = order.rsplit('/').next().unwrap();
    let now = shop.memory.moment().now;
    let mut sequences = BTreeSet::new();
    for call in shop.calls() {
        verify(std::slice::from_ref(&secret), now, &call.seal, &call.body).unwrap();
        assert_eq!(call.url.as_str(), "https://erp.example/hooks");
        let said = body(&call);
        assert_eq!(said["data"]["work_order_id"], *id);
        sequences.insert(said["data"]["sequence"].as_u64().unwrap());
        assert!(!said.to_string().contains("on it") && !said.to_string().contains("c1"), "{said}");
    }
    assert_eq!(sequences.len(), told.len(), "each of them once");
    let facts = shop.by(Role::Agent, "GET", &format!("{order}/facts")).await.json();
    let posted = facts["items"].as_array().unwrap().iter().find(|fact| fact["type"] == "message_posted").unwrap();
    let said = shop.calls().iter().map(body).find(|said| said["type"] == "work_order.message_posted.v1").unwrap();
    assert_eq!((&said["timestamp"], &said["data"]["message"]), (&posted["recorded_at"], &posted["message"]));
    assert_eq!(said["data"]["actor"], json!({"kind": "agent", "id": "ag_mei"}));
}

#[tokio::test]
async fn it_is_told_what_it_asks_for_from_when_it_was_made_and_nothing_of_another_shop() {
    let shop = Shop::open().await;
    shop.order().await;
    shop.memory.advance(SignedDuration::from_secs(1));
    shop.hook(&["work_order.resolved.v1"]).await;
    let order = shop.another_order().await;
    assert_eq!(shop.events(), Vec::<String>::new());
    shop.move_to(&order, &json!({"to": "in_progress"})).await;
    shop.move_to(&order, &json!({"to": "resolved"})).await;
    shop.memory.settle().await;
    assert_eq!(shop.events(), ["work_order.resolved.v1"]);
    assert_eq!(shop.ask("GET", HOOKS).key(&key("tn_b", Role::Admin)).await.json()["items"], json!([]));
}

#[tokio::test]
async fn whatever_dies_each_event_goes_out_once_for_each_fact() {
    for crash in [Crash::Before, Crash::After] {
        for call in 1..60 {
            let shop = Shop::open().await;
            shop.hook(&["work_order.created.v1", "work_order.assigned.v1"]).await;
            shop.said("快递还没到", "k").await;
            shop.memory.faults().arm(call, crash);
            shop.memory.settle().await;
            let died = shop.memory.faults().disarm();
            shop.wait(SignedDuration::from_mins(2)).await;
            let ids: BTreeSet<_> = shop.calls().into_iter().map(|call| call.seal.id).collect();
            assert_eq!(ids.len(), 2, "{crash:?} at call {call}: {:?}", shop.events());
            if !died {
                assert!(call > 30, "only {call} calls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn the_secret_is_shown_when_it_is_made_and_two_sign_for_a_day_after_another() {
    let shop = Shop::open().await;
    let made = shop.admin("POST", HOOKS).header("idempotency-key", "k").json(&asking(&["*"])).await;
    let again = shop.admin("POST", HOOKS).header("idempotency-key", "k").json(&asking(&["*"])).await;
    assert_eq!((made.status, again.status, &again.text), (201, 201, &made.text));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let hook = made.header("location").strip_prefix("https://care.example.com").unwrap().to_owned();
    let secret = |shown: &Value| SigningSecret::parse(shown["secret"].as_str().unwrap()).unwrap();
    let shown = shop.admin("GET", &hook).await.json();
    let mut rest = made.json();
    rest.as_object_mut().unwrap().remove("secret");
    assert_eq!(shown, rest);
    let listed = shop.by(Role::Auditor, "GET", HOOKS).await;
    assert!(listed.text.contains("erp.example") && !listed.text.contains("whsec_"));

    let rotated = shop.admin("POST", &format!("{hook}/secret")).await;
    assert_eq!((rotated.status, rotated.json()["version"].as_u64()), (200, Some(2)));
    let (old, new) = (secret(&made.json()), secret(&rotated.json()));
    let seals = |calls: Vec<Call>| calls.last().unwrap().seal.signature.split(' ').count();
    shop.admin("POST", &format!("{hook}/test")).await;
    shop.memory.settle().await;
    let call = shop.calls().pop().unwrap();
    for one in [&old, &new] {
        verify(std::slice::from_ref(one), shop.memory.moment().now, &call.seal, &call.body).unwrap();
    }
    assert_eq!(seals(shop.calls()), 2);
    shop.memory.advance(SignedDuration::from_hours(24));
    shop.admin("POST", &format!("{hook}/test")).await;
    shop.memory.settle().await;
    assert_eq!(seals(shop.calls()), 1);
    assert_eq!(shop.admin("GET", &hook).await.json()["former_secret_until"], Value::Null);
}

#[tokio::test]
async fn an_address_inside_is_refused_when_it_is_saved_and_again_when_it_is_called() {
    let shop = Shop::open().await;
    for url in [
        "http://erp.example/hooks",
        "https://localhost/hooks",
        "https://127.0.0.1/hooks",
        "https://[::1]/hooks",
        "https://10.0.0.7/",
        "https://169.254.169.254/latest/meta-data",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://erp/",
        "https://user:pw@erp.example/",
        "ftp://erp.example/",
        "hooks",
    ] {
        let answer = shop.admin("POST", HOOKS).json(&json!({"url": url, "events": ["*"]})).await;
        assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!("/url")), "{url}");
    }
    assert_eq!(shop.admin("GET", HOOKS).await.json()["items"], json!([]));

    // Saved while the stack let webhooks reach this machine, and called when it no longer does.
    let open = |mut context: crate::Context| {
        context.world = World { access: Access::PublicAndLoopback, ..context.world };
        context
    };
    let shop = Shop::with(open).await;
    let local = json!({"url": "http://127.0.0.1:9/hooks", "events": ["*"]});
    let made = shop.publish(HOOKS, &local).await.json();
    let hook = format!("{HOOKS}/{}", made["id"].as_str().unwrap());
    shop.admin("POST", &format!("{hook}/test")).await;
    shop.memory.settle().await;
    assert_eq!(shop.calls(), []);
    let pending = shop.deliveries(&hook, "pending").await;
    assert_eq!(pending[0]["tries"][0]["outcome"], "forbidden");
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_made() {
    let shop = Shop::open().await;
    let wrong =
        json!({"url": "https://10.1.2.3/", "events": ["work_order.created", "*", "*"], "state": "off", "to": 1});
    let answer = shop.admin("POST", HOOKS).json(&wrong).await.json();
    let pointers: BTreeSet<_> =
        answer["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone().to_string()).collect();
    assert_eq!(pointers, ["/events/0", "/state", "/to", "/url"].map(|p| json!(p).to_string()).into());
    for events in [json!([]), json!("*"), json!(null), json!([7])] {
        let answer = shop.admin("POST", HOOKS).json(&json!({"url": "https://erp.example/", "events": events})).await;
        assert_eq!(answer.status, 422, "{events}");
    }
    let repeated = json!({"url": "https://erp.example/", "events": ["*", "*"]});
    assert_eq!(shop.admin("POST", HOOKS).json(&repeated).await.json()["errors"][0]["pointer"], "/events/1");
    assert_eq!(shop.admin("GET", HOOKS).await.json()["items"], json!([]));
}

#[tokio::test]
async fn what_is_refused_is_tried_again_under_the_same_id_and_the_same_words() {
    let shop = Shop::open().await;
    let (hook, _) = shop.hook(&["work_order.created.v1"]).await;
    shop.memory.outside().answer(refused(500));
    shop.memory.outside().answer(refused(302));
    shop.order().await;
    shop.memory.settle().await;
    let pending = shop.deliveries(&hook, "pending").await;
    assert_eq!((pending.len(), &pending[0]["tries"][0]["status"]), (1, &json!(500)));
    shop.memory.advance(SignedDuration::from_secs(7));
    shop.memory.settle().await;
    shop.wait(SignedDuration::from_mins(6)).await;
    let calls = shop.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| call.seal.id == calls[0].seal.id && call.body == calls[0].body));
    let stamps: BTreeSet<_> = calls.iter().map(|call| call.seal.timestamp.clone()).collect();
    assert_eq!(stamps.len(), 3, "each try is signed anew");
    let delivered = shop.deliveries(&hook, "delivered").await;
    assert_eq!(delivered[0]["id"], *calls[0].seal.id);
    assert_eq!(delivered[0]["tries"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn one_that_is_gone_is_disabled_its_owner_told_and_what_waits_for_it_ends() {
    let shop = Shop::open().await;
    let (hook, _) = shop.hook(&["work_order.created.v1"]).await;
    shop.memory.outside().answer(gone());
    shop.order().await;
    shop.memory.settle().await;
    let shown = shop.admin("GET", &hook).await.json();
    assert_eq!((&shown["state"], &shown["why"]), (&json!("disabled"), &json!("gone")));
    let notices = shop.by(Role::Admin, "GET", "/v1/notices").header("accept-language", "en").await.json();
    let notices = notices["items"].as_array().unwrap();
    let told: Vec<_> = notices.iter().filter(|notice| notice["kind"] == "webhook_disabled").collect();
    assert_eq!(told.len(), 1);
    assert!(told[0]["line"].as_str().unwrap().contains("410"), "{}", told[0]);
    shop.another_order().await;
    shop.memory.settle().await;
    assert_eq!(shop.calls().len(), 1, "it is told nothing more");

    let failed = shop.deliveries(&hook, "failed").await;
    let replay = format!("{hook}/deliveries/{}/replay", failed[0]["id"].as_str().unwrap());
    assert_eq!(shop.admin("POST", &replay).await.code(), "webhook_disabled");
    let enabled = json!({"url": "https://erp.example/new", "events": ["work_order.created.v1"], "state": "enabled"});
    let enabled = shop.admin("PUT", &hook).header("if-match", "*").json(&enabled).await;
    assert_eq!(
        (enabled.status, &enabled.json()["state"], &enabled.json()["why"]),
        (200, &json!("enabled"), &Value::Null)
    );
    let replayed = shop.admin("POST", &replay).header("idempotency-key", "r").await;
    let again = shop.admin("POST", &replay).header("idempotency-key", "r").await;
    assert_eq!((replayed.status, again.status, &again.text), (202, 202, &replayed.text));
    shop.memory.settle().await;
    let calls = shop.calls();
    assert_eq!((calls.len(), calls[1].url.as_str()), (2, "https://erp.example/new"));
    assert_eq!(calls[1].seal.id, calls[0].seal.id);
    assert_eq!(shop.deliveries(&hook, "delivered").await.len(), 1);
}

#[tokio::test]
async fn after_three_days_without_success_it_is_given_up_and_disabled() {
    let shop = Shop::open().await;
    let (hook, _) = shop.hook(&["work_order.created.v1"]).await;
    for _ in 0..10 {
        shop.memory.outside().answer(refused(503));
    }
    shop.order().await;
    for _ in 0..90 {
        shop.wait(SignedDuration::from_hours(1)).await;
    }
    assert_eq!(shop.calls().len(), 10);
    let shown = shop.admin("GET", &hook).await.json();
    assert_eq!((&shown["state"], &shown["why"]), (&json!("disabled"), &json!("given_up")));
    assert_eq!(shop.deliveries(&hook, "failed").await[0]["why"], "given_up");
}

#[tokio::test]
async fn a_server_that_lets_us_wait_is_left_alone_and_another_is_not() {
    let shop = Shop::open().await;
    let (slow, _) = shop.hook(&["work_order.created.v1"]).await;
    let timed_out = Answer { outcome: Outcome::TimedOut, status: None, took_ms: 15_000, not_before: None };
    for number in 0..3 {
        shop.memory.outside().answer(timed_out);
        shop.said("快递还没到", &format!("k{number}")).await;
        shop.memory.settle().await;
    }
    let (quick, _) = shop.hook(&["work_order.created.v1"]).await;
    shop.memory.advance(SignedDuration::from_millis(1));
    shop.said("快递还没到", "k9").await;
    shop.memory.settle().await;
    assert_eq!(shop.deliveries(&quick, "delivered").await.len(), 1);
    let pending = shop.deliveries(&slow, "pending").await;
    assert_eq!(pending[0]["tries"][0]["outcome"], "left_alone");
    let before = shop.calls().len();
    shop.memory.advance(SignedDuration::from_mins(1));
    shop.memory.settle().await;
    assert!(shop.calls().len() > before, "half a minute later it is asked again");
    shop.wait(SignedDuration::from_mins(6)).await;
    assert_eq!(shop.deliveries(&slow, "pending").await.len(), 0);
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let shop = Shop::open().await;
    let (hook, _) = shop.hook(&["work_order.created.v1"]).await;
    let later = shop.memory.moment().now + SignedDuration::from_hours(1);
    shop.memory.outside().answer(Answer { not_before: Some(later), ..refused(429) });
    shop.order().await;
    shop.wait(SignedDuration::from_mins(59)).await;
    assert_eq!(shop.calls().len(), 1);
    shop.wait(SignedDuration::from_mins(2)).await;
    assert_eq!((shop.calls().len(), shop.deliveries(&hook, "delivered").await.len()), (2, 1));
}

#[tokio::test]
async fn one_that_was_removed_is_told_nothing_of_what_waited_for_it() {
    let shop = Shop::open().await;
    let (hook, _) = shop.hook(&["work_order.created.v1"]).await;
    shop.memory.outside().answer(refused(500));
    shop.order().await;
    shop.memory.settle().await;
    assert_eq!(shop.admin("DELETE", &hook).await.status, 204);
    shop.wait(SignedDuration::from_mins(10)).await;
    assert_eq!(shop.calls().len(), 1);
    for path in [hook.clone(), format!("{hook}/deliveries")] {
        assert_eq!(shop.admin("GET", &path).await.status, 404);
    }
}

#[tokio::test]
async fn there_are_twenty_at_most_and_a_change_rests_on_what_was_read() {
    let shop = Shop::open().await;
    let (first, _) = shop.hook(&["*"]).await;
    for _ in 1..MOST {
        shop.hook(&["*"]).await;
    }
    let more = shop.admin("POST", HOOKS).json(&asking(&["*"])).await;
    assert_eq!((more.status, more.code().as_str()), (409, "too_many"));
    let disabled = json!({"url": "https://erp.example/hooks", "events": ["*"], "state": "disabled"});
    assert_eq!(shop.admin("PUT", &first).json(&disabled).await.status, 428);
    assert_eq!(shop.admin("PUT", &first).header("if-match", "\"7\"").json(&disabled).await.status, 412);
    let changed = shop.admin("PUT", &first).header("if-match", "\"1\"").json(&disabled).await;
    assert_eq!((changed.status, changed.header("etag"), &changed.json()["why"]), (200, "\"2\"", &json!("asked")));
    shop.admin("POST", &format!("{first}/test")).await;
    shop.memory.settle().await;
    assert_eq!(shop.events(), ["webhook.test.v1"], "a test goes to one that is disabled, too");
    let tests = super::lists::walk(&shop, &format!("{first}/deliveries"), 1).await;
    assert_eq!(tests.len(), 1);
    assert_eq!(shop.admin("GET", &format!("{first}/deliveries?state=lost")).await.status, 422);
}
