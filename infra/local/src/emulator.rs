//! The emulator as a process: bound to this machine, ended with whoever starts it until handed over.

use crate::layout::{Layout, tail};
use crate::process::{self, Group};
use crate::{LocalError, Options, faults, lock};
use rustix::process::Signal;
use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// The region of the local cloud.
pub(crate) const REGION: &str = "us-east-1";
/// How long it may take to answer; it takes half a second on an idle machine.
const START: Duration = Duration::from_secs(60);
/// How long it may take to save its state.
const STOP: Duration = Duration::from_secs(30);
/// How long it may take to answer a question about itself; it does all its work in one process.
const ANSWER: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(50);

/// The fault proxy that an emulator is to start beside itself.
pub(crate) struct Proxy {
    /// The Python that it is installed for.
    pub(crate) python: PathBuf,
    /// Its port on 127.0.0.1.
    pub(crate) port: u16,
}

impl Proxy {
    /// Where the functions find it.
    pub(crate) fn url(&self) -> String {
        faults::url(self.port)
    }
}

/// An emulator that nobody else knows of yet.
pub(crate) struct Emulator {
    group: Group,
    leash: Option<ChildStdin>,
}

impl Emulator {
    /// Starts one on `port`, with its fault proxy if there is to be one, and waits until it answers.
    pub(crate) fn start(
        options: &Options,
        layout: &Layout,
        (python, port): (&Path, u16),
        proxy: Option<&Proxy>,
    ) -> Result<Self, LocalError> {
        // Asked first, for a clear answer: the emulator would only say that it ended.
        TcpListener::bind(("127.0.0.1", port)).map_err(|_| LocalError::PortTaken { port })?;
        let log = layout.log("emulator");
        let output = File::create(&log).map_err(|e| LocalError::io("write", log.display(), e))?;
        let errors = output.try_clone().map_err(|e| LocalError::io("write", log.display(), e))?;
        let mut command = Command::new(python);
        command.arg(options.root.join("infra/local/launch.py")).arg(&layout.dir).arg(port.to_string());
        if let Some(Proxy { python, port }) = proxy {
            command.arg(python).arg(port.to_string());
        }
        environment(&mut command, layout, port, proxy);
        command.current_dir(layout.temporary()).stdin(Stdio::piped()).stdout(output).stderr(errors);
        let mut group = Group::spawn(&mut command).map_err(|e| LocalError::io("run", python.display(), e))?;
        let leash = group.child.stdin.take();
        let mut emulator = Self { group, leash };
        emulator.wait(options, &log, || answers(&endpoint(port)))?;
        if let Some(proxy) = proxy {
            emulator.wait(options, &layout.log("faults"), || faults::answers(&proxy.url()))?;
        }
        Ok(emulator)
    }

    fn wait(&mut self, options: &Options, log: &Path, answers: impl Fn() -> bool) -> Result<(), LocalError> {
        let deadline = Instant::now() + START;
        while !answers() {
            options.check_interrupted()?;
            if Instant::now() > deadline || !matches!(self.group.child.try_wait(), Ok(None)) {
                return Err(LocalError::Start { tail: tail(log), log: log.to_path_buf() });
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// Its process id, which is its process group's too.
    pub(crate) fn pid(&self) -> u32 {
        self.group.child.id()
    }

    /// Lets it live on without us.
    pub(crate) fn hand_over(mut self) -> Result<(), LocalError> {
        if let Some(mut leash) = self.leash.take() {
            leash.write_all(b"stay\n").map_err(|e| LocalError::io("hand over", "the local cloud", e))?;
        }
        self.group.hand_over();
        Ok(())
    }

    /// Lets it live as long as we do: the leash stays in our hand, and falls when we are gone.
    pub(crate) fn keep(mut self) {
        std::mem::forget(self.leash.take());
        self.group.hand_over();
    }
}

/// Where the emulator on `port` answers AWS calls.
pub(crate) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Whether an emulator answers there.
pub(crate) fn answers(endpoint: &str) -> bool {
    agent().get(format!("{endpoint}/_ministack/health")).call().is_ok()
}

/// Asks the emulator itself, past any proxy of the caller's.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().timeout_global(Some(ANSWER)).proxy(None).build().new_agent()
}

/// A clean environment: the functions inherit all of the emulator's.
fn environment(command: &mut Command, layout: &Layout, port: u16, proxy: Option<&Proxy>) {
    isolated(command, layout);
    let functions = proxy.map_or_else(|| endpoint(port), Proxy::url);
    command
        .env("GATEWAY_PORT", port.to_string())
        // The default binds every interface.
        .env("BIND_HOST", "127.0.0.1")
        // Queue addresses hold this: not `localhost`, which may mean ::1.
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("MINISTACK_REGION", REGION)
        // Further listeners, on every interface.
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("LOG_LEVEL", "WARNING")
        // What the functions get as their endpoint.
        .env("AWS_ENDPOINT_URL", functions)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", layout.data().join("state"))
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", layout.data().join("s3"))
        // The roles in the template are enforced.
        .env("AUTH", "true");
}

/// Nothing of the caller's environment: no proxy, no AWS profile, no settings of another emulator.
pub(crate) fn isolated(command: &mut Command, layout: &Layout) {
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("LANG", "C.UTF-8").env("PYTHONUNBUFFERED", "1");
    // The SDKs read ~/.aws.
    command.env("HOME", layout.temporary()).env("TMPDIR", layout.temporary());
}

/// Stops the emulator that lives on this state; answers whether one did.
pub(crate) fn stop(layout: &Layout) -> bool {
    let Some(pid) = lock::emulator_pid(layout) else { return false };
    process::signal(pid.unsigned_abs(), Signal::TERM);
    let deadline = Instant::now() + STOP;
    while lock::emulator_pid(layout).is_some() && Instant::now() < deadline {
        std::thread::sleep(TICK);
    }
    // Also when it has ended: a function that it started may not have.
    process::signal(pid.unsigned_abs(), Signal::KILL);
    while lock::emulator_pid(layout).is_some() {
        std::thread::sleep(TICK);
    }
    fs::remove_file(layout.cloud()).ok();
    true
}
