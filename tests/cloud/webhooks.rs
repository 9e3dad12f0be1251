//! A shop's own server, in another language, is told what happens; one that is slow holds up no other.

use super::client::contract;
use super::clocks::tell;
use super::stack::{self, eventually};
use super::tenant::Tenant;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The server: what it was told, each call with the instant at which it came.
struct Receiver {
    process: Child,
    port: u16,
    calls: Arc<Mutex<Vec<(Instant, Value)>>>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Receiver {
    fn open() -> Self {
        let mut options = stack::options("receiver");
        options.venv_dir = options.state_dir.join("venv");
        let python = redress_local::environment(&options, &contract("receiver.txt")).expect("the library is installed");
        let mut command = Command::new(python);
        command.arg(contract("receiver.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&calls);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard.lock().unwrap().push((Instant::now(), serde_json::from_str(&line).unwrap()));
            }
        });
        Self { process, port, calls }
    }

    fn address(&self, query: &str) -> String {
        format!("http://127.0.0.1:{}/hooks?{query}", self.port)
    }

    fn learn(&mut self, secret: &Value) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{}", secret.as_str().unwrap()).unwrap();
    }

    /// The calls of that id, once there are so many.
    fn told(&self, id: &Value, times: usize) -> Vec<(Instant, Value)> {
        eventually("a webhook to be told", || {
            let calls = self.calls.lock().unwrap();
            let of: Vec<_> = calls.iter().filter(|(_, call)| call["id"] == *id).cloned().collect();
            (of.len() >= times).then_some(of)
        })
    }
}

/// A webhook of a tenant's: its path, and what the API said of it.
fn hook(shop: &Tenant, url: &str, events: &[&str]) -> (String, Value) {
    let made = shop.admin_posts("/v1/webhooks", &json!({"url": url, "events": events}));
    assert_eq!(made.status, 201, "{made:?}");
    (format!("/v1/webhooks/{}", made.json()["id"].as_str().unwrap()), made.json())
}

/// The id of a test that was sent.
fn test(shop: &Tenant, hook: &str) -> Value {
    let sent = shop.admin_posts(&format!("{hook}/test"), &json!({}));
    assert_eq!(sent.status, 202, "{sent:?}");
    sent.json()["id"].clone()
}

#[test]
fn a_server_in_another_language_verifies_each_try_and_a_replay_under_one_id() {
    let (shop, mut receiver) = (Tenant::open("webhooks"), Receiver::open());
    let (hook, made) = hook(&shop, &receiver.address("fail=1"), &["work_order.created.v1", "work_order.assigned.v1"]);
    receiver.learn(&made["secret"]);
    let order = shop.order_of("快递到了，杯子碎了 my cup is broken");
    let created = eventually("the order to be told of", || {
        let calls = receiver.calls.lock().unwrap();
        let call = calls.iter().find(|(_, call)| call["body"]["type"] == "work_order.created.v1");
        call.map(|(_, call)| call["id"].clone())
    });
    // The first try was refused; the second comes five seconds later.
    let tries = receiver.told(&created, 2);
    assert!(tries.iter().all(|(_, call)| call["verified"] == json!([true])), "{tries:?}");
    assert_eq!(tries[0].1["body"], tries[1].1["body"]);
    assert_ne!(tries[0].1["timestamp"], tries[1].1["timestamp"], "each try is signed anew");
    assert_eq!(tries[0].1["body"]["data"]["work_order_id"], order["id"]);
    assert_eq!(tries[0].1["body"]["data"]["sequence"], 1);
    assert!(!tries[0].1.to_string().contains("cup"), "never a customer's words");

    let delivery = format!("{hook}/deliveries/{}", created.as_str().unwrap());
    let log = eventually("the log to say so", || {
        Some(shop.get_as_admin(&delivery).json()).filter(|log| log["state"] == "delivered")
    });
    assert_eq!(log["tries"].as_array().unwrap().len(), 2);
    assert_eq!((&log["tries"][0]["status"], &log["tries"][1]["status"]), (&json!(500), &json!(204)));
    assert_eq!(shop.admin_posts(&format!("{delivery}/replay"), &json!({})).status, 202);
    let replayed = receiver.told(&created, 3);
    assert_eq!((&replayed[2].1["verified"], &replayed[2].1["body"]), (&json!([true]), &replayed[0].1["body"]));

    let rotated = shop.admin_posts(&format!("{hook}/secret"), &json!({})).json();
    receiver.learn(&rotated["secret"]);
    let tested = receiver.told(&test(&shop, &hook), 1);
    assert_eq!(tested[0].1["verified"], json!([true, true]), "both secrets sign for a day");
    assert_eq!(shop.order_of("再问一次 and another").get("id").map(Value::is_string), Some(true));
}

#[test]
fn where_a_webhook_leads_is_looked_at_again_when_it_is_called() {
    let (shop, receiver) = (Tenant::open("webhooks_inside"), Receiver::open());
    // The local cloud opens loopback, and nothing else that is private.
    for url in ["http://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://192.168.1.1/"] {
        let refused = shop.admin_posts("/v1/webhooks", &json!({"url": url, "events": ["*"]}));
        assert_eq!((refused.status, &refused.json()["errors"][0]["pointer"]), (422, &json!("/url")), "{url}");
    }
    let elsewhere = receiver.address("");
    let (hook, _) = hook(&shop, &receiver.address(&format!("to={elsewhere}")), &["*"]);
    let id = test(&shop, &hook);
    let delivery = format!("{hook}/deliveries/{}", id.as_str().unwrap());
    let log = eventually("the try to be written down", || {
        let log = shop.get_as_admin(&delivery).json();
        (!log["tries"][0].is_null()).then_some(log)
    });
    assert_eq!((&log["tries"][0]["outcome"], &log["tries"][0]["status"]), (&json!("redirected"), &json!(307)));
    assert_eq!(receiver.calls.lock().unwrap().len(), 1, "nobody was called where it leads");
}

#[test]
fn a_tenants_server_that_answers_nothing_holds_up_no_other_tenants() {
    const EVENTS: usize = 30;
    let (slow, quick) = (Tenant::open("webhooks_slow"), Tenant::open("webhooks_quick"));
    let receiver = Receiver::open();
    let (quicks, _) = hook(&quick, &receiver.address("quick=1"), &["*"]);
    let (slows, _) = hook(&slow, &receiver.address("wait=60"), &["*"]);
    let alone = latencies(&quick, &quicks, &receiver);
    for _ in 0..EVENTS {
        test(&slow, &slows);
    }
    let beside = latencies(&quick, &quicks, &receiver);
    let waiting = slow.get_as_admin(&format!("{slows}/deliveries?state=pending")).json();
    assert_eq!(waiting["items"].as_array().unwrap().len(), EVENTS, "the slow one still waits for its answers");
    tell(&format!(
        "ten webhooks of one tenant, from the request to the call: median {} ms, longest {} ms alone; \
         median {} ms, longest {} ms beside {EVENTS} of a tenant whose server answers nothing",
        alone[5], alone[9], beside[5], beside[9]
    ));
}

/// How long ten tests took from the request until the server was called, in milliseconds, shortest
/// first.
fn latencies(shop: &Tenant, hook: &str, receiver: &Receiver) -> Vec<u128> {
    let mut took: Vec<_> = (0..10)
        .map(|_| {
            let began = Instant::now();
            let id = test(shop, hook);
            receiver.told(&id, 1)[0].0.duration_since(began).as_millis()
        })
        .collect();
    took.sort_unstable();
    took
}
