//! Routing rules and survey policies: in order, versioned, validated as a whole; and they apply.

use super::policies::{with, without};
use super::{Shop, key};
use jiff::SignedDuration;
use redress_service::auth::Role;
use serde_json::{Value, json};

const RULES: &str = "/v1/routing-rules";
const SURVEYS: &str = "/v1/survey-policies";

fn rule() -> Value {
    json!({
        "id": "phones", "name": "贵宾的手机 / Phones of VIPs", "team": "tm_care",
        "when": {
            "category": ["logistics", "product_quality"], "product_type": ["手机", "phone"],
            "order_status": ["已发货"], "channel": ["wechat", "chat"], "tier": ["vip"], "language": ["zh"],
            "priority": ["P1", "P2"],
        },
    })
}

fn survey() -> Value {
    json!({
        "id": "vip", "name": "贵宾 / VIP", "enabled": true, "delay_seconds": 60, "window_seconds": 600,
        "quiet_hours": {"from": "21:00", "to": "09:00"}, "time_zone": "Asia/Shanghai", "cool_down_seconds": 86_400,
        "reminder_after_seconds": 300, "reopen_below": {"csat": 4, "ces": 1, "nps": 0},
        "when": {"channel": ["chat"], "tier": ["vip"], "category": ["logistics"], "language": ["zh", "en", "other"]},
    })
}

