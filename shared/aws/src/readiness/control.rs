//! The control planes: signed requests, and answers as JSON, whatever they were written in.
//!
//! By hand and not by their SDKs: four more of those would take longer to build than the rest of the
//! program, and the metrics' speaks a dialect that the local cloud does not know.

use super::seen::Look;
use super::xml;
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use redress_service::ports::PortError;
use serde_json::Value;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use tokio::time::{sleep, timeout};

/// As long as an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits between tries of what was throttled or got no answer.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1_500)];

/// Whom to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// Stacks.
    CloudFormation,
    /// Alarms.
    Metrics,
    /// Functions and what starts them.
    Lambda,
    /// Schedules.
    Scheduler,
}

impl Service {
    /// What its address begins with, and its name in signatures.
    fn name(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Metrics => "monitoring",
            Self::Lambda => "lambda",
            Self::Scheduler => "scheduler",
        }
    }
}

/// A question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) service: Service,
    pub(super) method: &'static str,
    /// Path and query, encoded.
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'static str, &'static str)],
    pub(super) body: &'a str,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) status: u16,
    /// When it was given, by whoever gave it.
    pub(super) date: Option<Timestamp>,
    pub(super) body: String,
}

/// Asks the control planes of one account and region.
#[derive(Debug)]
pub struct Control {
    credentials: Option<SharedCredentialsProvider>,
    region: Option<String>,
    endpoint: Option<String>,
    /// Made when it is first needed: it reads the machine's root certificates.
    connector: OnceLock<Connector>,
}

impl Control {
    /// Asks where `sdk` would, with its credentials.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self {
            credentials: sdk.credentials_provider(),
            region: sdk.region().map(ToString::to_string),
            endpoint: sdk.endpoint_url().map(str::to_owned),
            connector: OnceLock::new(),
        }
    }

    /// Whether it is this very machine that is asked: the local cloud, which has no backups.
    pub(super) fn is_local(&self) -> bool {
        let at = |host: &str| self.endpoint.as_deref().is_some_and(|address| address.starts_with(host));
        ["http://127.", "http://localhost", "http://[::1]"].into_iter().any(at)
    }

    fn connector(&self) -> &Connector {
        self.connector.get_or_init(|| Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build())
    }

    /// The answer as JSON; [`Look::Gone`] where there is no such thing.
    pub(super) async fn look(&self, question: Question<'_>) -> Look<Value> {
        match self.ask(question).await {
            Err(PortError::Unavailable(why)) => Look::Untold(why),
            Err(PortError::Conflict) => Look::Untold("an answer that makes no sense".to_owned()),
            Ok(heard) => answered(&heard),
        }
    }

    /// The answer, whatever it is.
    pub(super) async fn ask(&self, question: Question<'_>) -> Result<Heard, PortError> {
        let service = question.service.name();
        let region =
            self.region.as_deref().ok_or_else(|| failed("no region: set AWS_REGION, or one in your profile"))?;
        let credentials = self.credentials().await?;
        let address = self.endpoint.clone().unwrap_or_else(|| address(service, region));
        let url = format!("{}{}", address.trim_end_matches('/'), question.path);
        let headers =
            signed(&question, &url, region, &credentials).ok_or_else(|| failed("a request that can't be signed"))?;
        self.send(question.method, &url, &headers, question.body).await
    }

    /// Asks anybody, unsigned.
    pub(super) async fn get(&self, url: &str) -> Result<Heard, PortError> {
        self.send("GET", url, &[], "").await
    }

    async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> Result<Heard, PortError> {
        let mut last = failed("no connection");
        for pause in PAUSES {
            match self.once(method, url, headers, body).await {
                Ok(heard) if heard.status < 500 && heard.status != 429 => return Ok(heard),
                Ok(heard) => last = failed(&format!("{} {}", heard.status, word(&heard))),
                Err(error) => last = error,
            }
            sleep(pause).await;
        }
        Err(last)
    }

    async fn once(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> Result<Heard, PortError> {
        let request = request(method, url, headers, body).ok_or_else(|| failed("an address that is none"))?;
        let answered = timeout(PATIENCE, async { read(self.connector().call(request).await.ok()?).await });
        answered.await.map_err(|_| failed("no answer in time"))?.ok_or_else(|| failed("no connection"))
    }

    async fn credentials(&self) -> Result<Credentials, PortError> {
        let none = || failed("no credentials: log in, or set AWS_PROFILE");
        let provider = self.credentials.as_ref().ok_or_else(none)?;
        provider.provide_credentials().await.map_err(|_| none())
    }
}

