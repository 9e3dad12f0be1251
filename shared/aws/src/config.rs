//! The environment, read once, and the world that follows from it.

use crate::calls::Caller;
use crate::clock;
use crate::files::{NoFiles, S3Files};
use crate::logging;
use crate::models::{NoShelf, Shelf};
use crate::outbox::{NoOutside, Outbox};
use crate::post::{Post, Sender};
use crate::queue::{DeadLetters, SqsQueue};
use crate::store::TableStore;
use crate::transport::Transport;
pub use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_dynamodb::config::Credentials;
use redress_domain::fair_share::Rate;
use redress_domain::webhook::Access;
use redress_http::Context;
use redress_service::fair_share::Rates;
use redress_service::ports::{Files, Models, Outside, PortError, World};
use std::sync::Arc;
use std::time::Duration;

/// A value by its name in the environment. A function has only those that it uses, so that one is
/// missing is an error when it is used and not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    name: &'static str,
    value: Option<String>,
}

impl Setting {
    /// The value, which may be absent, of what `name` stands for.
    #[must_use]
    pub fn new(name: &'static str, value: Option<String>) -> Self {
        Self { name, value: value.filter(|value| !value.is_empty()) }
    }

    /// The value.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] with the name, if it is not set.
    pub fn get(&self) -> Result<&str, PortError> {
        self.value.as_deref().ok_or_else(|| PortError::Unavailable(format!("{} is not set", self.name)))
    }

    /// The value, if it is set.
    #[must_use]
    pub fn as_deref(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

/// The addresses of the queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queues {
    /// `CLASSIFICATION_QUEUE_URL`
    pub classification: Setting,
    /// `ASSIGNMENT_QUEUE_URL`
    pub assignment: Setting,
    /// `FOLLOW_UP_QUEUE_URL`
    pub follow_up: Setting,
    /// `ESCALATION_QUEUE_URL`
    pub escalation: Setting,
    /// `ATTACHMENT_QUEUE_URL`
    pub attachment: Setting,
    /// `DELIVERY_QUEUE_URL`
    pub delivery: Setting,
}

/// What the template tells a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `TABLE`: the table's name.
    pub table: Setting,
    /// Where events go.
    pub queues: Queues,
    /// `DEAD_LETTERS_URL`: where this function lays aside what no further try can help.
    pub dead_letters: Setting,
    /// `BUCKET`: attachments and the outbox.
    pub bucket: Setting,
    /// `PUBLIC_URL`: what links to customers begin with.
    pub public_url: Setting,
    /// `MAIL_FROM`: the address that mails come from; without it they stay in the outbox.
    pub mail_from: Setting,
    /// `TEXT_MESSAGES`: whether text messages go out; else they stay in the outbox.
    pub text_messages: bool,
    /// `ALLOW_PRIVATE_WEBHOOK_TARGETS`: `true` where webhooks may lead to the machine itself.
    pub private_webhooks: bool,
    /// `SHOW_SURVEY_LINKS`: `true` where nobody sends mail, so that the desk shows a survey's link.
    pub show_survey_links: bool,
    /// `CORS_ORIGIN`: whose scripts may call the API.
    pub cors_origin: Setting,
    /// `TENANT_RATE` and `KEY_RATE`: requests a second that are a fair share; 0 where nobody counts.
    pub rates: Rates,
}

impl Settings {
    /// What the environment says.
    #[must_use]
    pub fn from_env() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// What a deployed stack says by the names of its outputs.
    pub fn deployed(output: impl Fn(&str) -> Option<String>) -> Self {
        Self::read(|name| match name {
            "TABLE" => output("TableName"),
            "BUCKET" => output("BucketName"),
            "CLASSIFICATION_QUEUE_URL" => output("ClassificationQueueUrl"),
            "ASSIGNMENT_QUEUE_URL" => output("AssignmentQueueUrl"),
            "FOLLOW_UP_QUEUE_URL" => output("FollowUpQueueUrl"),
            "ESCALATION_QUEUE_URL" => output("EscalationQueueUrl"),
            "ATTACHMENT_QUEUE_URL" => output("AttachmentQueueUrl"),
            "DELIVERY_QUEUE_URL" => output("DeliveryQueueUrl"),
            "PUBLIC_URL" => output("ApiUrl"),
            _ => None,
        })
    }

