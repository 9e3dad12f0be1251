//! Asks customers whether it was put right, takes their answers, and brings orders back.

use redress_aws::config::reading_surroundings;
use redress_aws::lambda::{Error, Handlers, run};
use redress_service::follow_up;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::new(reading_surroundings().await);
    let context = redress_aws::config::http(handlers.world());
    let handlers = handlers
        .on_event(|world, event, moment| async move { follow_up::handle(&world, &event, moment).await })
        .on_request(redress_http::follow_up(context));
    run(handlers).await
}
