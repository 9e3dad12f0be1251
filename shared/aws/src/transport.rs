//! The connection to AWS, made when it is first needed.
//!
//! Reading the machine's root certificates takes longer than all the rest of a start; a function
//! pays for it with its first call and not before it has asked for work (docs/adr/0005).

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::sync::OnceLock;

/// HTTPS by rustls and ring, set up by the first request.
#[derive(Debug, Default)]
pub(crate) struct Transport(OnceLock<SharedHttpClient>);

impl HttpClient for Transport {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let https = || Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        self.0.get_or_init(https).http_connector(settings, components)
    }
}
