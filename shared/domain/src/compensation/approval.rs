//! Who may approve how much.

use crate::policy::PolicyError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Up to which amounts of a currency who may approve; whole minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalBand {
    /// ISO 4217, three capitals.
    pub currency: String,
    /// Up to this, approved by itself; 0 for nothing.
    pub automatic_up_to_minor: i64,
    /// Up to this, by a supervisor or an admin; above it only by an admin.
    pub supervisor_up_to_minor: i64,
}

/// Who may approve an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Approver {
    /// Nobody need.
    Nobody,
    /// A supervisor or an admin.
    Supervisor,
    /// An admin alone.
    Admin,
}

impl ApprovalBand {
    pub(crate) fn approver(&self, amount_minor: i64) -> Approver {
        if amount_minor <= self.automatic_up_to_minor {
            Approver::Nobody
        } else if amount_minor <= self.supervisor_up_to_minor {
            Approver::Supervisor
        } else {
            Approver::Admin
        }
    }

    pub(crate) fn faults(&self) -> Vec<PolicyError> {
        let mut faults = Vec::new();
        if self.automatic_up_to_minor < 0 {
            faults.push(PolicyError::at("/automatic_up_to_minor", "must be 0 or more"));
        }
        if self.supervisor_up_to_minor < self.automatic_up_to_minor {
            let detail = "must be automatic_up_to_minor or more: what needs nobody needs no supervisor";
            faults.push(PolicyError::at("/supervisor_up_to_minor", detail));
        }
        faults
    }
}