fn failed(why: &str) -> PortError {
    PortError::Unavailable(why.to_owned())
}

/// Where a service answers.
///
/// # Source
/// <https://docs.aws.amazon.com/general/latest/gr/rande.html>; the regions in China have an ending of
/// their own.
fn address(service: &str, region: &str) -> String {
    let end = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://{service}.{region}.{end}")
}

/// The headers of a question, its signature among them.
fn signed(
    question: &Question<'_>,
    url: &str,
    region: &str,
    credentials: &Credentials,
) -> Option<Vec<(String, String)>> {
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(question.service.name())
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .ok()?
        .into();
    let body = SignableBody::Bytes(question.body.as_bytes());
    let signable = SignableRequest::new(question.method, url, question.headers.iter().copied(), body).ok()?;
    let (instructions, _) = sign(signable, &params).ok()?.into_parts();
    let own = question.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Some(own.chain(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()))).collect())
}

fn request(method: &str, url: &str, headers: &[(String, String)], body: &str) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(SdkBody::from(body.to_owned()));
    request.set_method(method).ok()?;
    request.set_uri(url).ok()?;
    for (name, value) in headers {
        request.headers_mut().try_insert(name.clone(), value.clone()).ok()?;
    }
    Some(request)
}

async fn read(response: HttpResponse) -> Option<Heard> {
    let status = response.status().as_u16();
    let date = response.headers().get("date").and_then(|date| rfc2822::parse(date).ok());
    let bytes = ByteStream::new(response.into_body()).collect().await.ok()?.into_bytes();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Some(Heard { status, date: date.map(|date| date.timestamp()), body })
}

/// What an answer says: the thing itself, that it is not there, or why it can't be told.
fn answered(heard: &Heard) -> Look<Value> {
    match heard.status {
        200..300 => parsed(&heard.body).map_or_else(|| Look::Untold("an unreadable answer".to_owned()), Look::There),
        404 => Look::Gone,
        status => Look::Untold(format!("{status} {}", word(heard))),
    }
}

/// JSON, or XML as the same.
pub(super) fn parsed(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok().or_else(|| xml::tree(body))
}

/// The one word that says what went wrong: `AccessDenied` and the like.
pub(super) fn word(heard: &Heard) -> String {
    let body = parsed(&heard.body).unwrap_or_default();
    let found = ["/__type", "/Code", "/Error/Code", "/code"].into_iter().find_map(|at| body.pointer(at)?.as_str());
    let whole = found.unwrap_or("an answer without a code");
    whole.rsplit('#').next().unwrap_or(whole).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(status: u16, body: &str) -> Heard {
        Heard { status, date: None, body: body.to_owned() }
    }

    #[test]
    fn each_region_is_asked_at_its_own_address() {
        assert_eq!(address("lambda", "us-east-1"), "https://lambda.us-east-1.amazonaws.com");
        assert_eq!(address("lambda", "cn-north-1"), "https://lambda.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn an_answer_is_the_thing_that_it_is_gone_or_why_nobody_can_tell() {
        assert_eq!(
            answered(&heard(200, r#"{"State":"Enabled"}"#)),
            Look::There(serde_json::json!({"State": "Enabled"}))
        );
        assert_eq!(answered(&heard(404, "{}")), Look::Gone);
        let denied = heard(403, r#"{"__type":"com.amazon#AccessDeniedException","Message":"secret"}"#);
        assert_eq!(answered(&denied), Look::Untold("403 AccessDeniedException".to_owned()));
        let denied = heard(403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
        assert_eq!(answered(&denied), Look::Untold("403 AccessDenied".to_owned()));
    }

    #[test]
    fn a_question_is_signed_for_its_service_and_region() {
        let question = Question {
            service: Service::Metrics,
            method: "POST",
            path: "/",
            headers: &[("x-amz-target", "a.B")],
            body: "{}",
        };
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let headers =
            signed(&question, "https://monitoring.eu-west-1.amazonaws.com/", "eu-west-1", &credentials).unwrap();
        let authorization = &headers.iter().find(|(name, _)| name == "authorization").unwrap().1;
        assert!(authorization.contains("/eu-west-1/monitoring/aws4_request"), "{authorization}");
        assert!(authorization.contains("x-amz-target"), "{authorization}");
    }
}
