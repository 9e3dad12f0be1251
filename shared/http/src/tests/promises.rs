//! What a shop promises in public: published as a whole, resting on what its clocks keep, and read by
//! everybody in their own language.

use super::{Answered, Shop, key};
use redress_domain::id::TenantId;
use redress_service::auth::Role;
use redress_service::keys;
use serde_json::{Value, json};

const PROMISES: &str = "/v1/promises";
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn promise(id: &str, backed_by: Option<Value>) -> Value {
    let mut promise = json!({
        "id": id, "title": {"zh": "投诉 <一天> 内解决", "en": "Complaints put right in <a day>"},
        "text": {"zh": "质量与物流\n说到做到", "en": "Quality & delivery\nWe mean it"},
    });
    backed_by.into_iter().for_each(|backing| promise["backed_by"] = backing);
    promise
}

fn backed(policy: &str, metric: &str) -> Option<Value> {
    Some(json!({"sla_policy": policy, "metric": metric}))
}

impl Shop {
    async fn promise(&self, body: &Value) -> Answered {
        self.by(Role::Admin, "PUT", PROMISES).header("if-match", "*").json(body).await
    }

    /// A promise that rests on a policy of its own for chat: hours of the office, and five yuan for
    /// whoever waits half an hour longer.
    async fn promising(&self) -> Answered {
        let levels = json!([{"name": "pay", "anchor": {"after": 1_800}, "audience": "supervisors",
            "actions": [{"compensate": {"amount_minor": 500, "currency": "CNY"}}]}]);
        let target = json!({"P1": 900, "P2": 900, "P3": 14_400, "P4": 14_400});
        let policy = json!({"id": "chats", "position": 1, "when": {"channel": ["chat"]},
            "targets": {"first_response": target, "statutory:returns": {"days": 7}}, "levels": levels,
            "compensation_cap": {"amount_minor": 1_000, "currency": "CNY"}});
        let made = self.by(Role::Admin, "POST", "/v1/sla-policies").json(&policy).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let promises =
            [promise("fast", backed("chats", "first_response")), promise("law", backed("chats", "statutory:returns"))];
        self.promise(&json!({"promises": promises.into_iter().chain([promise("plain", None)]).collect::<Vec<_>>()}))
            .await
    }

    async fn page(&self, path: &str, language: &str) -> Answered {
        self.ask("GET", path).header("accept", BROWSER).header("accept-language", language).await
    }
}

#[tokio::test]
async fn a_shop_promises_nothing_until_it_says_so_and_whoever_works_there_reads_it() {
    let shop = Shop::open().await;
    for role in [Role::Agent, Role::Supervisor, Role::Admin, Role::Auditor] {
        let read = shop.by(role, "GET", PROMISES).await;
        assert_eq!((read.status, read.header("etag")), (200, "\"1\""));
        assert_eq!(read.json(), json!({"version": 1, "promises": [], "approval": []}));
    }
    assert_eq!(shop.by(Role::Integrator, "GET", PROMISES).await.status, 403);
    assert_eq!(shop.by(Role::Supervisor, "PUT", PROMISES).json(&json!({"promises": []})).await.status, 403);
    assert_eq!(shop.by(Role::Agent, "GET", "/v1/promises?limit=1").await.pointers(), ["/limit"]);
}

