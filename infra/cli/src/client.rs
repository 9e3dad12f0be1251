//! Speaks HTTP to Redress as a shop's back end would: with keys, and again with the same key when
//! no answer came.

use crate::keys::{self, ApiKeys};
use crate::{Failure, state_dir};
use serde_json::Value;
use std::time::Duration;
use ureq::Agent;

/// How often a request is tried.
const TRIES: u32 = 8;

/// One API and one key.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    url: String,
    key: String,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) replayed: bool,
}

impl Client {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
        Self { agent: config.build().into(), url: url.trim_end_matches('/').to_owned(), key: key.to_owned() }
    }

    /// The API at `url` with `key`; what is not given is the local cloud's, `own` of its keys.
    pub(crate) fn of(
        url: Option<&str>,
        key: Option<&str>,
        own: impl FnOnce(&ApiKeys) -> &String,
    ) -> Result<Self, Failure> {
        if let (Some(url), Some(key)) = (url, key) {
            return Ok(Self::new(url, key));
        }
        let stopped =
            || Failure::Usage("nothing runs here; give --url and --key, or start it with `redress up`".to_owned());
        let state_dir = state_dir()?;
        let cloud = redress_local::running(&state_dir).ok_or_else(stopped)?;
        let keys = keys::read(&state_dir).ok_or_else(stopped)?;
        Ok(Self::new(url.unwrap_or(&cloud.url), key.unwrap_or(own(&keys))))
    }

    /// Reads a document.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, String> {
        persist(|| {
            let request = self.agent.get(format!("{}{path}", self.url));
            read(request.header("Authorization", format!("Bearer {}", self.key)).call())
        })
    }

    /// Posts a document under an idempotency key.
    pub(crate) fn post(&self, path: &str, idempotency_key: &str, body: &Value) -> Result<Answer, String> {
        persist(|| self.post_once(path, idempotency_key, body))
    }

    /// The same, tried once: for whoever wants to know how that went.
    pub(crate) fn post_once(&self, path: &str, idempotency_key: &str, body: &Value) -> Result<Answer, String> {
        let request = self.agent.post(format!("{}{path}", self.url));
        let request = request.header("Authorization", format!("Bearer {}", self.key));
        read(request.header("Idempotency-Key", idempotency_key).send_json(body))
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, String> {
    let mut answer = answer.map_err(|error| error.to_string())?;
    let replayed = answer.headers().contains_key("idempotency-replayed");
    let text = answer.body_mut().read_to_string().map_err(|error| error.to_string())?;
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer { status: answer.status().as_u16(), body, replayed })
}

/// Tries again while there is no answer, or one that says "later": the wait doubles each time.
fn persist(mut ask: impl FnMut() -> Result<Answer, String>) -> Result<Answer, String> {
    let mut wait = Duration::from_millis(50);
    for _ in 1..TRIES {
        match ask() {
            Ok(answer) if answer.status < 500 && answer.status != 429 => return Ok(answer),
            _ => std::thread::park_timeout(wait),
        }
        wait *= 2;
    }
    ask()
}
