//! `redress signature`: signatures of webhooks for whoever asks, a line of JSON each way.

use crate::Failure;
use crate::lines::{self, Refusal, required};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use redress_domain::signature::{Seal, SigningSecret, sign, verify};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What `signature` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Signature,
}

#[derive(clap::Subcommand)]
enum Signature {
    /// Sign messages as webhooks are signed: JSON lines in, the headers of each out.
    ///
    /// In: {"secret","now","headers":{"webhook-id"},"body_base64"}; the secret is a text or a list
    /// while two live, with or without whsec_; now is RFC 3339 or seconds since 1970. Out:
    /// {"headers":{"webhook-id","webhook-timestamp","webhook-signature"}}, or
    /// {"error":{"code","detail"}}; a bad line does not stop the others.
    #[command(
        after_help = "Example:\n  redress signature sign messages.jsonl\n  echo '{\"secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\",\"now\":1614265330,\"headers\":{\"webhook-id\":\"msg_p5jXN8AQM9LWM0D4loKWxJek\"},\"body_base64\":\"eyJ0ZXN0IjogMjQzMjIzMjMxNH0=\"}' | redress signature sign"
    )]
    Sign {
        /// The lines; standard input without it, or with `-`.
        file: Option<PathBuf>,
    },
    /// Check messages as who receives webhooks checks them: JSON lines in, a verdict on each out.
    ///
    /// In: {"secret","now","headers","body_base64"}; the secret is a text or a list while two live,
    /// with or without whsec_; now is RFC 3339 or seconds since 1970, and the message may be 5
    /// minutes older or newer; names of headers may be written in any case. Out: {"valid","why"},
    /// where why is null for a valid one; a bad line is not valid and does not stop the others.
    #[command(
        after_help = "Example:\n  redress signature verify received.jsonl\n  echo '{\"secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\",\"now\":\"2021-02-25T15:02:10Z\",\"headers\":{\"webhook-id\":\"msg_p5jXN8AQM9LWM0D4loKWxJek\",\"webhook-timestamp\":\"1614265330\",\"webhook-signature\":\"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\"},\"body_base64\":\"eyJ0ZXN0IjogMjQzMjIzMjMxNH0=\"}' | redress signature verify"
    )]
    Verify {
        /// The lines; standard input without it, or with `-`.
        file: Option<PathBuf>,
    },
}

/// Runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Signature::Sign { file } => lines::reply_to(file.as_deref(), signed),
        Signature::Verify { file } => lines::reply_to(file.as_deref(), verdict),
    }
}

