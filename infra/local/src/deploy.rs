//! Deploys `template.yaml` by CloudFormation, as it would be to AWS.

use crate::layout::{Layout, tail};
use crate::{LocalError, Options, emulator, process};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The stack's name in the local cloud.
pub(crate) const STACK: &str = "redress";
/// The API's id, which its address holds.
const API_ID: &str = "redress";

/// What `deploy.py` is told.
#[derive(Serialize)]
struct Order<'a> {
    endpoint: &'a str,
    region: &'a str,
    stack: &'a str,
    template: PathBuf,
    packages: PathBuf,
    binaries: &'a BTreeMap<String, PathBuf>,
    parameters: BTreeMap<&'a str, String>,
}

/// Where the API answers at `endpoint`.
///
/// Without the stage's `$default`, which the emulator fills in: a dollar sign in an address is a trap.
pub(crate) fn api_url(endpoint: &str) -> String {
    format!("{endpoint}/_aws/execute-api/{API_ID}")
}

/// Creates or updates the stack; answers with its outputs.
pub(crate) fn deploy(
    options: &Options,
    layout: &Layout,
    python: &Path,
    endpoint: &str,
    binaries: &BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<String, String>, LocalError> {
    let order = Order {
        endpoint,
        region: emulator::REGION,
        stack: STACK,
        template: options.root.join("template.yaml"),
        packages: layout.packages(),
        binaries,
        parameters: BTreeMap::from([
            ("PublicUrl", api_url(endpoint)),
            ("ShowSurveyLinks", "true".to_owned()),
            ("AllowPrivateWebhookTargets", "true".to_owned()),
            ("LocalApiId", API_ID.to_owned()),
        ]),
    };
    let log = layout.log("deploy");
    let failed = || LocalError::Deploy { tail: tail(&log), log: log.clone() };
    let order = serde_json::to_string(&order).map_err(|_| failed())?;
    let mut command = Command::new(python);
    emulator::isolated(&mut command, layout);
    command.arg(options.root.join("infra/local/deploy.py")).arg(order);
    let mut outputs = None;
    std::fs::remove_file(&log).ok();
    let status = process::run(&mut command, &log, options, &mut |line| outputs = serde_json::from_str(line).ok())?;
    outputs.filter(|_| status.success()).ok_or_else(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_a_path_of_the_emulator() {
        assert_eq!(api_url("http://127.0.0.1:4566"), "http://127.0.0.1:4566/_aws/execute-api/redress");
    }
}