/// Where a kind is kept, and one of it.
type Kind = (&'static str, fn() -> Value);

const KINDS: [Kind; 2] = [(RULES, rule), (SURVEYS, survey)];

async fn ids(shop: &Shop, list: &str) -> Vec<String> {
    let page = shop.by(Role::Auditor, "GET", list).await.json();
    let named = |item: &Value| format!("{}@{}", item["id"].as_str().unwrap(), item["version"]);
    page["items"].as_array().unwrap().iter().map(named).collect()
}

#[tokio::test]
async fn what_is_published_comes_back_as_it_was_written_and_in_its_place() {
    let shop = Shop::open().await;
    assert_eq!((ids(&shop, RULES).await, ids(&shop, SURVEYS).await), (vec![], vec!["everyone@1".to_owned()]));
    for (list, body) in KINDS {
        let path = format!("{list}/{}", body()["id"].as_str().unwrap());
        let made = shop.publish(list, &body()).await;
        let expected = with(body(), json!({"version": 1, "position": 1}));
        assert_eq!((made.json(), made.header("etag")), (expected.clone(), "\"1\""));
        assert_eq!(made.header("location"), format!("https://care.example.com{path}"));
        let same = shop.by(Role::Supervisor, "GET", &path).header("if-none-match", "\"1\"").await;
        assert_eq!((same.status, same.text.as_str()), (304, ""));
        assert_eq!(shop.by(Role::Supervisor, "GET", &path).await.json(), expected);
        let taken = shop.admin("POST", list).json(&body()).await;
        assert_eq!((taken.status, taken.code().as_str()), (409, "exists"));

        let new = with(without(body(), &["id"]), json!({"name": "新 / New"}));
        assert_eq!(shop.admin("PUT", &path).json(&new).await.code(), "precondition_required");
        let put = |tag: &'static str| shop.admin("PUT", &path).header("if-match", tag).json(&new);
        assert_eq!((put("\"1\"").await.status, put("\"1\"").await.status), (200, 412));
        assert_eq!(
            shop.admin("GET", &path).await.json(),
            with(new.clone(), json!({"id": body()["id"], "version": 2, "position": 1}))
        );
        assert_eq!(shop.admin("DELETE", &path).header("if-match", "\"2\"").await.status, 204);
        assert_eq!(shop.admin("GET", &path).await.code(), "not_found");
        let third = shop.publish(list, &body()).await;
        assert_eq!(third.json()["version"], 3, "a version stands for one document for ever");
    }
    assert_eq!(
        (ids(&shop, RULES).await, ids(&shop, SURVEYS).await),
        (vec!["phones@3".to_owned()], vec!["vip@3".to_owned(), "everyone@1".to_owned()])
    );
}

#[tokio::test]
async fn what_no_longer_is_in_force_is_kept() {
    let shop = Shop::open().await;
    for (list, body) in KINDS {
        let path = format!("{list}/{}", body()["id"].as_str().unwrap());
        shop.publish(list, &body()).await;
        shop.replace(&path, &without(body(), &["id"])).await;
        assert_eq!(shop.admin("DELETE", &path).await.status, 204);
    }
    let snapshot = shop.memory.store().snapshot();
    let mut kept: Vec<_> =
        snapshot.iter().filter(|r| r.key.partition == "tn_a#policy").map(|r| r.key.sort.as_str()).collect();
    kept.sort_unstable();
    assert_eq!(kept, ["-", "routing#phones#000001", "routing#phones#000002", "survey#vip#000001", "survey#vip#000002"]);
}

#[tokio::test]
async fn what_is_new_stands_before_what_takes_everything_unless_it_says_where() {
    let shop = Shop::open().await;
    shop.publish(RULES, &json!({"id": "rest", "team": "tm_care"})).await;
    shop.publish(RULES, &rule()).await;
    shop.publish(RULES, &with(rule(), json!({"id": "first", "position": 1, "when": {"tier": ["gold"]}}))).await;
    assert_eq!(ids(&shop, RULES).await, ["first@1", "phones@1", "rest@1"]);
    shop.replace(&format!("{RULES}/phones"), &with(without(rule(), &["id"]), json!({"position": 1}))).await;
    assert_eq!(ids(&shop, RULES).await, ["phones@2", "first@1", "rest@1"]);
    shop.publish(SURVEYS, &survey()).await;
    assert_eq!(ids(&shop, SURVEYS).await, ["vip@1", "everyone@1"]);
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let shop = Shop::open().await;
    shop.publish(RULES, &rule()).await;
    shop.publish(SURVEYS, &survey()).await;
    for (list, body, pointers) in [
        (
            RULES,
            json!({
                "name": "\u{2800}", "position": 0, "colour": 1, "version": 2,
                "when": {
                    "category": [], "product_type": ["手机", ""], "order_status": ["x".repeat(129)], "channel": ["pigeon"],
                    "tier": "vip", "language": ["法语"], "priority": ["P0", "P1"], "sentiment": ["negative"],
                },
            }),
            &[
                "/colour",
                "/name",
                "/position",
                "/team",
                "/version",
                "/when/category",
                "/when/channel/0",
                "/when/language/0",
                "/when/order_status/0",
                "/when/priority/0",
                "/when/product_type/1",
                "/when/sentiment",
                "/when/tier",
            ][..],
        ),
        (RULES, json!({"team": "tm_care", "when": {"tier": ["vip", "vip"]}}), &["/when/tier/1"]),
        (RULES, json!({"team": "ag_mei"}), &["/team"]),
        (RULES, json!({"team": "tm_none"}), &["/team"]),
        (RULES, json!({"team": "tm_care", "overflow": [], "daily_cap": 9}), &["/daily_cap", "/overflow"]),
        (
            SURVEYS,
            json!({"enabled": "no", "delay_seconds": -1, "window_seconds": 0, "when": {"agent": ["ag_mei"], "tier": [1]}}),
            &["/delay_seconds", "/enabled", "/when/agent", "/when/tier/0", "/window_seconds"],
        ),
        (SURVEYS, json!({}), &["/delay_seconds", "/window_seconds"]),
        (
            SURVEYS,
            json!({
                "delay_seconds": 0, "window_seconds": 600, "quiet_hours": {"from": "24:00", "to": "9", "on": "mon"},
                "time_zone": "Mars/Olympus", "cool_down_seconds": -1, "reminder_after_seconds": 30,
                "reopen_below": {"csat": 6, "ces": 0, "nps": 11, "solved": true},
            }),
            &[
                "/cool_down_seconds",
                "/quiet_hours/from",
                "/quiet_hours/on",
                "/quiet_hours/to",
                "/reminder_after_seconds",
                "/reopen_below/ces",
                "/reopen_below/csat",
                "/reopen_below/nps",
                "/reopen_below/solved",
                "/time_zone",
            ],
        ),
        (
            SURVEYS,
            json!({
                "delay_seconds": 0, "window_seconds": 600, "quiet_hours": {"from": "24:00", "to": "9"},
                "reminder_after_seconds": 600,
            }),
            &["/quiet_hours/from", "/quiet_hours/to", "/reminder_after_seconds"],
        ),
        (
            SURVEYS,
            json!({"delay_seconds": 0, "window_seconds": 60, "quiet_hours": {"from": "09:00", "to": "09:00"}}),
            &["/quiet_hours/to"],
        ),
    ] {
        let (before, old) = (shop.admin("GET", list).await.text, if list == RULES { "phones" } else { "vip" });
        let (post, put) =
            (shop.admin("POST", list), shop.admin("PUT", &format!("{list}/{old}")).header("if-match", "*"));
        for asked in [post, put] {
            let answer = asked.json(&body).await;
            assert_eq!(
                (answer.status, answer.pointers()),
                (422, pointers.iter().map(|&p| p.to_owned()).collect()),
                "{body}"
            );
        }
        assert_eq!(shop.admin("GET", list).await.text, before);
    }
    for (list, body) in KINDS {
        let answer = shop.admin("POST", list).json(&with(body(), json!({"id": "手机"}))).await;
        assert_eq!(answer.pointers(), ["/id"]);
    }
}

#[tokio::test]
async fn what_an_earlier_one_takes_whole_is_refused_with_the_reason() {
    let shop = Shop::open().await;
    for (list, body) in KINDS {
        shop.publish(list, &with(body(), json!({"id": "vips", "when": {"tier": ["vip", "gold"]}}))).await;
        let narrower = with(body(), json!({"position": 2}));
        let answer = shop.admin("POST", list).json(&narrower).await;
        assert_eq!(answer.pointers(), ["/when"], "{}", answer.text);
        assert!(answer.json()["errors"][0]["detail"].as_str().unwrap().contains("vips, before it"), "{}", answer.text);
        shop.publish(list, &with(narrower, json!({"position": 1}))).await;
        // Wrong elsewhere because of it: told at the whole.
        let broad = with(body(), json!({"id": "broad", "position": 1, "when": {}}));
        let answer = shop.admin("POST", list).json(&broad).await;
        assert_eq!(answer.pointers().first().map(String::as_str), Some(""), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_last_survey_policy_matches_everything_and_stays() {
    let shop = Shop::open().await;
    let gone = shop.admin("DELETE", &format!("{SURVEYS}/everyone")).await;
    assert_eq!((gone.status, gone.pointers()), (422, vec![String::new()]));
    let narrowed = with(without(survey(), &["id"]), json!({}));
    let put = shop.admin("PUT", &format!("{SURVEYS}/everyone")).header("if-match", "*").json(&narrowed).await;
    assert_eq!((put.status, put.pointers()), (422, vec![String::new()]));
}

#[tokio::test]
async fn another_shop_sees_none_of_it() {
    let shop = Shop::open().await;
    for (list, body) in KINDS {
        let path = format!("{list}/{}", body()["id"].as_str().unwrap());
        shop.publish(list, &body()).await;
        for method in ["GET", "PUT", "DELETE"] {
            let ask = |path: String| {
                let asked = shop.ask(method, &path).key(&key("tn_b", Role::Admin)).header("if-match", "*");
                asked.json(&without(body(), &["id"])).into_future()
            };
            let (theirs, nobodys) = (ask(path.clone()).await, ask(format!("{list}/none")).await);
            assert_eq!((theirs.status, theirs.anonymous()), (404, nobodys.anonymous()), "{method} {list}");
        }
    }
}

/// What a customer says of a purchase, and how the order that it became was routed.
async fn routed(shop: &Shop, name: &str, more: Value) -> Value {
    let said = with(json!({"channel": "chat", "message": "快递还没到，物流太慢了", "customer": {"ref": "c1"}}), more);
    let said =
        shop.by(Role::Integrator, "POST", "/v1/feedback").header("idempotency-key", name).json(&said).await.json();
    shop.memory.settle().await;
    let feedback = shop.by(Role::Agent, "GET", &format!("/v1/feedback/{}", said["id"].as_str().unwrap())).await.json();
    let order = format!("/v1/work-orders/{}", feedback["work_order_id"].as_str().unwrap());
    shop.by(Role::Supervisor, "GET", &format!("{order}/routing")).await.json()
}

#[tokio::test]
async fn the_first_rule_that_matches_picks_the_team_and_says_so() {
    let shop = Shop::open().await;
    for team in ["tm_vip", "tm_phone", "tm_road"] {
        let categories = if team == "tm_road" { json!(["logistics"]) } else { json!([]) };
        shop.publish("/v1/teams", &json!({"id": team, "name": team, "categories": categories})).await;
    }
    shop.publish(RULES, &json!({"id": "vips", "when": {"tier": ["vip"]}, "team": "tm_vip"})).await;
    let phones =
        json!({"id": "phones", "when": {"product_type": ["手机"], "order_status": ["已发货"]}, "team": "tm_phone"});
    shop.publish(RULES, &phones).await;
    let phone = json!({"product_type": "手机", "status": "已发货"});
    for (name, more, team, rule) in [
        ("vip", json!({"customer": {"ref": "c1", "tier": "vip"}, "order": phone}), "tm_vip", "rule:vips"),
        ("phone", json!({"order": phone}), "tm_phone", "rule:phones"),
        (
            "unsent phone",
            json!({"order": {"product_type": "手机", "status": "待发货"}}),
            "tm_road",
            "category:logistics",
        ),
        ("nothing", json!({}), "tm_road", "category:logistics"),
        ("other subject", json!({"message": "发票开错了，请重开发票"}), "tm_care", "fallback"),
    ] {
        let routing = routed(&shop, name, more).await;
        assert_eq!((routing["team"].as_str(), routing["rule"].as_str()), (Some(team), Some(rule)), "{name}: {routing}");
    }
    assert_eq!(shop.admin("DELETE", &format!("{RULES}/vips")).await.status, 204);
    let routing = routed(&shop, "later", json!({"customer": {"ref": "c1", "tier": "vip"}})).await;
    assert_eq!(routing["rule"], "category:logistics", "a rule that went decides nothing");
}

/// A customer's order is resolved; what became of the survey.
async fn surveyed(shop: &Shop, wait: i64) -> Value {
    let order = shop.order().await;
    assert_eq!(shop.move_to(&order, &json!({"to": "resolved"})).await.status, 200);
    shop.memory.live(SignedDuration::from_secs(wait)).await.unwrap();
    shop.by(Role::Supervisor, "GET", "/v1/surveys").await.json()["items"][0].clone()
}

#[tokio::test]
async fn customers_are_asked_when_the_first_policy_that_matches_says() {
    let everyone = format!("{SURVEYS}/everyone");
    let shop = Shop::open().await;
    assert_eq!(surveyed(&shop, 14_000).await["state"], "scheduled", "as shipped, after four hours");
    let shop = Shop::open().await;
    shop.replace(&everyone, &json!({"delay_seconds": 600, "window_seconds": 86_400})).await;
    assert_eq!(surveyed(&shop, 700).await["state"], "sent");
    let shop = Shop::open().await;
    let web = json!({"id": "web", "when": {"channel": ["web"]}, "delay_seconds": 0, "window_seconds": 86_400});
    shop.publish(SURVEYS, &web).await;
    let survey = surveyed(&shop, 60).await;
    assert_eq!(survey["state"], "sent");
    let times =
        ["created_at", "closes_at"].map(|name| survey[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap());
    assert_eq!(times[1].duration_since(times[0]).as_secs(), 86_400);
}

#[tokio::test]
async fn whom_the_policy_does_not_ask_is_not_asked_and_the_reason_is_kept() {
    let shop = Shop::open().await;
    let zh =
        json!({"id": "zh", "when": {"language": ["zh"]}, "enabled": false, "delay_seconds": 0, "window_seconds": 60});
    shop.publish(SURVEYS, &zh).await;
    let survey = surveyed(&shop, 86_400).await;
    assert_eq!((survey["state"].as_str(), survey["skip_reason"].as_str()), (Some("skipped"), Some("policy")));
    assert!(!shop.memory.notices().iter().any(|notice| notice.template == "survey_invitation"));
    let order = format!("/v1/work-orders/{}", survey["work_order"].as_str().unwrap());
    let facts = shop.by(Role::Agent, "GET", &format!("{order}/facts?limit=200")).await.json();
    let skipped: Vec<_> =
        facts["items"].as_array().unwrap().iter().filter(|fact| fact["type"] == "survey_skipped").collect();
    assert_eq!((skipped.len(), skipped[0]["why"].as_str()), (1, Some("policy")));
}

#[tokio::test]
async fn a_rule_that_would_only_make_orders_wait_is_published_with_a_warning() {
    let shop = Shop::open().await;
    shop.publish("/v1/teams", &json!({"id": "tm_empty", "name": "空"})).await;
    let warned = |answer: &Value| answer["warnings"].as_array().map_or(0, Vec::len);
    let empty =
        shop.publish(RULES, &json!({"id": "empty", "when": {"tier": ["vip"]}, "team": "tm_empty"})).await.json();
    assert_eq!(empty["warnings"][0]["pointer"], "/team", "{empty}");
    let able = json!({"id": "able", "when": {"category": ["logistics"]}, "team": "tm_care"});
    let able = shop.publish(RULES, &able).await.json();
    assert_eq!(warned(&able), 0, "{able}");
    let expert =
        json!({"id": "expert", "level": 5, "when": {"category": ["logistics"], "tier": ["gold"]}, "team": "tm_care"});
    let refused = shop.admin("POST", RULES).json(&with(expert.clone(), json!({"level": 6}))).await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/level".to_owned()]));
    let expert = shop.publish(RULES, &with(expert, json!({"position": 1}))).await.json();
    assert_eq!(
        (&expert["warnings"][0]["pointer"], &expert["level"]),
        (&json!("/when/category/0"), &json!(5)),
        "{expert}"
    );
    let shown = shop.admin("GET", &format!("{RULES}/expert")).await.json();
    assert_eq!(shown["level"], 5);
}
