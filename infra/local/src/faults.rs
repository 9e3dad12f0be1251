//! The fault proxy: between the functions and the emulator, it does to AWS calls what AWS does on a
//! bad day, as its rules say.

use crate::layout::{Layout, tail};
use crate::{Cloud, LocalError, emulator};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fs;
use std::net::TcpListener;
use std::path::Path;

/// Rules for the fault proxy, in its own words; none lets everything through.
///
/// # Source
/// <https://pypi.org/project/microburst/0.10.0/>, section "Rules".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Map<String, Value>>);

impl Rules {
    /// The rules in a file: a JSON array of objects.
    ///
    /// # Errors
    /// `Rules` with the place where it is something else.
    pub fn read(path: &Path) -> Result<Self, LocalError> {
        let wrong = |why: String| LocalError::Rules { path: path.to_path_buf(), why };
        let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        Self::parse(&text).map_err(wrong)
    }

    /// The rules in a text; else where it is wrong.
    ///
    /// # Errors
    /// The line and column where it stops being JSON, or the element that is no object.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let Value::Array(rules) = value else { return Err("it is not an array".to_owned()) };
        let object = |(at, rule)| match rule {
            Value::Object(rule) => Ok(rule),
            _ => Err(format!("/{at}: it is not an object")),
        };
        rules.into_iter().enumerate().map(object).collect::<Result<_, _>>().map(Self)
    }
}

/// What the fault proxy has done since it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Injected {
    /// AWS calls that came by.
    pub calls: u64,
    /// Of these, how many met a fault.
    pub faults: u64,
    /// The rules that count now.
    pub rules: usize,
}

/// Where the proxy on `port` stands in for the emulator.
pub(crate) fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> Result<u16, LocalError> {
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    free.map(|address| address.port()).map_err(|e| LocalError::io("bind", "127.0.0.1", e))
}

/// Whether a proxy answers there.
pub(crate) fn answers(url: &str) -> bool {
    emulator::agent().get(format!("{url}/_microburst/health")).call().is_ok()
}

/// Lets `rules` count from now on, and no others, in a cloud that runs with the fault proxy.
///
/// # Errors
/// `NoProxy` where there is none; `RulesRefused` when the proxy does not take them.
pub fn load_faults(cloud: &Cloud, rules: &Rules) -> Result<(), LocalError> {
    let url = cloud.faults_url.as_deref().ok_or(LocalError::NoProxy)?;
    load(url, rules, &Layout::at(&cloud.state_dir))
}

pub(crate) fn load(url: &str, rules: &Rules, layout: &Layout) -> Result<(), LocalError> {
    let log = layout.log("faults");
    let refused = |_| LocalError::RulesRefused { why: last(&tail(&log)), log: log.clone() };
    emulator::agent().post(format!("{url}/_microburst/rules")).send_json(&rules.0).map(drop).map_err(refused)
}

/// The last line: of a traceback, what went wrong.
fn last(text: &str) -> String {
    text.lines().last().unwrap_or("it does not answer").to_owned()
}

/// What the fault proxy of a cloud has done; `None` where there is none.
///
/// # Errors
/// `NoAnswer` when the proxy is gone: then the functions reach nothing.
pub fn injected(cloud: &Cloud) -> Result<Option<Injected>, LocalError> {
    #[derive(Deserialize)]
    struct Health {
        rules: usize,
    }
    #[derive(Deserialize)]
    struct Requests {
        total: u64,
        faulted: u64,
    }
    #[derive(Deserialize)]
    struct Stats {
        requests: Requests,
    }
    let Some(url) = &cloud.faults_url else { return Ok(None) };
    let failed = |e: ureq::Error| LocalError::NoAnswer { endpoint: url.clone(), reason: e.to_string() };
    let ask = |what| emulator::agent().get(format!("{url}/_microburst/{what}")).call().map_err(failed);
    let health: Health = ask("health")?.body_mut().read_json().map_err(failed)?;
    let stats: Stats = ask("stats")?.body_mut().read_json().map_err(failed)?;
    Ok(Some(Injected { calls: stats.requests.total, faults: stats.requests.faulted, rules: health.rules }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_an_array_of_objects_and_what_is_not_is_told_where() {
        let of = |text| Rules::parse(text).map(|rules| rules.0.len());
        assert_eq!(of("[]"), Ok(0));
        assert_eq!(of(r#"[{"service": "dynamodb", "probability": 0.1, "reset": true}, {}]"#), Ok(2));
        assert_eq!(of(r#"{"rules": []}"#), Err("it is not an array".to_owned()));
        assert_eq!(of(r#"[{}, "抛错"]"#), Err("/1: it is not an object".to_owned()));
        assert_eq!(of("[\n  {]"), Err("key must be a string at line 2 column 4".to_owned()));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let missing = Rules::read(Path::new("/nowhere/rules.json")).err().map(|error| error.to_string());
        assert!(missing.is_some_and(|told| told.contains("/nowhere/rules.json")));
    }
}
