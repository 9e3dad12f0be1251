//! The outbox, by S3: one object a notice, kept until the delivery function has sent it.

use crate::config::Setting;
use crate::failure::{code, unavailable};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use redress_service::ports::{Notice, Notify, PortError};

/// Puts notices into the bucket.
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

/// Where a notice lies: `outbox/<tenant>/<id>.json`.
#[must_use]
pub fn path(notice: &Notice) -> String {
    format!("outbox/{}/{}.json", notice.tenant, plain(&notice.id))
}

/// `id` without what a path means something by. Two ids never become one: what is not plain
/// becomes `~` and its two hexadecimal digits, byte by byte.
fn plain(id: &str) -> String {
    id.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("~{byte:02x}"),
        })
        .collect()
}

#[async_trait]
impl Notify for Outbox {
    async fn post(&self, notice: &Notice) -> Result<(), PortError> {
        let body = serde_json::to_vec(notice).expect("a notice is JSON by construction");
        let put = self
            .client
            .put_object()
            .bucket(self.bucket.get()?)
            .key(path(notice))
            .content_type("application/json")
            // A notice that lies there already is the same one; writing it again would announce it again.
            .if_none_match("*")
            .body(ByteStream::from(body));
        match put.send().await {
            Err(error) if code(&error) != "PreconditionFailed" => Err(unavailable("PutObject", &error)),
            _ => Ok(()),
        }
    }
}

/// The outbox of a function that tells nobody: it has no permission to, and links no S3.
pub struct NoOutbox;

#[async_trait]
impl Notify for NoOutbox {
    async fn post(&self, _: &Notice) -> Result<(), PortError> {
        Err(PortError::Unavailable("this function has no outbox".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_domain::id::TenantId;
    use serde_json::Value;

    fn path_of(id: &str) -> String {
        let tenant = TenantId::parse("tn_shop").expect("an id");
        let text = String::new();
        path(&Notice {
            id: id.to_owned(),
            tenant,
            audience: text.clone(),
            template: text.clone(),
            deliver_at: None,
            work_order: text,
            data: Value::Null,
        })
    }

    #[test]
    fn an_id_cannot_leave_its_folder() {
        assert_eq!(path_of("wo_1/sla_warning/2"), "outbox/tn_shop/wo_1~2fsla_warning~2f2.json");
        assert_eq!(path_of("../x"), "outbox/tn_shop/..~2fx.json");
    }

    #[test]
    fn different_ids_lie_in_different_places() {
        assert_ne!(path_of("a/b"), path_of("a:b"));
        assert_ne!(path_of("a/b"), path_of("a~2fb"));
        assert_ne!(path_of("通知"), path_of("反馈"));
    }
}
