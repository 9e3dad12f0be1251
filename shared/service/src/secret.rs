//! The secret of a stack: signs what callers carry for us and must not make themselves.

use crate::ports::{PortError, Record, World, Write};
use crate::{Fault, Moment, keys};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How much of the signature travels: 128 bits.
const TAG: usize = 16;

/// 256 bits that nobody outside the stack knows.
pub struct Secret([u8; 32]);

impl Secret {
    /// `text` and a signature that holds only for this `purpose` and these `bounds`. The same
    /// input always gives the same output.
    #[must_use]
    pub fn seal(&self, purpose: &str, bounds: &[&str], text: &str) -> String {
        let tag = self.mac(purpose, bounds, text).finalize().into_bytes();
        let sealed = [&tag[..TAG], text.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// What was sealed; `None` for anything that this secret did not seal so.
    #[must_use]
    pub fn open(&self, purpose: &str, bounds: &[&str], sealed: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (tag, text) = bytes.split_at_checked(TAG)?;
        let text = std::str::from_utf8(text).ok()?;
        self.mac(purpose, bounds, text).verify_truncated_left(tag).ok()?;
        Some(text.to_owned())
    }

    /// 256 bits that follow from this purpose, these bounds and `text`, and from nothing less.
    #[must_use]
    pub fn derive(&self, purpose: &str, bounds: &[&str], text: &str) -> [u8; 32] {
        self.mac(purpose, bounds, text).finalize().into_bytes().into()
    }

    /// Every part is preceded by its length, so that nothing can move from one part to the next.
    fn mac(&self, purpose: &str, bounds: &[&str], text: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in [purpose].iter().chain(bounds).chain([&text]) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

/// The stack's secret; made by whoever needs it first, of the nonces of two moments that no request
/// shows anything of.
///
/// # Errors
/// The store did not answer, or holds what is no secret.
pub async fn get_or_create(world: &World, one: Moment, other: Moment) -> Result<Secret, Fault> {
    if let Some(secret) = get(world).await? {
        return Ok(secret);
    }
    let secret = fresh(one, other);
    match world.store.commit(&[Write::Put(record(&secret))]).await {
        Ok(()) => Ok(secret),
        // Somebody else made it first.
        Err(PortError::Conflict) => get(world).await?.ok_or_else(unreadable),
        Err(error) => Err(error.into()),
    }
}

async fn get(world: &World) -> Result<Option<Secret>, Fault> {
    let stored = world.store.get(&keys::secret()).await?;
    stored.map(|record| parse(&record.body).ok_or_else(unreadable)).transpose()
}

fn fresh(one: Moment, other: Moment) -> Secret {
    let digest = Sha256::new().chain_update("redress stack secret").chain_update(one.nonce).chain_update(other.nonce);
    Secret(digest.finalize().into())
}

fn record(secret: &Secret) -> Record {
    let body = json!({ "secret": URL_SAFE_NO_PAD.encode(secret.0) });
    Record { key: keys::secret(), version: 1, body: body.into(), due_at: None, place: None, expires_at: None }
}

fn parse(body: &Value) -> Option<Secret> {
    let bytes = URL_SAFE_NO_PAD.decode(body["secret"].as_str()?).ok()?;
    bytes.try_into().ok().map(Secret)
}

fn unreadable() -> Fault {
    Fault::Unavailable("the stack's secret can't be read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_bounds_alone() {
        let secret = Secret([7; 32]);
        let sealed = secret.seal("cursor", &["tn_a", "/v1/x"], "物流");
        assert_eq!(secret.open("cursor", &["tn_a", "/v1/x"], &sealed).as_deref(), Some("物流"));
        for (purpose, bounds) in
            [("tracking", ["tn_a", "/v1/x"]), ("cursor", ["tn_b", "/v1/x"]), ("cursor", ["tn_a/", "v1/x"])]
        {
            assert_eq!(secret.open(purpose, &bounds, &sealed), None);
        }
        assert_eq!(Secret([8; 32]).open("cursor", &["tn_a", "/v1/x"], &sealed), None);
    }

    #[test]
    fn a_changed_or_shortened_seal_does_not_open() {
        let secret = Secret([7; 32]);
        let sealed = secret.seal("tracking", &[], "tn_a");
        for at in 0..sealed.len() {
            let mut other = sealed.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(secret.open("tracking", &[], std::str::from_utf8(&other).unwrap()), None, "{at}");
            assert_eq!(secret.open("tracking", &[], &sealed[..at]), None, "{at}");
        }
    }
}