#[tokio::test]
async fn a_promise_shows_the_figure_that_the_clocks_keep_whatever_is_published_since() {
    let shop = Shop::open().await;
    let put = shop.promising().await;
    assert_eq!((put.status, put.header("etag")), (200, "\"2\""), "{}", put.text);
    let shown = shop.by(Role::Agent, "GET", PROMISES).await.json();
    assert_eq!(shown, put.json());
    let figure = &shown["promises"][0]["figure"];
    assert_eq!(
        (&figure["sla_policy"], &figure["version"], &figure["calendar"]),
        (&json!("chats"), &json!(1), &json!("office"))
    );
    assert_eq!((&figure["targets"]["P1"], &figure["targets"]["P4"]), (&json!(900), &json!(14_400)));
    let late = json!({"amount": {"amount_minor": 500, "currency": "CNY"}, "late_by_seconds": 1_800});
    assert_eq!((&figure["compensation"]["P1"], &figure["compensation_cap"]["amount_minor"]), (&late, &json!(1_000)));
    assert_eq!((&shown["promises"][1]["figure"]["days"], &shown["promises"][2]["figure"]), (&json!(7), &Value::Null));

    // Another target is another figure, with nothing published anew beside it.
    let mut policy = shop.by(Role::Admin, "GET", "/v1/sla-policies/chats").await.json();
    for ours in ["id", "version"] {
        policy.as_object_mut().unwrap().remove(ours);
    }
    policy["targets"]["first_response"]["P1"] = json!(60);
    let put = shop.by(Role::Admin, "PUT", "/v1/sla-policies/chats").header("if-match", "*").json(&policy).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let shown = shop.by(Role::Agent, "GET", PROMISES).await;
    assert_eq!((shown.header("etag"), &shown.json()["promises"][0]["figure"]["targets"]["P1"]), ("\"2\"", &json!(60)));

    // A team that counts on another calendar is said, too.
    let team = json!({"name": "夜班 Night", "categories": [], "fallback": true, "calendar": "always"});
    assert_eq!(shop.by(Role::Admin, "PUT", "/v1/teams/tm_care").header("if-match", "*").json(&team).await.status, 200);
    let shown = shop.by(Role::Agent, "GET", PROMISES).await.json();
    assert_eq!(shown["promises"][0]["figure"]["team_calendars"], json!(["always"]));
}

#[tokio::test]
async fn promises_are_replaced_whole_by_whoever_has_read_them_and_each_version_is_kept() {
    let shop = Shop::open().await;
    let body = json!({"promises": [promise("plain", None)], "approval": [
        {"currency": "CNY", "automatic_up_to_minor": 500, "supervisor_up_to_minor": 2_000},
        {"currency": "USD", "supervisor_up_to_minor": 300},
    ]});
    let put = |seen: Option<&'static str>, name: &'static str| {
        let asking = shop.by(Role::Admin, "PUT", PROMISES).header("idempotency-key", name);
        seen.into_iter().fold(asking, |asking, seen| asking.header("if-match", seen)).json(&body)
    };
    assert_eq!(put(None, "a").await.status, 428);
    let first = put(Some("\"1\""), "b").await;
    assert_eq!((first.status, &first.json()["approval"][1]["automatic_up_to_minor"]), (200, &json!(0)));
    assert_eq!(put(Some("\"1\""), "c").await.status, 412);
    let again = put(Some("\"1\""), "b").await;
    assert_eq!((again.status, again.header("idempotency-replayed"), again.json()), (200, "true", first.json()));
    assert_eq!(shop.promise(&json!({"promises": []})).await.json()["approval"], json!([]));
    for (version, promises) in [(1, 0), (2, 1)] {
        let kept = keys::promises_version(&TenantId::parse("tn_a").unwrap(), version);
        let kept = shop.memory.world().store.get(&kept).await.unwrap().unwrap();
        assert_eq!(kept.body["promises"].as_array().unwrap().len(), promises, "version {version}");
    }
}

