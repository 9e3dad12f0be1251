//! Who sent it, and when: signatures over what goes out, that whoever receives it can check.
//!
//! # Source
//! Standard Webhooks 1.0.0, "Webhook Headers" and "Symmetric signatures": HMAC-SHA256 over
//! `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// What secrets begin with when they are shown; they may be given without it.
pub const PREFIX: &str = "whsec_";

/// How far the instant of a message may be from the receiver's clock, either way, ends included.
///
/// # Source
/// What the reference libraries of Standard Webhooks allow.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The version of the scheme: a key that both sides know. Others are passed over.
const VERSION: &str = "v1";

/// A key that the sender and the receiver know, and nobody else; kept as it is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SigningSecret(Vec<u8>);

/// A text that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is no base64 of at least one byte, with or without whsec_ before it")]
pub struct MalformedSecret;

impl SigningSecret {
    /// A secret of these 256 bits.
    #[must_use]
    pub fn new(bits: [u8; 32]) -> Self {
        Self(bits.to_vec())
    }

    /// The secret that is written so.
    ///
    /// # Errors
    /// It is no base64, or nothing.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text)).map_err(|_| MalformedSecret)?;
        if bytes.is_empty() { Err(MalformedSecret) } else { Ok(Self(bytes)) }
    }

    /// As it is shown to its owner.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac
    }
}

impl TryFrom<String> for SigningSecret {
    type Error = MalformedSecret;

    fn try_from(text: String) -> Result<Self, MalformedSecret> {
        Self::parse(&text)
    }
}

impl From<SigningSecret> for String {
    fn from(secret: SigningSecret) -> Self {
        secret.reveal()
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// What travels beside the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// `webhook-id`: the message, the same however often it is sent.
    pub id: String,
    /// `webhook-timestamp`: when this try was signed, in whole seconds since 1970.
    pub timestamp: String,
    /// `webhook-signature`: one signature for each live secret, with spaces between.
    pub signature: String,
}

/// Signs `body` under that id at `now`, by each of `secrets`.
///
/// # Errors
/// The id is nothing, or would let another message pass for this one.
pub fn sign(secrets: &[SigningSecret], id: &str, now: Timestamp, body: &[u8]) -> Result<Seal, Distrust> {
    named(id)?;
    let timestamp = now.as_second().to_string();
    let one = |secret: &SigningSecret| {
        let tag = secret.mac(id, &timestamp, body).finalize().into_bytes();
        format!("{VERSION},{}", STANDARD.encode(tag))
    };
    let signature = secrets.iter().map(one).collect::<Vec<_>>().join(" ");
    Ok(Seal { id: id.to_owned(), timestamp, signature })
}

/// Why a message is not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It has no id.
    #[error("webhook-id is empty")]
    Nameless,
    /// The id holds what separates it from the rest of what is signed, so that it could take over a
    /// part of another message.
    #[error("webhook-id holds a full stop")]
    AmbiguousId,
    /// The instant is no number of seconds.
    #[error("webhook-timestamp is no whole number of seconds since 1970")]
    MalformedTimestamp,
    /// It was signed too long ago.
    #[error("webhook-timestamp is more than 5 minutes ago")]
    Stale,
    /// It was signed later than now.
    #[error("webhook-timestamp is more than 5 minutes ahead")]
    Early,
    /// There is no signature that could be checked.
    #[error("webhook-signature has no signature of version v1")]
    Unsigned,
    /// What should be a signature is none.
    #[error("webhook-signature is no base64")]
    MalformedSignature,
    /// No secret makes any of the signatures.
    #[error("the signature is of another secret, id, timestamp or body")]
    Forged,
}

/// Checks that one of `secrets` signed `body` as `seal` says, close to `now`. Compares in constant
/// time.
///
/// # Errors
/// The message is not to be trusted.
pub fn verify(secrets: &[SigningSecret], now: Timestamp, seal: &Seal, body: &[u8]) -> Result<(), Distrust> {
    named(&seal.id)?;
    timely(&seal.timestamp, now)?;
    let tags = tags(&seal.signature)?;
    let made =
        |secret: &SigningSecret, tag: &Vec<u8>| secret.mac(&seal.id, &seal.timestamp, body).verify_slice(tag).is_ok();
    let known = tags.iter().any(|tag| secrets.iter().any(|secret| made(secret, tag)));
    if known { Ok(()) } else { Err(Distrust::Forged) }
}

fn named(id: &str) -> Result<(), Distrust> {
    match id {
        "" => Err(Distrust::Nameless),
        _ if id.contains('.') => Err(Distrust::AmbiguousId),
        _ => Ok(()),
    }
}

fn timely(timestamp: &str, now: Timestamp) -> Result<(), Distrust> {
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = timestamp.parse().ok().filter(|_| digits).and_then(|seconds| Timestamp::from_second(seconds).ok());
    let age = now.duration_since(seconds.ok_or(Distrust::MalformedTimestamp)?);
    if age > TOLERANCE {
        Err(Distrust::Stale)
    } else if age < -TOLERANCE {
        Err(Distrust::Early)
    } else {
        Ok(())
    }
}

/// The signatures of our version. One that cannot be read does not spoil those beside it.
fn tags(signature: &str) -> Result<Vec<Vec<u8>>, Distrust> {
    let ours = |part: &'_ str| {
        part.split_once(',').filter(|(version, _)| *version == VERSION).map(|(_, tag)| STANDARD.decode(tag))
    };
    let ours: Vec<_> = signature.split_ascii_whitespace().filter_map(ours).collect();
    if ours.is_empty() {
        return Err(Distrust::Unsigned);
    }
    let tags: Vec<_> = ours.into_iter().flatten().collect();
    if tags.is_empty() { Err(Distrust::MalformedSignature) } else { Ok(tags) }
}

#[cfg(test)]
mod tests;
