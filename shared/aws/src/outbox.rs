//! The outbox, by S3: one object a message, for whoever carries it or looks at it.

use crate::config::Setting;
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use redress_domain::delivery::Answer;
use redress_domain::id::{DeliveryId, TenantId};
use redress_service::letters::{Content, Letter};
use redress_service::ports::{Outside, PortError};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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

/// A letter as it lies there, whole: its address, its words, its headers.
fn document(letter: &Letter) -> Value {
    let Letter { id, template, work_order, language, to, shown, content, created_at, .. } = letter;
    let mut document = json!({
        "id": id, "created_at": created_at, "template": template, "work_order": work_order,
        "language": language, "to": to, "shown": shown,
    });
    let said = match content {
        Content::Mail(mail, _) => json!({
            "medium": "email", "subject": mail.subject, "text": mail.text, "html": mail.html,
            "headers": letter.headers(HOST).into_iter().collect::<BTreeMap<_, _>>(),
        }),
        Content::Text(text) => json!({ "medium": "sms", "text": text }),
    };
    if let (Value::Object(document), Value::Object(said)) = (&mut document, said) {
        document.extend(said);
    }
    document
}

/// Whose mail it is, where nobody has said so.
const HOST: &str = "redress.invalid";

#[async_trait]
impl Outside for Outbox {
    async fn send(&self, letter: &Letter) -> Result<Answer, PortError> {
        let put = self
            .client
            .put_object()
            .bucket(self.bucket.get()?)
            // The same message again is the same object.
            .key(path(&letter.tenant, &letter.id))
            .content_type("application/json")
            .body(ByteStream::from(document(letter).to_string().into_bytes()));
        put.send().await.map(|_| Answer::taken()).map_err(|error| unavailable("PutObject", &error))
    }
}

/// The outside of a function that speaks to nobody: it has no permission to.
pub struct NoOutside;

#[async_trait]
impl Outside for NoOutside {
    async fn send(&self, _: &Letter) -> Result<Answer, PortError> {
        Err(PortError::Unavailable("this function speaks to nobody outside".to_owned()))
    }
}
