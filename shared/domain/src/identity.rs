//! Who is who: the ways to know a person, and what says that two of them know the same one.
//!
//! A person is nothing that is stored: it is whatever links join, found when somebody asks. So a
//! link can be made twice, in any order, by two at once, and nothing has to be moved.

mod normal;

use crate::feedback::Customer;
use crate::id::digest;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way to know a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// The shop's own reference.
    Ref,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// What a channel such as WeChat calls its user. Where it speaks to us, that is the reference:
    /// the two are one identity.
    Openid,
}

impl IdentityKind {
    /// Every kind and its word in JSON.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Ref, "ref"), (Self::Phone, "phone"), (Self::Email, "email"), (Self::Openid, "openid")];

    /// Whether others than the shop gave it: it is never shown whole.
    #[must_use]
    pub fn is_contact(self) -> bool {
        matches!(self, Self::Phone | Self::Email)
    }
}

/// One identity, in the one form that all its spellings share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    kind: IdentityKind,
    normal: String,
}

impl Identity {
    /// What `text` says of somebody; `None` if it tells nobody apart: a telephone number that is
    /// none, an address without `@`.
    ///
    /// ```
    /// use redress_domain::identity::{Identity, IdentityKind};
    ///
    /// let phone = |text| Identity::read(IdentityKind::Phone, text);
    /// assert_eq!(phone("138 0013 8000"), phone("+86-138-0013-8000"));
    /// assert_eq!(phone("转8001"), None);
    /// ```
    #[must_use]
    pub fn read(kind: IdentityKind, text: &str) -> Option<Self> {
        let normal = match kind {
            IdentityKind::Ref | IdentityKind::Openid => text.to_owned(),
            IdentityKind::Phone => normal::phone(text)?,
            IdentityKind::Email => normal::email(text)?,
        };
        Some(Self { kind, normal })
    }

    /// A customer of that reference.
    #[must_use]
    pub fn reference(reference: &str) -> Self {
        Self { kind: IdentityKind::Ref, normal: reference.to_owned() }
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// What it is found by: it tells nothing of whom it stands for.
    #[must_use]
    pub fn digest(&self) -> String {
        let kind = match self.kind {
            IdentityKind::Ref | IdentityKind::Openid => "ref",
            IdentityKind::Phone => "phone",
            IdentityKind::Email => "email",
        };
        digest(&[kind, &self.normal])
    }

    /// As much of it as colleagues are shown: all of a reference, the last four digits of a
    /// telephone number, the first letter and the host of an address.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.kind {
            IdentityKind::Ref | IdentityKind::Openid => self.normal.clone(),
            IdentityKind::Phone => format!("…{}", &self.normal[self.normal.len().saturating_sub(4)..]),
            IdentityKind::Email => {
                let (user, host) = self.normal.split_once('@').unwrap_or_default();
                format!("{}…@{host}", user.chars().take(1).collect::<String>())
            }
        }
    }
}

/// A telephone number as it is dialled from anywhere; `None` where nobody can tell in which country
/// it rings.
///
/// ```
/// use redress_domain::identity::international;
///
/// assert_eq!(international("138 0013 8000").as_deref(), Some("+8613800138000"));
/// assert_eq!(international("+44 (0)20 7946 0123").as_deref(), Some("+442079460123"));
/// assert_eq!(international("020 7946 0123"), None);
/// ```
#[must_use]
pub fn international(phone: &str) -> Option<String> {
    normal::international(phone)
}

impl Customer {
    /// What else than the reference this says of the same person.
    #[must_use]
    pub fn contacts(&self) -> Vec<Identity> {
        let phone = self.phone.as_deref().and_then(|phone| Identity::read(IdentityKind::Phone, phone));
        let email = self.email.as_deref().and_then(|email| Identity::read(IdentityKind::Email, email));
        phone.into_iter().chain(email).collect()
    }
}

/// Somebody said that two identities are of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What kind the other one is, in the words of whoever said so.
    pub kind: IdentityKind,
    /// What the other one is found by.
    pub digest: String,
    /// The other one, as far as it is shown.
    pub shown: String,
    /// When it was said, the first time.
    pub at: Timestamp,
    /// What said so: a feedback's id that named both, or an API key's.
    pub by: String,
}

/// More links than this, and an identity is nobody's own: the reference that a shop gives to all its
/// guests, the telephone of its own hotline. It joins nobody.
///
/// # Source
/// docs/adr/0021: a person has 22 channels at most and uses a few; a household shares a telephone.
pub const CROWD: usize = 16;

/// What is known of one identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What kind it is.
    pub kind: IdentityKind,
    /// What it is found by.
    pub digest: String,
    /// As far as it is shown.
    pub shown: String,
    /// What it is linked to, in the order in which that was said.
    pub links: Vec<Link>,
}

impl Known {
    /// An identity of which nothing is known yet.
    #[must_use]
    pub fn new(identity: &Identity) -> Self {
        let kind = if identity.kind == IdentityKind::Openid { IdentityKind::Ref } else { identity.kind };
        Self { kind, digest: identity.digest(), shown: identity.shown(), links: Vec::new() }
    }

    /// Whether it is linked to too many to be one person's.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.links.len() > CROWD
    }

    /// What links it to `other`.
    #[must_use]
    pub fn link_to(&self, other: &Identity) -> Option<&Link> {
        let digest = other.digest();
        self.links.iter().find(|link| link.digest == digest)
    }

    fn add(&mut self, other: &Identity, at: Timestamp, by: &str) {
        let (kind, digest, shown) = (other.kind, other.digest(), other.shown());
        self.links.push(Link { kind, digest, shown, at, by: by.to_owned() });
    }
}

/// Two identities, each with what is known of it.
pub type Pair<'a> = (&'a mut Known, &'a Identity);

/// Writes down on both sides that two identities are of one person; `true` if that is news. A crowded
/// one takes no more links.
pub fn link((one, its): Pair<'_>, (other, others): Pair<'_>, at: Timestamp, by: &str) -> bool {
    if one.is_crowded() || other.is_crowded() || its.digest() == others.digest() || one.link_to(others).is_some() {
        return false;
    }
    one.add(others, at, by);
    other.add(its, at, by);
    true
}

#[cfg(test)]
mod tests;
