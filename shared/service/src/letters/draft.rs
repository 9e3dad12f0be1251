//! A letter, and what it is made of.

use jiff::Timestamp;
use redress_domain::category::Language;
use redress_domain::delivery::Delivery;
use redress_domain::id::{DeliveryId, TenantId, WorkOrderId};
use redress_domain::identity::Identity;
use redress_domain::reach::Medium;
use redress_messages::{Mail, Message, Unsaid, Values};

/// As much of an answer as stands in a text message, in characters: some five of its parts.
const TEXT: usize = 300;

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A mail, and where its reader can say that mails like it are not wanted.
    Mail(Mail, Option<String>),
    /// A text message.
    Text(String),
}

/// A message to a person, whole: whoever carries it needs to know nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The delivery that it is a try of: the same over all tries.
    pub id: DeliveryId,
    /// Whose.
    pub tenant: TenantId,
    /// What it says.
    pub template: String,
    /// The order it is about.
    pub work_order: Option<WorkOrderId>,
    /// BCP 47 of the language it is in.
    pub language: &'static str,
    /// The address.
    pub to: String,
    /// As much of the address as is shown.
    pub shown: String,
    /// The address as the list of suppressed ones has it.
    pub identity: Identity,
    /// The words.
    pub content: Content,
    /// When the reason for it came about.
    pub created_at: Timestamp,
    /// Whether no person wrote it.
    pub automatic: bool,
    /// The mail that it answers.
    pub answers: Option<String>,
}

impl Letter {
    /// The headers of the mail besides those that every mail has. `host`: whose mail it is, as it
    /// stands in ids.
    ///
    /// # Source
    /// RFC 3834, section 5 (`Auto-Submitted`); RFC 5322, section 3.6.4 (`References`); RFC 8058
    /// (`List-Unsubscribe-Post`).
    #[must_use]
    pub fn headers(&self, host: &str) -> Vec<(&'static str, String)> {
        let thread = self.work_order.iter().map(|order| format!("<{order}@{host}>"));
        let references: Vec<_> = thread.chain(self.answers.clone()).collect();
        let mut headers = vec![("Message-ID", format!("<{}@{host}>", self.id)), (MARK, self.id.to_string())];
        if self.automatic {
            headers.push(("Auto-Submitted", "auto-generated".to_owned()));
        }
        if !references.is_empty() {
            headers.push(("References", references.join(" ")));
        }
        headers.extend(self.answers.clone().map(|answers| ("In-Reply-To", answers)));
        if let Content::Mail(_, Some(unsubscribe)) = &self.content {
            headers.push(("List-Unsubscribe", format!("<{unsubscribe}>")));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        headers
    }
}

/// What marks a mail as ours: one that comes back to us is no customer's.
const MARK: &str = "X-Redress-Delivery";

/// A letter without an address.
pub(super) struct Draft<'a> {
    delivery: &'a Delivery,
    pub(super) language: Language,
    pub(super) values: Values,
    answers: Option<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(delivery: &'a Delivery, language: Language, values: Values) -> Self {
        Self { delivery, language, values, answers: None }
    }

    pub(super) fn answering(self, answers: Option<String>) -> Self {
        Self { answers, ..self }
    }

    pub(super) fn letter(
        self,
        tenant: &TenantId,
        (address, identity): (&str, &Identity),
        content: Content,
        (language, automatic): (&'static str, bool),
    ) -> Letter {
        Letter {
            id: self.delivery.id.clone(),
            tenant: tenant.clone(),
            template: self.delivery.template.clone(),
            work_order: self.delivery.work_order.clone(),
            language,
            to: address.to_owned(),
            shown: identity.shown(),
            identity: identity.clone(),
            content,
            created_at: self.delivery.created_at,
            automatic,
            answers: self.answers,
        }
    }
}

/// What is said by a medium, and the tag of the language it is said in.
pub(super) fn content(
    said: &Message,
    medium: Medium,
    unsubscribe: Option<String>,
) -> Result<(Content, &'static str), Unsaid> {
    let content = match medium {
        Medium::Sms => Content::Text(said.text()?),
        Medium::Email | Medium::InApp => Content::Mail(said.mail(unsubscribe.as_deref())?, unsubscribe),
    };
    Ok((content, said.language_tag()))
}

/// What a person wrote: all of it in a mail, and in a text message as much as fits.
pub(super) fn within(words: &str, short: bool) -> String {
    match words.char_indices().nth(TEXT) {
        Some((end, _)) if short => format!("{}…", &words[..end]),
        _ => words.to_owned(),
    }
}
