//! Virtual environments with what is pinned: the emulator, and whatever else tests need of Python.

use crate::layout::{Layout, tail};
use crate::{LocalError, Options, Step, lock, process};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest Python that the pinned packages run on.
const OLDEST: (u32, u32) = (3, 11);
/// What to look for, the likeliest first.
const NAMES: [&str; 5] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
/// Says its version, then fails where virtual environments can't be made.
const PROBE: &str = "import sys; print(*sys.version_info[:2], flush=True); import ensurepip, venv";
/// Holds what was installed; written last, so that half an installation is not taken for a whole.
const MARKER: &str = "installed.txt";

/// The environment's Python, installed on first use and when the pins have changed.
pub(crate) fn prepare(
    options: &Options,
    layout: &Layout,
    progress: &mut dyn FnMut(Step),
) -> Result<PathBuf, LocalError> {
    let pins = options.root.join("infra/local/requirements.txt");
    let wanted = Wanted { what: "the emulator", venv: &options.venv_dir, pins: &pins, step: Step::Installing };
    install_once(options, layout, &wanted, progress)
}

/// The Python of the fault proxy, installed on first use and when its pins have changed.
pub(crate) fn prepare_faults(
    options: &Options,
    layout: &Layout,
    progress: &mut dyn FnMut(Step),
) -> Result<PathBuf, LocalError> {
    let (pins, step) = (options.root.join("infra/local/faults.txt"), Step::InstallingFaults);
    let wanted = Wanted { what: "the fault proxy", venv: &options.faults_venv_dir, pins: &pins, step };
    install_once(options, layout, &wanted, progress)
}

/// What is to be installed.
struct Wanted<'a> {
    what: &'static str,
    venv: &'a Path,
    pins: &'a Path,
    step: Step,
}

/// The Python of an environment at `options.venv_dir` that has what `pins` names, installed on first
/// use and when they have changed.
///
/// # Errors
/// There is no Python that is new enough, or the packages can't be installed.
pub fn environment(options: &Options, pins: &Path) -> Result<PathBuf, LocalError> {
    let layout = Layout::at(&options.state_dir);
    layout.make_logs()?;
    let wanted = Wanted { what: "what tests need of Python", venv: &options.venv_dir, pins, step: Step::Installing };
    install_once(options, &layout, &wanted, &mut |_| ())
}

fn install_once(
    options: &Options,
    layout: &Layout,
    Wanted { what, venv, pins, step }: &Wanted<'_>,
    progress: &mut dyn FnMut(Step),
) -> Result<PathBuf, LocalError> {
    let wanted = fs::read_to_string(pins).map_err(|e| LocalError::io("read", pins.display(), e))?;
    let venv = std::path::absolute(venv).unwrap_or_else(|_| venv.to_path_buf());
    let _held = lock::take(&venv.with_extension("lock"), options, progress)?;
    if !is_whole(&venv, &wanted) {
        progress(*step);
        install(options, layout, &venv, (what, pins))?;
        let marker = venv.join(MARKER);
        fs::write(&marker, wanted).map_err(|e| LocalError::io("write", marker.display(), e))?;
    }
    Ok(interpreter(&venv))
}

fn interpreter(venv: &Path) -> PathBuf {
    venv.join("bin/python")
}

/// Whether `wanted` was installed to the end, and the Python it was made with is still there.
fn is_whole(venv: &Path, wanted: &str) -> bool {
    interpreter(venv).exists() && fs::read_to_string(venv.join(MARKER)).is_ok_and(|found| found == wanted)
}

fn install(
    options: &Options,
    layout: &Layout,
    venv: &Path,
    (what, pins): (&'static str, &Path),
) -> Result<(), LocalError> {
    let log = layout.log("install");
    let python = find()?;
    let failed = || LocalError::Install { what, tail: tail(&log), log: log.clone() };
    let mut make = Command::new(python);
    make.args(["-m", "venv", "--clear"]).arg(venv);
    let mut fill = Command::new(interpreter(venv));
    fill.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet", "-r"]).arg(pins);
    for step in [&mut make, &mut fill] {
        if !process::run(step, &log, options, &mut |_| ())?.success() {
            return Err(failed());
        }
    }
    Ok(())
}

/// The first Python that is new enough and can make virtual environments.
fn find() -> Result<&'static str, LocalError> {
    let mut why = LocalError::NoPython;
    for name in NAMES {
        match probe(name) {
            Probe::Good => return Ok(name),
            Probe::NoVenv => why = LocalError::NoVenv { python: name.to_owned() },
            Probe::Old(found) if matches!(why, LocalError::NoPython) => why = LocalError::OldPython { found },
            Probe::Old(_) | Probe::Missing => {}
        }
    }
    Err(why)
}

#[derive(Debug, PartialEq, Eq)]
enum Probe {
    Good,
    NoVenv,
    Old(String),
    Missing,
}

fn probe(name: &str) -> Probe {
    let output = Command::new(name).args(["-c", PROBE]).stdin(Stdio::null()).output();
    output.map_or(Probe::Missing, |o| judge(&String::from_utf8_lossy(&o.stdout), o.status.success()))
}

fn judge(version: &str, can_make_venvs: bool) -> Probe {
    let numbers: Vec<u32> = version.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    match numbers[..] {
        [major, minor] if (major, minor) < OLDEST => Probe::Old(format!("{major}.{minor}")),
        [_, _] if can_make_venvs => Probe::Good,
        [_, _] => Probe::NoVenv,
        _ => Probe::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_is_judged_by_version_and_venv() {
        assert_eq!(judge("3 11\n", true), Probe::Good);
        assert_eq!(judge("3 14\n", false), Probe::NoVenv);
        assert_eq!(judge("3 9\n", true), Probe::Old("3.9".to_owned()));
        assert_eq!(judge("", false), Probe::Missing);
    }
}
