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
pub use seen::{Resource, Stack};

use crate::clock::now;
use crate::config::{Settings, world_of};
use aws_config::SdkConfig;
use redress_domain::id::TenantId;
use redress_service::ports::PortError;
use redress_service::readiness::{Finding, key, sweep, tenant};

/// How to mend a part that CloudFormation believes to be there.
const DELETED: &str = "somebody deleted it: take it out of template.yaml, deploy, put it back, deploy again";

/// The alias by which the template has every function called.
const LIVE: &str = "live";

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The stack's name.
    pub stack: String,
    /// Whom to look at; whoever has policies of their own if nobody is named.
    pub tenants: Vec<TenantId>,
    /// As many items of the table are read to find those, at most.
    pub items: usize,
    /// API keys that should open the stack, each with what it is called.
    pub keys: Vec<(String, String)>,
    /// The release of whoever asks.
    pub release: String,
}

/// Everything: the stack, what it keeps, its tenants; in this order.
pub async fn look(sdk: &SdkConfig, question: &Question) -> Vec<Finding> {
    let control = Control::new(sdk);
    let stack = match find(&control, &question.stack).await {
        Ok(stack) => stack,
        Err(error) => return vec![unreachable(&question.stack, &error)],
    };
    let settings = stack.settings();
    let world = world_of(sdk, &settings);
    let mut findings = of_stack(sdk, &control, &stack, &question.release).await;
    findings.push(sweep(&world, now()).await);
    for (name, secret) in &question.keys {
        findings.push(key(&world, name, secret).await);
    }
    let mut tenants = question.tenants.clone();
    if tenants.is_empty() {
        let found = tenants::tenants(sdk, &settings, question.items).await;
        let table = stack.output("TableName").unwrap_or("table");
        findings.push(tenants::judge(table, &found));
        tenants.extend(found.into_iter().flat_map(|found| found.found));
    }
    for id in &tenants {
        findings.extend(tenant(&world, id, now()).await);
    }
    findings
}

fn unreachable(name: &str, error: &PortError) -> Finding {
    let mend = "look at --stack, and at the region and the credentials of your AWS configuration";
    Finding::fail("stack.status", name, error.to_string(), mend)
}

/// The stack itself: its parts, how they are wired, and its clock.
async fn of_stack(sdk: &SdkConfig, control: &Control, stack: &Stack, release: &str) -> Vec<Finding> {
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
