//! Where a feedback goes on: with an order that there is, with a new one, or nowhere yet.

use crate::documents::Stored;
use crate::fault::Fault;
use crate::ports::World;
use crate::{answer, orders, receive};
use jiff::{SignedDuration, Timestamp};
use redress_domain::event::Event;
use redress_domain::feedback::Feedback;
use redress_domain::id::{FeedbackId, TenantId, WorkOrderId};
use redress_domain::order::{WorkOrder, later};
use redress_domain::policy::Terms;

/// What becomes of a feedback.
pub(crate) enum Course {
    /// A new order of this id; after that of its conversation, if that has ended for good.
    Begins { id: WorkOrderId, follows: Option<WorkOrderId> },
    /// It goes on with this order.
    GoesOn(Box<Stored<WorkOrder>>),
    /// The feedback that it goes on with has no order yet.
    Waits,
}

/// Where a feedback goes on. A conversation has one order that lives at a time: after one that has
/// ended for good comes the one that is named after it, whoever writes again first, by whichever
/// feedback of the conversation.
///
/// # Errors
/// The store did not answer.
pub(crate) async fn course(
    world: &World,
    tenant: &TenantId,
    (id, feedback): (&FeedbackId, &Feedback),
    terms: &Terms,
    now: Timestamp,
) -> Result<Course, Fault> {
    let anew = || Course::Begins { id: WorkOrderId::of(tenant, id), follows: None };
    let Some(thread) = &feedback.thread else { return Ok(anew()) };
    // What it names was there when it came in. If it is gone since, the customer is heard all the same.
    let Some(earlier) = receive::find(world, tenant, thread).await? else { return Ok(anew()) };
    let Some(mut id) = earlier.value.work_order else { return Ok(Course::Waits) };
    let mut before = None;
    loop {
        // What turned out to be a duplicate goes on with the order that goes on for it.
        let Some(order) = orders::follow(world, tenant, &id).await? else {
            return Ok(if before.is_some() { Course::Begins { id, follows: before } } else { anew() });
        };
        // Who was asked can still answer where nothing else brings the order back any more.
        let said = &feedback.message;
        if !order.value.is_over(now, terms) || answer::reply(world, tenant, &order.value, said, now).await?.is_some() {
            return Ok(Course::GoesOn(Box::new(order)));
        }
        id = WorkOrderId::following(tenant, &order.value.id);
        before = Some(order.value.id);
    }
}

/// How soon a feedback that waits is looked at again, and for how long: after that its due mark tells
/// of it, every minute.
const SOON: SignedDuration = SignedDuration::from_secs(5);
const BRIEFLY: SignedDuration = SignedDuration::from_mins(1);

/// Has a feedback looked at again that waits for the order of another. Two messages in one breath
/// overtake each other, and the first one's order is a matter of seconds: while it is young a hint is
/// sent, and each hint sends one more at most. Without any its due mark is there.
pub(crate) async fn wait(world: &World, event: &Event, received_at: Timestamp, now: Timestamp) -> Result<(), Fault> {
    tracing::info!(feedback.id = event.subject, "waits for the order of its thread");
    if now < later(received_at, BRIEFLY) {
        world.queue.send_later(event, SOON).await?;
    }
    Ok(())
}
