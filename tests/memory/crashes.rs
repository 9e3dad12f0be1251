//! A crash at every port call of every use case, before and after its effect: running it again
//! loses nothing and does nothing twice.

use super::world::Shop;
use jiff::{SignedDuration, Timestamp};
use redress_domain::category::{Category, Language};
use redress_domain::feedback::Feedback;
use redress_domain::id::{AgentId, SurveyId, WebhookId, WorkOrderId};
use redress_domain::identity::{Identity, IdentityKind};
use redress_domain::order::Status;
use redress_domain::policy::{RevisitAfter, RevisitPolicy, Subscription};
use redress_domain::priority::Priority;
use redress_domain::reach::QuietHours;
use redress_domain::reach::{AgentWishes, CustomerWishes};
use redress_domain::suppression::SuppressedBecause;
use redress_service::auth::{Caller, Role};
use redress_service::desk::IfMatch;
use redress_service::give::Receiver;
use redress_service::memory::Crash;
use redress_service::reply::Keyed;
use redress_service::{Fault, inbox, suppressions, wishes};
use serde_json::json;
use std::collections::BTreeSet;

/// Tries until the world answers, as clients and queues do.
pub(super) async fn until_answered<T>(mut call: impl AsyncFnMut() -> Result<T, Fault>) -> T {
    for _ in 0..3 {
        match call().await {
            Err(Fault::Unavailable(_)) => {}
            answer => return answer.unwrap(),
        }
    }
    call().await.unwrap()
}

/// What a sweep could not deal with stays due, and the next one deals with it.
pub(super) async fn sweep(shop: &Shop) {
    let look = async || shop.memory.sweep().await;
    while until_answered(look).await.failed > 0 {}
    shop.memory.settle().await;
}

