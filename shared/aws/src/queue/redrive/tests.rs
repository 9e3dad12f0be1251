use super::*;
use crate::config::{LocalCloud, sdk_at};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was asked of SQS, in turn.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A server that speaks SQS for one test: `answer` by operation and body, `None` to refuse.
fn sqs(mut answer: impl FnMut(&str, &Value) -> Option<Value> + Send + 'static) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let told = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (operation, body) = request(&stream);
            let answered = answer(&operation, &body);
            told.lock().unwrap().push((operation, body));
            let refused = json!({"__type": "com.amazonaws.sqs#AccessDenied", "message": "no"});
            let (status, body) = answered.map_or(("403 Forbidden", refused), |answer| ("200 OK", answer));
            let body = body.to_string();
            let head = "content-type: application/x-amz-json-1.0\r\nconnection: close";
            write!(stream, "HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    (endpoint, asked)
}

/// The operation of a request, and its body.
fn request(stream: &TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(stream);
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_owned();
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            Some((name, value)) if name.eq_ignore_ascii_case("x-amz-target") => {
                operation = value.trim_start_matches("AmazonSQS.").to_owned();
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (operation, serde_json::from_slice(&body).unwrap())
}

fn began() -> Timestamp {
    "2026-11-25T08:00:00Z".parse().unwrap()
}

/// A dead letter that was sent so many seconds after the redrive began.
fn letter(id: &str, reason: Option<&str>, seconds: i64) -> Value {
    let sent = began().as_millisecond() + seconds * 1000;
    let mut letter = json!({"MessageId": id, "ReceiptHandle": format!("handle-{id}"), "Body": format!("正文 {id}"),
        "Attributes": {"SentTimestamp": sent.to_string()}});
    if let Some(reason) = reason {
        letter["MessageAttributes"] = json!({"reason": {"DataType": "String", "StringValue": reason}});
    }
    letter
}

async fn redrive(endpoint: &str) -> Redrive {
    let cloud = LocalCloud { endpoint: endpoint.to_owned(), region: "us-east-1".into(), account: "test".into() };
    let output = |name: &str| Some(format!("{endpoint}/{name}"));
    Redrive::deployed(&sdk_at(&cloud).await, QueueName::FollowUp, output, began()).unwrap()
}

fn operations(asked: &Asked) -> Vec<String> {
    asked.lock().unwrap().iter().map(|(operation, _)| operation.clone()).collect()
}

/// Answers the first `ReceiveMessage` with `letters`, and each later one with nothing.
fn once(letters: Vec<Value>) -> impl FnMut(&str, &Value) -> Option<Value> + Send + 'static {
    let mut letters = Some(letters);
    move |operation, _| match operation {
        "ReceiveMessage" => Some(json!({"Messages": letters.take().unwrap_or_default()})),
        _ => Some(json!({"MessageId": "new", "MD5OfMessageBody": ""})),
    }
}

#[tokio::test]
async fn each_is_received_sent_without_its_reason_and_only_then_deleted() {
    let (endpoint, asked) = sqs(once(vec![letter("a", Some("not found"), -9), letter("b", None, -8)]));
    let (mut redrive, mut tally) = (redrive(&endpoint).await, Tally::default());
    while redrive.put_back(usize::MAX, &mut tally).await.unwrap() {}
    let expected = ["ReceiveMessage", "SendMessage", "DeleteMessage", "SendMessage", "DeleteMessage", "ReceiveMessage"];
    assert_eq!(operations(&asked), expected);
    assert_eq!(tally.by_reason, BTreeMap::from([(None, 1), (Some("not found".to_owned()), 1)]));
    let asked = asked.lock().unwrap();
    let sent = json!({"QueueUrl": format!("{endpoint}/FollowUpQueueUrl"), "MessageBody": "正文 a"});
    let deleted = json!({"QueueUrl": format!("{endpoint}/FollowUpDeadLettersUrl"), "ReceiptHandle": "handle-a"});
    assert_eq!((&asked[1].1, &asked[2].1), (&sent, &deleted));
}

#[tokio::test]
async fn what_could_not_be_sent_is_not_deleted_and_not_counted() {
    let mut letters = once(vec![letter("a", None, -9)]);
    let (endpoint, asked) =
        sqs(move |operation, body| if operation == "SendMessage" { None } else { letters(operation, body) });
    let (mut redrive, mut tally) = (redrive(&endpoint).await, Tally::default());
    let failed = redrive.put_back(usize::MAX, &mut tally).await;
    assert_eq!(failed, Err(PortError::Unavailable("SendMessage: AccessDenied".to_owned())));
    assert_eq!((operations(&asked).last().unwrap().as_str(), tally.messages()), ("SendMessage", 0));
}

#[tokio::test]
async fn what_comes_back_while_it_is_at_work_is_left_and_so_it_ends() {
    // A poison message fails at once and rests again, each time under a new id.
    let mut number = 0;
    let (endpoint, _) = sqs(move |operation, _| match operation {
        "ReceiveMessage" => {
            number += 1;
            Some(json!({"Messages": [letter(&number.to_string(), Some("not found"), number - 2)]}))
        }
        _ => Some(json!({"MessageId": "new", "MD5OfMessageBody": ""})),
    });
    let (mut redrive, mut tally) = (redrive(&endpoint).await, Tally::default());
    while redrive.put_back(usize::MAX, &mut tally).await.unwrap() {}
    assert_eq!((tally.messages(), tally.left), (2, 1));
}

#[tokio::test]
async fn looking_changes_nothing_and_lets_go_of_what_it_saw() {
    let (endpoint, asked) = sqs(once(vec![letter("a", Some("not found"), -9)]));
    let (mut redrive, mut tally) = (redrive(&endpoint).await, Tally::default());
    while redrive.look(usize::MAX, &mut tally).await.unwrap() {}
    redrive.let_go().await;
    assert_eq!(operations(&asked), ["ReceiveMessage", "ReceiveMessage", "ChangeMessageVisibility"]);
    let freed = asked.lock().unwrap()[2].1.clone();
    assert_eq!((&freed["VisibilityTimeout"], tally.messages()), (&json!(0), 1));
}

#[tokio::test]
async fn no_more_are_asked_for_than_are_wished() {
    let (endpoint, asked) = sqs(once(vec![letter("a", None, -9), letter("b", None, -9)]));
    let (mut redrive, mut tally) = (redrive(&endpoint).await, Tally::default());
    while redrive.put_back(2, &mut tally).await.unwrap() {}
    assert_eq!(asked.lock().unwrap()[0].1["MaxNumberOfMessages"], 2);
    assert_eq!((tally.messages(), operations(&asked).len()), (2, 5));
}

#[tokio::test]
async fn a_deployed_stacks_queues_are_found_by_their_names() {
    let (endpoint, _) = sqs(|operation, body| match operation {
        "ListQueues" => {
            let named = |name: &str| body["QueueNamePrefix"] == name;
            let urls =
                if named("shop-FollowUpQueue-") || named("shop-FollowUpDeadLetters-") { vec!["u"] } else { vec![] };
            Some(json!({ "QueueUrls": urls }))
        }
        _ => Some(json!({})),
    });
    let cloud = LocalCloud { endpoint, region: "us-east-1".into(), account: "test".into() };
    let sdk = sdk_at(&cloud).await;
    assert!(Redrive::of_stack(&sdk, QueueName::FollowUp, "shop", began()).await.is_ok());
    let lost = Redrive::of_stack(&sdk, QueueName::FollowUp, "other", began()).await.err();
    let told = "no queue other-FollowUpQueue-… in this account and region".to_owned();
    assert_eq!(lost, Some(PortError::Unavailable(told)));
}
