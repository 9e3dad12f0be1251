//! What people change about an order besides moving it: its priority, its subject, the calendar it
//! is counted on, the shop's own fields, what it was promised, whether a broken promise is excused,
//! and who watches it.

use crate::auth::Caller;
use crate::desk::{self, IfMatch};
use crate::documents::Stored;
use crate::fault::{Fault, Tried, contended, refused, settled};
use crate::lists::{self, Page};
use crate::orders::{self, Change};
use crate::ports::{World, Write};
use crate::reply::{Keyed, Reply, Slot};
use crate::view::WorkOrderView;
use crate::{Moment, compensations, labels, notices, publish, roster};
use redress_domain::category::Category;
use redress_domain::custom::Custom;
use redress_domain::id::{AgentId, WorkOrderId};
use redress_domain::order::{DueOverride, Entry, Refusal, WorkOrder};
use redress_domain::priority::Priority;
use redress_domain::sla::ClockKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is to be changed of an order; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patch {
    /// Another priority.
    pub priority: Option<Priority>,
    /// Another subject: a person's word, kept as training data.
    pub category: Option<Category>,
    /// A calendar of its own; `Some(None)` takes it away.
    pub calendar: Option<Option<String>>,
    /// A promise that is made by hand.
    pub due_override: Option<DueOverride>,
    /// Other values of the shop's own fields; `None` takes a field away.
    pub custom_fields: BTreeMap<String, Option<Custom>>,
}

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Amendment {
    /// Of its fields.
    Patch(Patch),
    /// The policies and calendars in force are applied to it, for a reason that is kept.
    Reapply(String),
    /// A broken promise is excused.
    Annul(ClockKey, String),
    /// An agent is told of whatever happens to it from now on.
    Watch(AgentId),
    /// An agent is told no more.
    Unwatch(AgentId),
}

impl Amendment {
    fn apply(&self, order: &mut WorkOrder, by: Entry<'_>, team_calendar: Option<&str>) -> Result<(), Refusal> {
        match self {
            Self::Patch(patch) => {
                if let Some(category) = patch.category {
                    order.relabel(by, category, team_calendar)?;
                }
                if let Some(priority) = patch.priority {
                    order.prioritise(by, priority, team_calendar, None)?;
                }
                if let Some(calendar) = &patch.calendar {
                    order.recalendar(by, calendar.clone(), team_calendar)?;
                }
                if let Some(due_override) = &patch.due_override {
                    order.overrule(by, due_override.clone())?;
                }
                order.customize(by, patch.custom_fields.clone())
            }
            Self::Reapply(reason) => Ok(order.reapply(by, team_calendar, reason.clone())?),
            Self::Annul(clock, reason) => order.annul(by, clock.clone(), reason.clone()),
            Self::Watch(agent) => order.watch(by, notices::to_agent(agent).to_string()),
            Self::Unwatch(agent) => order.unwatch(by, notices::to_agent(agent).to_string()),
        }
    }
}

/// Changes an order, and answers with it as it is then. `if_match`: which versions the caller is
/// willing to change; any without it.
///
/// # Errors
/// Not found; conflict if the caller has read an older version, it can't be done where the order
/// is, or the idempotency key stands for another request; invalid if it names what is not there.
pub async fn amend(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    if_match: Option<&IfMatch>,
    amendment: &Amendment,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        let before = desk::get(world, caller, id).await?;
        if let Some(reply) = slot.reply {
            let terms = publish::terms_for(world, &caller.tenant, [&before.value]).await?;
            notices::tell(world, &caller.tenant, &before.value, 0, None, &terms).await?;
            return Ok(reply);
        }
        IfMatch::check(if_match, before.version)?;
        let attempt = Attempt { world, caller, amendment, keyed, moment };
        if let Some(answer) = settled(attempt.make(before, &slot).await) {
            return answer;
        }
    }
    Err(contended())
}

/// An open order that the policies in force were applied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reapplied {
    /// Which.
    pub work_order: WorkOrderId,
    /// Whether anything else is promised now.
    pub changed: bool,
}

