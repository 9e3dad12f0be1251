//! Any text as each of the small things that strangers write: an address, a telephone number, a
//! signature, a name of a file, a time of day, an id; and any bytes as a file.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use redress_domain::attachment::{Declared, Examination, MediaType, Seen, disposition, flaw_of_name, judge};
use redress_domain::calendar::WallTime;
use redress_domain::id::TenantId;
use redress_domain::identity::{Identity, IdentityKind, international};
use redress_domain::reach::TimeOfDay;
use redress_domain::signature::{Seal, SigningSecret, sign, verify};
use redress_domain::webhook::{Access, check_url, may_reach};
use serde_json::json;

fuzz_target!(|bytes: &[u8]| {
    file(bytes);
    let text = String::from_utf8_lossy(bytes);
    url(&text);
    identity(&text);
    signature(&text);
    name(&text);
    if let Some(time) = TimeOfDay::parse(&text) {
        assert_eq!(time.to_string(), text);
    }
    if let Some(time) = WallTime::parse(&text) {
        assert_eq!(WallTime::parse(&time.to_string()), Some(time));
    }
    if let Some(id) = TenantId::parse(&text) {
        assert!(id.as_str() == text && !text.contains(['#', '/', '"']) && text.is_ascii());
    }
});

/// An address that may be saved is read by everybody alike, and leads outside.
fn url(text: &str) {
    let Ok(url) = check_url(text, Access::Public) else { return };
    assert!(url.scheme() == "https" && url.username().is_empty() && url.password().is_none());
    assert_eq!(check_url(url.as_str(), Access::Public).as_ref(), Ok(&url), "as it is kept");
    let ip = match url.host().expect("it has one") {
        url::Host::Ipv4(ip) => Some(ip.into()),
        url::Host::Ipv6(ip) => Some(ip.into()),
        url::Host::Domain(_) => None,
    };
    assert!(ip.is_none_or(|ip| may_reach(ip, Access::Public)), "{url}");
}

/// What stands for a person is found however it is written, and shows little.
fn identity(text: &str) {
    for kind in [IdentityKind::Ref, IdentityKind::Openid, IdentityKind::Phone, IdentityKind::Email] {
        let Some(identity) = Identity::read(kind, text) else { continue };
        let shown = identity.shown();
        assert_eq!(identity.kind(), kind);
        assert!(kind != IdentityKind::Phone || shown.chars().count() <= 5, "{shown}");
        assert!(kind != IdentityKind::Email || shown.contains("…@"), "{shown}");
    }
    if let Some(number) = international(text) {
        assert!(number.strip_prefix('+').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())));
        assert_eq!(international(&number).as_ref(), Some(&number), "a number is itself");
        let read = |text| Identity::read(IdentityKind::Phone, text).map(|phone| phone.digest());
        assert_eq!(read(&number), read(text));
    }
}

/// Nobody signs without the secret, and whoever has it is believed.
fn signature(text: &str) {
    let ours = SigningSecret::new([7; 32]);
    let now = Timestamp::from_second(1_614_265_330).expect("an instant");
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default().to_owned();
    let (id, timestamp, signature, body) = (line(), line(), line(), line());
    let seal = Seal { id: id.clone(), timestamp, signature };
    assert!(verify(std::slice::from_ref(&ours), now, &seal, body.as_bytes()).is_err(), "forged: {seal:?}");
    if let Ok(seal) = sign(std::slice::from_ref(&ours), &id, now, body.as_bytes()) {
        assert_eq!(verify(&[ours], now, &seal, body.as_bytes()), Ok(()));
    }
    if let Ok(secret) = SigningSecret::parse(text) {
        assert!(SigningSecret::parse(&secret.reveal()).as_ref() == Ok(&secret));
    }
}

/// The header that hands a file out under its name stays one header, whatever the name.
fn name(text: &str) {
    if flaw_of_name(text).is_some() {
        return;
    }
    for (kind, _) in MediaType::ALL {
        let header = disposition(text, kind);
        assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{header}");
        assert_eq!(header.matches('"').count(), 2, "{header}");
    }
}

/// A file is what it is however its bytes come, and is judged by that.
fn file(bytes: &[u8]) {
    let seen = |parts: &[&[u8]]| {
        let mut examination = Examination::default();
        parts.iter().for_each(|part| examination.feed(part));
        examination.end()
    };
    let whole = seen(&[bytes]);
    let (one, other) = bytes.split_at(bytes.len() / 3);
    assert_eq!(seen(&[one, &[], other]), whole);
    for (kind, word) in MediaType::ALL {
        let Seen { size_bytes, sha256, sniffed } = &whole;
        let declared = json!({"file_name": "a", "media_type": word, "size_bytes": size_bytes, "sha256": sha256});
        let declared: Declared = serde_json::from_value(declared).expect("it is declared so");
        assert_eq!(judge(&declared, &whole).is_ok(), kind.agrees_with(sniffed), "{word}: {sniffed:?}");
    }
}
