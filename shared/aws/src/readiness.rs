//! Is this stack fit to serve? What an operator's program asks a stack from outside, by the usual AWS
//! configuration: read, and judged by pure functions over what was read. Changes nothing.
//!
//! What the stack should be is what it is made of: CloudFormation's own list of its resources, and
//! what these say of each other. There is no second description of the wiring here.

mod alarms;
mod api;
mod clock;
mod control;
mod functions;
mod look;
mod queues;
mod seen;
mod stack;
mod storage;
mod tenants;
mod xml;

pub use control::Control;
pub use seen::Stack;
pub use tenants::{Tenants, tenants};

use crate::clock::now;
use crate::config::Settings;
use aws_config::SdkConfig;
use redress_service::ports::PortError;
use redress_service::readiness::Finding;

/// How to mend a part that CloudFormation believes to be there.
const DELETED: &str = "somebody deleted it: take it out of template.yaml, deploy, put it back, deploy again";

/// Everything about a stack itself: its parts, how they are wired, and its clock. `release` is the
/// version of whoever asks.
pub async fn stack(sdk: &SdkConfig, control: &Control, stack: &Stack, release: &str) -> Vec<Finding> {
    let seen = look::look(sdk, control, stack).await;
    let mut findings = stack::stack(stack);
    findings.extend(functions::functions(&seen, release));
    findings.extend(queues::queues(&seen));
    findings.extend(queues::sources(&seen));
    findings.extend(queues::schedules(&seen));
    findings.extend(storage::table(&seen));
    findings.extend(storage::bucket(&seen));
    findings.extend(alarms::alarms(stack, &seen));
    findings.extend(api::answers(control, stack.output("ApiUrl")).await);
    findings.push(clock::here("CloudFormation", stack.told_at, stack.heard_at));
    findings
}

/// The stack of that name.
///
/// # Errors
/// [`PortError::Unavailable`] if there is none, or AWS does not answer.
pub async fn find(control: &Control, name: &str) -> Result<Stack, PortError> {
    look::find(control, name, now).await
}

impl Stack {
    /// What its outputs say to whoever speaks to its table, queues and bucket.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings::deployed(|name| self.output(name).map(str::to_owned))
    }
}
