//! The local cloud's API keys: made once, kept beside its state, readable by their owner only.

use crate::Failure;
use jiff::Timestamp;
use redress_domain::id::{AgentId, TenantId};
use redress_service::auth::{Role, admit, key};
use redress_service::ports::Write;
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// One key of each role, and two of a second tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ApiKeys {
    pub(crate) admin: String,
    pub(crate) supervisor: String,
    pub(crate) agent: String,
    pub(crate) integrator: String,
    pub(crate) auditor: String,
    pub(crate) other_supervisor: String,
    pub(crate) other_integrator: String,
}

/// The shop that `up` makes.
pub(crate) fn tenant() -> TenantId {
    TenantId::parse("tn_shop").expect("a fixed and valid id")
}

/// Another shop, which must see nothing of the first.
pub(crate) fn other_tenant() -> TenantId {
    TenantId::parse("tn_other").expect("a fixed and valid id")
}

impl ApiKeys {
    /// New keys, which nobody has seen before.
    pub(crate) fn make() -> Self {
        Self {
            admin: fresh(),
            supervisor: fresh(),
            agent: fresh(),
            integrator: fresh(),
            auditor: fresh(),
            other_supervisor: fresh(),
            other_integrator: fresh(),
        }
    }

    /// Each key and what it is called.
    pub(crate) fn named(&self) -> [(&'static str, &str); 7] {
        [
            ("admin", &self.admin),
            ("supervisor", &self.supervisor),
            ("agent", &self.agent),
            ("integrator", &self.integrator),
            ("auditor", &self.auditor),
            ("other_supervisor", &self.other_supervisor),
            ("other_integrator", &self.other_integrator),
        ]
    }

    /// The writes that make them valid and listed. The agent's key is bound to `agent`.
    pub(crate) fn admit(&self, agent: &AgentId, now: Timestamp) -> Vec<Write> {
        let (shop, other) = (tenant(), other_tenant());
        let keys = [
            (&shop, Role::Admin, None, &self.admin),
            (&shop, Role::Supervisor, None, &self.supervisor),
            (&shop, Role::Agent, Some(agent.clone()), &self.agent),
            (&shop, Role::Integrator, None, &self.integrator),
            (&shop, Role::Auditor, None, &self.auditor),
            (&other, Role::Supervisor, None, &self.other_supervisor),
            (&other, Role::Integrator, None, &self.other_integrator),
        ];
        keys.into_iter().flat_map(|(tenant, role, agent, key)| admit(tenant, role, agent, key, now)).collect()
    }
}

/// A new key, which nobody has seen before.
pub(crate) fn fresh() -> String {
    key(&secret())
}

fn secret() -> [u8; 32] {
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(&redress_aws::clock::nonce());
    secret[16..].copy_from_slice(&redress_aws::clock::nonce());
    secret
}

/// The keys kept in `state_dir`, if any are.
pub(crate) fn read(state_dir: &Path) -> Option<ApiKeys> {
    serde_json::from_str(&fs::read_to_string(state_dir.join(FILE)).ok()?).ok()
}

/// Keeps the keys in `state_dir`, whole or not at all.
pub(crate) fn keep(state_dir: &Path, keys: &ApiKeys) -> Result<(), Failure> {
    let (path, half) = (state_dir.join(FILE), state_dir.join("api-keys.part"));
    let write = || {
        let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
        serde_json::to_writer_pretty(file, keys)?;
        fs::rename(&half, &path)
    };
    write().map_err(|error| Failure::Short(format!("can't write {}: {error}", path.display())))
}

const FILE: &str = "api-keys.json";

/// Forgets the keys kept in `state_dir`.
pub(crate) fn forget(state_dir: &Path) {
    // If they are not there, they are forgotten already.
    let _gone = fs::remove_file(state_dir.join(FILE));
}
