//! What customers are to be given for promises that were not kept: asked for in the commit that
//! records it on the order, and decided by whoever may, in one commit with the order again.

use crate::auth::{Caller, Role};
use crate::desk::{IfMatch, body};
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Conflict, Fault, Tried, contended, settled};
use crate::lists::{self, Page, Range, Source};
use crate::orders::{self, Change};
use crate::ports::{World, Write};
use crate::reply::{Keyed, Reply, Slot};
use crate::{Moment, keys, notices, publish};
use jiff::Timestamp;
use redress_domain::actor::Actor;
use redress_domain::compensation::{
    ANNULLED, Approver, Asked, Compensation, CompensationState, Meaningless, Ruled, Verdict,
};
use redress_domain::feedback::Money;
use redress_domain::id::{CompensationId, TenantId, WorkOrderId};
use redress_domain::order::{Entry, WorkOrder};
use redress_domain::policy::Terms;
use redress_domain::promise::ServicePromises;
use redress_domain::sla::ClockKey;
use redress_messages::money;
use schemars::JsonSchema;
use serde::Serialize;

/// What was decided of a compensation.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CompensationDecision")]
pub struct DecisionView {
    /// Which way.
    pub decision: Verdict,
    /// What the customer is given.
    pub amount: Money,
    /// Who said so; the system where the amount needs nobody.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why; `null` where all of it is given.
    pub reason: Option<String>,
}

/// A compensation as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Compensation")]
pub struct CompensationView {
    /// Its id.
    pub id: CompensationId,
    /// How far it is.
    pub state: CompensationState,
    /// Of which order.
    pub work_order: WorkOrderId,
    /// Which promise of it was not kept, in which cycle.
    pub clock: ClockKey,
    /// To whom, in the shop's words.
    pub customer_ref: String,
    /// How much is asked for.
    pub amount: Money,
    /// The SLA policy and its version that were agreed.
    pub policy: String,
    /// When the promise ended.
    pub due_at: Option<Timestamp>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// What somebody said of it; `null` while nobody has.
    pub decision: Option<DecisionView>,
    /// From 1: one more when it is decided.
    pub version: u64,
}

impl CompensationView {
    fn of(stored: Stored<Compensation>) -> Self {
        let Stored { value, version } = stored;
        let (state, currency) = (value.state(), value.amount.currency.clone());
        let decided = |Ruled { decision, amount_minor, by, at, reason }: Ruled| {
            let amount = Money { amount_minor, currency };
            DecisionView { decision, amount, by, at, reason }
        };
        Self {
            id: value.id,
            state,
            work_order: value.work_order,
            clock: value.clock,
            customer_ref: value.customer_ref,
            amount: value.amount,
            policy: value.policy.to_string(),
            due_at: value.due_at,
            requested_at: value.requested_at,
            decision: value.ruled.map(decided),
            version,
        }
    }

    fn reply(stored: &Stored<Compensation>) -> Reply {
        Reply { body: body(&Self::of(stored.clone())), version: stored.version, replayed: false }
    }
}

/// Which compensations; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompensationFilter {
    /// How far.
    pub state: Option<CompensationState>,
    /// Of which order.
    pub work_order: Option<WorkOrderId>,
    /// Asked for at or after.
    pub from: Option<Timestamp>,
    /// Asked for before.
    pub to: Option<Timestamp>,
}

impl CompensationFilter {
    fn takes(&self, compensation: &Compensation) -> bool {
        self.state.is_none_or(|state| compensation.state() == state)
            && self.from.is_none_or(|from| compensation.requested_at >= from)
            && self.to.is_none_or(|to| compensation.requested_at < to)
    }
}

