//! What operators are told of a tenant: each thing that is not as it should be, with its place and its
//! mend.

use super::world::{MONDAY, Shop};
use crate::shop;
use jiff::{SignedDuration, Timestamp};
use redress_domain::id::{AgentId, TenantId};
use redress_domain::policy::Policies;
use redress_domain::routing::{Agent, Presence};
use redress_service::auth::{Role, admit, key};
use redress_service::memory::{Crash, MemoryWorld};
use redress_service::ports::{Record, Write};
use redress_service::publish;
use redress_service::readiness::{self, Finding, Severity, is_fit};
use serde_json::{Value, json};

/// A shop that lacks nothing: policies, keys, a team and two people who are there.
async fn well() -> MemoryWorld {
    let memory = MemoryWorld::new(MONDAY.parse().unwrap());
    let tenant = shop::tenant();
    let agents = ["ana", "lead"].map(|name| shop::agent(name, &["zh", "en"], 10));
    let mut writes = shop::writes(&tenant, &agents, &Policies::shipped());
    writes.extend(admit(&tenant, Role::Admin, None, &key(&[1; 32]), memory.moment().now));
    writes.extend(admit(&tenant, Role::Agent, AgentId::parse("ag_ana"), &key(&[2; 32]), memory.moment().now));
    publish::seed(&memory.world(), writes).await.unwrap();
    memory
}

async fn look(memory: &MemoryWorld) -> Vec<Finding> {
    readiness::tenant(&memory.world(), &shop::tenant(), memory.moment().now).await
}

/// Everything that is not well: what was asked, how much it means, and where.
async fn wrong(memory: &MemoryWorld) -> Vec<(&'static str, Severity, String)> {
    let findings = look(memory).await.into_iter().filter(|finding| finding.severity != Severity::Ok);
    findings.map(|finding| (finding.id, finding.severity, finding.place)).collect()
}

fn one(id: &'static str, severity: Severity, place: &str) -> Vec<(&'static str, Severity, String)> {
    vec![(id, severity, place.to_owned())]
}

/// Changes the body of a document, as nobody could over the API.
async fn rewrite(memory: &MemoryWorld, partition: &str, sort: &str, change: impl FnOnce(&mut Value)) {
    let found = memory.store().snapshot().into_iter();
    let mut found = found.filter(|record| record.key.partition == partition && record.key.sort.starts_with(sort));
    let mut record: Record = found.next().unwrap_or_else(|| panic!("nothing at {partition} {sort}"));
    change(std::sync::Arc::make_mut(&mut record.body));
    record.version += 1;
    memory.world().store.commit(&[Write::Put(record)]).await.unwrap();
}

async fn forget(memory: &MemoryWorld, of: impl Fn(&Record) -> bool) {
    for record in memory.store().snapshot().into_iter().filter(|record| of(record)) {
        memory.world().store.commit(&[Write::Delete(record.key, record.version)]).await.unwrap();
    }
}

/// The office's calendar with a few days that are not like the others.
fn special(policies: &mut Value, holidays: &[&str], overrides: &Value) {
    policies["calendars"][1]["calendar"]["holidays"] = json!(holidays);
    policies["calendars"][1]["calendar"]["overrides"] = overrides.clone();
}

#[tokio::test]
async fn a_shop_that_lacks_nothing_is_fit_and_looking_changes_nothing() {
    let memory = well().await;
    let before = memory.store().snapshot();
    assert_eq!(wrong(&memory).await, []);
    assert!(is_fit(&look(&memory).await));
    assert_eq!(memory.store().snapshot(), before);
}

#[tokio::test]
async fn a_tenant_that_nobody_knows_is_told_how_to_begin() {
    let nobody = TenantId::parse("tn_nobody").unwrap();
    let memory = well().await;
    let findings = readiness::tenant(&memory.world(), &nobody, memory.moment().now).await;
    assert_eq!((findings.len(), findings[0].id, findings[0].severity), (1, "tenant.known", Severity::Fail));
    assert!(findings[0].mend.as_ref().unwrap().contains("bootstrap --tenant tn_nobody"));
}

#[tokio::test]
async fn without_a_valid_admins_key_a_shop_is_not_fit() {
    let memory = well().await;
    forget(&memory, |record| record.body["role"] == "admin").await;
    assert_eq!(wrong(&memory).await, one("tenant.admin_key", Severity::Fail, "tn_shop api keys"));
}

#[tokio::test]
async fn a_key_that_is_listed_and_opens_nothing_is_named_by_its_id() {
    let memory = well().await;
    let agents = |record: &Record| record.key.partition.starts_with("key#") && record.body["role"] == "agent";
    let id = memory.store().snapshot().iter().find(|record| agents(record)).unwrap().body["key"].clone();
    forget(&memory, agents).await;
    let place = format!("tn_shop {}", id.as_str().unwrap());
    assert_eq!(wrong(&memory).await, one("tenant.keys", Severity::Fail, &place));
}

