//! Once a minute: looks at everything that is due; and at single orders to the second, when their
//! timers come.

use redress_aws::config::surroundings;
use redress_aws::lambda::{Error, Handlers, run};
use redress_aws::logging;
use redress_service::sweep::{self, Horizon};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::start();
    // Known to this process alone: another one sets the same timers again, which does no harm.
    let horizon = Arc::new(Horizon::default());
    let handlers = Handlers::new(surroundings().await)
        .on_event(|world, event, moment| async move {
            match sweep::timer(&world, &event, moment).await? {
                0 => {}
                waits => seconds("OldestWaitingSeconds", waits),
            }
            Ok(())
        })
        .on_schedule(move |world, moment| {
            let horizon = Arc::clone(&horizon);
            async move {
                let report = sweep::run(&world, &horizon, moment).await?;
                seconds("OldestDueSeconds", report.oldest_due_seconds);
                seconds("OldestWaitingSeconds", report.oldest_waiting_seconds);
                Ok(())
            }
        });
    run(handlers).await
}

fn seconds(metric: &str, value: i64) {
    // A number of seconds is far below 2^52: nothing is lost on the way to a float.
    logging::metric(metric, value as f64, "Seconds");
}
