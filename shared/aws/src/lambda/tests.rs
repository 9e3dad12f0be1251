use super::*;
use crate::config::{LocalCloud, Settings, sdk_at, world_of};
use crate::queue::DeadLetters;
use axum::body::Bytes;
use axum::http::Uri;
use axum::routing::{get, post};
use redress_domain::event::EventType;
use redress_domain::id::TenantId;
use serde_json::json;

/// Handlers of a world that does not answer, and so of a dead-letter queue that does not.
async fn handlers() -> Handlers {
    let cloud = LocalCloud {
        endpoint: "http://127.0.0.1:9".to_owned(),
        region: "us-east-1".to_owned(),
        account: "000000000001".to_owned(),
    };
    let (sdk, settings) = (sdk_at(&cloud).await, Settings::read(|_| None));
    let dead_letters = DeadLetters::new(aws_sdk_sqs::Client::new(&sdk), settings.dead_letters.clone());
    Handlers::new(Surroundings { world: world_of(&sdk, &settings), dead_letters })
}

fn event(subject: &str) -> Event {
    let tenant = TenantId::parse("tn_shop").expect("an id");
    Event::new(&tenant, EventType::FeedbackReceived, subject, 1, clock::now())
}

fn message(id: &str, body: &str) -> Value {
    let attributes = json!({ "ApproximateReceiveCount": "2" });
    json!({ "messageId": id, "body": body, "eventSource": "aws:sqs", "attributes": attributes })
}

fn good(subject: &str) -> Value {
    message(subject, &json!(event(subject)).to_string())
}

async fn handle(World { .. }: World, event: Event, _: Moment) -> Result<(), Fault> {
    match event.subject.as_str() {
        "fails" => Err(Fault::Unavailable("just now".to_owned())),
        "nobody" => Err(Fault::NotFound),
        "panics" => panic!("an event that nobody thought of"),
        _ => Ok(()),
    }
}

async fn answer(handlers: &Handlers, payload: Value) -> Result<Value, &'static str> {
    handlers.answer(payload, Context::default()).await
}

fn request(method: &str, path: &str, body: Option<&str>, base64: bool) -> Value {
    let http = json!({ "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" });
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "a=1&b=%E9%80%80",
        "headers": { "host": "example.com", "content-type": "application/json" },
        "requestContext": { "stage": "$default", "http": http, "timeEpoch": 0 },
        "body": body,
        "isBase64Encoded": base64,
    })
}

#[tokio::test]
async fn only_what_failed_goes_back() {
    let handlers = handlers().await.on_event(handle);
    let records = [
        good("a"),
        good("fails"),
        good("nobody"),
        good("panics"),
        message("poison", "no event"),
        message("stranger", "{\"type\":\"other.v1\"}"),
        good("b"),
    ];
    let told = answer(&handlers, json!({ "Records": records })).await.expect("a batch is always answered");
    let failed = |id: &str| json!({ "itemIdentifier": id });
    let expected = ["fails", "nobody", "panics", "poison", "stranger"].map(failed);
    assert_eq!(told, json!({ "batchItemFailures": expected }));
}

#[tokio::test]
async fn a_batch_without_failures_is_done() {
    let handlers = handlers().await.on_event(handle);
    let told = answer(&handlers, json!({ "Records": [good("a")] })).await;
    assert_eq!(told, Ok(json!({ "batchItemFailures": [] })));
}

#[tokio::test]
async fn a_message_without_a_name_puts_the_batch_back() {
    let handlers = handlers().await.on_event(handle);
    let nameless = json!({ "eventSource": "aws:sqs", "body": "?" });
    let told = answer(&handlers, json!({ "Records": [nameless] })).await;
    assert_eq!(told, Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "" }] })));
}

#[tokio::test]
async fn a_request_reaches_its_route() {
    let echo = |uri: Uri, body: Bytes| async move { format!("{uri} {}", String::from_utf8_lossy(&body)) };
    let handlers = handlers().await.on_request(Router::new().route("/v1/echo", post(echo)));
    for (body, base64) in [("退货", false), ("6YCA6LSn", true)] {
        let told = answer(&handlers, request("POST", "/v1/echo", Some(body), base64)).await.expect("an answer");
        assert_eq!(told["statusCode"], 200);
        assert_eq!(told["isBase64Encoded"], false);
        assert_eq!(told["body"], "https://example.com/v1/echo?a=1&b=%E9%80%80 退货");
    }
    let told = answer(&handlers, request("GET", "/v1/other", None, false)).await.expect("an answer");
    assert_eq!(told["statusCode"], 404);
}

#[tokio::test]
async fn a_panic_answers_one_request_and_leaves_the_next_alone() {
    let router = Router::new().route("/panic", get(panic)).route("/bytes", get(|| async { vec![0_u8, 255] }));
    let handlers = handlers().await.on_request(router);
    let told = answer(&handlers, request("GET", "/panic", None, false)).await.expect("an answer");
    assert_eq!(
        (&told["statusCode"], &told["headers"]["content-type"]),
        (&json!(500), &json!("application/problem+json"))
    );
    let told = answer(&handlers, request("GET", "/bytes", None, false)).await.expect("an answer");
    assert_eq!((&told["body"], &told["isBase64Encoded"]), (&json!("AP8="), &json!(true)));
}

async fn panic() {
    panic!("a request that nobody thought of");
}

#[tokio::test]
async fn a_schedule_runs_its_handler_and_fails_with_it() {
    let sweep = |answer: Result<(), Fault>| move |_, _| std::future::ready(answer.clone());
    let payload = json!({ "version": "0", "detail-type": "Scheduled Event" });
    let handlers = handlers().await;
    let told = answer(&handlers.clone().on_schedule(sweep(Ok(()))), payload.clone()).await;
    assert_eq!(told, Ok(Value::Null));
    let told = answer(&handlers.on_schedule(sweep(Err(Fault::NotFound))), payload).await;
    assert!(told.is_err());
}

#[tokio::test]
async fn what_nothing_handles_is_an_error() {
    let handlers = handlers().await.on_event(handle);
    for payload in [json!({}), request("GET", "/", None, false), json!({ "Records": [{ "eventSource": "aws:s3" }] })] {
        assert!(answer(&handlers, payload).await.is_err());
    }
}
