//! Takes feedback and its attachments in over HTTP, judges what was uploaded, and shows customers how
//! far it is.

use redress_aws::config::filing_surroundings;
use redress_aws::lambda::{Error, Handlers, run};
use redress_service::attachments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    redress_aws::logging::start();
    let handlers = Handlers::new(filing_surroundings().await);
    let context = redress_aws::config::http(handlers.world());
    let handlers = handlers
        .on_event(|world, event, moment| async move { attachments::handle(&world, &event, moment).await })
        .on_request(redress_http::intake(context));
    run(handlers).await
}
