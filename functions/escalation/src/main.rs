//! Once a minute: looks at everything that is due; and at single orders to the second, when their
//! timers come.

use redress_aws::config::surroundings;
use redress_aws::lambda::{Error, Handlers, run};
use redress_service::sweep::{self, Horizon};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    // Known to this process alone: another one sets the same timers again, which does no harm.
    let horizon = Arc::new(Horizon::default());
    let handlers = Handlers::new(surroundings().await)
        .on_event(|world, event, moment| async move { sweep::timer(&world, &event, moment).await })
        .on_schedule(move |world, moment| {
            let horizon = Arc::clone(&horizon);
            async move {
                let report = sweep::run(&world, &horizon, moment).await?;
                // A number of seconds is far below 2^52: nothing is lost on the way to a float.
                redress_aws::logging::metric("OldestDueSeconds", report.oldest_due_seconds as f64, "Seconds");
                Ok(())
            }
        });
    run(handlers).await
}
