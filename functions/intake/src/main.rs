//! Takes feedback in over HTTP, and shows customers how far it is.

use redress_aws::config::quiet_surroundings;
use redress_aws::lambda::{Error, Handlers, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::new(quiet_surroundings().await);
    let context = redress_aws::config::http(handlers.world());
    run(handlers.on_request(redress_http::intake(context))).await
}
