//! The functions, built for this machine: the emulator runs them as they are.

use crate::layout::{Layout, tail};
use crate::{LocalError, Options, Profile, Step, process};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What every function's package name begins with.
const PREFIX: &str = "redress-";

/// Builds every function; answers with each one's name under `functions/` and its binary.
pub(crate) fn build(
    options: &Options,
    layout: &Layout,
    progress: &mut dyn FnMut(Step),
) -> Result<BTreeMap<String, PathBuf>, LocalError> {
    let names = names(options)?;
    let log = layout.log("build");
    fs::remove_file(&log).ok();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(&options.root);
    cargo.args(["build", "--color=never", "--message-format=json-render-diagnostics"]);
    if options.profile == Profile::Release {
        cargo.arg("--release");
    }
    for name in &names {
        cargo.args(["--package", &format!("{PREFIX}{name}")]);
    }
    let (mut crates, mut binaries) = (0, BTreeMap::new());
    progress(Step::Building(crates));
    let status = process::run(&mut cargo, &log, options, &mut |line| {
        let Some(artifact) = artifact(line) else { return };
        if !artifact.fresh {
            crates += 1;
            progress(Step::Building(crates));
        }
        binaries.extend(artifact.function());
    });
    match status {
        Ok(status) if status.success() => Ok(binaries),
        Ok(_) => Err(LocalError::Build { tail: tail(&log), log }),
        Err(LocalError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Err(LocalError::NoCargo),
        Err(other) => Err(other),
    }
}

/// The directories under `functions/` that hold a package.
fn names(options: &Options) -> Result<Vec<String>, LocalError> {
    let dir = options.root.join("functions");
    let entries = fs::read_dir(&dir).map_err(|e| LocalError::io("read", dir.display(), e))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

/// What Cargo says when it has a crate ready.
#[derive(Deserialize)]
struct Artifact {
    reason: String,
    target: Target,
    executable: Option<PathBuf>,
    /// Whether it was ready before.
    fresh: bool,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

impl Artifact {
    fn function(self) -> Option<(String, PathBuf)> {
        let name = self.target.name.strip_prefix(PREFIX)?.to_owned();
        Some((name, self.executable?))
    }
}

fn artifact(line: &str) -> Option<Artifact> {
    serde_json::from_str(line).ok().filter(|artifact: &Artifact| artifact.reason == "compiler-artifact")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_told_from_a_library() {
        let function = r#"{"reason":"compiler-artifact","target":{"name":"redress-intake"},"executable":"/t/redress-intake","fresh":false}"#;
        let found = artifact(function).and_then(Artifact::function);
        assert_eq!(found, Some(("intake".to_owned(), PathBuf::from("/t/redress-intake"))));
        let library = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null,"fresh":true}"#;
        assert!(artifact(library).is_some_and(|a| a.function().is_none()));
        assert!(artifact(r#"{"reason":"build-finished","success":true}"#).is_none());
    }
}
