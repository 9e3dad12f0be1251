//! Addresses to which nothing goes any more.

use crate::identity::{Identity, IdentityKind};
use crate::reach::Address;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why nothing goes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuppressedBecause {
    /// What was sent came back: there is no such address.
    Bounced,
    /// Its owner called what was sent unwanted.
    Complained,
    /// Its owner followed the link in a mail.
    Unsubscribed,
    /// Somebody here put it on the list.
    Asked,
}

impl SuppressedBecause {
    /// Every reason and its word in JSON.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Bounced, "bounced"),
        (Self::Complained, "complained"),
        (Self::Unsubscribed, "unsubscribed"),
        (Self::Asked, "asked"),
    ];
}

/// An address on the list. It is kept as its digest: the list can't be read as an address book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppression {
    /// What it is found by.
    #[serde(rename = "id")]
    pub digest: String,
    /// What kind of address it is.
    pub kind: IdentityKind,
    /// As much of it as colleagues are shown.
    pub shown: String,
    /// Why.
    pub because: SuppressedBecause,
    /// Since when.
    pub at: Timestamp,
    /// Who said so: an API key's id, a delivery's.
    pub by: String,
}

impl Suppression {
    /// Puts an address on the list.
    #[must_use]
    pub fn of(address: &Identity, because: SuppressedBecause, at: Timestamp, by: &str) -> Self {
        let (digest, kind, shown) = (address.digest(), address.kind(), address.shown());
        Self { digest, kind, shown, because, at, by: by.to_owned() }
    }

    /// The owner of an address, known by what the link in a mail says of it, wants no more of them.
    #[must_use]
    pub fn unsubscribed(digest: String, shown: String, at: Timestamp, by: &str) -> Self {
        let (kind, because) = (IdentityKind::Email, SuppressedBecause::Unsubscribed);
        Self { digest, kind, shown, because, at, by: by.to_owned() }
    }

    /// What may still be sent there.
    #[must_use]
    pub fn leaves(&self) -> Address {
        match self.because {
            SuppressedBecause::Unsubscribed => Address::Unsubscribed,
            _ => Address::Closed,
        }
    }

    /// Whether this says more against the address than `other`: an unsubscription does not take
    /// back that a mail bounced.
    #[must_use]
    pub fn outweighs(&self, other: &Self) -> bool {
        other.because == SuppressedBecause::Unsubscribed && self.because != SuppressedBecause::Unsubscribed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_on_the_list_shows_little_of_itself_and_closes_as_far_as_the_reason_goes() {
        let address = Identity::read(IdentityKind::Email, "Li.Na@Shop.Example").unwrap();
        let on = |because| Suppression::of(&address, because, Timestamp::UNIX_EPOCH, "ak_1");
        assert_eq!(on(SuppressedBecause::Bounced).shown, "l…@shop.example");
        assert!(!serde_json::to_string(&on(SuppressedBecause::Bounced)).unwrap().contains("li.na"));
        for (because, word) in SuppressedBecause::ALL {
            assert_eq!(serde_json::to_value(because).unwrap(), word);
            let open = on(because).leaves() == Address::Unsubscribed;
            assert_eq!(open, because == SuppressedBecause::Unsubscribed);
        }
        assert!(on(SuppressedBecause::Bounced).outweighs(&on(SuppressedBecause::Unsubscribed)));
        assert!(!on(SuppressedBecause::Unsubscribed).outweighs(&on(SuppressedBecause::Bounced)));
        assert!(!on(SuppressedBecause::Asked).outweighs(&on(SuppressedBecause::Bounced)));
    }
}
