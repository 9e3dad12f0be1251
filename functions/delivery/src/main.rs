//! Tells who must know: people and servers outside.

use redress_aws::config::telling_surroundings;
use redress_aws::lambda::{Error, Handlers, run};
use redress_service::deliver;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::new(telling_surroundings().await)
        .on_event(|world, event, moment| async move { deliver::handle(&world, &event, moment).await })
        .side_by_side();
    run(handlers).await
}
