//! What every request needs besides itself.

use redress_service::fair_share::{Purses, Rates};
use redress_service::ports::World;
use redress_service::secret::{self, Secret};
use redress_service::{Fault, Moment};
use std::sync::{Arc, OnceLock};

/// Reads the present and fresh randomness.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// The world behind the API, and how this stack is set up.
#[derive(Clone)]
pub struct Context {
    /// Documents, events, notices.
    pub world: World,
    /// Read once for every request.
    pub moment: Clock,
    /// What absolute links begin with, for example `https://api.example.com`; without it links
    /// begin with `/`.
    pub public_url: Option<String>,
    /// Whether supervisors are shown where the customer answers: only ever in the local cloud.
    pub survey_links: bool,
    /// The one origin whose scripts may call the API, or `*`; without it none may.
    pub cors_origin: Option<String>,
    /// How many requests a second are a fair share.
    pub rates: Rates,
    /// Counts, for operators, that a request passed because nobody could tell its share.
    pub untold: Arc<dyn Fn() + Send + Sync>,
}

impl Context {
    /// The address of `path`, which begins with `/`.
    pub(crate) fn link(&self, path: &str) -> String {
        let base = self.public_url.as_deref().unwrap_or_default();
        format!("{}{path}", base.trim_end_matches('/'))
    }
}

/// A [`Context`] and what was read from it for good.
pub(crate) struct Api {
    pub(crate) context: Context,
    secret: OnceLock<Secret>,
    pub(crate) purses: Purses,
}

impl Api {
    pub(crate) fn new(context: Context) -> Self {
        Self { context, secret: OnceLock::new(), purses: Purses::default() }
    }

    pub(crate) fn world(&self) -> &World {
        &self.context.world
    }

    /// The secret of the stack, read or made the first time it is needed.
    pub(crate) async fn secret(&self) -> Result<&Secret, Fault> {
        if let Some(secret) = self.secret.get() {
            return Ok(secret);
        }
        let moment = &self.context.moment;
        let found = secret::get_or_create(&self.context.world, moment(), moment()).await?;
        Ok(self.secret.get_or_init(|| found))
    }
}
