//! Once a minute: looks at everything that is due.

use redress_aws::config::surroundings;
use redress_aws::lambda::{Error, Handlers, run};
use redress_service::sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::new(surroundings().await).on_schedule(|world, moment| async move {
        let report = sweep::run(&world, moment).await?;
        // A number of seconds is far below 2^52: nothing is lost on the way to a float.
        redress_aws::logging::metric("OldestDueSeconds", report.oldest_due_seconds as f64, "Seconds");
        Ok(())
    });
    run(handlers).await
}
