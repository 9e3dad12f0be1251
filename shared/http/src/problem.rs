//! What is answered when something is wrong: problem documents (RFC 9457).

use crate::read::Wrong;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use redress_domain::compensation::CompensationState;
use redress_domain::order::Status;
use redress_service::fault::Conflict;
use redress_service::{Fault, Flaw};
use schemars::JsonSchema;
use serde::Serialize;

/// As much of a caller's input as is said back, in characters.
const ECHO: usize = 64;

/// As many wrong fields as are listed one by one: a quarter of a megabyte can hold many thousands.
pub(crate) const LISTED: usize = 256;

/// What kind of problem: the word that programs decide by. It never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Malformed,
    IdempotencyKeyMissing,
    IdempotencyKeyMalformed,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    IllegalTransition,
    EvidenceMissing,
    SourceMessageIdReused,
    Closed,
    Exists,
    InUse,
    LastAdminKey,
    NothingBroken,
    AlreadyDecided,
    AtCapacity,
    OtherCustomer,
    WebhookDisabled,
    TooMany,
    Crowded,
    PreconditionFailed,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    IdempotencyKeyReused,
    PreconditionRequired,
    RateLimited,
    Unavailable,
}

impl Code {
    /// Every kind, in the order of the statuses.
    pub(crate) const ALL: [Self; 29] = [
        Self::Malformed,
        Self::IdempotencyKeyMissing,
        Self::IdempotencyKeyMalformed,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::IllegalTransition,
        Self::EvidenceMissing,
        Self::SourceMessageIdReused,
        Self::Exists,
        Self::InUse,
        Self::Crowded,
        Self::LastAdminKey,
        Self::NothingBroken,
        Self::AlreadyDecided,
        Self::AtCapacity,
        Self::OtherCustomer,
        Self::WebhookDisabled,
        Self::TooMany,
        Self::Closed,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::IdempotencyKeyReused,
        Self::PreconditionRequired,
        Self::RateLimited,
        Self::Unavailable,
    ];

    /// Status, word and title.
    fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed", "The request can't be read"),
            Self::IdempotencyKeyMissing => {
                (StatusCode::BAD_REQUEST, "idempotency_key_missing", "Idempotency-Key is missing")
            }
            Self::IdempotencyKeyMalformed => {
                (StatusCode::BAD_REQUEST, "idempotency_key_malformed", "Idempotency-Key is malformed")
            }
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "A valid API key is needed"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "This API key may not do this"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "Not found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed"),
            Self::IllegalTransition => (StatusCode::CONFLICT, "illegal_transition", "Not possible in this state"),
            Self::EvidenceMissing => (StatusCode::CONFLICT, "evidence_missing", "What was done must be shown"),
            Self::SourceMessageIdReused => {
                (StatusCode::CONFLICT, "source_message_id_reused", "source_message_id stands for another message")
            }
            Self::Exists => (StatusCode::CONFLICT, "exists", "There is one already"),
            Self::NothingBroken => (StatusCode::CONFLICT, "nothing_broken", "There is no breach to annul"),
            Self::AlreadyDecided => (StatusCode::CONFLICT, "already_decided", "It is decided already"),
            Self::AtCapacity => (StatusCode::CONFLICT, "at_capacity", "The agent has no room for it"),
            Self::OtherCustomer => {
                (StatusCode::CONFLICT, "other_customer", "The work orders are of different customers")
            }
            Self::WebhookDisabled => (StatusCode::CONFLICT, "webhook_disabled", "The webhook is told nothing"),
            Self::TooMany => (StatusCode::CONFLICT, "too_many", "There are as many as there may be"),
            Self::InUse => (StatusCode::CONFLICT, "in_use", "Something else rests on it"),
            Self::Crowded => (StatusCode::CONFLICT, "crowded", "It belongs to too many"),
            Self::Closed => (StatusCode::GONE, "closed", "The time has passed"),
            Self::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, "precondition_failed", "It has changed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too large"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type")
            }
            Self::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Something in the request is wrong"),
            Self::IdempotencyKeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "Idempotency-Key stands for another request",
            ),
            Self::PreconditionRequired => {
                (StatusCode::PRECONDITION_REQUIRED, "precondition_required", "If-Match is needed")
            }
            Self::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests"),
            Self::LastAdminKey => (StatusCode::CONFLICT, "last_admin_key", "Nobody could get in any more"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available for the moment"),
        }
    }

    /// Its status.
    pub(crate) fn status(self) -> StatusCode {
        self.row().0
    }

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        self.row().1
    }

    /// What it is called.
    pub(crate) fn title(self) -> &'static str {
        self.row().2
    }

    /// The header that belongs to it, by name.
    pub(crate) fn header_name(self) -> Option<HeaderName> {
        self.header().map(|(name, _)| name)
    }

    /// The header that belongs to it.
    fn header(self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::RateLimited | Self::Unavailable => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
            _ => None,
        }
    }
}

/// Why a request was not served. As a response it has no body yet: [`crate::envelope`] writes it,
/// since only there the request's id and what the caller can read are known.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    detail: String,
    wrong: Vec<Wrong>,
    state: Option<State>,
    /// Whole seconds, where it is more than the code says.
    retry_after: Option<u64>,
}

