//! Addresses whose open part is a text of the shop's own, slashes and all.

use axum::extract::Request;
use axum::http::Uri;

/// What every such address begins with.
const CUSTOMERS: &str = "/v1/customers/";

/// What may come after the reference.
const PARTS: [&str; 3] = ["identities", "preferences", "timeline"];

/// Puts the slashes of a customer's reference back as `%2F`. The API gateway decodes the path before
/// it hands it over, so that `/v1/customers/a%2Fb/timeline` comes as `/v1/customers/a/b/timeline`:
/// everything up to a known last part is the reference. One that ends in such a part by itself is
/// told apart only where nobody decodes.
///
/// # Source
/// <https://github.com/honojs/hono/issues/2156>: `rawPath` of an HTTP API is decoded, `%25` aside.
pub(crate) async fn whole_references(mut request: Request) -> Request {
    if let Some(uri) = whole(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// The same address with the reference in one piece; `None` if it is that already.
pub(crate) fn whole(uri: &Uri) -> Option<Uri> {
    let mut segments: Vec<&str> = uri.path().strip_prefix(CUSTOMERS)?.split('/').collect();
    let part = segments.pop_if(|last| PARTS.contains(last));
    if segments.len() < 2 {
        return None;
    }
    let reference = segments.join("%2F");
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let part = part.map(|part| format!("/{part}")).unwrap_or_default();
    format!("{CUSTOMERS}{reference}{part}{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_of_a_reference_are_no_slashes_of_the_path() {
        for (sent, read) in [
            ("/v1/customers/a/b", "/v1/customers/a%2Fb"),
            ("/v1/customers/a/b/timeline?limit=5", "/v1/customers/a%2Fb/timeline?limit=5"),
            ("/v1/customers/a//b/identities", "/v1/customers/a%2F%2Fb/identities"),
            ("/v1/customers/timeline/timeline/timeline", "/v1/customers/timeline%2Ftimeline/timeline"),
        ] {
            assert_eq!(whole(&sent.parse().unwrap()).unwrap().to_string(), read);
        }
        for sent in [
            "/v1/customers",
            "/v1/customers/",
            "/v1/customers/a",
            "/v1/customers/a%2Fb",
            "/v1/customers/a%2Fb/timeline",
            "/v1/customers/timeline",
            "/v1/customers//timeline",
            "/v1/work-orders/a/b",
        ] {
            assert_eq!(whole(&sent.parse().unwrap()), None, "{sent}");
        }
    }
}
