//! Fair share: who floods waits, and everybody else does not.

use crate::context::Api;
use crate::problem::Problem;
use redress_service::Moment;
use redress_service::auth::Caller;
use redress_service::fair_share::{Share, judge};

/// Lets a request pass that is within its caller's share. One that nobody could judge passes too:
/// a shop in need is not turned away because a counter is out of order.
pub(crate) async fn check(api: &Api, caller: &Caller, moment: Moment) -> Result<(), Problem> {
    match judge(api.world(), &api.purses, api.context.rates, caller, moment).await {
        Share::Within => Ok(()),
        Share::Untold => {
            (api.context.untold)();
            Ok(())
        }
        Share::Over(seconds) => Err(Problem::rate_limited(seconds)),
    }
}
