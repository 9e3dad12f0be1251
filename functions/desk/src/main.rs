//! What agents, supervisors and admins do over HTTP; answers whatever no other function does.

use redress_aws::lambda::{Error, Handlers, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let world = redress_aws::config::world().await;
    let context = redress_aws::config::http(world.clone());
    run(Handlers::new(world).on_request(redress_http::desk(context))).await
}