/// A life with every use case in it: received, assigned, more urgent than it seemed, outlived by its
/// policy's version, warned, answered, resolved, asked, rated badly, reopened, resolved, rated well.
async fn live(shop: &Shop) -> WorkOrderId {
    let received = until_answered(async || shop.say("k", "快递还没到 my parcel is late").await).await;
    shop.memory.settle().await;
    let id = WorkOrderId::of(&crate::shop::tenant(), &received.id);
    until_answered(async || shop.prioritise("p", &id, Priority::P3).await).await;
    until_answered(async || shop.publish("v2").await).await;
    shop.wait(7000);
    sweep(shop).await;
    shop.wait(30_000);
    sweep(shop).await;
    until_answered(async || shop.reply("r", &id).await).await;
    until_answered(async || shop.move_to("m", &id, Status::Resolved).await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    let token = token(shop).expect("a survey was made");
    until_answered(async || shop.complain_at(&token, "还是没到，非常失望 still nothing").await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    until_answered(async || shop.move_to("m2", &id, Status::Resolved).await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    shop.memory.live(SignedDuration::from_hours(1)).await.unwrap();
    id
}

/// Where the customer answers, read from the documents so that reading counts as no port call.
fn token(shop: &Shop) -> Option<String> {
    let surveys = shop.memory.store().snapshot().into_iter().filter(|r| r.key.partition.contains("#survey#"));
    surveys.filter_map(|record| record.body["token"].as_str().map(str::to_owned)).next()
}

/// Two parcels that are late, reported one after the other.
async fn report_two(shop: &Shop) -> Vec<WorkOrderId> {
    let mut ids = Vec::new();
    for key in ["a", "b"] {
        let received = until_answered(async || shop.say(key, "快递还没到 my parcel is late").await).await;
        shop.memory.settle().await;
        shop.wait(61);
        sweep(shop).await;
        ids.push(WorkOrderId::of(&crate::shop::tenant(), &received.id));
    }
    ids
}

/// A life in which there is more work than room: two orders for an agent who can carry one. The
/// second waits and is drained; the first comes back by an agent's hand and waits in its turn.
async fn wait_in_line(shop: &Shop) -> Vec<WorkOrderId> {
    let ids = report_two(shop).await;
    let moves = [(0, Status::Resolved), (0, Status::Reopened), (1, Status::Resolved), (0, Status::Resolved)];
    for (step, (order, to)) in moves.into_iter().enumerate() {
        until_answered(async || shop.move_to(&format!("m{step}"), &ids[order], to).await).await;
        shop.memory.settle().await;
        // Whatever event was lost, the due marks tell again within five minutes.
        shop.wait(301);
        sweep(shop).await;
    }
    shop.wait(61);
    sweep(shop).await;
    ids
}

/// A life in which an agent corrects what was understood, and the customer gets angry.
async fn correct(shop: &Shop) -> Vec<WorkOrderId> {
    let received =
        until_answered(async || shop.say("k", "质量不错，很满意，想问问发票 lovely, an invoice please").await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    let id = WorkOrderId::of(&crate::shop::tenant(), &received.id);
    until_answered(async || shop.relabel_order("c", &id, Category::ProductQuality).await).await;
    until_answered(async || shop.prioritise("p", &id, Priority::P2).await).await;
    until_answered(async || shop.hear("h", &id, "太差了，垃圾，骗人 terrible, the worst").await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    shop.memory.settle().await;
    vec![id]
}

#[tokio::test]
async fn dying_while_an_agent_corrects_keeps_one_label_and_tells_whom_it_concerns_once() {
    let open = async || {
        let mut policies = crate::shop::policies();
        let subscription = Subscription { events: ["*".to_owned()].into(), since: Timestamp::UNIX_EPOCH };
        policies.subscriptions.insert(WebhookId::derive(&["one"]), subscription);
        Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &policies).await
    };
    let (story, crashes) = survives(open, correct).await;
    let told = |what: &str| story.iter().filter(|line| line.contains(what)).count();
    assert_eq!((told("label "), told("order_reported"), told("sentiment_dropped")), (1, 1, 3), "{story:?}");
    assert!(crashes > 30, "only {crashes} crashes: the life has become too short to show anything");
}

/// A life of a customer who wrote a mail: answered by mail, told of the end, and asked.
async fn write_back(shop: &Shop) -> Vec<WorkOrderId> {
    let said = json!({
        "channel": "email", "message": "快递还没到 my parcel is late", "customer": {"ref": "c-1", "email": "ann@example.com"},
    });
    let feedback: Feedback = serde_json::from_value(said).unwrap();
    let received = until_answered(async || shop.bring(Some("k"), feedback.clone()).await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    let id = WorkOrderId::of(&crate::shop::tenant(), &received.id);
    until_answered(async || shop.reply("r", &id).await).await;
    until_answered(async || shop.move_to("m", &id, Status::Resolved).await).await;
    shop.memory.settle().await;
    for _ in 0..5 {
        shop.wait(61);
        sweep(shop).await;
    }
    vec![id]
}

#[tokio::test]
async fn dying_while_a_customer_is_written_to_writes_every_letter_under_its_one_id() {
    let open = async || {
        let mut policies = crate::shop::policies();
        policies.survey[0].delay_seconds = 120;
        Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &policies).await
    };
    let (story, crashes) = survives(open, write_back).await;
    let told: Vec<_> = story.iter().filter(|line| line.starts_with("letter ")).collect();
    assert_eq!(told.len(), 3, "the answer, the end, the question: {told:?}");
    assert!(crashes > 60, "only {crashes} crashes: the life has become too short to show anything");
}

/// A life in which people say what they wish to be told, an address bounces, and an agent reads.
async fn wish_and_read(shop: &Shop) -> Vec<WorkOrderId> {
    let (world, admin, ana) =
        (&shop.memory.world(), crate::shop::caller(Role::Admin), AgentId::parse("ag_ana").unwrap());
    let keyed = |name: &str| Keyed { scope: name.to_owned(), key: Some(name.to_owned()), fingerprint: String::new() };
    let seen = IfMatch::Versions(vec![0]);
    let wishes = CustomerWishes { locale: Some("en".to_owned()), ..CustomerWishes::default() };
    until_answered(async || {
        wishes::set_customer(world, &admin, "c-1", (&wishes, &seen), &keyed("customer"), shop.memory.moment()).await
    })
    .await;
    let wishes = AgentWishes { email: Some("ana@shop.example".to_owned()), ..AgentWishes::default() };
    until_answered(async || {
        wishes::set_agent(world, &admin, &ana, (&wishes, &seen), &keyed("agent"), shop.memory.moment()).await
    })
    .await;
    let ann = Identity::read(IdentityKind::Email, "ann@example.com").unwrap();
    for because in [SuppressedBecause::Unsubscribed, SuppressedBecause::Bounced] {
        let asked = (&ann, because);
        let key = keyed(&format!("{because:?}"));
        until_answered(async || suppressions::add(world, &admin, asked, &key, shop.memory.moment()).await).await;
    }
    let id = until_answered(async || shop.say("k", "快递还没到 my parcel is late").await).await.id;
    shop.memory.settle().await;
    for _ in 0..3 {
        shop.wait(61);
        sweep(shop).await;
    }
    let caller = Caller { agent: Some(ana), ..crate::shop::caller(Role::Agent) };
    let told = shop.memory.notices().into_iter().find(|notice| notice.template == "order_assigned").unwrap().id;
    until_answered(async || inbox::mark(world, &caller, &told, Language::En, shop.memory.moment()).await).await;
    let until = shop.memory.moment().now;
    until_answered(async || inbox::mark_all(world, &caller, until).await).await;
    vec![WorkOrderId::of(&crate::shop::tenant(), &id)]
}

#[tokio::test]
async fn dying_while_people_say_what_they_wish_keeps_it_once() {
    let open = async || Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 10)], &crate::shop::policies()).await;
    let (story, crashes) = survives(open, wish_and_read).await;
    let kept = story.iter().filter(|line| line.starts_with("kept ")).collect::<Vec<_>>();
    // Two wishes, one address, one inbox: each written once, the address once more for its worse reason.
    assert_eq!(kept.len(), 4, "{kept:?}");
    assert!(story.iter().any(|line| line.starts_with("letter ") && line.ends_with("a…@shop.example")), "{story:?}");
    assert!(crashes > 30, "only {crashes} crashes: the life has become too short to show anything");
}

/// A life of one customer on three channels: known by a telephone, then by an address, too; writes
/// again while the order lives, and once more after it has ended for good.
async fn come_again(shop: &Shop) -> Vec<WorkOrderId> {
    let mut start = None;
    let mut ids = Vec::new();
    for (channel, reference, phone, email) in [
        ("phone", "a", Some("13800138000"), None),
        ("wechat", "oX6", Some("138 0013 8000"), Some("m@x.cn")),
        ("email", "b", None, Some("M@x.cn")),
    ] {
        if channel == "email" {
            until_answered(async || shop.move_to("m", &ids[0], Status::Cancelled).await).await;
            shop.memory.settle().await;
        }
        let said = json!({
            "channel": channel, "message": "快递还没到 my parcel is late", "source_message_id": channel, "thread": start,
            "customer": {"ref": reference, "phone": phone, "email": email},
        });
        let feedback: Feedback = serde_json::from_value(said).unwrap();
        let received = until_answered(async || shop.bring(None, feedback.clone()).await).await;
        shop.memory.settle().await;
        shop.wait(61);
        sweep(shop).await;
        if start.is_none() {
            let first = WorkOrderId::of(&crate::shop::tenant(), &received.id);
            ids = vec![first.clone(), WorkOrderId::following(&crate::shop::tenant(), &first)];
            start = Some(received.id);
        }
    }
    ids
}

#[tokio::test]
async fn dying_while_a_customer_comes_again_makes_one_person_and_one_living_order() {
    let (story, crashes) = survives(Shop::open, async |shop: &Shop| come_again(shop).await).await;
    let told = |what: &str| story.iter().filter(|line| line.starts_with(what)).count();
    assert_eq!((told("feedback_added"), told("2 orders"), told("said "), told("known ")), (1, 1, 3, 5), "{story:?}");
    assert!(crashes > 60, "only {crashes} crashes: the life has become too short to show anything");
}

/// A life in which two orders turn out to be one, a part of it is done by somebody else, and it goes
/// from hand to hand.
async fn share(shop: &Shop) -> Vec<WorkOrderId> {
    let mut ids = report_two(shop).await;
    let bo = AgentId::parse("ag_bo").unwrap();
    until_answered(async || shop.watch("w", &ids[0], &bo).await).await;
    until_answered(async || shop.give("g", &ids[0], Receiver::Agent(bo.clone())).await).await;
    until_answered(async || shop.spend("e", &ids[0], &bo).await).await;
    let part = until_answered(async || shop.split("s", &ids[0], true).await).await;
    shop.memory.settle().await;
    until_answered(async || shop.move_to("p1", &part, Status::Resolved).await).await;
    until_answered(async || shop.move_to("p2", &part, Status::Reopened).await).await;
    until_answered(async || shop.move_to("p3", &part, Status::Resolved).await).await;
    until_answered(async || shop.merge("m", &ids[1], &ids[0]).await).await;
    until_answered(async || shop.move_to("r", &ids[0], Status::Resolved).await).await;
    shop.memory.settle().await;
    shop.wait(301);
    sweep(shop).await;
    ids.push(part);
    ids
}

/// A life in which room is made by giving an order away: the second has waited for it.
async fn make_room(shop: &Shop) -> Vec<WorkOrderId> {
    let ids = report_two(shop).await;
    let bo = AgentId::parse("ag_bo").unwrap();
    until_answered(async || shop.give("g", &ids[0], Receiver::Agent(bo.clone())).await).await;
    shop.memory.settle().await;
    shop.wait(301);
    sweep(shop).await;
    ids
}

#[tokio::test]
async fn dying_while_orders_are_given_split_and_merged_loses_nothing_and_does_nothing_twice() {
    let (story, crashes) = survives(Shop::open, share).await;
    let told = |what: &str| story.iter().filter(|line| line.contains(what)).count();
    assert_eq!(
        (told("merged"), told("child_added"), told("child_done"), told("child_reopened")),
        (4, 1, 4, 2),
        "{story:?}"
    );
    assert!(story.contains(&"3 orders".to_owned()), "{story:?}");
    assert!(crashes > 100, "only {crashes} crashes: the life has become too short to show anything");
}

#[tokio::test]
async fn dying_while_room_is_made_leaves_nobody_waiting() {
    let open = async || {
        // One who speaks the customer's language, and one whom only a supervisor would choose.
        let agents = [crate::shop::agent("ana", &["zh", "en"], 1), crate::shop::agent("bo", &[], 1)];
        Shop::of(&agents, &crate::shop::policies()).await
    };
    let (story, crashes) = survives(open, make_room).await;
    let told = |what: &str| story.iter().filter(|line| line.contains(what)).count();
    assert_eq!((told("queued"), told("order_taken_away"), told("order_assigned")), (1, 1, 3), "{story:?}");
    assert!(crashes > 50, "only {crashes} crashes: the life has become too short to show anything");
}

/// What must be the same whatever died on the way: each order's story and outcome, what agents
/// carry, who was told what, and how many orders there are.
async fn essence(shop: &Shop, ids: &[WorkOrderId]) -> Vec<String> {
    let mut essence = Vec::new();
    for id in ids {
        let order = shop.order(id).await;
        essence.push(format!("{:?} {:?} {}", order.status, order.agent, order.reopen_count));
        essence.extend(shop.story(id).await);
    }
    essence.extend(shop.loads().into_iter().map(|(agent, points)| format!("{agent} {points}")));
    essence.extend(shop.memory.notices().into_iter().map(|notice| notice.reason));
    let letters = shop.memory.outside().sent().into_iter();
    let letters: BTreeSet<_> =
        letters.map(|letter| format!("letter {} {} to {}", letter.id, letter.template, letter.shown)).collect();
    essence.extend(letters);
    for label in shop.memory.store().snapshot().iter().filter(|record| record.key.partition.contains("#label#")) {
        essence.push(format!("label {} {} {}", label.body["text"], label.body["category"], label.body["priority"]));
    }
    for record in shop.memory.store().snapshot() {
        let body = &record.body;
        match record.key.partition.split('#').nth(1) {
            Some(what @ ("wishes" | "suppressed" | "inbox")) => essence.push(format!("kept {what} {}", record.version)),
            Some("compensation") => {
                let (amount, ruled) = (&body["amount"]["amount_minor"], &body["ruled"]["amount_minor"]);
                essence.push(format!("compensation {amount} ruled {ruled} at version {}", record.version));
            }
            Some("said") => essence.push(format!("said {}", body["feedback"])),
            Some("identity") => {
                let links = body["links"].as_array().unwrap().iter().map(|link| &link["shown"]);
                essence.push(format!("known {} by {:?}", body["shown"], links.collect::<Vec<_>>()));
            }
            _ => {}
        }
    }
    let orders = shop.memory.store().snapshot().iter().filter(|record| record.key.sort == "order").count();
    essence.push(format!("{orders} orders"));
    essence
}

/// Lives `life` once in peace and then with each port call dying in turn; answers with the peaceful
/// essence and how often it died.
pub(super) async fn survives(
    open: impl AsyncFn() -> Shop,
    life: impl AsyncFn(&Shop) -> Vec<WorkOrderId>,
) -> (Vec<String>, usize) {
    let calm = open().await;
    let expected = essence(&calm, &life(&calm).await).await;
    let mut crashes = 0;
    for crash in [Crash::Before, Crash::After] {
        for call in 1.. {
            let shop = open().await;
            shop.memory.faults().arm(call, crash);
            let ids = life(&shop).await;
            if !shop.memory.faults().disarm() {
                break;
            }
            crashes += 1;
            assert_eq!(essence(&shop, &ids).await, expected, "dying at call {call}, {crash:?} its effect");
            assert_eq!(shop.memory.dead(), []);
        }
    }
    (expected, crashes)
}

/// A life in which two orders of one customer are resolved: the first asks, at night and so in the
/// morning, reminds and gives up; the second leaves the customer in peace.
async fn follow_up(shop: &Shop) -> Vec<WorkOrderId> {
    let ids = report_two(shop).await;
    for (step, hours) in [12, 24, 25].into_iter().enumerate() {
        if let Some(id) = ids.get(step) {
            until_answered(async || shop.move_to(&format!("m{step}"), id, Status::Resolved).await).await;
            shop.memory.settle().await;
            shop.wait(61);
            sweep(shop).await;
        }
        shop.wait(hours * 3600);
        for _ in 0..2 {
            sweep(shop).await;
            shop.wait(61);
        }
    }
    ids
}

/// A life in which the customer answers by messages: well, then badly in a thread, with a reason.
async fn answer_by_reply(shop: &Shop) -> Vec<WorkOrderId> {
    let received = until_answered(async || shop.say("k", "快递还没到 my parcel is late").await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    let id = WorkOrderId::of(&crate::shop::tenant(), &received.id);
    until_answered(async || shop.move_to("m", &id, Status::Resolved).await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    until_answered(async || shop.hear("h", &id, "5，谢谢").await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    let said = json!({
        "channel": "web", "message": "1\n又丢了 lost again", "customer": {"ref": "c-1"}, "thread": received.id
    });
    let feedback: Feedback = serde_json::from_value(said).unwrap();
    until_answered(async || shop.hand_over("t", feedback.clone()).await).await;
    for _ in 0..2 {
        shop.memory.settle().await;
        shop.wait(61);
        sweep(shop).await;
    }
    vec![id]
}

#[tokio::test]
async fn dying_while_a_customer_answers_by_reply_hears_each_score_once() {
    let (story, crashes) = survives(Shop::open, answer_by_reply).await;
    let told = |what: &str| story.iter().filter(|line| line.as_str() == what).count();
    assert_eq!(
        (told("survey_answered"), told("message_posted"), told("reopened"), told("reassessed")),
        (2, 2, 1, 1),
        "{story:?}"
    );
    assert!(crashes > 60, "only {crashes} crashes: the life has become too short to show anything");
}

/// A life in which nobody answers, so that the customer is called, and is not satisfied.
async fn call(shop: &Shop) -> Vec<WorkOrderId> {
    let received = until_answered(async || shop.say("k", "快递还没到 my parcel is late").await).await;
    shop.memory.settle().await;
    shop.wait(61);
    sweep(shop).await;
    let id = WorkOrderId::of(&crate::shop::tenant(), &received.id);
    until_answered(async || shop.move_to("m", &id, Status::Resolved).await).await;
    for _ in 0..3 {
        shop.memory.settle().await;
        shop.wait(301);
        sweep(shop).await;
    }
    let survey = SurveyId::of(&crate::shop::tenant(), &id, 1);
    let revisit = WorkOrderId::revisiting(&survey);
    until_answered(async || shop.enter("e", &survey, 1).await).await;
    until_answered(async || shop.move_to("r", &revisit, Status::Resolved).await).await;
    for _ in 0..2 {
        shop.memory.settle().await;
        shop.wait(61);
        sweep(shop).await;
    }
    vec![id, revisit]
}

#[tokio::test]
async fn dying_while_a_customer_is_called_makes_one_call_and_hears_it_once() {
    let open = async || {
        let mut policies = crate::shop::policies();
        policies.survey[0].window_seconds = 300;
        policies.survey[0].revisit = Some(RevisitPolicy { after: RevisitAfter::Expired, share_percent: 100 });
        Shop::of(&["ana", "bo"].map(|name| crate::shop::agent(name, &["zh", "en"], 5)), &policies).await
    };
    let (story, crashes) = survives(open, call).await;
    let told = |what: &str| story.iter().filter(|line| line.as_str() == what).count();
    assert_eq!(
        (told("revisit_made"), told("survey_answered"), told("reopened"), told("survey_skipped"), told("2 orders")),
        (1, 1, 1, 1, 1),
        "{story:?}"
    );
    assert!(crashes > 80, "only {crashes} crashes: the life has become too short to show anything");
}

#[tokio::test]
async fn dying_while_a_customer_is_asked_and_reminded_asks_once_reminds_once_and_gives_up_once() {
    let open = async || {
        let mut policies = crate::shop::policies();
        let policy = &mut policies.survey[0];
        policy.window_seconds = 48 * 3600;
        policy.quiet_hours = Some(QuietHours::CUSTOMERS);
        (policy.cool_down_seconds, policy.reminder_after_seconds) = (Some(86_400), Some(86_400));
        let ten_in_the_evening = "2026-11-23T14:00:00Z".parse().unwrap();
        Shop::at(ten_in_the_evening, &[crate::shop::agent("ana", &["zh", "en"], 5)], &policies).await
    };
    let (story, crashes) = survives(open, follow_up).await;
    let told = |what: &str| story.iter().filter(|line| line.contains(what)).count();
    assert_eq!(
        (told("survey_sent"), told("survey_skipped"), told("survey_reminded"), told("survey_expired")),
        (1, 1, 1, 1),
        "{story:?}"
    );
    assert_eq!((told("/survey_invitation"), told("/survey_reminder")), (1, 1));
    assert!(crashes > 100, "only {crashes} crashes: the life has become too short to show anything");
}

#[tokio::test]
async fn dying_at_any_port_call_loses_nothing_and_does_nothing_twice() {
    let (story, crashes) = survives(Shop::open, async |shop: &Shop| vec![live(shop).await]).await;
    assert!(["escalated", "breached", "reopened"].iter().all(|word| story.iter().any(|told| told == word)));
    assert!(crashes > 100, "only {crashes} crashes: the life has become too short to show anything");
}

#[tokio::test]
async fn dying_while_orders_wait_in_line_loses_nothing_and_does_nothing_twice() {
    let open = async || Shop::of(&[crate::shop::agent("ana", &["zh", "en"], 1)], &crate::shop::policies()).await;
    let (story, crashes) = survives(open, wait_in_line).await;
    assert_eq!(story.iter().filter(|told| *told == "queued").count(), 2, "each order has waited once: {story:?}");
    assert!(crashes > 100, "only {crashes} crashes: the life has become too short to show anything");
}