#[tokio::test]
async fn a_calendar_whose_holidays_have_passed_is_stale_and_one_whose_holidays_end_soon_is_a_warning() {
    // It is the 23rd of November in Shanghai.
    let place = "tn_shop calendar office version 1";
    for (holidays, overrides, found) in [
        (&["2026-10-01", "2026-10-02"][..], json!({}), one("tenant.holidays", Severity::Fail, place)),
        (&["2026-10-01"], json!({"2026-11-22": []}), one("tenant.holidays", Severity::Fail, place)),
        (&["2026-11-23"], json!({}), one("tenant.holidays", Severity::Warn, place)),
        (&["2026-12-22"], json!({}), one("tenant.holidays", Severity::Warn, place)),
        (&["2026-10-01"], json!({"2027-02-14": [["09:00", "18:00"]]}), vec![]),
        (&["2027-01-01"], json!({}), vec![]),
        (&[], json!({"2026-10-10": [["09:00", "18:00"]]}), vec![]),
        (&[], json!({"2026-10-10": []}), one("tenant.holidays", Severity::Fail, place)),
        (&[], json!({}), vec![]),
    ] {
        let memory = well().await;
        rewrite(&memory, "tn_shop#policy", "-", |policies| special(policies, holidays, &overrides)).await;
        assert_eq!(wrong(&memory).await, found, "{holidays:?} {overrides}");
    }
}

#[tokio::test]
async fn a_stale_calendar_that_nothing_counts_on_is_only_a_warning() {
    let memory = well().await;
    rewrite(&memory, "tn_shop#policy", "-", |policies| {
        special(policies, &["2020-01-01"], &json!({}));
        policies["calendar"] = json!("always");
    })
    .await;
    assert_eq!(wrong(&memory).await, one("tenant.holidays", Severity::Warn, "tn_shop calendar office version 1"));
}

#[tokio::test]
async fn policies_that_this_version_cannot_use_are_named_by_place() {
    let memory = well().await;
    rewrite(&memory, "tn_shop#policy", "-", |policies| {
        policies["sla"].as_array_mut().unwrap().pop();
    })
    .await;
    let found = wrong(&memory).await;
    assert_eq!(found[0], ("tenant.policies", Severity::Fail, "tn_shop policies version 1 /sla".to_owned()));

    let memory = well().await;
    rewrite(&memory, "tn_shop#policy", "-", |policies| policies["of_tomorrow"] = json!(1)).await;
    let found = wrong(&memory).await;
    assert_eq!(found[0], ("tenant.documents", Severity::Fail, "tn_shop#policy -".to_owned()));
}

#[tokio::test]
async fn without_a_team_or_without_agents_orders_wait_and_somebody_is_told() {
    let memory = well().await;
    forget(&memory, |record| record.key.partition == "tn_shop#roster").await;
    let found = wrong(&memory).await;
    assert!(found.contains(&("tenant.fallback", Severity::Fail, "tn_shop teams".to_owned())), "{found:?}");

    let memory = well().await;
    rewrite(&memory, "tn_shop#roster", "team#", |team| team["fallback"] = json!(false)).await;
    assert_eq!(wrong(&memory).await, one("tenant.fallback", Severity::Warn, "tn_shop teams"));

    let memory = well().await;
    forget(&memory, |record| record.key.sort.starts_with("agent#")).await;
    let found = wrong(&memory).await;
    assert!(found.contains(&("tenant.team_agents", Severity::Fail, "tn_shop tm_care".to_owned())), "{found:?}");
}

/// A shop of one agent.
async fn alone(change: impl FnOnce(&mut Agent)) -> MemoryWorld {
    let memory = MemoryWorld::new(MONDAY.parse().unwrap());
    let mut agent = shop::agent("lead", &["zh", "en"], 10);
    change(&mut agent);
    let mut writes = shop::writes(&shop::tenant(), &[agent], &Policies::shipped());
    writes.extend(admit(&shop::tenant(), Role::Admin, None, &key(&[1; 32]), memory.moment().now));
    publish::seed(&memory.world(), writes).await.unwrap();
    memory
}

fn nobody_there(languages: &[&str]) -> Vec<(&'static str, Severity, String)> {
    let place = |language: &&str| ("tenant.on_shift", Severity::Warn, format!("tn_shop tm_care {language}"));
    languages.iter().map(place).collect()
}

#[tokio::test]
async fn nobody_who_speaks_it_or_is_online_is_a_warning_by_team_and_language() {
    let only_chinese = alone(|agent| agent.languages.truncate(1)).await;
    assert_eq!(wrong(&only_chinese).await, nobody_there(&["en"]));
    let away = alone(|agent| agent.status = Presence::Away).await;
    assert_eq!(wrong(&away).await, nobody_there(&["zh", "en"]));
    assert!(is_fit(&look(&away).await));
}

#[tokio::test]
async fn nobody_is_there_when_the_shift_is_over() {
    let memory = alone(|agent| agent.shift = Some("office".to_owned())).await;
    assert_eq!(wrong(&memory).await, []);
    memory.advance(SignedDuration::from_hours(15));
    assert_eq!(wrong(&memory).await, nobody_there(&["zh", "en"]));
}

