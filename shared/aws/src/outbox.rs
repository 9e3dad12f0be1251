//! The outbox, by S3: one object a message, for whoever carries it or looks at it.

use crate::config::Setting;
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use redress_domain::delivery::Answer;
use redress_domain::id::{DeliveryId, TenantId};
use redress_service::letters::{Content, Letter};
use redress_service::ports::{Call, Outside, PortError};
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

    /// The newest letters of every tenant, newest first, as they lie there; at most `most`.
    ///
    /// # Errors
    /// The bucket did not answer.
    pub async fn newest(&self, most: usize) -> Result<Vec<Value>, PortError> {
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let list = self.client.list_objects_v2().bucket(self.bucket.get()?).prefix(FOLDER);
            let page = list.set_continuation_token(next).send().await;
            let page = page.map_err(|error| unavailable("ListObjectsV2", &error))?;
            let objects = page.contents().iter();
            found.extend(objects.filter_map(|object| Some((*object.last_modified()?, object.key()?.to_owned()))));
            next = page.next_continuation_token().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        found.sort_by(|one, other| other.cmp(one));
        let mut letters = Vec::new();
        for (_, key) in found.into_iter().take(most) {
            letters.extend(self.letter(&key).await?);
        }
        Ok(letters)
    }

    /// One letter; `None` for what is none.
    async fn letter(&self, key: &str) -> Result<Option<Value>, PortError> {
        let object = self.client.get_object().bucket(self.bucket.get()?).key(key).send().await;
        let object = object.map_err(|error| unavailable("GetObject", &error))?;
        let cut_off = |_| PortError::Unavailable("GetObject: cut off".to_owned());
        let bytes = object.body.collect().await.map_err(cut_off)?.to_vec();
        Ok(serde_json::from_slice(&bytes).ok())
    }
}

/// What the path of every letter begins with.
const FOLDER: &str = "outbox/";

/// Where a message lies: `outbox/<tenant>/<id>.json`. An id can't leave its folder.
#[must_use]
pub fn path(tenant: &TenantId, id: &DeliveryId) -> String {
    format!("{FOLDER}{tenant}/{id}.json")
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
pub(crate) const HOST: &str = "redress.invalid";

impl Outbox {
    /// Puts a letter there.
    ///
    /// # Errors
    /// The bucket did not answer.
    pub async fn put(&self, letter: &Letter) -> Result<Answer, PortError> {
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
        Err(nobody())
    }

    async fn call(&self, _: &Call) -> Result<Answer, PortError> {
        Err(nobody())
    }
}

fn nobody() -> PortError {
    PortError::Unavailable("this function speaks to nobody outside".to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use redress_domain::identity::{Identity, IdentityKind};
    use redress_messages::Mail;

    /// A letter to Li Na.
    pub(crate) fn letter(content: Content) -> Letter {
        let to = "li.na@example.com";
        Letter {
            id: DeliveryId::parse("dl_1").expect("an id"),
            tenant: TenantId::parse("tn_shop").expect("an id"),
            template: "order_resolved".to_owned(),
            work_order: None,
            language: "zh-CN",
            to: to.to_owned(),
            shown: "l…@example.com".to_owned(),
            identity: Identity::read(IdentityKind::Email, to).expect("an address"),
            content,
            created_at: "2026-11-23T02:00:00Z".parse().expect("an instant"),
            automatic: true,
            answers: None,
        }
    }

    /// A mail that its reader can end.
    pub(crate) fn mail() -> Mail {
        Mail { subject: "处理完毕".to_owned(), text: "好了".to_owned(), html: "<p>好了</p>".to_owned() }
    }

    #[test]
    fn a_letter_lies_there_whole() {
        let link = "https://care.example.com/u/x".to_owned();
        let mailed = document(&letter(Content::Mail(mail(), Some(link))));
        assert_eq!((&mailed["medium"], &mailed["to"]), (&json!("email"), &json!("li.na@example.com")));
        assert_eq!((&mailed["subject"], &mailed["html"]), (&json!("处理完毕"), &json!("<p>好了</p>")));
        assert_eq!(mailed["headers"]["List-Unsubscribe"], "<https://care.example.com/u/x>");
        assert_eq!(mailed["headers"]["Message-ID"], "<dl_1@redress.invalid>");
        let text = document(&letter(Content::Text("好了".to_owned())));
        assert_eq!((&text["medium"], &text["text"], &text["subject"]), (&json!("sms"), &json!("好了"), &Value::Null));
    }
}