#[tokio::test]
async fn all_that_cant_be_promised_is_told_at_once_and_changes_nothing() {
    let shop = Shop::open().await;
    let mut wordy = promise("wordy", None);
    (wordy["title"]["zh"], wordy["text"]["en"]) = (json!("长".repeat(101)), json!("x".repeat(501)));
    wordy["figure"] = json!(null);
    let mut mute = promise("mute", None);
    mute["title"].as_object_mut().unwrap().remove("en");
    mute["text"]["zh"] = json!("\u{200b}");
    let band = |currency: &str, automatic: i64, supervisor: i64| json!({"currency": currency, "automatic_up_to_minor": automatic, "supervisor_up_to_minor": supervisor});
    let asked = json!({
        "version": 7,
        "promises": [wordy, mute, promise("Upper", backed("none", "quickly"))],
        "approval": [band("yuan", -1, 2)],
    });
    let refused = shop.promise(&asked).await;
    let places = [
        "/approval/0/automatic_up_to_minor",
        "/approval/0/currency",
        "/promises/0/figure",
        "/promises/0/text/en",
        "/promises/0/title/zh",
        "/promises/1/text/zh",
        "/promises/1/title/en",
        "/promises/2/backed_by/metric",
        "/promises/2/id",
        "/version",
    ];
    assert_eq!(refused.pointers(), places);
    let twice = [promise("a", backed("none", "resolution")), promise("a", backed("everything", "ownership"))];
    let refused = shop.promise(&json!({"promises": twice, "approval": [band("CNY", 2, 1), band("CNY", 0, 1)]})).await;
    let places = [
        "/approval/0/supervisor_up_to_minor",
        "/approval/1/currency",
        "/promises/0/backed_by/sla_policy",
        "/promises/1/backed_by/metric",
        "/promises/1/id",
    ];
    assert_eq!(refused.pointers(), places);
    let many: Vec<_> = (0..51).map(|number| promise(&number.to_string(), None)).collect();
    assert_eq!(shop.promise(&json!({"promises": many})).await.pointers(), ["/promises"]);
    assert_eq!(shop.promise(&json!({})).await.pointers(), ["/promises"]);
    assert_eq!(shop.by(Role::Admin, "GET", PROMISES).await.header("etag"), "\"1\"");
}

#[tokio::test]
async fn what_a_promise_rests_on_can_not_be_taken_away() {
    let shop = Shop::open().await;
    shop.promising().await;
    let dropped = shop.by(Role::Admin, "DELETE", "/v1/sla-policies/chats").await;
    assert_eq!((dropped.status, dropped.code().as_str()), (409, "in_use"));
    assert!(dropped.text.contains("fast"), "{}", dropped.text);
    for body in [
        json!({"when": {"channel": ["chat"]}, "targets": {"statutory:returns": {"days": 7}}, "levels": []}),
        json!({"when": {"channel": ["chat"]}, "no_sla": true}),
    ] {
        let put = shop.by(Role::Admin, "PUT", "/v1/sla-policies/chats").header("if-match", "*").json(&body).await;
        assert_eq!((put.status, put.pointers()), (422, vec!["/targets".to_owned()]));
        assert!(put.text.contains("fast"), "{}", put.text);
    }
    assert_eq!(shop.promise(&json!({"promises": [promise("plain", None)]})).await.status, 200);
    assert_eq!(shop.by(Role::Admin, "DELETE", "/v1/sla-policies/chats").await.status, 204);
}