#[tokio::test]
async fn whatever_is_named_and_not_there_is_found_where_it_is_named() {
    for (sort, change, place) in [
        ("team#", json!({"calendar": "moon"}), "tn_shop tm_care"),
        ("team#", json!({"lead": "ag_gone"}), "tn_shop tm_care"),
        ("team#", json!({"overflow": ["tm_gone"]}), "tn_shop tm_care"),
        ("agent#ag_ana", json!({"teams": ["tm_care", "tm_gone"]}), "tn_shop ag_ana"),
    ] {
        let memory = well().await;
        rewrite(&memory, "tn_shop#roster", sort, |body| {
            for (field, value) in change.as_object().unwrap() {
                body[field] = value.clone();
            }
        })
        .await;
        assert_eq!(wrong(&memory).await, one("tenant.references", Severity::Fail, place), "{change}");
    }
    let memory = well().await;
    let rule = json!([{"id": "vip", "version": 3, "when": {}, "team": "tm_gone"}]);
    rewrite(&memory, "tn_shop#policy", "-", |policies| policies["routing"] = rule).await;
    assert_eq!(wrong(&memory).await, one("tenant.references", Severity::Fail, "tn_shop routing rule vip version 3"));
}

#[tokio::test]
async fn a_version_that_an_open_order_runs_by_and_that_is_gone_is_found() {
    let shop = Shop::open().await;
    let said = shop.say("one", "快递丢了 my parcel is lost").await.unwrap();
    shop.memory.settle().await;
    let order = shop.order_of(&said.id).await;
    let versions = |findings: Vec<Finding>| findings.into_iter().find(|one| one.id == "tenant.versions").unwrap();
    assert_eq!(versions(look(&shop.memory).await).severity, Severity::Ok);
    // The policy in force is another version now, and nobody kept the one before.
    rewrite(&shop.memory, "tn_shop#policy", "-", |policies| {
        for policy in policies["sla"].as_array_mut().unwrap() {
            policy["version"] = json!(7);
        }
    })
    .await;
    let found = versions(look(&shop.memory).await);
    assert_eq!((found.severity, found.place), (Severity::Fail, format!("tn_shop {}", order.id)));
    assert!(found.says.contains("sla#"), "{}", found.says);
}

#[tokio::test]
async fn a_model_that_is_not_in_the_bucket_is_found() {
    let memory = well().await;
    let model = json!({"version": 2, "digest": "0".repeat(64)});
    rewrite(&memory, "tn_shop#policy", "-", |policies| policies["model"] = model).await;
    assert_eq!(wrong(&memory).await, one("tenant.model", Severity::Fail, "tn_shop model version 2"));
}

#[tokio::test]
async fn a_key_that_was_revoked_is_told_from_one_that_opens_the_shop() {
    let memory = well().await;
    let valid = readiness::key(&memory.world(), "the console's", &key(&[1; 32])).await;
    assert_eq!((valid.severity, valid.says.as_str()), (Severity::Ok, "opens tn_shop"));
    let revoked = readiness::key(&memory.world(), "the console's", &key(&[9; 32])).await;
    assert_eq!((revoked.severity, revoked.place.as_str()), (Severity::Fail, "the console's"));
}

#[tokio::test]
async fn a_sweep_that_is_two_minutes_late_is_not_fit() {
    let shop = Shop::open().await;
    let now: Timestamp = MONDAY.parse().unwrap();
    assert_eq!(readiness::sweep(&shop.memory.world(), now).await.severity, Severity::Ok);
    shop.say("one", "快递丢了 my parcel is lost").await.unwrap();
    let due = readiness::oldest_due(&shop.memory.world()).await.unwrap().unwrap();
    for (seconds, severity) in [(120, Severity::Ok), (121, Severity::Fail)] {
        let found = readiness::sweep(&shop.memory.world(), due + SignedDuration::from_secs(seconds)).await;
        assert_eq!(found.severity, severity, "{seconds}");
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_unknown_and_not_well() {
    let memory = well().await;
    memory.faults().arm(1, Crash::Before);
    let found = wrong(&memory).await;
    assert_eq!(found, one("tenant.known", Severity::Unknown, "tn_shop"));
}

#[tokio::test]
async fn a_webhook_that_was_given_up_is_a_warning_and_one_that_somebody_disabled_is_none() {
    for (why, found) in [("given_up", 1), ("gone", 1), ("asked", 0)] {
        let memory = well().await;
        let webhook = json!({
            "id": "wh_1", "url": "https://shop.example/hooks", "events": ["*"], "state": "disabled", "why": why,
            "created_at": MONDAY, "since": MONDAY, "secret": format!("whsec_{}", "A".repeat(43) + "="),
        });
        let key = redress_service::ports::Key { partition: "tn_shop#webhooks".to_owned(), sort: "wh_1".to_owned() };
        let record = Record { key, version: 1, body: webhook.into(), due_at: None, place: None, expires_at: None };
        memory.world().store.commit(&[Write::Put(record)]).await.unwrap();
        let wrong = wrong(&memory).await;
        assert_eq!(wrong, one("tenant.webhooks", Severity::Warn, "tn_shop wh_1")[..found], "{why}");
    }
}
