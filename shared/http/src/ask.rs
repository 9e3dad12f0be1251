//! A request as handlers see it: what it asks for is read in the order in which it is checked.

use crate::context::Api;
use crate::envelope::Arrival;
use crate::json::Weight;
use crate::negotiate::{Media, media};
use crate::problem::{Code, Problem};
use crate::read::{Object, Reader};
use crate::{form, idempotency, json, precondition};
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use redress_domain::id::{Id, Kind, WorkOrderId, digest};
use redress_service::auth::Caller;
use redress_service::desk::IfMatch;
use redress_service::ports::World;
use redress_service::reply::Keyed;
use redress_service::{Moment, desk};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The largest body, in bytes.
const LARGEST: usize = 256 * 1024;

/// A request, with all that was learned of it on its way.
pub(crate) struct Ask {
    pub(crate) api: Arc<Api>,
    parts: Parts,
    arrival: Arrival,
    /// The parts of the path that the route leaves open, decoded.
    params: Vec<String>,
    /// `None` if it is too large.
    body: Option<Bytes>,
}

/// What a body asks for, on which versions, and under which name.
pub(crate) struct Asked<T> {
    pub(crate) what: T,
    pub(crate) if_match: Option<IfMatch>,
    pub(crate) keyed: Keyed,
}

impl FromRequest<Arc<Api>> for Ask {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let params = RawPathParams::from_request_parts(&mut parts, &()).await.map_err(|_| Problem::not_found())?;
        let params = params.iter().map(|(_, value)| value.to_owned()).collect();
        let arrival = parts.extensions.remove().unwrap_or_else(|| Arrival::of(&parts.headers, (api.context.moment)()));
        let body = to_bytes(body, LARGEST).await.ok();
        Ok(Self { api: Arc::clone(api), parts, arrival, params, body })
    }
}

impl Ask {
    /// The world behind the API.
    pub(crate) fn world(&self) -> &World {
        self.api.world()
    }

    /// When it came, with randomness of its own.
    pub(crate) fn moment(&self) -> Moment {
        self.arrival.moment
    }

    /// What it is called.
    pub(crate) fn request_id(&self) -> &str {
        self.arrival.request_id()
    }

    /// Who asks.
    pub(crate) fn caller(&self) -> Result<&Caller, Problem> {
        self.parts.extensions.get().ok_or_else(|| Problem::new(Code::Unauthorized, "this needs an API key"))
    }

    /// What it says besides.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// Where it was sent.
    pub(crate) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The part of the path that the route leaves open.
    pub(crate) fn param(&self) -> &str {
        self.params.first().map(String::as_str).unwrap_or_default()
    }

    /// That part as an id. What is no id is not there.
    pub(crate) fn id<K: Kind>(&self) -> Result<Id<K>, Problem> {
        Id::parse(self.param()).ok_or_else(Problem::not_found)
    }

    /// The second part of the path that the route leaves open, as an id.
    pub(crate) fn member<K: Kind>(&self) -> Result<Id<K>, Problem> {
        self.params.get(1).and_then(|part| Id::parse(part)).ok_or_else(Problem::not_found)
    }

    /// What a body asks about an order. `If-Match` need not be given, and counts where it is.
    pub(crate) fn asked<R: Reader>(&self, reader: R) -> Result<Asked<R::Of>, Problem> {
        let body = self.json()?;
        let (if_match, keyed) = (precondition::if_match_given(&self.parts.headers)?, self.keyed(&body)?);
        self.no_query()?;
        Ok(Asked { what: reader.read(&body)?, if_match, keyed })
    }

    /// What was read of a request about an order, unless there is no such order: a caller learns
    /// first that it is not there, and only then what is wrong with the request.
    pub(crate) async fn about<T>(&self, order: &WorkOrderId, read: Result<T, Problem>) -> Result<T, Problem> {
        if read.is_err() {
            desk::get(self.world(), self.caller()?, order).await?;
        }
        read
    }

    /// The media type and the bytes of the body, if it is of one of `media` and not too large.
    pub(crate) fn body(&self, allowed: &[Media]) -> Result<(Media, &Bytes), Problem> {
        let media = media(&self.parts.headers).filter(|media| allowed.contains(media));
        let detail = "send application/json in UTF-8, not compressed";
        let media = media.ok_or_else(|| Problem::new(Code::UnsupportedMediaType, detail))?;
        let too_large = || Problem::new(Code::TooLarge, format!("a body has at most {LARGEST} bytes"));
        Ok((media, self.body.as_ref().ok_or_else(too_large)?))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value, Problem> {
        self.json_of(Weight::Plain)
    }

    /// The body as JSON that may hold many small values.
    pub(crate) fn document(&self) -> Result<Value, Problem> {
        self.json_of(Weight::Document)
    }

    fn json_of(&self, weight: Weight) -> Result<Value, Problem> {
        let (_, body) = self.body(&[Media::Json])?;
        json::parse(body, weight)
            .map_err(|error| Problem::new(Code::Malformed, format!("the body is not JSON as we take it: {error}")))
    }

    /// The caller's name for this request.
    pub(crate) fn idempotency_key(&self) -> Result<Option<String>, Problem> {
        idempotency::key(&self.parts.headers)
    }

    /// The request as its idempotency key sees it.
    pub(crate) fn keyed(&self, body: &Value) -> Result<Keyed, Problem> {
        let scope = format!("{} {}", self.parts.method, self.path());
        Ok(Keyed { scope, key: self.idempotency_key()?, fingerprint: digest(&[&json::canonical(body)]) })
    }

    /// The query as it was written.
    pub(crate) fn pairs(&self) -> Result<Vec<(String, String)>, Problem> {
        let query = self.parts.uri.query().unwrap_or_default();
        form::pairs(query.as_bytes()).map_err(|_| Problem::new(Code::Malformed, "the query is not UTF-8"))
    }

    /// What `read` reads of the query, which must hold nothing else, and nothing twice.
    pub(crate) fn query<T>(&self, read: impl FnOnce(&mut Object<'_>) -> T) -> Result<T, Problem> {
        let mut fields = Map::new();
        let mut twice = Vec::new();
        for (name, value) in self.pairs()? {
            if fields.insert(name.clone(), value.into()).is_some() {
                twice.push(name);
            }
        }
        let fields = Value::Object(fields);
        Ok(Object::read(&fields, |query| {
            twice.iter().for_each(|name| query.refuse(name, "given more than once"));
            Some(read(query))
        })?)
    }

    /// The query must be empty.
    pub(crate) fn no_query(&self) -> Result<(), Problem> {
        self.query(|_| ())
    }
}