#[tokio::test]
async fn everybody_reads_what_is_promised_in_their_own_language() {
    let shop = Shop::open().await;
    shop.promising().await;
    for (path, language, tag, told) in [
        (
            "/p/tn_a",
            "zh-CN",
            "zh-CN",
            [
                "投诉 &lt;一天&gt; 内解决",
                "首次答复",
                "15 个工作分钟内",
                "4 个工作小时内",
                "7 个自然日内",
                "如逾期超过 30 个工作分钟，补偿最高 CNY 5.00；同一工单合计最高 CNY 10.00。",
            ],
        ),
        (
            "/p/tn_a",
            "en-GB,en;q=0.9",
            "en",
            [
                "Complaints put right in &lt;a day&gt;",
                "First answer",
                "within 15 working minutes",
                "within 4 working hours",
                "within 7 calendar days",
                "If we are more than 30 working minutes late: up to CNY 5.00, and up to CNY 10.00 for one case in all.",
            ],
        ),
    ] {
        let page = shop.page(path, language).await;
        assert_eq!((page.status, page.header("content-language")), (200, tag), "{}", page.text);
        assert_eq!(page.header("cache-control"), "public, max-age=300");
        assert!(page.text.contains(&format!("<html lang=\"{tag}\">")) && !page.text.contains("<script"));
        for words in told {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
    }
    for (query, tag) in
        [("lang=en", "en"), ("lang=zh-TW&from=wechat", "zh-CN"), ("lang=fr", "zh-CN"), ("from=a&from=b", "zh-CN")]
    {
        let page = shop.page(&format!("/p/tn_a?{query}"), "zh").await;
        assert_eq!((page.status, page.header("content-language")), (200, tag), "{query}");
    }
    assert!(shop.page("/p/tn_a", "zh").await.text.contains("逐单计时"));
    shop.promise(&json!({"promises": [promise("plain", None)]})).await;
    assert!(!shop.page("/p/tn_a", "zh").await.text.contains("逐单计时"), "of plain words no clock is claimed");
    assert_eq!(shop.ask("GET", "/p/tn_a?lang=%ff").header("accept", "application/json").await.code(), "malformed");
}

#[tokio::test]
async fn programs_read_the_same_figures_without_a_key_and_nothing_of_how_the_shop_is_set_up() {
    let shop = Shop::open().await;
    shop.promising().await;
    let read = shop.ask("GET", "/p/tn_a?lang=en").header("accept", "application/json").await;
    assert_eq!((read.status, read.header("cache-control")), (200, "public, max-age=300"));
    assert_eq!(read.header("vary"), "Accept, Accept-Language");
    let body = read.json();
    assert_eq!(body["language"], "en");
    let (fast, plain) = (&body["promises"][0], &body["promises"][2]);
    assert_eq!((&fast["title"], &plain["figure"]), (&json!("Complaints put right in <a day>"), &Value::Null));
    let targets = &fast["figure"]["targets"];
    assert_eq!(targets.as_array().unwrap().len(), 2, "once for all that are alike: {targets}");
    assert_eq!((&targets[0]["priorities"], &targets[0]["seconds"]), (&json!(["P1", "P2"]), &json!(900)));
    assert_eq!(
        (&targets[0]["urgency"], &targets[1]["within"]),
        (&json!("most urgent or urgent"), &json!("within 4 working hours"))
    );
    assert_eq!(
        (&targets[0]["compensation"]["amount"]["amount_minor"], &fast["figure"]["around_the_clock"]),
        (&json!(500), &json!(false))
    );
    for inside in ["chats", "office", "approval"] {
        assert!(!read.text.contains(inside), "{inside}: {}", read.text);
    }
}

#[tokio::test]
async fn a_shop_that_there_is_not_is_answered_as_one_that_promises_nothing() {
    let shop = Shop::open().await;
    let ask = async |tenant: &str| shop.ask("GET", &format!("/p/{tenant}")).header("accept", "application/json").await;
    let missing = ask("tn_nobody").await;
    assert_eq!(
        (missing.status, missing.code().as_str(), missing.header("cache-control")),
        (404, "not_found", "no-store")
    );
    // One with policies of its own, one without, and what is no tenant at all.
    let published = shop.by(Role::Admin, "PUT", "/v1/priority-policy").header("if-match", "*");
    assert_eq!(published.json(&json!({"sentiment_drop": 60})).await.status, 200);
    for tenant in ["tn_a", "tn_b", "TN_A", "a", "tn_%E5%BA%97"] {
        let other = ask(tenant).await;
        assert_eq!((other.status, other.anonymous()), (404, missing.anonymous()), "{tenant}");
    }
    let pages = [shop.page("/p/tn_nobody", "zh").await, shop.page("/p/tn_a", "zh").await];
    assert!(pages.iter().all(|page| page.status == 404 && page.text == pages[0].text && page.text.contains("找不到")));
    shop.promising().await;
    assert_eq!(
        (ask("tn_a").await.status, ask("tn_b").await.status),
        (200, 404),
        "one shop's promises are not another's"
    );
    let before = shop.memory.store().snapshot();
    for method in ["GET", "HEAD", "OPTIONS", "POST"] {
        shop.ask(method, "/p/tn_a").key(&key("tn_a", Role::Admin)).await;
    }
    assert_eq!(shop.memory.store().snapshot(), before, "reading it changes nothing");
}
