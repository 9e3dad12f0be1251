//! What people are told, in words: every message in Chinese and English, as a mail, as a text
//! message, as a notice in the console. Pure: no clock, no address, no sending.
//!
//! The texts lie in `texts/`, one file a language. The build reads them: a text that is missing in
//! one language, one that nothing uses, and one that asks for what nobody gives it fail it.

mod catalogue;
#[cfg(test)]
mod check;
pub mod promise;
mod template;
mod values;

pub use template::{Reader, TEMPLATES, Template};
pub use values::{Values, money, when};

use catalogue::{Catalogue, framed};
use redress_domain::category::Language;
use serde_json::json;

/// The longest subject, in characters.
///
/// # Source
/// RFC 5322, section 2.1.1: a line has at most 998 octets; mail programs show some 70 characters.
const SUBJECT: usize = 120;

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// The words alone.
    pub text: String,
    /// The same as a page.
    pub html: String,
}

/// A line in the console's inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is.
    pub title: String,
    /// What happened and what is next.
    pub line: String,
}

/// Why something can't be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsaid {
    /// There is no such template.
    #[error("there is no template of that name")]
    Unknown,
    /// It lacks something that it must say.
    #[error("{template} can't be written: {why}")]
    Unwritable {
        /// Which.
        template: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// Something to be said to somebody in a language.
#[derive(Debug, Clone)]
pub struct Message {
    template: &'static Template,
    language: Language,
    values: Values,
}

impl Message {
    /// What `template` says with these `values`; who speaks neither Chinese nor English is told in
    /// English.
    ///
    /// # Errors
    /// No such template.
    pub fn new(template: &str, language: Language, values: Values) -> Result<Self, Unsaid> {
        let template = find(template).ok_or(Unsaid::Unknown)?;
        Ok(Self { template, language, values })
    }

    /// The BCP 47 tag of the language it is said in.
    #[must_use]
    pub fn language_tag(&self) -> &'static str {
        Catalogue::of(self.language).tag()
    }

    /// As a mail. `unsubscribe` is where its reader can say that mails like this are not wanted.
    ///
    /// # Errors
    /// Something that it must say is not among the values.
    pub fn mail(&self, unsubscribe: Option<&str>) -> Result<Mail, Unsaid> {
        let catalogue = Catalogue::of(self.language);
        let subject = one_line(&self.part("subject")?.concat(), SUBJECT);
        let frame = match self.template.reader {
            Reader::Customer => "customer",
            Reader::Staff => "staff",
        };
        let values = json!({
            "lang": catalogue.tag(),
            "subject": subject,
            "body": self.part("body")?,
            "action": self.part("action")?.concat(),
            "link": self.values.link().filter(|_| self.template.reader == Reader::Customer),
            "footer": catalogue.frame(frame),
            "unsubscribe": unsubscribe,
            "unsubscribe_text": catalogue.frame("unsubscribe"),
        });
        let text = framed("mail.txt", values.clone()).map_err(|error| self.unwritable(&error))?;
        let html = framed("mail.html", values).map_err(|error| self.unwritable(&error))?;
        Ok(Mail { subject, text, html })
    }

    /// As a text message: one line.
    ///
    /// # Errors
    /// Something that it must say is not among the values.
    pub fn text(&self) -> Result<String, Unsaid> {
        Ok(one_line(&self.part("text")?.concat(), usize::MAX))
    }

    /// As a notice in the console.
    ///
    /// # Errors
    /// Something that it must say is not among the values.
    pub fn note(&self) -> Result<Note, Unsaid> {
        let line = self.part("body")?.into_iter().next().unwrap_or_default();
        Ok(Note { title: one_line(&self.part("subject")?.concat(), SUBJECT), line })
    }

    fn part(&self, part: &str) -> Result<Vec<String>, Unsaid> {
        Catalogue::of(self.language)
            .say(self.template, part, self.values.as_map())
            .map_err(|error| self.unwritable(&error))
    }

    /// The kind of error only: its text may quote what was to be said.
    fn unwritable(&self, error: &minijinja::Error) -> Unsaid {
        Unsaid::Unwritable { template: self.template.name, why: error.kind().to_string() }
    }
}

/// The template of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

/// Text without line breaks or other control characters, at most `most` characters long: what
/// stands in a header can't begin another.
fn one_line(text: &str, most: usize) -> String {
    let spaced: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").chars().take(most).collect()
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests;