    /// What `lookup` says by the names of the environment.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let setting = |name| Setting::new(name, lookup(name));
        Self {
            table: setting("TABLE"),
            queues: Queues {
                classification: setting("CLASSIFICATION_QUEUE_URL"),
                assignment: setting("ASSIGNMENT_QUEUE_URL"),
                follow_up: setting("FOLLOW_UP_QUEUE_URL"),
                escalation: setting("ESCALATION_QUEUE_URL"),
                attachment: setting("ATTACHMENT_QUEUE_URL"),
                delivery: setting("DELIVERY_QUEUE_URL"),
            },
            dead_letters: setting("DEAD_LETTERS_URL"),
            bucket: setting("BUCKET"),
            public_url: setting("PUBLIC_URL"),
            mail_from: setting("MAIL_FROM"),
            text_messages: lookup("TEXT_MESSAGES").as_deref() == Some("true"),
            private_webhooks: lookup("ALLOW_PRIVATE_WEBHOOK_TARGETS").as_deref() == Some("true"),
            show_survey_links: lookup("SHOW_SURVEY_LINKS").as_deref() == Some("true"),
            cors_origin: setting("CORS_ORIGIN"),
            rates: Rates { tenant: rate(lookup("TENANT_RATE"), TENANT_RATE), key: rate(lookup("KEY_RATE"), KEY_RATE) },
        }
    }
}

impl Settings {
    /// Where webhooks may lead.
    fn access(&self) -> Access {
        if self.private_webhooks { Access::PublicAndLoopback } else { Access::Public }
    }
}

/// Requests a second that are a tenant's fair share where nothing else is said.
const TENANT_RATE: u32 = 1_000;

/// The same for one key.
const KEY_RATE: u32 = 500;

/// The rate that is set; the usual one where none is, or nothing that is a number.
fn rate(set: Option<String>, usual: u32) -> Option<Rate> {
    Rate::of(set.and_then(|set| set.parse().ok()).unwrap_or(usual))
}

/// A cloud at an address of its own: the local one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalCloud {
    /// For example `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// The region's name.
    pub region: String,
    /// The access key id; twelve digits are an account of their own.
    pub account: String,
}

/// What a function lives in: its world, and where its poison rests.
pub struct Surroundings {
    /// The world.
    pub world: World,
    /// Where poison rests.
    pub dead_letters: DeadLetters,
}

/// What the environment describes, for a function that reads no words and has to do with no files.
pub async fn surroundings() -> Surroundings {
    surroundings_by(|sdk, settings| {
        world_around(sdk, settings, Arc::new(NoOutside), Arc::new(NoShelf), Arc::new(NoFiles))
    })
    .await
}

/// What the environment describes, for a function that takes in files and reads no words.
pub async fn filing_surroundings() -> Surroundings {
    surroundings_by(|sdk, settings| {
        let files = S3Files::new(s3(sdk), settings.bucket.clone(), sdk);
        world_around(sdk, settings, Arc::new(NoOutside), Arc::new(NoShelf), Arc::new(files))
    })
    .await
}

/// What the environment describes, for a function that reads words.
pub async fn reading_surroundings() -> Surroundings {
    surroundings_by(|sdk, settings| {
        let shelf = Shelf::new(s3(sdk), settings.bucket.clone());
        world_around(sdk, settings, Arc::new(NoOutside), Arc::new(shelf), Arc::new(NoFiles))
    })
    .await
}

/// What the environment describes, for the function that speaks to the outside.
pub async fn telling_surroundings() -> Surroundings {
    surroundings_by(|sdk, settings| {
        let from = settings.mail_from.value.clone();
        let mail = from.map(|from| Sender { client: aws_sdk_sesv2::Client::new(sdk), from });
        let texts = settings.text_messages.then(|| aws_sdk_sns::Client::new(sdk));
        let outbox = Outbox::new(s3(sdk), settings.bucket.clone());
        let post = Post::new(outbox, Caller::new(settings.access()), mail, texts);
        world_around(sdk, settings, Arc::new(post), Arc::new(NoShelf), Arc::new(NoFiles))
    })
    .await
}

async fn surroundings_by(world: impl FnOnce(&SdkConfig, &Settings) -> World) -> Surroundings {
    let (sdk, settings) = (sdk().await, Settings::from_env());
    let dead_letters = DeadLetters::new(aws_sdk_sqs::Client::new(&sdk), settings.dead_letters.clone());
    Surroundings { world: world(&sdk, &settings), dead_letters }
}

