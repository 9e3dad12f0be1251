//! The models that read customers' words: the shipped one, or a tenant's own, which is published
//! only if it reads the tenant's held-back rows no worse than the one in force.

use crate::Moment;
use crate::fault::{Fault, Tried, contended, settled};
use crate::ports::World;
use crate::publish::{in_force, replace};
use crate::{labels, orders};
use jiff::{SignedDuration, Timestamp};
use redress_domain::id::TenantId;
use redress_domain::order::later;
use redress_domain::policy::{ModelVersion, Policies};
use redress_language::Model;
use redress_language::evaluate::Scores;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// As many models of tenants' own are kept loaded: at a MiB each they must leave a function of
/// 256 MB its room.
const KEPT: usize = 16;

/// How long a model that is missing or damaged is not looked for again.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// How long a bucket that did not answer is not asked again, so that not every message waits for it.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// Fewer held-back rows than this say nothing about which of two models is better.
const ROWS: usize = 20;

/// A model, and what it is called.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The model.
    pub model: Arc<Model>,
    /// `shipped`, or the version of the tenant's own.
    pub name: String,
}

impl Reader {
    /// The shipped one.
    #[must_use]
    pub fn shipped() -> Self {
        Self { model: Model::shipped(), name: "shipped".to_owned() }
    }
}

/// Models of tenants' own, loaded once; and those that could not be, with the instant from which on
/// they are looked for again. Each tenant's apart, for one that is damaged is damaged for one alone.
#[derive(Debug, Default)]
pub struct Readers(Mutex<BTreeMap<(TenantId, String), Loaded>>);

/// A model, or the instant from which on it is looked for again.
type Loaded = Result<Arc<Model>, Timestamp>;

impl Readers {
    fn at(&self, tenant: &TenantId, digest: &str, now: Timestamp) -> Option<Option<Arc<Model>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.get(&(tenant.clone(), digest.to_owned()))? {
            Ok(model) => Some(Some(Arc::clone(model))),
            Err(until) => (now < *until).then_some(None),
        }
    }

    fn keep(&self, tenant: &TenantId, digest: &str, loaded: Loaded) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert((tenant.clone(), digest.to_owned()), loaded);
    }
}

/// Who reads a tenant's words. Where its own model is missing or damaged, or the bucket does not
/// answer, the shipped one does: logged and counted, and no message fails for it.
pub async fn reader(world: &World, tenant: &TenantId, policies: &Policies, now: Timestamp) -> Reader {
    let Some(version) = &policies.model else { return Reader::shipped() };
    let model = match world.readers.at(tenant, &version.digest, now) {
        Some(known) => known,
        None => fetch(world, tenant, version, now).await,
    };
    if let Some(model) = model {
        return Reader { model, name: version.version.to_string() };
    }
    world.models.count_fallback();
    Reader::shipped()
}

async fn fetch(world: &World, tenant: &TenantId, version: &ModelVersion, now: Timestamp) -> Option<Arc<Model>> {
    let (why, patience) = match world.models.get(tenant, &version.digest).await {
        Ok(Some(bytes)) if digest(&bytes) != version.digest => {
            ("it is not the one that was published".to_owned(), PATIENCE)
        }
        Ok(Some(bytes)) => match Model::load(&bytes) {
            Ok(model) => {
                let model = Arc::new(model);
                world.readers.keep(tenant, &version.digest, Ok(Arc::clone(&model)));
                return Some(model);
            }
            Err(damage) => (damage.to_string(), PATIENCE),
        },
        Ok(None) => ("it is missing".to_owned(), PATIENCE),
        Err(error) => (error.to_string(), PAUSE),
    };
    tracing::error!(tenant = tenant.as_str(), model = version.version, reason = why, "the shipped model reads");
    world.readers.keep(tenant, &version.digest, Err(later(now, patience)));
    None
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How two models read the same rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The version that the new one has, or has had before.
    pub version: u32,
    /// Rows that were held back from training.
    pub rows: usize,
    /// Mean F1 over the categories that occur in them, 0 to 1, of the new one.
    pub new: f64,
    /// Of the one that was in force.
    pub current: f64,
}

/// Publishes a tenant's own model: the bytes first, then the policies that name them. Again with
/// the same bytes changes nothing.
///
/// # Errors
/// Invalid if it is damaged, if fewer than 20 labelled rows were held back, or if it reads those
/// worse than the model in force; unavailable if the world did not answer.
pub async fn publish(world: &World, tenant: &TenantId, bytes: &[u8], moment: Moment) -> Result<Comparison, Fault> {
    let model = Model::load(bytes).map_err(|damage| Fault::invalid("/model", damage.to_string()))?;
    let rows = labels::held_back(world, tenant).await?;
    if rows.len() < ROWS {
        let detail = format!(
            "{} labelled rows are held back, and {ROWS} are needed to compare: a fifth of what agents relabel is",
            rows.len()
        );
        return Err(Fault::invalid("/rows", detail));
    }
    for _ in 0..orders::TRIES {
        if let Some(answer) = settled(try_publish(world, tenant, (&model, bytes), &rows, moment).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn try_publish(
    world: &World,
    tenant: &TenantId,
    (model, bytes): (&Model, &[u8]),
    rows: &[redress_language::rows::Row],
    moment: Moment,
) -> Result<Comparison, Tried> {
    let (seen, terms) = in_force(world, tenant).await?;
    let (old, digest) = (&terms.policies, digest(bytes));
    let current = reader(world, tenant, old, moment.now).await;
    let mut comparison = Comparison {
        version: old.models + 1,
        rows: rows.len(),
        new: Scores::of(model, rows, &old.priority).macro_f1(),
        current: Scores::of(&current.model, rows, &old.priority).macro_f1(),
    };
    if let Some(same) = old.model.as_ref().filter(|model| model.digest == digest) {
        comparison.version = same.version;
        return Ok(comparison);
    }
    if comparison.new < comparison.current {
        let Comparison { new, current, rows, .. } = comparison;
        let detail = format!(
            "macro-F1 {new:.3} on {rows} held-back rows is below the {current:.3} of the model in force: train on more rows"
        );
        return Err(Fault::invalid("/model", detail).into());
    }
    world.models.put(tenant, &digest, bytes).await?;
    let mut policies = old.clone();
    (policies.version, policies.models) = (old.version + 1, comparison.version);
    policies.model = Some(ModelVersion { version: comparison.version, digest });
    world.store.commit(&replace(tenant, old, seen, &policies)?).await?;
    tracing::info!(model = comparison.version, rows = comparison.rows, "model published");
    Ok(comparison)
}

/// The shipped model reads again; says whether it did not already.
///
/// # Errors
/// Unavailable if others publish at this moment, or the world did not answer.
pub async fn withdraw(world: &World, tenant: &TenantId) -> Result<bool, Fault> {
    for _ in 0..orders::TRIES {
        if let Some(answer) = settled(try_withdraw(world, tenant).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn try_withdraw(world: &World, tenant: &TenantId) -> Result<bool, Tried> {
    let (seen, terms) = in_force(world, tenant).await?;
    let old = &terms.policies;
    if old.model.is_none() {
        return Ok(false);
    }
    let policies = Policies { version: old.version + 1, model: None, ..old.clone() };
    world.store.commit(&replace(tenant, old, seen, &policies)?).await?;
    tracing::info!("model withdrawn");
    Ok(true)
}
