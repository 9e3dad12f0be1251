//! Which stack a command is about: the local cloud, or one that is deployed.

use crate::{Failure, seed, state_dir};
use redress_aws::config::{SdkConfig, sdk, sdk_at};
use redress_local::Cloud;

/// Where a stack is.
pub(crate) enum Target {
    /// Here, as `redress up` started it.
    Local(Box<Cloud>),
    /// In the account and region of the usual AWS configuration, by its name.
    Deployed(String),
}

impl Target {
    /// The stack of that name, or the local one.
    ///
    /// # Errors
    /// Wrong use if no name is given and nothing runs here.
    pub(crate) fn of(stack: Option<&str>) -> Result<Self, Failure> {
        if let Some(name) = stack {
            return Ok(Self::Deployed(name.to_owned()));
        }
        let stopped = || Failure::Usage("nothing runs here; give --stack, or start it with `redress up`".to_owned());
        redress_local::running(&state_dir()?).map(|cloud| Self::Local(Box::new(cloud))).ok_or_else(stopped)
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Local(cloud) => &cloud.stack,
            Self::Deployed(name) => name,
        }
    }

    /// How to speak to whatever it is in.
    pub(crate) async fn sdk(&self) -> SdkConfig {
        match self {
            Self::Local(cloud) => sdk_at(&seed::at(cloud)).await,
            Self::Deployed(_) => sdk().await,
        }
    }
}
