//! Calls of servers of the shops': one POST, to where we may go, and what came of it.

use crate::clock;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use redress_domain::delivery::{Answer, Outcome};
use redress_domain::order::later;
use redress_domain::webhook::{Access, may_reach};
use redress_service::ports::{Call, PortError};
use std::error::Error;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::net::lookup_host;
use tokio::time::timeout;

/// As long as a server may take, from the look for its address to the head of its answer.
///
/// # Source
/// api.md, "Webhooks out".
const PATIENCE: Duration = Duration::from_secs(15);

/// As long as a receiver may ask us to wait: the longest step of the schedule.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// Who we say that we are.
const USER_AGENT: &str = concat!("Redress/", env!("CARGO_PKG_VERSION"));

/// Calls servers of the shops'. Every call looks the address up anew and has a connection of its own:
/// a name can lead elsewhere than it did a minute ago, and a function sleeps between two calls.
/// Redirects are not followed, and no proxy stands in between.
#[derive(Debug)]
pub struct Caller {
    resolver: Resolver,
    /// Made when it is first needed: it reads the machine's root certificates.
    connector: OnceLock<Connector>,
}

impl Caller {
    /// Calls what `access` opens.
    #[must_use]
    pub fn new(access: Access) -> Self {
        Self { resolver: Resolver(access), connector: OnceLock::new() }
    }

    fn connector(&self) -> &Connector {
        self.connector.get_or_init(|| {
            Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .pool_max_idle_per_host(0)
                .build_with_resolver(self.resolver)
        })
    }

    /// Makes the call.
    ///
    /// # Errors
    /// What we wanted to send is no HTTP request.
    pub async fn call(&self, call: &Call) -> Result<Answer, PortError> {
        let request = request(call).ok_or_else(|| PortError::Unavailable("a call is no HTTP request".to_owned()))?;
        let began = Instant::now();
        let answered = timeout(PATIENCE, self.connector().call(request)).await;
        let took_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let (outcome, status, not_before) = match answered {
            Ok(Ok(response)) => heard(&response, clock::now()),
            Ok(Err(error)) => (failed(&error), None, None),
            Err(_) => (Outcome::TimedOut, None, None),
        };
        Ok(Answer { outcome, status, took_ms, not_before })
    }
}

fn request(call: &Call) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(SdkBody::from(call.body.clone()));
    request.set_method("POST").ok()?;
    request.set_uri(call.url.as_str()).ok()?;
    let headers = request.headers_mut();
    for (name, value) in [
        ("content-type", "application/json".to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
        ("webhook-id", call.seal.id.clone()),
        ("webhook-timestamp", call.seal.timestamp.clone()),
        ("webhook-signature", call.seal.signature.clone()),
    ] {
        headers.try_insert(name, value).ok()?;
    }
    Some(request)
}

/// What an answer means. Its body is nobody's business.
fn heard(response: &HttpResponse, now: Timestamp) -> (Outcome, Option<u16>, Option<Timestamp>) {
    let status = response.status().as_u16();
    let outcome = match status {
        200..300 => Outcome::Taken,
        300..400 => Outcome::Redirected,
        410 => Outcome::Gone,
        _ => Outcome::Refused,
    };
    let asked = response.headers().get("retry-after").filter(|_| outcome == Outcome::Refused);
    (outcome, Some(status), asked.and_then(|asked| not_before(asked, now)))
}

/// The instant that a `Retry-After` asks us to wait for: in seconds, or as a date.
///
/// # Source
/// RFC 9110, section 10.2.3.
fn not_before(asked: &str, now: Timestamp) -> Option<Timestamp> {
    let seconds = asked.parse().ok().map(|seconds: u32| later(now, SignedDuration::from_secs(seconds.into())));
    let until = seconds.or_else(|| Some(rfc2822::parse(asked).ok()?.timestamp()))?;
    Some(until.min(later(now, LONGEST_WAIT)))
}

/// Why there was no answer.
fn failed(error: &ConnectorError) -> Outcome {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<Closed>() {
            return Outcome::Forbidden;
        }
        next = error.source();
    }
    if error.is_timeout() { Outcome::TimedOut } else { Outcome::Unreachable }
}

