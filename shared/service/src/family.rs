//! Orders that are parts of another: what is to be done by somebody else before the whole is put
//! right. A part knows its whole, and the whole knows what it waits for: both are written together.

use crate::auth::Caller;
use crate::classify::PREVIEW;
use crate::desk::{self, IfMatch, Message};
use crate::documents::{Stored, read};
use crate::fault::{Fault, Tried, contended, refused, settled};
use crate::orders::{self, Change};
use crate::place::Scene;
use crate::ports::World;
use crate::reply::{Keyed, Reply, Slot};
use crate::roster::{Roster, Wanted};
use crate::view::{ChildView, WorkOrderView};
use crate::{Moment, keys, notices, publish, sweep};
use redress_domain::actor::Actor;
use redress_domain::category::Category;
use redress_domain::fact::{Direction, Visibility};
use redress_domain::id::{TeamId, TenantId, WorkOrderId};
use redress_domain::order::{Entry, Part, Refusal, WorkOrder};
use std::collections::BTreeMap;

/// A part that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// What it is about.
    pub category: Category,
    /// What is to be done: its first internal message.
    pub summary: String,
    /// Who shall do it; by the category without it.
    pub team: Option<TeamId>,
    /// Whether it must be done before the whole is resolved.
    pub mandatory: bool,
}

