//! Makes work orders of feedback, and finds who takes them.

use redress_aws::config::surroundings;
use redress_aws::lambda::{Error, Handlers, run};
use redress_service::assign;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::new(surroundings().await)
        .on_event(|world, event, moment| async move { assign::handle(&world, &event, moment).await });
    run(handlers).await
}