/// A name that leads to where we must not go, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name leads into a private or reserved network")
    }
}

impl Error for Closed {}

/// The machine's own resolver, and the connection is made to what it says and we have looked at: in
/// between, nobody asks again. A name of which one number is closed is closed.
#[derive(Debug, Clone, Copy)]
struct Resolver(Access);

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found: Vec<IpAddr> =
                lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?.map(|found| found.ip()).collect();
            if found.iter().all(|ip| may_reach(*ip, self.0)) { Ok(found) } else { Err(ResolveDnsError::new(Closed)) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_domain::signature::Seal;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener};
    use std::sync::mpsc::{Receiver, channel};

    /// A server that gives one answer, and the request that it got.
    fn server(answer: &'static str) -> (SocketAddr, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, (heard, told)) = (listener.local_addr().unwrap(), channel());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut request, mut bytes) = (Vec::new(), [0; 4096]);
            while !request.ends_with(b"{}") {
                let read = stream.read(&mut bytes).unwrap();
                request.extend(&bytes[..read]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            heard.send(String::from_utf8(request).unwrap()).unwrap();
        });
        (address, told)
    }

    fn call(url: &str) -> Call {
        let seal = Seal { id: "dl_1".into(), timestamp: "1790000000".into(), signature: "v1,eA== v1,eQ==".into() };
        Call { url: url.parse().unwrap(), seal, body: b"{}".to_vec() }
    }

    async fn answer(url: &str, access: Access) -> Answer {
        Caller::new(access).call(&call(url)).await.unwrap()
    }

    #[tokio::test]
    async fn a_call_is_one_post_with_the_three_headers() {
        let (address, told) = server("HTTP/1.1 204 No Content\r\n\r\n");
        let answered = answer(&format!("http://{address}/hooks?shop=7"), Access::PublicAndLoopback).await;
        assert_eq!((answered.outcome, answered.status), (Outcome::Taken, Some(204)));
        let request = told.recv().unwrap();
        assert!(request.starts_with("POST /hooks?shop=7 HTTP/1.1\r\n"), "{request}");
        for line in [
            "webhook-id: dl_1",
            "webhook-timestamp: 1790000000",
            "webhook-signature: v1,eA== v1,eQ==",
            "content-type: application/json",
            "content-length: 2",
            &format!("host: {address}"),
        ] {
            assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} in {request}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        let to = format!("HTTP/1.1 307 Over There\r\nlocation: http://{}/\r\n\r\n", elsewhere.local_addr().unwrap());
        let (address, _told) = server(to.leak());
        let answered = answer(&format!("http://{address}/"), Access::PublicAndLoopback).await;
        assert_eq!((answered.outcome, answered.status), (Outcome::Redirected, Some(307)));
        assert_eq!(elsewhere.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_called() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        assert_eq!(answer(&url, Access::Public).await.outcome, Outcome::Forbidden);
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn nobody_there_is_told_from_an_answer_that_says_no() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let gone = answer(&format!("http://{free}/"), Access::PublicAndLoopback).await;
        assert_eq!((gone.outcome, gone.status), (Outcome::Unreachable, None));
        for (answered, outcome) in [
            ("HTTP/1.1 410 Gone\r\n\r\n", Outcome::Gone),
            ("HTTP/1.1 400 Bad Request\r\n\r\n", Outcome::Refused),
            ("HTTP/1.1 503 Busy\r\nretry-after: 120\r\n\r\n", Outcome::Refused),
        ] {
            let (address, _told) = server(answered);
            let said = answer(&format!("http://{address}/"), Access::PublicAndLoopback).await;
            assert_eq!((said.outcome, said.not_before.is_some()), (outcome, answered.contains("retry")), "{answered}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_a_day_at_most() {
        let now: Timestamp = "2026-11-25T08:00:00Z".parse().unwrap();
        let read = |asked| not_before(asked, now).map(|at| at.duration_since(now).as_secs());
        assert_eq!(read("120"), Some(120));
        assert_eq!(read("Wed, 25 Nov 2026 09:00:00 GMT"), Some(3_600));
        assert_eq!(read("31536000"), Some(86_400));
        for nonsense in ["", "soon", "-5", "1.5"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
