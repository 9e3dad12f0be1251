//! A request of API Gateway (payload 2.0), brought to a router.

use axum::Router;
use futures::FutureExt;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, LambdaEvent, Service};
use serde_json::{Value, json};
use std::panic::AssertUnwindSafe;

/// What `router` answers, as API Gateway wants to hear it. A panic is a 500, and the next request
/// finds the function as it was.
pub(super) async fn serve(router: Router, payload: Value, context: Context) -> Value {
    match AssertUnwindSafe(routed(router, payload, context)).catch_unwind().await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => failed(&format!("{:?} error in the request", error.classify())),
        Err(_) => failed("panicked"),
    }
}

async fn routed(router: Router, mut payload: Value, context: Context) -> Result<Value, serde_json::Error> {
    forget_stage(&mut payload);
    let payload: LambdaRequest = serde_json::from_value(payload)?;
    let answer = Adapter::from(router).call(LambdaEvent { payload, context }).await;
    serde_json::to_value(answer.unwrap_or_else(|never| match never {}))
}

/// Routes know nothing of stages: `/prod/v1/feedback` is `/v1/feedback`, whatever the stage is named.
fn forget_stage(payload: &mut Value) {
    let stage = payload["requestContext"]["stage"].as_str().unwrap_or("$default").to_owned();
    let path = payload["rawPath"].as_str().unwrap_or("/");
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage.as_str()));
    let path = match rest {
        Some("") => "/".to_owned(),
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        _ => path.to_owned(),
    };
    payload["rawPath"] = escaped(&path).into();
    payload["requestContext"]["stage"] = "$default".into();
}

/// A path that the gateway has decoded, as it stands in an address: what would end it, or be taken for
/// a slash, is a part of it. `%` stays as it is, since that is what the gateway leaves encoded.
///
/// # Source
/// <https://github.com/honojs/hono/issues/2156>: `rawPath` of an HTTP API is decoded.
fn escaped(path: &str) -> String {
    path.replace('?', "%3F").replace('#', "%23").replace('\\', "%5C")
}

/// The one answer that no route gives.
fn failed(reason: &str) -> Value {
    tracing::error!(reason, "request failed");
    let problem = json!({ "type": "about:blank", "title": "Internal Server Error", "status": 500 });
    json!({
        "statusCode": 500,
        "headers": { "content-type": "application/problem+json" },
        "body": problem.to_string(),
        "isBase64Encoded": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(stage: &str, raw: &str) -> Value {
        let mut payload = json!({ "rawPath": raw, "requestContext": { "stage": stage } });
        forget_stage(&mut payload);
        payload["rawPath"].take()
    }

    #[test]
    fn what_the_gateway_decoded_ends_no_path() {
        assert_eq!(path("$default", "/v1/customers/a?b#c\\d/e"), "/v1/customers/a%3Fb%23c%5Cd/e");
        assert_eq!(path("$default", "/v1/customers/100%25"), "/v1/customers/100%25");
    }

    #[test]
    fn a_stage_is_no_part_of_the_path() {
        assert_eq!(path("$default", "/v1/feedback"), "/v1/feedback");
        assert_eq!(path("prod", "/prod/v1/feedback"), "/v1/feedback");
        assert_eq!(path("prod", "/v1/feedback"), "/v1/feedback");
        assert_eq!(path("prod", "/prod"), "/");
        assert_eq!(path("v1", "/v10/feedback"), "/v10/feedback");
    }
}
