//! Makes work orders of feedback, and finds who takes them.

use redress_aws::lambda::{Error, Handlers, run};
use redress_service::assign;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::from_env()
        .await
        .on_event(|world, event, moment| async move { assign::handle(&world, &event, moment).await });
    run(handlers).await
}
