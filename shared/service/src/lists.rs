//! Lists in one order, read from several partitions and merged.

use crate::auth::Caller;
use crate::documents::read;
use crate::fault::Fault;
use crate::ports::{Record, World};
use crate::roster::Roster;
use crate::{follow_up, keys, orders};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use redress_domain::category::Category;
use redress_domain::id::{AgentId, SurveyId, TeamId, TenantId, WorkOrderId};
use redress_domain::order::{OrderKind, Status, WorkOrder};
use redress_domain::priority::Priority;
use redress_domain::survey::Survey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Documents looked at for one page at most: past it the page ends early, with a cursor.
const BUDGET: usize = 2_000;

/// Partitions read side by side.
const SIDE_BY_SIDE: usize = 8;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` at the end.
    pub next: Option<String>,
}

/// Which work orders; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// What kind of work.
    pub kind: Option<OrderKind>,
    /// How far.
    pub status: Option<Status>,
    /// Whose queue.
    pub team: Option<TeamId>,
    /// Whose work.
    pub agent: Option<AgentId>,
    /// Which band.
    pub priority: Option<Priority>,
    /// About what.
    pub category: Option<Category>,
    /// By whom, in the shop's words.
    pub customer_ref: Option<String>,
    /// Promised before this instant.
    pub due_before: Option<Timestamp>,
}

impl OrderFilter {
    fn takes(&self, order: &WorkOrder) -> bool {
        fn is<T: PartialEq>(asked: Option<&T>, value: Option<&T>) -> bool {
            asked.is_none_or(|asked| value == Some(asked))
        }
        is(self.kind.as_ref(), Some(&order.kind()))
            && is(self.status.as_ref(), Some(&order.status))
            && is(self.team.as_ref(), order.team.as_ref())
            && is(self.agent.as_ref(), order.agent.as_ref())
            && is(self.priority.as_ref(), Some(&order.priority))
            && is(self.category.as_ref(), Some(&order.category))
            && is(self.customer_ref.as_ref(), Some(&order.customer.reference))
            && self.due_before.is_none_or(|before| order.promised_by().is_some_and(|due| due < before))
    }
}

/// Work orders in the one queue order: priority, then due, then age.
///
/// # Errors
/// The store did not answer.
pub async fn work_orders(
    world: &World,
    caller: &Caller,
    filter: &OrderFilter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<(WorkOrder, u64)>, Fault> {
    let tenant = &caller.tenant;
    let mut lists = Vec::new();
    if filter.status.is_none_or(Status::is_active) {
        lists = active_lists(world, tenant).await?;
    }
    if !filter.status.is_some_and(Status::is_active) {
        lists.extend(keys::done_lists(tenant));
    }
    merge(world, lists, after, limit, |record| {
        let stored = read::<WorkOrder>(record)?;
        Ok(filter.takes(&stored.value).then_some((stored.value, stored.version)))
    })
    .await
}

/// The open work orders, waiting ones among them, in the one queue order.
///
/// # Errors
/// The store did not answer.
pub(crate) async fn open_orders(
    world: &World,
    caller: &Caller,
    after: Option<String>,
    limit: usize,
) -> Result<Page<(WorkOrder, u64)>, Fault> {
    let lists = active_lists(world, &caller.tenant).await?;
    merge(world, lists, after, limit, |record| {
        let stored = read::<WorkOrder>(record)?;
        Ok(Some((stored.value, stored.version)))
    })
    .await
}

/// The lists that hold a tenant's open orders.
pub(crate) async fn active_lists(world: &World, tenant: &TenantId) -> Result<Vec<String>, Fault> {
    let people = Roster::read(world, tenant).await?;
    let waiting = people.teams.iter().map(|team| keys::waiting_list(tenant, &team.id));
    Ok(waiting.chain(keys::open_lists(tenant)).collect())
}

/// Which surveys; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SurveyFilter {
    /// About which order.
    pub work_order: Option<WorkOrderId>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub to: Option<Timestamp>,
    /// Whether their customers suggest something.
    pub suggestion: Option<bool>,
}

/// Surveys, oldest first.
///
/// # Errors
/// The store did not answer.
pub async fn surveys(
    world: &World,
    caller: &Caller,
    filter: &SurveyFilter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<Survey>, Fault> {
    let tenant = &caller.tenant;
    if let Some(order) = &filter.work_order {
        return surveys_of(world, caller, order, filter).await;
    }
    let lists = (0..keys::LIST_SHARDS).map(|shard| Source::List(keys::survey_list(tenant, shard))).collect();
    // They stand in the order in which they were made: what is outside is not read.
    let range = Range { after: after.or_else(|| filter.from.map(keys::instant)), until: filter.to.map(keys::instant) };
    walk(world, lists, range, limit, |record| {
        let survey = read::<Survey>(record)?.value;
        Ok(filter.takes(&survey).then_some(survey))
    })
    .await
}

/// Whether the customer of a survey suggests something, by themselves or in a call.
#[must_use]
pub fn suggests(survey: &Survey) -> bool {
    let comments = [survey.own(), survey.entered()].into_iter().flatten().filter_map(|answer| answer.comment.as_ref());
    comments.into_iter().any(|comment| redress_language::suggests(comment))
}

impl SurveyFilter {
    fn takes(&self, survey: &Survey) -> bool {
        self.from.is_none_or(|from| survey.created_at >= from)
            && self.to.is_none_or(|to| survey.created_at < to)
            && self.suggestion.is_none_or(|asked| suggests(survey) == asked)
    }
}

/// The surveys of one order: one a cycle, so they are named and need no list.
async fn surveys_of(
    world: &World,
    caller: &Caller,
    order: &WorkOrderId,
    filter: &SurveyFilter,
) -> Result<Page<Survey>, Fault> {
    let Some(stored) = orders::find(world, &caller.tenant, order).await? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let mut items = Vec::new();
    for cycle in 1..=stored.value.surveyed_cycle {
        let id = SurveyId::of(&caller.tenant, order, cycle);
        items.extend(follow_up::find(world, &caller.tenant, &id).await?.map(|survey| survey.value));
    }
    items.retain(|survey| filter.takes(survey));
    Ok(Page { items, next: None })
}

/// Where documents are read in order.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A work list: in the order of ranks, lagging by a moment.
    List(String),
    /// A partition whose documents sort by their rank: strongly consistent.
    Partition(String),
}

/// One source, read a little ahead.
struct Ahead {
    source: Source,
    after: Option<String>,
    read: VecDeque<Record>,
    ended: bool,
}

impl Ahead {
    /// Reads on if nothing is at hand.
    async fn fill(mut self, world: &World, limit: usize) -> Result<Self, Fault> {
        if self.read.is_empty() && !self.ended {
            let after = self.after.as_deref();
            let records = match &self.source {
                Source::List(list) => world.store.worklist(list, after, limit).await?,
                Source::Partition(partition) => world.store.list(partition, "", after, limit).await?,
            };
            self.ended = records.len() < limit;
            self.after = records.last().map(rank).or(self.after);
            self.read = records.into();
        }
        Ok(self)
    }
}

/// A document that stands in a partition of its own order has its rank there, too.
pub(crate) fn rank(record: &Record) -> String {
    record.place.as_ref().map(|place| place.rank.clone()).unwrap_or_default()
}

/// From where to where a walk over sources goes, in their order: behind `after`, before `until`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Range {
    pub(crate) after: Option<String>,
    pub(crate) until: Option<String>,
}

/// Merges `lists` by rank, keeps what `keep` makes of each, and stops at `limit` or at the budget.
///
/// An item whose rank does not change comes exactly once, in whichever of the lists it stands. One
/// whose rank changes between two pages comes at each rank that is still ahead: again, if it falls
/// behind after it was seen; not at all, if it overtakes the reader (docs/adr/0020).
pub(crate) async fn merge<T>(
    world: &World,
    lists: Vec<String>,
    after: Option<String>,
    limit: usize,
    keep: impl Fn(&Record) -> Result<Option<T>, Fault>,
) -> Result<Page<T>, Fault> {
    let sources = lists.into_iter().map(Source::List).collect();
    walk(world, sources, Range { after, until: None }, limit, keep).await
}

/// Merges `sources` by rank within `range`, keeps what `keep` makes of each, and stops at `limit` or
/// at the budget.
pub(crate) async fn walk<T>(
    world: &World,
    sources: Vec<Source>,
    range: Range,
    limit: usize,
    keep: impl Fn(&Record) -> Result<Option<T>, Fault>,
) -> Result<Page<T>, Fault> {
    let Range { after, until } = range;
    let start = |source| Ahead { source, after: after.clone(), read: VecDeque::new(), ended: false };
    let mut ahead: Vec<Ahead> = sources.into_iter().map(start).collect();
    let (mut items, mut last, mut looked) = (Vec::new(), None, 0);
    while items.len() < limit && looked < BUDGET {
        let reads = stream::iter(ahead).map(|one| one.fill(world, limit));
        ahead = reads.buffered(SIDE_BY_SIDE).try_collect().await?;
        let first = ahead.iter_mut().filter(|one| !one.read.is_empty()).min_by_key(|one| one.read.front().map(rank));
        let Some(record) = first.and_then(|one| one.read.pop_front()) else { break };
        if until.as_ref().is_some_and(|until| rank(&record) >= *until) {
            return Ok(Page { items, next: None });
        }
        looked += 1;
        items.extend(keep(&record)?);
        last = Some(rank(&record));
    }
    let more = ahead.iter().any(|one| !one.read.is_empty() || !one.ended);
    Ok(Page { items, next: last.filter(|_| more) })
}
