//! Nothing lost, nothing twice, nothing told: intake through the functions.

use super::stack::cloud;
use super::tenant::Tenant;
use serde_json::{Value, json};
use std::thread;

#[test]
fn a_hundred_parallel_equal_posts_make_one_record_and_one_work_order() {
    let shop = Tenant::open("hundred");
    let body = json!({"channel": "web", "message": "同一句话 the same words", "customer": {"ref": "c-100"}});
    let answers: Vec<(u16, Value, bool)> = thread::scope(|scope| {
        let posts: Vec<_> = (0..100)
            .map(|_| {
                scope.spawn(|| {
                    let answer = until_answered(|| shop.say("hundred-1", &body));
                    (answer.status, answer.json(), answer.header("idempotency-replayed") == Some("true"))
                })
            })
            .collect();
        posts.into_iter().map(|post| post.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|(status, answer, _)| *status == 202 && *answer == answers[0].1), "{answers:?}");
    assert!(answers.iter().filter(|(_, _, replayed)| !replayed).count() <= 1, "{answers:?}");

    let path = format!("/v1/feedback/{}", answers[0].1["id"].as_str().unwrap());
    super::stack::eventually("an agent", || (shop.get(&path).json()["status"] == "assigned").then_some(()));
    let orders = shop.get("/v1/work-orders?customer_ref=c-100").json();
    assert_eq!(orders["items"].as_array().unwrap().len(), 1);
}

/// The emulator now and then answers 502 under parallel clients; a client tries again with the
/// same key, as it would on AWS.
pub(super) fn until_answered(mut ask: impl FnMut() -> super::tenant::Answer) -> super::tenant::Answer {
    super::stack::eventually("an answer that is none of the gateway's", || {
        let answer = ask();
        (answer.status < 500).then_some(answer)
    })
}

#[test]
fn a_replay_answers_the_same_and_another_body_under_the_same_key_is_refused() {
    let shop = Tenant::open("replay");
    let body = json!({"channel": "email", "message": "发票抬头错了", "customer": {"ref": "c-1"}});
    let first = shop.say("k-1", &body);
    let again = shop.say("k-1", &body);
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = json!({"channel": "email", "message": "another thing", "customer": {"ref": "c-1"}});
    assert_eq!(shop.say("k-1", &other).status, 422);
}

#[test]
fn another_tenants_feedback_and_no_feedback_answer_alike() {
    let (one, other) = (Tenant::open("one"), Tenant::open("other"));
    let body = json!({"channel": "web", "message": "只给一家店看", "customer": {"ref": "c-1"}});
    let id = one.say("k", &body).json()["id"].as_str().unwrap().to_owned();
    let foreign = other.get_as_integrator(&format!("/v1/feedback/{id}"));
    let missing = other.get_as_integrator("/v1/feedback/fb_00000000000000000000000000");
    assert_eq!((foreign.status, missing.status), (404, 404));
    let body = |answer: super::tenant::Answer| {
        let mut body = answer.json();
        body.as_object_mut().unwrap().remove("request_id");
        body
    };
    assert_eq!(body(foreign), body(missing));
}

#[test]
fn what_the_gateway_does_not_know_is_answered_as_a_problem() {
    let shop = Tenant::open("unknown");
    let answer = shop.get("/v1/nothing-here");
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
}

#[test]
fn no_words_and_no_contacts_are_logged() {
    let shop = Tenant::open("silent");
    let marks = ["暗语九三一七", "secret-words-9317", "mark9317@example.org", "+1 202 555 9317"];
    let body = json!({
        "channel": "web", "message": format!("{} {} my parcel is lost", marks[0], marks[1]),
        "customer": {"ref": "c-1", "email": marks[2], "phone": marks[3]}
    });
    let said = shop.say("k", &body).json();
    let path = format!("/v1/feedback/{}", said["id"].as_str().unwrap());
    let feedback = super::stack::eventually("an agent", || {
        let feedback = shop.get(&path).json();
        (feedback["status"] == "assigned").then_some(feedback)
    });
    let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
    let said = json!({"direction": "outbound", "visibility": "public", "body": marks[1]});
    assert_eq!(shop.post(&format!("{order}/messages"), &said).status, 201);
    let logs = redress_local::logs(&cloud().state_dir, None).unwrap();
    assert!(logs.iter().any(|line| line.message.contains(said_id(&feedback))), "the walk was logged at all");
    for line in logs {
        assert!(!marks.iter().any(|mark| line.message.contains(mark)), "{}: {}", line.function, line.message);
    }
}

fn said_id(feedback: &Value) -> &str {
    feedback["id"].as_str().unwrap()
}