/// The headers of the message that a line describes.
fn signed(number: u64, line: &[u8]) -> String {
    reply(number, line, |fields| {
        let message = Message::of(fields)?;
        let id = header(fields, "webhook-id")?;
        let Seal { id, timestamp, signature } = sign(&message.secrets, &id, message.now, &message.body)
            .map_err(|distrust| Refusal::new("unsignable", "/headers/webhook-id", distrust))?;
        let headers = json!({"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature});
        Ok(json!({"headers": headers}))
    })
    .unwrap_or_else(|(id, Refusal { code, detail })| with(id, json!({"error": {"code": code, "detail": detail}})))
}

/// Whether the message that a line describes is to be trusted.
fn verdict(number: u64, line: &[u8]) -> String {
    reply(number, line, |fields| {
        let message = Message::of(fields)?;
        let seal = Seal {
            id: header(fields, "webhook-id")?,
            timestamp: header(fields, "webhook-timestamp")?,
            signature: header(fields, "webhook-signature")?,
        };
        let verdict = verify(&message.secrets, message.now, &seal, &message.body);
        Ok(json!({"valid": verdict.is_ok(), "why": verdict.err().map(|distrust| distrust.to_string())}))
    })
    .unwrap_or_else(|(id, Refusal { detail, .. })| with(id, json!({"valid": false, "why": detail})))
}

/// What `answer` says to the line, whose other keys may note whatever its writer likes; or which line it was, if it said, and what is wrong with it.
fn reply(
    number: u64,
    line: &[u8],
    answer: impl FnOnce(&Map<String, Value>) -> Result<Value, Refusal>,
) -> Result<String, (Option<Value>, Refusal)> {
    let fields = lines::object(number, line).map_err(|refusal| (None, refusal))?;
    let id = fields.get("id").cloned();
    match answer(&fields) {
        Ok(answer) => Ok(with(id, answer)),
        Err(refusal) => Err((id, refusal)),
    }
}

/// The answer with the line's id, where it had one.
fn with(id: Option<Value>, mut answer: Value) -> String {
    if let Some(id) = id {
        answer["id"] = id;
    }
    answer.to_string()
}

/// What is common to both ways.
struct Message {
    secrets: Vec<SigningSecret>,
    now: Timestamp,
    body: Vec<u8>,
}

impl Message {
    fn of(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        Ok(Self { secrets: secrets(fields)?, now: now(fields)?, body: body(fields)? })
    }
}

fn secrets(fields: &Map<String, Value>) -> Result<Vec<SigningSecret>, Refusal> {
    let refused = |pointer: &str, mend: &str| Refusal::new("malformed_secret", pointer, mend);
    let one = |pointer: &str, value: &Value| {
        let text = value.as_str().ok_or_else(|| refused(pointer, "write a text, or a list of them"))?;
        SigningSecret::parse(text).map_err(|error| refused(pointer, &error.to_string()))
    };
    match required(fields, "secret")? {
        Value::Array(list) if list.is_empty() => Err(refused("/secret", "the list is empty: write at least one")),
        Value::Array(list) => {
            list.iter().enumerate().map(|(place, value)| one(&format!("/secret/{place}"), value)).collect()
        }
        value => one("/secret", value).map(|secret| vec![secret]),
    }
}

fn now(fields: &Map<String, Value>) -> Result<Timestamp, Refusal> {
    let mend = "write an instant of RFC 3339 with its offset, or seconds since 1970";
    let instant = match required(fields, "now")? {
        Value::Number(seconds) => seconds.as_f64().and_then(instant),
        Value::String(text) => text.parse().ok().or_else(|| text.parse().ok().and_then(instant)),
        _ => None,
    };
    instant.ok_or_else(|| Refusal::new("malformed_instant", "/now", mend))
}

/// The instant so many seconds after 1970 began, to the millisecond.
fn instant(seconds: f64) -> Option<Timestamp> {
    let milliseconds = (seconds * 1000.0).round();
    if milliseconds.is_finite() { Timestamp::from_millisecond(milliseconds as i64).ok() } else { None }
}

fn body(fields: &Map<String, Value>) -> Result<Vec<u8>, Refusal> {
    let malformed = || Refusal::new("malformed_body", "/body_base64", "write the bytes of the body in base64");
    let text = required(fields, "body_base64")?.as_str().ok_or_else(malformed)?;
    STANDARD.decode(text).map_err(|_| malformed())
}

/// The one header of that name, in whatever case it is written.
fn header(fields: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    let pointer = format!("/headers/{name}");
    let malformed = |mend| Refusal::new("malformed_header", &pointer, mend);
    let headers = required(fields, "headers")?.as_object();
    let headers = headers.ok_or_else(|| Refusal::new("malformed_header", "/headers", "write an object"))?;
    let mut of_name = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    match (of_name.next(), of_name.next()) {
        (None, _) => Err(Refusal::new("missing_header", &pointer, "must be given")),
        (Some(_), Some(_)) => Err(malformed("is given twice")),
        (Some(Value::String(text)), None) => Ok(text.clone()),
        (Some(Value::Number(number)), None) => Ok(number.to_string()),
        (Some(_), None) => Err(malformed("write a text")),
    }
}