/// Makes a part of an order, with clocks and an agent of its own, and answers with it.
///
/// # Errors
/// Not found; invalid if there is no such team; conflict if the order is not active, is a part
/// itself, has as many parts as it may have, the caller has read an older version, or the idempotency key stands for another request.
pub async fn add(
    world: &World,
    caller: &Caller,
    id: &WorkOrderId,
    if_match: Option<&IfMatch>,
    asked: &Branch,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..orders::TRIES {
        let (before, slot) = desk::begin(world, caller, id, keyed, moment).await?;
        if let Some(reply) = slot.reply {
            if let Some(child) = reply.body["id"].as_str().and_then(WorkOrderId::parse) {
                let child = orders::find(world, &caller.tenant, &child).await?.ok_or(Fault::NotFound)?;
                tell(world, &caller.tenant, &child, moment).await?;
            }
            return Ok(reply);
        }
        IfMatch::check(if_match, before.version)?;
        if let Some(answer) = settled(try_add(world, caller, before, asked, (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn try_add(
    world: &World,
    caller: &Caller,
    before: Stored<WorkOrder>,
    asked: &Branch,
    (keyed, slot): (&Keyed, &Slot),
    moment: Moment,
) -> Result<Reply, Tried> {
    let (tenant, now) = (&caller.tenant, moment.now);
    let mut roster = Roster::read(world, tenant).await?;
    if asked.team.as_ref().is_some_and(|team| roster.team(team).is_none()) {
        return Err(Fault::invalid("/team", "there is no team with this id").into());
    }
    let terms = publish::terms_for(world, tenant, [&before.value]).await?;
    let (actor, us) = (caller.actor(), Actor::system("assignment"));
    let by = Entry::new(&actor, now, &terms).because(caller.key.as_str());
    let (mut parent, state) = (before.value.clone(), before.value.status);
    let refused = |refusal| refused(refusal, state);
    let preview = redress_language::preview(&asked.summary, PREVIEW);
    let part = Part { category: asked.category, mandatory: asked.mandatory, preview };
    let mut child = parent.split(by, part).map_err(refused)?;
    let scene = Scene { world, tenant, cause: caller.key.as_str(), moment };
    let claim = begin(scene, &mut roster, &mut child, asked, by.by(&us)).await?;
    let message = child.post(by, Direction::Outbound, Visibility::Internal, None).map_err(refused)?;
    let message = Message {
        id: message,
        number: child.messages,
        direction: Direction::Outbound,
        visibility: Visibility::Internal,
        body: asked.summary.clone(),
        attachments: Vec::new(),
        tone: None,
        author: actor.clone(),
        at: now,
    };
    let view = WorkOrderView::of(&child, 1, &terms, now)?;
    let reply = Reply { body: desk::body(&view), version: 1, replayed: false };
    let mut with = vec![desk::keep(tenant, &child.id, &message)];
    with.extend(keyed.keep(tenant, slot, &reply, now));
    let changes = vec![
        Change { before: Some(&before), after: parent, claim: None, with },
        Change { before: None, after: child, claim, with: Vec::new() },
    ];
    let mut committed = orders::commit_all(world, tenant, changes, &terms, now).await?;
    let child = committed.pop().expect("the child is the last of the changes");
    tracing::info!(work_order.id = child.value.id.as_str(), parent.id = before.value.id.as_str(), "split");
    tell(world, tenant, &child, moment).await?;
    Ok(reply)
}

/// Agrees on what is promised for a new part, and finds who does it.
async fn begin(
    scene: Scene<'_>,
    roster: &mut Roster,
    child: &mut WorkOrder,
    asked: &Branch,
    by: Entry<'_>,
) -> Result<Option<orders::Claim>, Tried> {
    let Some(team) = asked.team.as_ref().and_then(|team| roster.team(team)).cloned() else {
        child.agree(by, roster.team_calendar(child, by.terms))?;
        return scene.place(roster, child, Wanted::Ruled, by).await;
    };
    child.agree(by, team.calendar.as_deref())?;
    scene.place(roster, child, Wanted::Of(&team.id), by).await
}

async fn tell(world: &World, tenant: &TenantId, child: &Stored<WorkOrder>, moment: Moment) -> Result<(), Fault> {
    let terms = publish::terms_for(world, tenant, [&child.value]).await?;
    notices::tell(world, tenant, &child.value, 0, None, &terms).await?;
    sweep::prompt(world, tenant, &child.value, child.version, moment).await
}

/// The parts of an order, in the order in which they were made.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn children(world: &World, caller: &Caller, id: &WorkOrderId) -> Result<Vec<ChildView>, Fault> {
    let parent = desk::get(world, caller, id).await?.value;
    let keys: Vec<_> = parent.children.iter().map(|child| keys::order(&caller.tenant, &child.id)).collect();
    let mut found = BTreeMap::new();
    for record in world.store.get_many(&keys).await? {
        let child = read::<WorkOrder>(&record)?.value;
        found.insert(child.id.clone(), child);
    }
    let views = parent.children.iter().filter_map(|child| Some(ChildView::of(child, found.get(&child.id)?)));
    Ok(views.collect())
}

/// The order that waits for this one, if one does.
pub(crate) async fn parent(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrder,
) -> Result<Option<Stored<WorkOrder>>, Fault> {
    match order.parent.as_ref().filter(|parent| parent.mandatory) {
        Some(parent) => orders::find(world, tenant, &parent.order).await,
        None => Ok(None),
    }
}

/// What the parent makes of where a part stands now; nothing if it knows, or there is none.
///
/// # Errors
/// The part came back, but its parent was resolved on its word.
pub(crate) fn hear<'a>(
    parent: Option<&'a Stored<WorkOrder>>,
    part: &WorkOrder,
    by: Entry<'_>,
) -> Result<Vec<Change<'a>>, Refusal> {
    let Some(before) = parent else { return Ok(Vec::new()) };
    let mut after = before.value.clone();
    after.hear_of_part(by, part)?;
    let changed = after.fact_count > before.value.fact_count;
    let change = Change { before: Some(before), after, claim: None, with: Vec::new() };
    Ok(if changed { vec![change] } else { Vec::new() })
}

/// Tells who works on the parent how its parts are; nothing if nobody waits for this one.
pub(crate) async fn tell_parent(world: &World, tenant: &TenantId, part: &WorkOrder) -> Result<(), Fault> {
    let Some(parent) = parent(world, tenant, part).await? else { return Ok(()) };
    let terms = publish::terms_for(world, tenant, [&parent.value]).await?;
    notices::tell(world, tenant, &parent.value, 0, None, &terms).await
}
