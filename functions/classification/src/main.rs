//! Understands feedback: language, category, sentiment, urgency, impact, priority.

use redress_aws::config::reading_surroundings;
use redress_aws::lambda::{Error, Handlers, run};
use redress_service::classify;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::new(reading_surroundings().await)
        .on_event(|world, event, moment| async move { classify::handle(&world, &event, moment).await });
    run(handlers).await
}
