//! The outbox, by S3: one object a message, for whoever carries it or looks at it.

use crate::config::Setting;
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use redress_domain::delivery::{Answer, Delivery};
use redress_domain::id::{DeliveryId, TenantId};
use redress_service::ports::{Outside, PortError};
use serde_json::json;

/// Puts messages into the bucket.
pub struct Outbox {
    client: Client,
    bucket: Setting,
}

impl Outbox {
    /// Puts by `client` into `bucket`.
    #[must_use]
    pub fn new(client: Client, bucket: Setting) -> Self {
        Self { client, bucket }
    }
}

/// Where a message lies: `outbox/<tenant>/<id>.json`. An id can't leave its folder.
#[must_use]
pub fn path(tenant: &TenantId, id: &DeliveryId) -> String {
    format!("outbox/{tenant}/{id}.json")
}

#[async_trait]
impl Outside for Outbox {
    async fn send(&self, tenant: &TenantId, delivery: &Delivery) -> Result<Answer, PortError> {
        let Delivery { id, to, template, work_order, data, created_at, .. } = delivery;
        let body = json!({
            "id": id, "to": to, "template": template, "work_order": work_order, "data": data, "created_at": created_at,
        });
        let put = self
            .client
            .put_object()
            .bucket(self.bucket.get()?)
            // The same message again is the same object.
            .key(path(tenant, id))
            .content_type("application/json")
            .body(ByteStream::from(body.to_string().into_bytes()));
        put.send().await.map(|_| Answer::taken()).map_err(|error| unavailable("PutObject", &error))
    }
}

/// The outside of a function that speaks to nobody: it has no permission to.
pub struct NoOutside;

#[async_trait]
impl Outside for NoOutside {
    async fn send(&self, _: &TenantId, _: &Delivery) -> Result<Answer, PortError> {
        Err(PortError::Unavailable("this function speaks to nobody outside".to_owned()))
    }
}
