//! Children that never outlive their purpose.

use crate::{LocalError, Options};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How often a waiter looks whether it was interrupted.
const TICK: Duration = Duration::from_millis(50);
/// How long a child may take to end once asked.
const GRACE: Duration = Duration::from_secs(5);

/// A child with a process group of its own, which is ended, with its children, when dropped.
pub(crate) struct Group {
    pub(crate) child: Child,
    armed: bool,
}

impl Group {
    /// Starts `command`.
    pub(crate) fn spawn(command: &mut Command) -> std::io::Result<Self> {
        Ok(Self { child: command.process_group(0).spawn()?, armed: true })
    }

    /// Lets it live on.
    pub(crate) fn hand_over(mut self) {
        self.armed = false;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.armed || matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        signal(self.child.id(), Signal::TERM);
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(TICK);
        }
        // Also when the leader has ended: a compiler that it started may not have.
        signal(self.child.id(), Signal::KILL);
        self.child.wait().ok();
    }
}

/// Sends `signal` to the process group that `leader` leads; one that is gone is fine.
pub(crate) fn signal(leader: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        kill_process_group(pid, signal).ok();
    }
}

/// Runs `command` to its end, giving each line it prints to `line`; its complaints go to `log`.
///
/// # Errors
/// `Interrupted`, after ending the child and its children; `Io` when it can't be started.
pub(crate) fn run(
    command: &mut Command,
    log: &Path,
    options: &Options,
    line: &mut dyn FnMut(&str),
) -> Result<ExitStatus, LocalError> {
    let complaints =
        File::options().create(true).append(true).open(log).map_err(|e| LocalError::io("write", log.display(), e))?;
    // Never written to: it closes when we die, which tells our own scripts to end.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(complaints);
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |e| LocalError::io("run", &program, e);
    let mut group = Group::spawn(command).map_err(failed)?;
    let _leash = group.child.stdin.take();
    let printed = group.child.stdout.take().map(lines);
    while let Some(printed) = &printed {
        options.check_interrupted()?;
        match printed.recv_timeout(TICK) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    group.child.wait().map_err(failed)
}

/// What a child prints, read by a thread that ends with it.
fn lines(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    #[test]
    fn an_interrupted_child_is_ended() {
        let options = Options::new("/nowhere");
        options.interrupted.store(true, Ordering::Relaxed);
        let log = std::env::temp_dir().join(format!("redress-process-{}", std::process::id()));
        let started = Instant::now();
        let result = run(Command::new("sleep").arg("60"), &log, &options, &mut |_| ());
        assert!(matches!(result, Err(LocalError::Interrupted)));
        assert!(started.elapsed() < Duration::from_secs(10));
        std::fs::remove_file(log).expect("just made");
    }
}
