//! From nothing to an API that answers.

use crate::emulator::{Emulator, Proxy};
use crate::layout::Layout;
use crate::{Cloud, DEFAULT_PORT, LocalError, Options, Step};
use crate::{deploy, emulator, faults, functions, lock, python, running};
use std::fs;

/// Brings the local cloud up, or answers with the one that runs already.
///
/// Safe to call again after any failure, and by several processes at once: one works, the others
/// wait and get its cloud. Fault rules count from when the stack stands; one that runs already with the
/// fault proxy gets them in place of its own. Until it returns `Ok`, the emulator ends with this process.
///
/// # Errors
/// Every [`LocalError`] but `NoAnswer` and `Rules`; each says what to do next.
pub fn up(options: &Options, progress: &mut dyn FnMut(Step)) -> Result<Cloud, LocalError> {
    let layout = Layout::at(&options.state_dir);
    let _held = lock::take(&layout.work_lock(), options, progress)?;
    if let Some(cloud) = running(&options.state_dir) {
        return options.faults.iter().try_for_each(|rules| faults::load_faults(&cloud, rules)).map(|()| cloud);
    }
    if !options.root.join("template.yaml").exists() {
        return Err(LocalError::NoTemplate { root: options.root.clone() });
    }
    // One that no longer answers, or that lost its `up`.
    emulator::stop(&layout);
    layout.make()?;
    let python = python::prepare(options, &layout, progress)?;
    let proxy = proxy(options, &layout, progress)?;
    let binaries = functions::build(options, &layout, progress)?;
    progress(Step::Starting);
    let port = options.port.unwrap_or_else(|| last_port(&layout));
    let emulator = Emulator::start(options, &layout, (&python, port), proxy.as_ref())?;
    progress(Step::Deploying);
    let endpoint = emulator::endpoint(port);
    let outputs = deploy::deploy(options, &layout, &python, &endpoint, &binaries)?;
    let cloud = Cloud {
        url: deploy::api_url(&endpoint),
        endpoint,
        region: emulator::REGION.to_owned(),
        stack: deploy::STACK.to_owned(),
        port,
        pid: emulator.pid(),
        state_dir: layout.dir.clone(),
        faults_url: proxy.as_ref().map(Proxy::url),
        outputs,
    };
    options.faults.iter().try_for_each(|rules| faults::load_faults(&cloud, rules))?;
    cloud.save(&layout)?;
    if options.stay {
        emulator.hand_over()?
    } else {
        emulator.keep()
    }
    Ok(cloud)
}

/// The fault proxy, if there is to be one.
fn proxy(options: &Options, layout: &Layout, progress: &mut dyn FnMut(Step)) -> Result<Option<Proxy>, LocalError> {
    if options.faults.is_none() {
        return Ok(None);
    }
    let python = python::prepare_faults(options, layout, progress)?;
    Ok(Some(Proxy { python, port: faults::free_port()? }))
}

fn last_port(layout: &Layout) -> u16 {
    let last = fs::read_to_string(layout.port()).unwrap_or_default();
    last.trim().parse().unwrap_or(DEFAULT_PORT)
}
