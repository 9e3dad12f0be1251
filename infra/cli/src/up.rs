//! `redress up`: the whole system on this machine.

use crate::client::Client;
use crate::keys::ApiKeys;
use crate::{Failure, root, seed, send, terminal};
use redress_local::{Cloud, Options, Profile, Rules};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What `up` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Add a small shop and send it real-looking feedback in Chinese and English.
    #[arg(long)]
    demo: bool,
    /// Return once the API answers, and leave it running.
    #[arg(long)]
    detach: bool,
    /// Print one line of JSON: address, keys, where the state is.
    #[arg(long)]
    json: bool,
    /// The port of the API.
    #[arg(long)]
    port: Option<u16>,
    /// A JSON array of rules for the fault proxy, which then stands between the functions and AWS.
    #[arg(long, value_name = "RULES")]
    faults: Option<PathBuf>,
    /// Build the functions as they are deployed: slower to build, faster to run.
    #[arg(long)]
    release: bool,
}

/// The line that programs read.
#[derive(Serialize)]
struct Line<'a> {
    url: &'a str,
    api_keys: &'a ApiKeys,
    state_dir: &'a Path,
    faults_url: Option<&'a str>,
}

/// Runs it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let faults = arguments.faults.as_deref().map(Rules::read).transpose()?;
    let (root, interrupted) = (root()?, redress_local::interrupts()?);
    let mut options = Options::new(root);
    options.port = arguments.port;
    options.faults = faults;
    options.profile = if arguments.release { Profile::Release } else { Profile::Dev };
    options.interrupted = interrupted.clone();
    let state_dir: PathBuf = options.state_dir.clone();
    let ran_before = redress_local::running(&state_dir).is_some();

    let spinner = terminal::spinner();
    let cloud = redress_local::up(&options, &mut |step| spinner.set_message(step.to_string()))?;
    spinner.set_message("making keys");
    let (keys, fresh) = seed::sow(&cloud, &state_dir, arguments.demo)?;
    spinner.finish_and_clear();
    if arguments.demo {
        send::demonstration(&Client::new(&cloud.url, &keys.integrator), fresh)?;
    }
    if arguments.json {
        let line =
            Line { url: &cloud.url, api_keys: &keys, state_dir: &state_dir, faults_url: cloud.faults_url.as_deref() };
        terminal::say(&serde_json::to_string(&line).expect("text and paths"));
    } else {
        explain(&cloud, &keys);
    }
    if arguments.detach || ran_before {
        return Ok(());
    }
    watch(&state_dir, &interrupted)
}

fn explain(cloud: &Cloud, keys: &ApiKeys) {
    if let Some(url) = &cloud.faults_url {
        terminal::complain(&format!("Faults are injected by {url}/_microburst/rules"));
    }
    terminal::say(&format!(
        "Redress runs at {url}

  export URL={url}
  export INTEGRATOR={integrator} AGENT={agent} SUPERVISOR={supervisor} ADMIN={admin}

Try next:
  curl -s $URL/v1/feedback -H \"Authorization: Bearer $INTEGRATOR\" -H 'Idempotency-Key: try-1' \\
    -H 'Content-Type: application/json' \\
    -d '{{\"channel\":\"web\",\"message\":\"快递三天没有更新了\",\"customer\":{{\"ref\":\"c-1\"}}}}'
  curl -s $URL/v1/work-orders -H \"Authorization: Bearer $AGENT\"
  cargo redress doctor
  cargo redress status
  cargo redress logs --follow

More keys: {keys}",
        url = cloud.url,
        integrator = keys.integrator,
        agent = keys.agent,
        supervisor = keys.supervisor,
        admin = keys.admin,
        keys = cloud.state_dir.join("api-keys.json").display(),
    ));
}

/// Stays until Ctrl-C, then stops what it started; the data stays.
fn watch(state_dir: &Path, interrupted: &AtomicBool) -> Result<(), Failure> {
    terminal::complain("Ctrl-C stops it; its data stays.");
    while !interrupted.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(200));
        if redress_local::running(state_dir).is_none() {
            return Err(Failure::Short("the local cloud has stopped; `redress up` starts it again".to_owned()));
        }
    }
    redress_local::down(state_dir, false)?;
    Ok(())
}
