//! Entry points: what the platform hands a function, brought to what handles it.
//!
//! One program may be started by a queue, over HTTP and by a schedule; the payload's shape says
//! which. Errors are mapped and logged here, once, and nowhere below.

mod batch;
mod notification;
mod web;

use crate::clock;
use crate::config::Surroundings;
use crate::queue::DeadLetters;
use axum::Router;
use futures::FutureExt;
use futures::future::BoxFuture;
use lambda_runtime::{Context, LambdaEvent, Runtime, service_fn};
use redress_domain::event::Event;
use redress_service::ports::World;
use redress_service::{Fault, Moment};
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tracing::Instrument;

pub use lambda_runtime::Error;

/// A handler's answer: nothing, or why not.
type Outcome = Result<(), Fault>;
type OnEvent = Arc<dyn Fn(World, Event, Moment) -> BoxFuture<'static, Outcome> + Send + Sync>;
type OnSchedule = Arc<dyn Fn(World, Moment) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// As many events side by side as a batch of the template holds.
const ABREAST: usize = 10;

/// What a function does about what happens. What it has no handler for is an error, not silence.
#[derive(Clone)]
pub struct Handlers {
    world: World,
    dead_letters: Arc<DeadLetters>,
    event: Option<OnEvent>,
    /// How many events of a batch are handled side by side.
    abreast: usize,
    schedule: Option<OnSchedule>,
    web: Option<Router>,
}

impl Handlers {
    /// No handlers yet; what no further try can help rests in the dead letters of `surroundings`.
    #[must_use]
    pub fn new(surroundings: Surroundings) -> Self {
        let Surroundings { world, dead_letters } = surroundings;
        Self { world, dead_letters: Arc::new(dead_letters), event: None, abreast: 1, schedule: None, web: None }
    }

    /// The world that the handlers work in.
    #[must_use]
    pub fn world(&self) -> World {
        self.world.clone()
    }

    /// What is done with each event of a queue. A panic, or an error that may pass, puts this one
    /// event back; any other error lays it aside.
    #[must_use]
    pub fn on_event<F, T>(mut self, act: F) -> Self
    where
        F: Fn(World, Event, Moment) -> T + Send + Sync + 'static,
        T: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.event = Some(Arc::new(move |world, event, at| act(world, event, at).boxed()));
        self
    }

    /// Lets the events of a batch be handled side by side: what each of them waits for is outside.
    #[must_use]
    pub fn side_by_side(self) -> Self {
        Self { abreast: ABREAST, ..self }
    }

    /// What is done whenever the schedule says so.
    #[must_use]
    pub fn on_schedule<F, T>(mut self, act: F) -> Self
    where
        F: Fn(World, Moment) -> T + Send + Sync + 'static,
        T: Future<Output = Result<(), Fault>> + Send + 'static,
    {
        self.schedule = Some(Arc::new(move |world, at| act(world, at).boxed()));
        self
    }

    /// What answers requests.
    #[must_use]
    pub fn on_request(mut self, router: Router) -> Self {
        self.web = Some(router);
        self
    }

    /// The answer to one payload.
    ///
    /// # Errors
    /// For a schedule whose handler failed, and for a payload that nothing here handles; both are logged.
    async fn answer(&self, payload: Value, context: Context) -> Result<Value, &'static str> {
        let told = match (shape(&payload), &self.event, &self.web, &self.schedule) {
            (Shape::Queue, Some(act), ..) => return Ok(batch::handle(self, act, payload).await),
            (Shape::Request, _, Some(router), _) => return Ok(web::serve(router.clone(), payload, context).await),
            (Shape::Schedule, _, _, Some(act)) => caught(act(self.world.clone(), clock::moment())).await,
            (shape, ..) => Err(Fault::Unavailable(format!("nothing here handles a {shape:?}"))),
        };
        told.map(|()| Value::Null).map_err(|fault| {
            tracing::error!(reason = %fault, "invocation failed");
            "failed; the log has the reason"
        })
    }
}

/// The answer of `work`, a panic being one more reason to fail. What it said is in the line that
/// the panic hook wrote.
async fn caught(work: BoxFuture<'static, Outcome>) -> Outcome {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(Fault::Unavailable("panicked".to_owned())))
}

/// What started the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Queue,
    Request,
    Schedule,
}

fn shape(payload: &Value) -> Shape {
    match payload {
        _ if payload["Records"][0]["eventSource"] == "aws:sqs" => Shape::Queue,
        _ if payload["requestContext"]["http"].is_object() => Shape::Request,
        _ => Shape::Schedule,
    }
}

/// Handles what the platform hands this function, one payload after the other, until it is ended.
///
/// # Errors
/// If the platform can't be reached.
pub async fn run(handlers: Handlers) -> Result<(), Error> {
    let handlers = Arc::new(handlers);
    let service = service_fn(move |LambdaEvent { payload, context }: LambdaEvent<Value>| {
        let handlers = Arc::clone(&handlers);
        let span = tracing::info_span!("invocation", request.id = context.request_id);
        async move { handlers.answer(payload, context).await }.instrument(span)
    });
    Runtime::new(service).run().await
}

#[cfg(test)]
mod tests;
