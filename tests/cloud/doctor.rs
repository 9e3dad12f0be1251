//! Is this stack fit to serve? A stack of this scenario's own, from nothing to fit, and what breaks it.

use super::stack::{self, options, start};
use super::tenant::block_on;
use redress_aws::config::sdk_at;
use redress_aws::readiness::{Question, look};
use redress_domain::id::TenantId;
use redress_local::{Cloud, Options};
use redress_service::auth::key;
use redress_service::bootstrap::{self, Bootstrapped};
use redress_service::readiness::{Finding, Severity, is_fit};
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;
use ureq::Agent;

/// A stack with one shop, as an operator has it before them.
struct Stack {
    options: Options,
    cloud: Cloud,
    http: Agent,
    admin: String,
}

/// What AWS is asked by hand, as the mends say: in another language, like the `aws` of the runbook.
const BY_HAND: &str = r#"
import boto3, json, sys
endpoint, service, operation, arguments = sys.argv[1:]
client = boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
print(json.dumps(getattr(client, operation)(**json.loads(arguments)), default=str))
"#;

impl Stack {
    fn up() -> Self {
        let options = options("doctor-cloud");
        redress_local::down(&options.state_dir, true).unwrap();
        let cloud = start(&options);
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
        Self { options, cloud, http: config.build().into(), admin: String::new() }
    }

    /// Everything that doctor says, the keys of the shop's own among it.
    fn doctor(&self, keys: &[(String, String)]) -> Vec<Finding> {
        let question = Question {
            stack: self.cloud.stack.clone(),
            tenants: Vec::new(),
            items: 10_000,
            keys: keys.to_vec(),
            release: env!("CARGO_PKG_VERSION").to_owned(),
        };
        block_on(async { look(&sdk_at(&stack::at(&self.cloud)).await, &question).await })
    }

    /// What is not fit: what was asked, and where.
    fn failures(&self, keys: &[(String, String)]) -> Vec<Finding> {
        let findings = self.doctor(keys);
        assert_eq!(is_fit(&findings), findings.iter().all(|one| one.severity != Severity::Fail));
        findings.into_iter().filter(|finding| finding.severity == Severity::Fail).collect()
    }

    fn bootstrap(&self, number: u8, again: bool) -> Bootstrapped {
        let (tenant, now) = (TenantId::parse("tn_doctor").unwrap(), redress_aws::clock::now());
        block_on(async {
            bootstrap::run(&stack::world_of(&self.cloud).await, &tenant, &key(&[number; 32]), again, now).await
        })
        .unwrap()
    }

