//! What people corrected: an agent's word about a category or a priority, kept as a row that a
//! model can be trained on (R19).

use crate::auth::Caller;
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::Fault;
use crate::lists::{self, Page};
use crate::ports::{World, Write};
use crate::{keys, receive};
use jiff::Timestamp;
use redress_domain::actor::Actor;
use redress_domain::category::{Category, Language};
use redress_domain::id::{FeedbackId, TenantId};
use redress_domain::order::WorkOrder;
use redress_domain::priority::Priority;
use redress_language::rows::{AGENT, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A feedback's words and what a person said of them. In the shape of a training row, so that an
/// export is training data as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Label {
    /// Which feedback.
    pub id: FeedbackId,
    /// Its words, with what names a person or a purchase masked.
    pub text: String,
    /// In which language.
    pub lang: Language,
    /// What it is about, by a person's word; `None` while only the priority was corrected.
    pub category: Option<Category>,
    /// How urgent it is, by a person's word; `None` while only the category was corrected.
    pub priority: Option<Priority>,
    /// What the model had said.
    pub read_as: ReadAs,
    /// `agents`: where it is from.
    pub source: String,
    /// `agent`: a person of the shop said so.
    pub label_kind: String,
    /// Who said so last.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// When somebody said so first: its place in the list, so that whoever pages sees it once.
    pub since: Timestamp,
}

impl From<Label> for Row {
    fn from(label: Label) -> Self {
        Self {
            id: Some(label.id.to_string()),
            text: label.text,
            category: label.category,
            sentiment: None,
            priority: label.priority,
            source: label.source,
            label_kind: label.label_kind,
        }
    }
}

/// What was understood before a person looked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadAs {
    /// The subject.
    pub category: Category,
    /// Its score.
    pub confidence: f64,
    /// The band.
    pub priority: Priority,
    /// By which model.
    pub model: String,
}

/// Where a label's source is named.
const SOURCE: &str = "agents";

/// The write that keeps what `by` says of an order as a label of its first feedback; `None` where
/// that is not there or not understood yet. A later word on the same feedback replaces the earlier
/// one, field by field.
///
/// # Errors
/// The store did not answer.
pub(crate) async fn keep(
    world: &World,
    caller: &Caller,
    order: &WorkOrder,
    (category, priority): (Option<Category>, Option<Priority>),
    at: Timestamp,
) -> Result<Option<Write>, Fault> {
    let tenant = &caller.tenant;
    let Some(id) = order.feedback_ids.first() else { return Ok(None) };
    let Some(reception) = receive::find(world, tenant, id).await? else { return Ok(None) };
    let Some(read) = &reception.value.classification else { return Ok(None) };
    let key = keys::label(tenant, id);
    let before: Option<Stored<Label>> = load(world.store.as_ref(), &key).await?;
    let (seen, before) = before.map_or((0, None), |stored| (stored.version, Some(stored.value)));
    let label = Label {
        id: id.clone(),
        text: redress_language::mask(&reception.value.feedback.words()),
        lang: read.reading.language,
        category: category.or(before.as_ref().and_then(|label| label.category)),
        priority: priority.or(before.as_ref().and_then(|label| label.priority)),
        read_as: ReadAs {
            category: read.reading.category,
            confidence: read.reading.confidence,
            priority: read.assessment.priority,
            model: read.model.clone(),
        },
        source: SOURCE.to_owned(),
        label_kind: AGENT.to_owned(),
        by: caller.actor(),
        at,
        since: before.map_or(at, |label| label.since),
    };
    let place = Some(keys::label_place(tenant, id, label.since));
    Ok(Some(put(key, seen, &label, Marks { place, ..Marks::default() })))
}

/// Whether a person has said what a feedback is about.
pub(crate) async fn has_category(world: &World, tenant: &TenantId, feedback: &FeedbackId) -> Result<bool, Fault> {
    let label = load::<Label>(world.store.as_ref(), &keys::label(tenant, feedback)).await?;
    Ok(label.is_some_and(|label| label.value.category.is_some()))
}

/// Labels, oldest first.
///
/// # Errors
/// The store did not answer.
pub async fn list(world: &World, tenant: &TenantId, after: Option<String>, limit: usize) -> Result<Page<Label>, Fault> {
    let lists = (0..keys::LIST_SHARDS).map(|shard| keys::label_list(tenant, shard)).collect();
    lists::merge(world, lists, after, limit, |record| Ok(Some(read::<Label>(record)?.value))).await
}

/// The rows that no training sees, by which models are compared.
///
/// # Errors
/// The store did not answer.
pub(crate) async fn held_back(world: &World, tenant: &TenantId) -> Result<Vec<Row>, Fault> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = list(world, tenant, after, PAGE).await?;
        rows.extend(page.items.into_iter().map(Row::from).filter(|row| row.category.is_some() && row.is_held_back()));
        after = page.next;
        if after.is_none() {
            return Ok(rows);
        }
    }
}

/// Labels read at a time.
const PAGE: usize = 200;
