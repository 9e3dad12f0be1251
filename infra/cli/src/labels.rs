//! `redress labels`: what agents corrected, as rows for `redress train`.

use crate::client::Client;
use crate::{Failure, terminal};
use serde_json::Value;

/// What `labels` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where from; the local cloud if absent.
    #[arg(long)]
    url: Option<String>,
    /// The key of a supervisor, an admin or an auditor; the local cloud's if absent.
    #[arg(long)]
    key: Option<String>,
}

/// Runs it: a row a line.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let client = Client::of(arguments.url.as_deref(), arguments.key.as_deref(), |keys| &keys.supervisor)?;
    let mut cursor = None;
    loop {
        let more = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page = client.get(&format!("/v1/labels?limit=200{more}")).map_err(Failure::Short)?;
        let (Some(items), 200) = (page.body["items"].as_array(), page.status) else {
            let why = page.body["detail"].as_str().unwrap_or("no list came back");
            return Err(Failure::Short(format!("{}: {why}", page.status)));
        };
        items.iter().for_each(|row| terminal::say(&row.to_string()));
        match &page.body["next_cursor"] {
            Value::String(next) => cursor = Some(next.clone()),
            _ => return Ok(()),
        }
    }
}
