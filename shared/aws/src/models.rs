//! Models of tenants' own, by S3: one object a model, named by what it holds.

use crate::config::Setting;
use crate::failure::{code, unavailable};
use crate::logging;
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use redress_domain::id::TenantId;
use redress_service::ports::{Models, PortError};

/// Keeps models in the bucket.
pub struct Shelf {
    client: Client,
    bucket: Setting,
}

impl Shelf {
    /// Keeps by `client` in `bucket`.
    #[must_use]
    pub fn new(client: Client, bucket: Setting) -> Self {
        Self { client, bucket }
    }
}

/// Where a model lies: `models/<tenant>/<digest>`.
fn path(tenant: &TenantId, digest: &str) -> String {
    format!("models/{tenant}/{digest}")
}

#[async_trait]
impl Models for Shelf {
    async fn get(&self, tenant: &TenantId, digest: &str) -> Result<Option<Vec<u8>>, PortError> {
        let get = self.client.get_object().bucket(self.bucket.get()?).key(path(tenant, digest));
        let object = match get.send().await {
            Ok(object) => object,
            Err(error) if code(&error) == "NoSuchKey" => return Ok(None),
            Err(error) => return Err(unavailable("GetObject", &error)),
        };
        let cut_off = |_| PortError::Unavailable("GetObject: cut off".to_owned());
        Ok(Some(object.body.collect().await.map_err(cut_off)?.to_vec()))
    }

    async fn put(&self, tenant: &TenantId, digest: &str, bytes: &[u8]) -> Result<(), PortError> {
        let put = self.client.put_object().bucket(self.bucket.get()?).key(path(tenant, digest));
        let put = put.content_type("application/octet-stream").body(ByteStream::from(bytes.to_vec()));
        put.send().await.map(drop).map_err(|error| unavailable("PutObject", &error))
    }

    fn count_fallback(&self) {
        logging::metric("ModelFallback", 1.0, "Count");
    }
}

/// The shelf of a function that reads nobody's words: it has no permission to, and links no S3.
pub struct NoShelf;

#[async_trait]
impl Models for NoShelf {
    async fn get(&self, _: &TenantId, _: &str) -> Result<Option<Vec<u8>>, PortError> {
        Err(PortError::Unavailable("this function reads no models".to_owned()))
    }

    async fn put(&self, _: &TenantId, _: &str, _: &[u8]) -> Result<(), PortError> {
        Err(PortError::Unavailable("this function keeps no models".to_owned()))
    }

    fn count_fallback(&self) {}
}