/// The world in a cloud at an address of its own: for the program and for tests.
pub async fn world_at(cloud: &LocalCloud, settings: &Settings) -> World {
    world_of(&sdk_at(cloud).await, settings)
}

/// The outbox in a cloud at an address of its own: for whoever looks at what was told.
pub async fn outbox_at(cloud: &LocalCloud, settings: &Settings) -> Outbox {
    Outbox::new(s3(&sdk_at(cloud).await), settings.bucket.clone())
}

/// The world that `settings` describe, spoken to by `sdk`, with nobody outside. Makes clients and
/// calls nobody.
#[must_use]
pub fn world_of(sdk: &SdkConfig, settings: &Settings) -> World {
    let (s3, bucket) = (s3(sdk), &settings.bucket);
    let shelf = Shelf::new(s3.clone(), bucket.clone());
    let files = S3Files::new(s3, bucket.clone(), sdk);
    world_around(sdk, settings, Arc::new(NoOutside), Arc::new(shelf), Arc::new(files))
}

pub(crate) fn s3(sdk: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(sdk)
        // A bucket's name is no host where the endpoint is an address.
        .force_path_style(sdk.endpoint_url().is_some())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

/// The world around an outside, a shelf and files.
fn world_around(
    sdk: &SdkConfig,
    settings: &Settings,
    outside: Arc<dyn Outside>,
    models: Arc<dyn Models>,
    files: Arc<dyn Files>,
) -> World {
    World {
        store: Arc::new(TableStore::new(aws_sdk_dynamodb::Client::new(sdk), settings.table.clone())),
        queue: Arc::new(SqsQueue::new(aws_sdk_sqs::Client::new(sdk), settings.queues.clone())),
        outside,
        access: settings.access(),
        models,
        files,
        public_url: settings.public_url.value.as_deref().unwrap_or_default().into(),
        compiled: Arc::default(),
        readers: Arc::default(),
        crews: Arc::default(),
    }
}

/// What the API needs besides the world, as the environment says.
#[must_use]
pub fn http(world: World) -> Context {
    let settings = Settings::from_env();
    Context {
        world,
        moment: Arc::new(clock::moment),
        public_url: settings.public_url.value,
        survey_links: settings.show_survey_links,
        cors_origin: settings.cors_origin.value,
        rates: settings.rates,
        untold: Arc::new(|| logging::metric("FairShareUntold", 1.0, "Count")),
    }
}

/// How to speak to AWS as the environment says: region, credentials, `AWS_ENDPOINT_URL`.
pub async fn sdk() -> SdkConfig {
    loader().load().await
}

/// How to speak to a cloud at an address of its own.
pub async fn sdk_at(cloud: &LocalCloud) -> SdkConfig {
    loader()
        .endpoint_url(&cloud.endpoint)
        .region(Region::new(cloud.region.clone()))
        .credentials_provider(Credentials::new(&cloud.account, "test", None, None, "local cloud"))
        .load()
        .await
}

/// The behaviour is pinned, TLS is by `ring`; 3 tries of 3 seconds stay below every time-out of ours.
fn loader() -> ConfigLoader {
    let times = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(Transport::default())
        // The SDK's own first wait, of up to a second, is for those who have no queue behind them.
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(100)))
        .timeout_config(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_when_it_is_used() {
        let settings = Settings::read(|name| (name == "TABLE").then(|| "redress".to_owned()));
        assert_eq!(settings.table.get(), Ok("redress"));
        assert_eq!(settings.bucket.get(), Err(PortError::Unavailable("BUCKET is not set".to_owned())));
        assert!(!settings.show_survey_links);
    }

    #[test]
    fn a_fair_share_is_as_it_is_set_or_as_usual() {
        let set = |value: &'static str| Settings::read(|name| (name == "TENANT_RATE").then(|| value.to_owned())).rates;
        let rates = set("20");
        assert_eq!((rates.tenant, rates.key), (Rate::of(20), Rate::of(KEY_RATE)));
        assert_eq!((set("0").tenant, set("many").tenant), (None, Rate::of(TENANT_RATE)));
    }

    #[test]
    fn what_is_empty_is_missing() {
        let settings = Settings::read(|_| Some(String::new()));
        assert_eq!(settings.public_url.as_deref(), None);
    }
}