    /// The shop's admin does something over the API.
    fn admin(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.cloud.url);
        let bearer = format!("Bearer {}", self.admin);
        let answer = match method {
            "POST" => self.http.post(url).header("Authorization", bearer).send_json(body),
            "PUT" => self.http.put(url).header("Authorization", bearer).header("If-Match", "*").send_json(body),
            "GET" => self.http.get(url).header("Authorization", bearer).call(),
            _ => self.http.delete(url).header("Authorization", bearer).call(),
        };
        let mut answer = answer.expect("the local cloud answers");
        let text = answer.body_mut().read_to_string().expect("an answer in UTF-8");
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    fn by_hand(&self, service: &str, operation: &str, arguments: &Value) -> Value {
        let mut python = Command::new(self.options.venv_dir.join("bin/python"));
        python.args(["-c", BY_HAND, &self.cloud.endpoint, service, operation, &arguments.to_string()]);
        let done = python.output().expect("the emulator's Python starts");
        assert!(done.status.success(), "{operation}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _gone = redress_local::down(&self.options.state_dir, true);
    }
}

/// What operators read of each finding.
const RUNBOOK: &str = include_str!("../../docs/runbook.md");

/// The one finding of all that is not fit.
fn only(mut failures: Vec<Finding>) -> Finding {
    assert_eq!(failures.len(), 1, "{failures:#?}");
    failures.remove(0)
}

fn mend(finding: &Finding) -> &str {
    finding.mend.as_deref().expect("whatever is not fit has its mend")
}

#[test]
fn a_stack_is_brought_from_nothing_to_fit_and_each_thing_that_breaks_it_is_named_with_its_mend() {
    let mut stack = Stack::up();
    let nobody = only(stack.failures(&[]));
    assert_eq!(nobody.id, "tenants.known");
    assert!(mend(&nobody).contains("redress bootstrap"), "{nobody:?}");

    let made = the_first_key(&stack);
    stack.admin = made.clone();
    assert_eq!(only(stack.failures(&[])).id, "tenant.fallback");

    let team = json!({"id": "tm_care", "name": "客服 Care", "categories": [], "fallback": true});
    assert_eq!(stack.admin("POST", "/v1/teams", &team).0, 201);
    assert_eq!(only(stack.failures(&[])).id, "tenant.team_agents");
    let agent = json!({
        "id": "ag_ana", "name": "安娜 Ana", "teams": ["tm_care"], "languages": ["zh", "en"],
        "skills": {"logistics": 3}, "capacity": 10, "status": "online"
    });
    assert_eq!(stack.admin("POST", "/v1/agents", &agent).0, 201);
    let findings = stack.doctor(&[("first".to_owned(), made)]);
    assert!(is_fit(&findings), "{findings:#?}");
    assert!(findings.iter().filter(|one| one.severity == Severity::Ok).count() > 25, "{findings:#?}");

    for Finding { id, .. } in &findings {
        assert!(RUNBOOK.contains(&format!("`{id}`")), "{id} is not in the runbook");
    }

    a_mapping_that_was_deleted(&stack);
    a_key_that_was_revoked(&stack);
    a_policy_that_is_stale(&stack);
    assert!(is_fit(&stack.doctor(&[])), "each mend has mended it");
}

/// Four operators at the same moment: one has the key, the others are told of it.
fn the_first_key(stack: &Stack) -> String {
    let done: Vec<_> = std::thread::scope(|scope| {
        let operators: Vec<_> = (1..=4).map(|number| scope.spawn(move || stack.bootstrap(number, false))).collect();
        operators.into_iter().map(|operator| operator.join().expect("an operator is answered")).collect()
    });
    let (mut keys, mut told) = (Vec::new(), Vec::new());
    for one in done {
        match one {
            Bootstrapped::Made { made, published } => keys.push((made, published)),
            Bootstrapped::Already(admin) => told.push(admin.id),
        }
    }
    let [(made, true)] = keys.as_slice() else { panic!("one key, with the policies: {keys:?}") };
    assert_eq!(told, vec![made.shown.id.clone(); 3]);
    made.key.clone()
}

fn a_mapping_that_was_deleted(stack: &Stack) {
    let listed = stack.by_hand("lambda", "list_event_source_mappings", &json!({"FunctionName": "redress-follow-up"}));
    let mapping = &listed["EventSourceMappings"][0];
    let (id, queue) = (mapping["UUID"].clone(), mapping["EventSourceArn"].clone());
    stack.by_hand("lambda", "update_event_source_mapping", &json!({"UUID": id, "Enabled": false}));
    let off = only(stack.failures(&[]));
    assert_eq!((off.id, off.place), ("queues.consumer", format!("FollowUpQueue mapping {}", id.as_str().unwrap())));

    stack.by_hand("lambda", "delete_event_source_mapping", &json!({ "UUID": id }));
    let deleted = only(stack.failures(&[]));
    assert!(deleted.id == "queues.consumer" && deleted.place.starts_with("FollowUpQueue "), "{deleted:?}");
    let command = format!(
        "create-event-source-mapping --function-name redress-follow-up:live --event-source-arn {}",
        queue.as_str().unwrap()
    );
    assert!(mend(&deleted).contains(&command), "{deleted:?}");
    let again = json!({
        "FunctionName": "redress-follow-up:live", "EventSourceArn": queue,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    stack.by_hand("lambda", "create_event_source_mapping", &again);
    assert_eq!(stack.failures(&[]), []);
}

fn a_key_that_was_revoked(stack: &Stack) {
    let (status, made) = stack.admin("POST", "/v1/api-keys", &json!({"role": "integrator", "name": "后端 back end"}));
    assert_eq!(status, 201, "{made}");
    let keys = [("the back end's".to_owned(), made["key"].as_str().unwrap().to_owned())];
    assert_eq!(stack.failures(&keys), []);
    assert_eq!(stack.admin("DELETE", &format!("/v1/api-keys/{}", made["id"].as_str().unwrap()), &Value::Null).0, 204);
    let revoked = only(stack.failures(&keys));
    assert_eq!((revoked.id, revoked.place.as_str()), ("keys.given", "the back end's"));
    assert!(mend(&revoked).contains("/v1/api-keys"), "{revoked:?}");
}

fn a_policy_that_is_stale(stack: &Stack) {
    let of = |holidays: Value| json!({"time_zone": "Asia/Shanghai", "hours": {"mon": [["09:00", "18:00"]]}, "holidays": holidays});
    let (status, told) = stack.admin("PUT", "/v1/calendars/office", &of(json!(["2020-10-01"])));
    assert_eq!(status, 200, "{told}");
    let stale = only(stack.failures(&[]));
    assert_eq!((stale.id, stale.place.as_str()), ("tenant.holidays", "tn_doctor calendar office version 2"));
    assert!(mend(&stale).contains("PUT /v1/calendars/office"), "{stale:?}");
    assert_eq!(stack.admin("PUT", "/v1/calendars/office", &of(json!(["2199-10-01"]))).0, 200);
    assert_eq!(stack.failures(&[]), []);
}
