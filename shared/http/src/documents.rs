//! `/v1/openapi.json` and `/docs`: the API's description of itself, for programs and for people.
//! Both need no key: they tell nothing of any shop.

use crate::ask::Ask;
use crate::problem::Problem;
use crate::reply::Answer;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

/// What [`crate::document`] makes, as a test keeps it.
const OPENAPI: &str = include_str!("../openapi.json");

/// Where the API is, as the document has it.
const HERE: &str = r#""url": "/""#;

/// Nothing but our own files, and the styles that the viewer writes into its own elements.
const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const AN_HOUR: &str = "public, max-age=3600";

/// `GET /v1/openapi.json`
pub(crate) async fn openapi(ask: Ask) -> Answer {
    ask.no_query()?;
    let here = ask.api.context.link("/");
    let document = OPENAPI.replacen(HERE, &format!(r#""url": "{}""#, here.trim_end_matches('/')), 1);
    Ok((StatusCode::OK, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, AN_HOUR)], document).into_response())
}

/// `GET /docs`
pub(crate) async fn viewer() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, AN_HOUR),
        (CONTENT_SECURITY_POLICY, SECURITY_POLICY),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
    ];
    (StatusCode::OK, headers, include_str!("../templates/docs.html")).into_response()
}

/// `GET /docs/{file}`: what the viewer is made of.
pub(crate) async fn file(ask: Ask) -> Answer {
    let (media, packed) = match ask.param() {
        "viewer.js" => {
            ("text/javascript; charset=utf-8", include_bytes!(concat!(env!("OUT_DIR"), "/viewer.js.gz")).as_slice())
        }
        "viewer.css" => {
            ("text/css; charset=utf-8", include_bytes!(concat!(env!("OUT_DIR"), "/viewer.css.gz")).as_slice())
        }
        "start.js" => {
            let headers = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, AN_HOUR)];
            return Ok((StatusCode::OK, headers, include_str!("../templates/docs.js")).into_response());
        }
        _ => return Err(Problem::not_found()),
    };
    // Every browser unpacks it; the viewer is a megabyte and a half as it is.
    let headers = [(CONTENT_TYPE, media), (CONTENT_ENCODING, "gzip"), (CACHE_CONTROL, AN_HOUR)];
    Ok((StatusCode::OK, headers, packed).into_response())
}
