//! Is it fit to serve? What operators ask before anybody else does: each answer is a finding with its
//! place and its mend. What a tenant needs is looked at here; what a stack needs, by whoever runs it.
//!
//! Nothing is written. What is stored of a tenant is read once, and each question is a pure function of
//! that; two more ask the bucket for a model and the store for versions of policies.

mod calendars;
mod orders;
mod people;
mod policies;
mod references;
mod sight;
mod who;

use crate::auth::authenticate;
use crate::fault::Fault;
use crate::keys::DUE_SHARDS;
use crate::ports::World;
use jiff::Timestamp;
use redress_domain::id::TenantId;
use serde::Serialize;

/// How much a finding means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Could not be told.
    Unknown,
    /// Serves, and somebody should look.
    Warn,
    /// Does not serve somebody, or will not when it matters.
    Fail,
}

impl Severity {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: the same words for the same question in every version, `<group>.<question>`.
    pub id: &'static str,
    /// How much it means.
    pub severity: Severity,
    /// Where: a resource, a key, a policy with its version.
    pub place: String,
    /// What is so.
    pub says: String,
    /// What to do about it; nothing where all is well.
    pub mend: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(id: &'static str, place: impl Into<String>, says: impl Into<String>) -> Self {
        Self { id, severity: Severity::Ok, place: place.into(), says: says.into(), mend: None }
    }

    /// It could not be told; `mend` says how it could.
    pub fn unknown(
        id: &'static str,
        place: impl Into<String>,
        says: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Unknown, mend: Some(mend.into()), ..Self::ok(id, place, says) }
    }

    /// Somebody should look.
    pub fn warn(id: &'static str, place: impl Into<String>, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Warn, mend: Some(mend.into()), ..Self::ok(id, place, says) }
    }

    /// It is not fit.
    pub fn fail(id: &'static str, place: impl Into<String>, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Fail, mend: Some(mend.into()), ..Self::ok(id, place, says) }
    }
}

/// `faults`, or that all is well where there is none.
#[must_use]
pub fn or_well(
    id: &'static str,
    place: impl Into<String>,
    says: impl Into<String>,
    faults: Vec<Finding>,
) -> Vec<Finding> {
    if faults.is_empty() { vec![Finding::ok(id, place, says)] } else { faults }
}

/// Whether it is fit to serve: nothing fails. Warnings and what could not be told leave it fit.
#[must_use]
pub fn is_fit(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity < Severity::Fail)
}

/// How late the sweep may be before somebody must look: it comes every minute.
const LATE_SECONDS: i64 = 120;

/// The earliest due mark of all shards.
///
/// # Errors
/// The store did not answer.
pub async fn oldest_due(world: &World) -> Result<Option<Timestamp>, Fault> {
    let mut oldest = None;
    for shard in 0..DUE_SHARDS {
        let first = world.store.due(shard, None, Timestamp::MAX, 1).await?;
        oldest = oldest.into_iter().chain(first.first().map(|mark| mark.at)).min();
    }
    Ok(oldest)
}

/// Whether what is due is looked at.
pub async fn sweep(world: &World, now: Timestamp) -> Finding {
    const ID: &str = "sweep.lag";
    let due = match oldest_due(world).await {
        Err(fault) => return untold(ID, "index due", &fault),
        Ok(due) => due,
    };
    let late = due.map_or(0, |due| now.duration_since(due).as_secs().max(0));
    if late <= LATE_SECONDS {
        return Finding::ok(ID, "index due", format!("nothing has been due for longer than {late} s"));
    }
    let mend = "ask again in a minute; then docs/runbook.md, OverdueAlarm: does the sweep run, what is `still due`";
    Finding::fail(
        ID,
        "index due",
        format!("the oldest item has been due for {late} s, and a sweep comes every minute"),
        mend,
    )
}

/// Whether an API key that somebody goes by opens anything; it is called `name`.
pub async fn key(world: &World, name: &str, key: &str) -> Finding {
    const ID: &str = "keys.given";
    match authenticate(world, key).await {
        Ok(Some(caller)) => Finding::ok(ID, name, format!("opens {}", caller.tenant)),
        Ok(None) => {
            let mend = "`POST /v1/api-keys` by an admin makes another; without one, `redress bootstrap --again`";
            Finding::fail(ID, name, "is revoked, or never was a key of this stack", mend)
        }
        Err(fault) => untold(ID, name, &fault),
    }
}

/// Everything about one tenant that can be told from what is stored.
pub async fn tenant(world: &World, tenant: &TenantId, now: Timestamp) -> Vec<Finding> {
    let seen = match sight::Sight::read(world, tenant).await {
        Ok(seen) => seen,
        Err(finding) => return vec![finding],
    };
    if seen.is_nobody() {
        let mend = format!("`redress bootstrap --tenant {tenant}` makes its policies and its first key");
        return vec![Finding::fail("tenant.known", tenant.as_str(), "nothing is stored of this tenant", mend)];
    }
    let mut findings = who::keys(&seen);
    findings.extend(policies::policies(&seen));
    findings.extend(calendars::calendars(&seen, now));
    findings.extend(people::people(&seen, now));
    findings.extend(references::references(&seen));
    findings.extend(who::webhooks(&seen));
    findings.push(policies::model(world, &seen).await);
    findings.push(orders::versions(world, &seen).await);
    findings
}

/// What could not be told because the store did not answer.
fn untold(id: &'static str, place: impl Into<String>, fault: &Fault) -> Finding {
    Finding::unknown(id, place, fault.to_string(), "ask again; the caller needs to read the table and its indexes")
}
