//! The API by a client that nobody wrote: generated from the OpenAPI document, in another language.

use super::stack;
use super::tenant::Tenant;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What is in `infra/contract`.
pub(crate) fn contract(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is a folder").join("infra/contract").join(name)
}

fn ran(command: &mut Command) -> Output {
    let output = command.output().expect("it starts");
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", told(&output.stdout), told(&output.stderr));
    output
}

#[test]
fn a_generated_client_drives_the_whole_main_job() {
    let shop = Tenant::open("client");
    let mut options = stack::options("client");
    options.venv_dir = options.state_dir.join("venv");
    let python =
        redress_local::environment(&options, &contract("requirements.txt")).expect("the generator is installed");
    let (folder, document) = (options.state_dir.join("generated"), contract("../../shared/http/openapi.json"));
    let programs = python.parent().expect("a program lies in a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut generator = Command::new(programs.join("openapi-python-client"));
    // A piece that it can't make is a warning, and a hole in the client.
    generator.args(["generate", "--overwrite", "--fail-on-warning", "--path"]).arg(document);
    ran(generator.arg("--output-path").arg(&folder).env("PATH", path));
    let up = json!({"url": shop.url, "api_keys": shop.keys()});
    let walked = ran(Command::new(&python).arg(contract("drive.py")).arg(&folder).arg(up.to_string()));
    assert_eq!(String::from_utf8_lossy(&walked.stdout).lines().count(), 2, "{walked:?}");
}