/// Why a request was not served (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct Document<'a> {
    /// `urn:redress:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What kind of problem it is, for people.
    title: &'a str,
    /// As in the status line.
    status: u16,
    /// What happened here and how to mend it.
    detail: &'a str,
    /// What kind of problem it is, for programs: never changes its meaning.
    code: &'a str,
    /// As in `X-Request-Id`.
    request_id: &'a str,
    /// Where the order is that can't be moved, or how a compensation was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    /// All that is wrong with the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Entry<'a>>,
}

/// How that stands which can't be changed.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ProblemState")]
enum State {
    /// A work order.
    Order(Status),
    /// A compensation.
    Compensation(CompensationState),
}

/// Something wrong at one place of the request.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProblemAt")]
struct Entry<'a> {
    /// JSON pointer (RFC 6901) to the place, cut at 64 characters.
    pointer: String,
    /// What is wrong and how to mend it.
    detail: &'a str,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), wrong: Vec::new(), state: None, retry_after: None }
    }

    /// There is no such thing, or none that the caller may know of.
    pub(crate) fn not_found() -> Self {
        Self::new(Code::NotFound, "there is nothing here that you can see")
    }

    /// Too many requests; one of so many whole seconds later is served.
    pub(crate) fn rate_limited(seconds: u64) -> Self {
        let detail = "more requests than your share; nothing was done, so try again after Retry-After";
        Self { retry_after: Some(seconds), ..Self::new(Code::RateLimited, detail) }
    }

    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// The document, as an answer to the request of that id.
    pub(crate) fn document(&self, request_id: &str) -> Vec<u8> {
        serde_json::to_vec(&self.as_document(request_id)).expect("texts and numbers are JSON")
    }

    /// The same, to stand in another document.
    pub(crate) fn as_document<'a>(&'a self, request_id: &'a str) -> Document<'a> {
        let (status, code, title) = self.code.row();
        let listed = self.wrong.iter().take(LISTED);
        Document {
            kind: format!("urn:redress:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            code,
            request_id,
            state: self.state,
            errors: listed.map(|wrong| Entry { pointer: cut(&wrong.pointer), detail: &wrong.detail }).collect(),
        }
    }
}

/// The first characters of a caller's own text.
fn cut(text: &str) -> String {
    text.chars().take(ECHO).collect()
}

/// The media type of a problem document.
pub(crate) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
        if let Some((name, value)) = self.code.header() {
            response.headers_mut().insert(name, value);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Vec<Wrong>> for Problem {
    fn from(wrong: Vec<Wrong>) -> Self {
        let detail = match wrong.len() {
            1 => "1 field is wrong".to_owned(),
            many if many > LISTED => format!("more than {LISTED} fields are wrong; the first {LISTED} are listed"),
            many => format!("{many} fields are wrong"),
        };
        Self { wrong, ..Self::new(Code::Invalid, detail) }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Invalid(flaws) => {
                let wrong = |Flaw { pointer, detail }| Wrong { pointer, detail };
                flaws.into_iter().map(wrong).collect::<Vec<_>>().into()
            }
            Fault::NotFound => Self::not_found(),
            Fault::Conflict(conflict) => conflict.into(),
            Fault::Unavailable(why) => {
                // Said here, since the caller is not told.
                tracing::warn!(reason = why, "unavailable");
                Self::new(Code::Unavailable, "try again in a moment; nothing is lost by trying again")
            }
        }
    }
}

impl From<Conflict> for Problem {
    fn from(conflict: Conflict) -> Self {
        let detail = conflict.to_string();
        match conflict {
            Conflict::Illegal { state, detail } => {
                Self { state: Some(State::Order(state)), ..Self::new(Code::IllegalTransition, detail) }
            }
            Conflict::EvidenceMissing { state, detail } => {
                Self { state: Some(State::Order(state)), ..Self::new(Code::EvidenceMissing, detail) }
            }
            Conflict::Stale => Self::new(Code::PreconditionFailed, detail),
            Conflict::SourceReused => Self::new(Code::SourceMessageIdReused, detail),
            Conflict::KeyReused => Self::new(Code::IdempotencyKeyReused, detail),
            Conflict::Closed => Self::new(Code::Closed, detail),
            Conflict::Exists => Self::new(Code::Exists, detail),
            Conflict::InUse(_) => Self::new(Code::InUse, detail),
            Conflict::LastAdminKey => Self::new(Code::LastAdminKey, detail),
            Conflict::NothingBroken => Self::new(Code::NothingBroken, detail),
            Conflict::Decided(state) => {
                Self { state: Some(State::Compensation(state)), ..Self::new(Code::AlreadyDecided, detail) }
            }
            Conflict::AboveBand(_) => Self::new(Code::Forbidden, detail),
            Conflict::AtCapacity => Self::new(Code::AtCapacity, detail),
            Conflict::OtherCustomer => Self::new(Code::OtherCustomer, detail),
            Conflict::TooManyWebhooks | Conflict::TooManyIncidents => Self::new(Code::TooMany, detail),
            Conflict::WebhookDisabled => Self::new(Code::WebhookDisabled, detail),
            Conflict::Crowded => Self::new(Code::Crowded, detail),
        }
    }
}