/// Compensations, the earliest first; those of one order all at once.
///
/// # Errors
/// The store did not answer.
pub async fn list(
    world: &World,
    caller: &Caller,
    filter: &CompensationFilter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<CompensationView>, Fault> {
    let tenant = &caller.tenant;
    if let Some(order) = &filter.work_order {
        let mut items = of_order(world, tenant, order).await?;
        items.retain(|stored| filter.takes(&stored.value));
        return Ok(Page { items: items.into_iter().map(CompensationView::of).collect(), next: None });
    }
    let standing = [true, false].into_iter().filter(|pending| match filter.state {
        None => true,
        Some(state) => (state == CompensationState::Pending) == *pending,
    });
    let lists = standing.flat_map(|pending| keys::compensation_lists(tenant, pending));
    let after = after.or_else(|| filter.from.map(keys::instant));
    let range = Range { after, until: filter.to.map(keys::instant) };
    lists::walk(world, lists.map(Source::List).collect(), range, limit, |record| {
        let stored = read::<Compensation>(record)?;
        Ok(filter.takes(&stored.value).then(|| CompensationView::of(stored)))
    })
    .await
}

/// The compensations of one order: they are named after its clocks, so they need no list.
async fn of_order(world: &World, tenant: &TenantId, id: &WorkOrderId) -> Result<Vec<Stored<Compensation>>, Fault> {
    let Some(order) = orders::find(world, tenant, id).await? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for clock in order.value.clocks.all.iter().filter(|clock| clock.compensated) {
        all.extend(find(world, tenant, &CompensationId::of(id, &clock.key)).await?);
    }
    all.sort_by(|one, other| {
        let place = |stored: &Stored<Compensation>| (stored.value.requested_at, stored.value.id.clone());
        place(one).cmp(&place(other))
    });
    Ok(all)
}

async fn find(world: &World, tenant: &TenantId, id: &CompensationId) -> Result<Option<Stored<Compensation>>, Fault> {
    load(world.store.as_ref(), &keys::compensation(tenant, id)).await
}

/// One compensation.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn show(world: &World, caller: &Caller, id: &CompensationId) -> Result<Reply, Fault> {
    let stored = find(world, &caller.tenant, id).await?.ok_or(Fault::NotFound)?;
    Ok(CompensationView::reply(&stored))
}

/// The writes for what the facts of `order` from number `since` on ask for, and for what was decided
/// of that at once. Each is new: a breach has one compensation, named after it.
pub(crate) fn asked_for(tenant: &TenantId, since: u32, order: &WorkOrder) -> Vec<Write> {
    let new = usize::try_from(order.fact_count.saturating_sub(since)).unwrap_or(usize::MAX);
    let recent = &order.facts[order.facts.len().saturating_sub(new)..];
    let asked = recent.iter().filter_map(|fact| Compensation::requested(order, fact));
    asked.map(|asked| keep(tenant, &recent.iter().fold(asked, Compensation::after), 0)).collect()
}

/// The write that keeps a compensation, among those that wait or those that are decided.
fn keep(tenant: &TenantId, compensation: &Compensation, seen: u64) -> Write {
    let pending = compensation.state() == CompensationState::Pending;
    let place = keys::compensation_place(tenant, &compensation.id, pending, compensation.requested_at);
    put(
        keys::compensation(tenant, &compensation.id),
        seen,
        compensation,
        Marks { place: Some(place), ..Marks::default() },
    )
}

/// Declines what waits for a breach that is excused now; the order and the write say so together.
pub(crate) async fn excuse(
    world: &World,
    tenant: &TenantId,
    order: &mut WorkOrder,
    clock: &ClockKey,
    by: Entry<'_>,
) -> Result<Option<Write>, Tried> {
    let stored = find(world, tenant, &CompensationId::of(&order.id, clock)).await?;
    let Some(stored) = stored.filter(|stored| stored.value.state() == CompensationState::Pending) else {
        return Ok(None);
    };
    order.decide_compensation(by, &stored.value, (Verdict::Declined, 0), Some(ANNULLED.to_owned()))?;
    Ok(Some(keep(tenant, &ruled(stored.value, order), stored.version)))
}

/// A compensation after the last fact of its order.
fn ruled(compensation: Compensation, order: &WorkOrder) -> Compensation {
    order.facts.last().map_or(compensation.clone(), |fact| compensation.after(fact))
}

/// Decides a compensation. The same verdict again changes nothing and is answered as before, on
/// whatever version it was given.
///
/// # Errors
/// Not found; conflict if it is decided otherwise, the amount is above what the caller may decide
/// on, the caller has read an older version, or the idempotency key stands for another request;
/// invalid if the verdict gives more than was asked for, or less without a reason.
pub async fn decide(
    world: &World,
    caller: &Caller,
    id: &CompensationId,
    if_match: Option<&IfMatch>,
    asked: &Asked,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        let stored = find(world, &caller.tenant, id).await?.ok_or(Fault::NotFound)?;
        if let Some(reply) = slot.reply {
            tell(world, &caller.tenant, &stored.value.work_order).await?;
            return Ok(reply);
        }
        let deciding = Deciding { world, caller, asked, keyed, moment };
        if let Some(answer) = settled(deciding.attempt(stored, if_match, &slot).await) {
            return answer;
        }
    }
    Err(contended())
}

