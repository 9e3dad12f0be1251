//! Mail by SES and text messages by SNS, each where the stack is set up for it; whatever it is not set
//! up for lands in the outbox, for somebody to look at. Servers of the shops' are called.

use crate::calls::Caller;
use crate::failure::code;
use crate::outbox::{HOST, Outbox};
use async_trait::async_trait;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content as Part, Destination, EmailContent, Message, MessageHeader};
use aws_sdk_sns::types::MessageAttributeValue;
use redress_domain::delivery::{Answer, Outcome};
use redress_messages::Mail;
use redress_service::letters::{Content, Letter};
use redress_service::ports::{Call, Outside, PortError};
use std::time::Instant;

/// Hands letters to whoever carries them.
pub struct Post {
    outbox: Outbox,
    caller: Caller,
    mail: Option<Sender>,
    texts: Option<aws_sdk_sns::Client>,
}

/// Who sends mails, and from where.
pub struct Sender {
    /// SES.
    pub client: aws_sdk_sesv2::Client,
    /// The address that mails come from.
    pub from: String,
}

impl Post {
    /// Sends mails by `mail` and text messages by `texts`; by `outbox` where there is neither. Calls by
    /// `caller`.
    #[must_use]
    pub fn new(outbox: Outbox, caller: Caller, mail: Option<Sender>, texts: Option<aws_sdk_sns::Client>) -> Self {
        Self { outbox, caller, mail, texts }
    }
}

#[async_trait]
impl Outside for Post {
    async fn send(&self, letter: &Letter) -> Result<Answer, PortError> {
        let began = Instant::now();
        let outcome = match (&letter.content, &self.mail, &self.texts) {
            (Content::Mail(mail, _), Some(sender), _) => sender.send(letter, mail).await,
            (Content::Text(text), _, Some(client)) => send_text(client, letter, text).await,
            _ => return self.outbox.put(letter).await,
        };
        let took_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        Ok(Answer { outcome, took_ms, ..Answer::taken() })
    }

    async fn call(&self, call: &Call) -> Result<Answer, PortError> {
        self.caller.call(call).await
    }
}

impl Sender {
    /// What came of one mail.
    async fn send(&self, letter: &Letter, mail: &Mail) -> Outcome {
        let Some(content) = content(&self.from, letter, mail) else { return Outcome::Rejected };
        let sent = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(&letter.to).build())
            .content(content)
            .send()
            .await;
        let rejected = |error: &SendEmailError| error.is_bad_request_exception() || error.is_message_rejected();
        came_of("SendEmail", sent, rejected)
    }
}

/// The mail as SES takes it, which gives it a `Message-ID` of its own and takes no other.
fn content(from: &str, letter: &Letter, mail: &Mail) -> Option<EmailContent> {
    let host = from.rsplit_once('@').map_or(HOST, |(_, host)| host);
    let headers = letter.headers(host).into_iter().filter(|(name, _)| *name != "Message-ID");
    let headers = headers.map(|(name, value)| MessageHeader::builder().name(name).value(value).build().ok());
    let part = |data: &str| Part::builder().data(data).charset("UTF-8").build().ok();
    let body = Body::builder().text(part(&mail.text)?).html(part(&mail.html)?).build();
    let message = Message::builder().subject(part(&mail.subject)?).body(body);
    let message = message.set_headers(Some(headers.collect::<Option<_>>()?)).build();
    Some(EmailContent::builder().simple(message).build())
}

/// What came of one text message.
async fn send_text(client: &aws_sdk_sns::Client, letter: &Letter, text: &str) -> Outcome {
    // It is told as soon as can be: no advertisement.
    let kind = MessageAttributeValue::builder().data_type("String").string_value("Transactional").build();
    let Ok(kind) = kind else { return Outcome::Rejected };
    let publish = client.publish().phone_number(&letter.to).message(text);
    let sent = publish.message_attributes("AWS.SNS.SMS.SMSType", kind).send().await;
    came_of("Publish", sent, |error| {
        error.is_invalid_parameter_exception() || error.is_invalid_parameter_value_exception()
    })
}

/// What an answer means: what is wrong with the letter stays wrong, and everything else is tried again
/// by the schedule, since an account that is paused or a limit that is reached is mended by somebody.
fn came_of<T, E: ProvideErrorMetadata, R>(
    operation: &str,
    sent: Result<T, SdkError<E, R>>,
    rejected: impl Fn(&E) -> bool,
) -> Outcome {
    let Err(error) = sent else { return Outcome::Taken };
    tracing::warn!(operation, error.code = code(&error), "not taken");
    match &error {
        SdkError::ServiceError(answer) if rejected(answer.err()) => Outcome::Rejected,
        SdkError::ServiceError(_) => Outcome::Refused,
        SdkError::TimeoutError(_) => Outcome::TimedOut,
        _ => Outcome::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::tests::{letter, mail};
    use aws_sdk_sesv2::types::error::{MessageRejected, SendingPausedException};

    #[test]
    fn a_mail_is_handed_over_with_both_its_forms_and_the_headers_that_ses_takes() {
        let content = content("care@shop.example", &letter(Content::Text(String::new())), &mail()).expect("a mail");
        let message = content.simple().expect("a simple one");
        let body = message.body().expect("a body");
        assert_eq!(message.subject().map(Part::data), Some("处理完毕"));
        assert_eq!((body.text().map(Part::data), body.html().map(Part::data)), (Some("好了"), Some("<p>好了</p>")));
        let names: Vec<_> = message.headers().iter().map(MessageHeader::name).collect();
        assert_eq!(names, ["X-Redress-Delivery", "Auto-Submitted"]);
    }

    #[test]
    fn what_is_wrong_with_a_letter_ends_it_and_what_is_wrong_with_us_does_not() {
        let came = |error: SendEmailError| {
            let sent: Result<(), _> = Err(SdkError::service_error(error, ()));
            came_of("SendEmail", sent, |error| error.is_message_rejected())
        };
        let rejected = MessageRejected::builder().build();
        assert_eq!(came(SendEmailError::MessageRejected(rejected)), Outcome::Rejected);
        let paused = SendingPausedException::builder().build();
        assert_eq!(came(SendEmailError::SendingPausedException(paused)), Outcome::Refused);
        let silent: Result<(), SdkError<SendEmailError, ()>> = Err(SdkError::timeout_error("late"));
        assert_eq!(came_of("SendEmail", silent, |_| true), Outcome::TimedOut);
    }
}
