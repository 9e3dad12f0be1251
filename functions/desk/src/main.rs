//! What agents, supervisors and admins do over HTTP; answers whatever no other function does.

use redress_aws::config::reading_surroundings;
use redress_aws::lambda::{Error, Handlers, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::new(reading_surroundings().await);
    let context = redress_aws::config::http(handlers.world());
    run(handlers.on_request(redress_http::desk(context))).await
}