/// Tells again what the facts of an order say, should telling have failed the first time.
async fn tell(world: &World, tenant: &TenantId, order: &WorkOrderId) -> Result<(), Fault> {
    let Some(order) = orders::find(world, tenant, order).await? else { return Ok(()) };
    let terms = publish::terms_for(world, tenant, [&order.value]).await?;
    notices::tell(world, tenant, &order.value, 0, None, &terms).await
}

struct Deciding<'a> {
    world: &'a World,
    caller: &'a Caller,
    asked: &'a Asked,
    keyed: &'a Keyed,
    moment: Moment,
}

impl Deciding<'_> {
    async fn attempt(
        &self,
        stored: Stored<Compensation>,
        if_match: Option<&IfMatch>,
        slot: &Slot,
    ) -> Result<Reply, Tried> {
        let (world, tenant, now) = (self.world, &self.caller.tenant, self.moment.now);
        let state = stored.value.state();
        if state != CompensationState::Pending {
            return self.decided(&stored, state, slot).await;
        }
        IfMatch::check(if_match, stored.version)?;
        let before = orders::find(world, tenant, &stored.value.work_order).await?.ok_or(Fault::NotFound)?;
        let terms = publish::terms_for(world, tenant, [&before.value]).await?;
        self.may(&stored.value.amount, &terms)?;
        let given = stored.value.given(self.asked).map_err(meaningless)?;
        let actor = self.caller.actor();
        let by = Entry::new(&actor, now, &terms).because(self.caller.key.as_str());
        let (mut after, verdict) = (before.value.clone(), (self.asked.decision, given));
        after.decide_compensation(by, &stored.value, verdict, self.asked.reason.clone())?;
        let (seen, value) = (stored.version, ruled(stored.value, &after));
        let mut with = vec![keep(tenant, &value, seen)];
        let reply = CompensationView::reply(&Stored { value, version: seen + 1 });
        with.extend(self.keyed.keep(tenant, slot, &reply, now));
        let change = Change { before: Some(&before), after, claim: None, with };
        let order = orders::commit(world, tenant, change, &terms, now).await?;
        tracing::info!(work_order.id = order.value.id.as_str(), given_minor = given, "compensation decided");
        notices::tell(world, tenant, &order.value, before.value.fact_count, None, &terms).await?;
        Ok(reply)
    }

    /// What is decided stays so; who says the same again is answered as before.
    async fn decided(
        &self,
        stored: &Stored<Compensation>,
        state: CompensationState,
        slot: &Slot,
    ) -> Result<Reply, Tried> {
        if !stored.value.is_ruled_so(self.asked) {
            return Err(Fault::Conflict(Conflict::Decided(state)).into());
        }
        let reply = CompensationView::reply(stored);
        let kept = self.keyed.keep(&self.caller.tenant, slot, &reply, self.moment.now);
        if let Some(kept) = kept {
            self.world.store.commit(&[kept]).await?;
        }
        tell(self.world, &self.caller.tenant, &stored.value.work_order).await?;
        Ok(reply)
    }

    /// Whether the caller may decide on such an amount.
    fn may(&self, amount: &Money, terms: &Terms) -> Result<(), Fault> {
        let promises = &terms.policies.promises;
        if promises.approver(amount) < Approver::Admin || self.caller.role == Role::Admin {
            return Ok(());
        }
        Err(Fault::Conflict(Conflict::AboveBand(who_may(amount, promises))))
    }
}

/// Who may decide on an amount that is above what supervisors may.
fn who_may(amount: &Money, promises: &ServicePromises) -> String {
    let band = promises.approval.iter().find(|band| band.currency == amount.currency);
    let most = band.map(|band| band.supervisor_up_to_minor).filter(|most| *most > 0);
    let supervisors = match most {
        Some(amount_minor) => {
            format!("supervisors may up to {}", money(&Money { amount_minor, currency: amount.currency.clone() }))
        }
        None => format!("no band of {} lets supervisors", amount.currency),
    };
    format!("only an admin may decide on {}: {supervisors}", money(amount))
}

fn meaningless(why: Meaningless) -> Fault {
    let place = match why {
        Meaningless::Amount(_) | Meaningless::AmountDeclined => "/amount_minor",
        Meaningless::ReasonMissing => "/reason",
    };
    Fault::invalid(place, why.to_string())
}