/// Applies the policies and calendars in force to one page of the open orders, in queue order, and
/// says whether this was asked under the same key before. Run again it changes nothing more; an
/// order whose agreement is the same is left alone.
///
/// # Errors
/// Conflict if the idempotency key stands for another request; unavailable if the store did not
/// answer: then some of the page may be done, and asking again does the rest.
pub async fn reapply_page(
    world: &World,
    caller: &Caller,
    reason: &str,
    (after, limit): (Option<String>, usize),
    keyed: &Keyed,
    moment: Moment,
) -> Result<(Page<Reapplied>, bool), Fault> {
    let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
    if let Some(reply) = &slot.reply {
        let kept = serde_json::from_value(reply.body.clone());
        return Ok((kept.map_err(|_| Fault::Unavailable("the kept reply can't be read".to_owned()))?, true));
    }
    let (amendment, unnamed) = (Amendment::Reapply(reason.to_owned()), Keyed::without("reapply"));
    let page = lists::open_orders(world, caller, after, limit).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for (order, _) in page.items {
        let changed = is_outdated(world, caller, &order).await?;
        if changed {
            amend(world, caller, &order.id, None, &amendment, &unnamed, moment).await?;
        }
        items.push(Reapplied { work_order: order.id, changed });
    }
    let page = Page { items, next: page.next };
    let reply = Reply { body: desk::body(&page), version: 0, replayed: false };
    world.store.commit(&keyed.keep(&caller.tenant, &slot, &reply, moment.now).into_iter().collect::<Vec<_>>()).await?;
    Ok((page, false))
}

/// Whether the policies in force would promise something else.
async fn is_outdated(world: &World, caller: &Caller, order: &WorkOrder) -> Result<bool, Fault> {
    let terms = publish::terms_for(world, &caller.tenant, [order]).await?;
    let calendar = roster::team_calendar(world, &caller.tenant, order).await?;
    Ok(order.is_outdated(&terms, calendar.as_deref()))
}

struct Attempt<'a> {
    world: &'a World,
    caller: &'a Caller,
    amendment: &'a Amendment,
    keyed: &'a Keyed,
    moment: Moment,
}

impl Attempt<'_> {
    async fn make(&self, before: Stored<WorkOrder>, slot: &Slot) -> Result<Reply, Tried> {
        let (world, tenant, now) = (self.world, &self.caller.tenant, self.moment.now);
        if let Amendment::Watch(agent) = self.amendment
            && !roster::has_agent(world, tenant, agent).await?
        {
            return Err(Fault::invalid("/agent", "there is no agent with this id").into());
        }
        let terms = publish::terms_for(world, tenant, [&before.value]).await?;
        let calendar = roster::team_calendar(world, tenant, &before.value).await?;
        let actor = self.caller.actor();
        let by = Entry::new(&actor, now, &terms).because(self.caller.key.as_str());
        let (mut after, state) = (before.value.clone(), before.value.status);
        self.amendment.apply(&mut after, by, calendar.as_deref()).map_err(|refusal| refused(refusal, state))?;
        let excused = match self.amendment {
            Amendment::Annul(clock, _) => compensations::excuse(world, tenant, &mut after, clock, by).await?,
            _ => None,
        };
        let unchanged = after.fact_count == before.value.fact_count;
        let version = if unchanged { before.version } else { before.version + 1 };
        let view = WorkOrderView::of(&after, version, &terms, now)?;
        let reply = Reply { body: desk::body(&view), version, replayed: false };
        let mut with: Vec<_> = self.keyed.keep(tenant, slot, &reply, now).into_iter().collect();
        with.extend(excused);
        with.extend(self.label(&before.value).await?);
        if unchanged {
            world.store.commit(&with).await?;
            return Ok(reply);
        }
        let change = Change { before: Some(&before), after, claim: None, with };
        let stored = orders::commit(world, tenant, change, &terms, now).await?;
        tracing::info!(work_order.id = stored.value.id.as_str(), facts = stored.value.fact_count, "amended");
        notices::tell(world, tenant, &stored.value, before.value.fact_count, None, &terms).await?;
        Ok(reply)
    }

    /// What a person says it is about, or how urgent it is, also where they only confirm it.
    async fn label(&self, order: &WorkOrder) -> Result<Option<Write>, Fault> {
        match self.amendment {
            Amendment::Patch(Patch { category, priority, .. }) if category.is_some() || priority.is_some() => {
                labels::keep(self.world, self.caller, order, (*category, *priority), self.moment.now).await
            }
            _ => Ok(None),
        }
    }
}
