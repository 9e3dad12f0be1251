//! The restore drill: a stack's data taken out, put into a clean stack, and compared.

use super::attachments::{PNG, declared};
use super::clocks::tell;
use super::stack::{eventually, options, start, within};
use super::tenant::Tenant;
use redress_local::{Cloud, Options};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A local cloud of this scenario's own, which ends with it.
struct Stack {
    options: Options,
    cloud: Cloud,
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _gone = redress_local::down(&self.options.state_dir, true);
    }
}

/// Something wrong in a stack, by another language, as a script of somebody's would do it.
const PLANTED: &str = r#"
import boto3, json, sys, time
outputs, what, argument = json.loads(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
table = boto3.resource("dynamodb", region_name="us-east-1").Table(outputs["TableName"])
if what == "changed":
    table.update_item(Key=argument, UpdateExpression="SET version = version + :one", ExpressionAttributeValues={":one": 1})
elif what == "passing":
    table.put_item(Item=argument | {"version": 1, "body": "{}", "expires_at": int(time.time()) + 60})
elif what == "deleted":
    table.delete_item(Key=argument)
else:
    boto3.client("s3", region_name="us-east-1").delete_object(Bucket=outputs["BucketName"], Key=argument)
"#;

impl Stack {
    fn up(state: &str) -> Self {
        let options = options(state);
        redress_local::down(&options.state_dir, true).unwrap();
        let cloud = start(&options);
        Self { options, cloud }
    }

    fn python(&self) -> Command {
        let mut python = Command::new(self.options.venv_dir.join("bin/python"));
        python.env("PYTHONDONTWRITEBYTECODE", "1").envs(self.cloud.environment());
        python
    }

    /// What the drill says, and how it ends.
    fn drill(&self, way: &str, rest: &[&str]) -> (Option<i32>, String) {
        let script = self.options.root.join("infra/restore/drill.py");
        let mut command = self.python();
        command.arg(script).args([way, "--stack", &self.cloud.stack]).args(rest);
        let Output { status, stdout, stderr } = command.output().expect("the emulator's Python starts");
        (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
    }

    /// The same, and it is done.
    fn drilled(&self, way: &str, rest: &[&str]) -> String {
        let (code, told) = self.drill(way, rest);
        assert_eq!(code, Some(0), "{way}: {told}");
        told
    }

    fn plant(&self, what: &str, argument: &Value) {
        let outputs = serde_json::to_string(&self.cloud.outputs).unwrap();
        let done = self.python().args(["-c", PLANTED, &outputs, what, &argument.to_string()]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// A folder that is new.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("restore-drill");
    let _none = std::fs::remove_dir_all(&folder);
    folder
}

/// What was open when the first stack ended.
struct Left {
    shop: Tenant,
    held: String,
    waiting: String,
    feedback: String,
    tracking: String,
    file: String,
}

fn said(shop: &Tenant, customer: &str) -> Value {
    let message = "快递三天没到了 my parcel is late";
    let answer = shop.say(customer, &json!({"channel": "web", "message": message, "customer": {"ref": customer}}));
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()
}

fn feedback(said: &Value) -> String {
    format!("/v1/feedback/{}", said["id"].as_str().unwrap())
}

/// Where its order is, once there is one.
fn order(shop: &Tenant, feedback: &str) -> String {
    let order = within(150, "an order", || shop.get(feedback).json()["work_order_id"].as_str().map(str::to_owned));
    format!("/v1/work-orders/{order}")
}

/// Three agents who are full, an order that waits for one of them, a file, and, once its queues have
/// stopped, a feedback that nobody has understood.
fn a_day(old: &Stack) -> Left {
    let shop = Tenant::staffed(&old.cloud, "drill", 1);
    let orders = ["c-1", "c-2", "c-3", "w-1"].map(|customer| order(&shop, &feedback(&said(&shop, customer))));
    let [held, .., waiting] = orders;
    let holder = |order: &str| shop.get(order).json()["agent"].clone();
    eventually("somebody to have it", || holder(&held).is_string().then_some(()));
    assert_eq!(holder(&waiting), Value::Null);
    let file = shop.file(&declared("破损.png", "image/png", PNG), PNG);
    assert_eq!(file["state"], "clean", "{file}");
    let file = format!("attachments/{}/{}", shop.id, file["id"].as_str().unwrap());

    old.drilled("stop", &[]);
    let said = said(&shop, "late");
    let tracking = said["tracking_url"].as_str().unwrap().strip_prefix(&shop.url).expect("a link of ours").to_owned();
    let feedback = feedback(&said);
    assert_eq!(shop.get_as_integrator(&feedback).json()["work_order_id"], Value::Null);
    Left { shop, held, waiting, feedback, tracking, file }
}

#[test]
fn what_is_exported_is_restored_into_a_clean_stack_equal_and_what_was_open_goes_on_there() {
    let (old, folder) = (Stack::up("drill-old"), folder());
    let mut left = a_day(&old);
    let (to, passing) = (folder.to_str().unwrap(), passing(&left.shop));
    old.plant("passing", &passing);
    let exported = old.drilled("export", &["--to", to]);
    assert!(exported.contains("1 objects") && exported.contains("customers' words"), "{exported}");
    only_its_owner_reads(&folder);
    let (code, told) = old.drill("restore", &["--from", to]);
    assert!(code == Some(2) && told.contains("is not clean"), "{told}");
    drop(old);

    let new = Stack::up("drill-new");
    let (code, told) = new.drill("restore", &["--from", to]);
    assert!(code == Some(2) && told.contains("is at work"), "{told}");
    new.drilled("stop", &[]);
    let restored = new.drilled("restore", &["--from", to]);
    let compared = new.drilled("compare", &["--from", to]);
    assert!(compared.ends_with("equal\n"), "{compared}");
    tell(&format!("{}; {}", restored.trim(), compared.trim().replace('\n', "; ")));

    what_is_planted_is_found_and_mended(&new, to, &left);
    what_has_expired_may_be_gone(&new, to, &passing);
    new.drilled("start", &[]);
    what_was_open_goes_on(&new, &mut left);
}

/// The key of a document that expires within a minute.
fn passing(shop: &Tenant) -> Value {
    json!({"pk": format!("{}#reply#drill", shop.id), "sk": "-"})
}

fn what_has_expired_may_be_gone(new: &Stack, to: &str, passing: &Value) {
    new.plant("deleted", passing);
    within(120, "it to have expired", || {
        let (_, told) = new.drill("compare", &["--from", to]);
        (told.contains("1 items have expired") && told.ends_with("equal\n")).then_some(())
    });
}

fn only_its_owner_reads(folder: &Path) {
    for path in [folder.to_owned(), folder.join("manifest.json"), folder.join("items/00.json.gz")] {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} is open to others: {mode:o}", path.display());
    }
}

/// One item changed, one deleted, one object gone: each is named, without a word of a customer's.
fn what_is_planted_is_found_and_mended(new: &Stack, to: &str, left: &Left) {
    let (tenant, id) = (&left.shop.id, left.waiting.rsplit_once('/').unwrap().1);
    let order = json!({"pk": format!("{tenant}#order#{id}"), "sk": "order"});
    let policy = json!({"pk": format!("{tenant}#policy"), "sk": "-"});
    new.plant("changed", &order);
    new.plant("deleted", &policy);
    new.plant("object", &json!(left.file));
    let (code, told) = new.drill("compare", &["--from", to]);
    assert_eq!(code, Some(1), "{told}");
    for line in [
        format!("order: 1 changed: {tenant}#order#{id} order\n"),
        format!("policy: 1 missing: {tenant}#policy -\n"),
        format!("objects: 1 missing: {}\n", left.file),
    ] {
        assert!(told.contains(&line), "{line}{told}");
    }
    assert!(!told.contains("parcel") && !told.contains("快递"), "{told}");

    // A restore goes on where one broke off, and never over what has changed.
    let (code, told) = new.drill("restore", &["--from", to, "--again"]);
    assert!(code == Some(2) && told.contains("not of this export"), "{told}");
    new.plant("deleted", &order);
    let again = new.drilled("restore", &["--from", to, "--again"]);
    assert!(again.contains(" items and 1 objects"), "{again}");
    assert!(new.drilled("compare", &["--from", to]).ends_with("equal\n"));
}

/// Nothing of the queues was restored: marks alone bring back what was on its way.
fn what_was_open_goes_on(new: &Stack, left: &mut Left) {
    left.shop.url.clone_from(&new.cloud.url);
    let shop = &left.shop;
    assert_eq!(shop.customer_gets(&left.tracking).status, 200, "a customer's link holds");
    order(shop, &left.feedback);
    let resolved = shop.post(&format!("{}/transitions", left.held), &json!({"to": "resolved"}));
    assert_eq!(resolved.status, 200, "{resolved:?}");
    eventually("the order that waits to be somebody's", || {
        shop.get(&left.waiting).json()["agent"].is_string().then_some(())
    });
}
