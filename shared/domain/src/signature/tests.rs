use super::*;

/// # Source
/// The example that the documentation of Svix, the author of the scheme, gives for checks by hand.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const SECOND: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// A signature that could be one, and is none.
const OTHER: &str = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn secret() -> SigningSecret {
    SigningSecret::parse(SECRET).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn seal(id: &str, timestamp: &str, signature: &str) -> Seal {
    Seal { id: id.to_owned(), timestamp: timestamp.to_owned(), signature: signature.to_owned() }
}

fn told(signature: &str) -> Result<(), Distrust> {
    verify(&[secret()], at(SECOND), &seal(ID, &SECOND.to_string(), signature), BODY)
}

#[test]
fn the_published_example_is_signed_and_trusted() {
    let made = sign(&[secret()], ID, at(SECOND), BODY).unwrap();
    assert_eq!(made, seal(ID, "1614265330", SIGNATURE));
    assert_eq!(verify(&[secret()], at(SECOND), &made, BODY), Ok(()));
}

#[test]
fn five_minutes_either_way_are_trusted_and_a_moment_more_is_not() {
    let made = sign(&[secret()], ID, at(SECOND), BODY).unwrap();
    let moment = SignedDuration::from_millis(1);
    let cases = [
        (at(SECOND + 300), Ok(())),
        (at(SECOND - 300), Ok(())),
        (at(SECOND + 300) + moment, Err(Distrust::Stale)),
        (at(SECOND - 300) - moment, Err(Distrust::Early)),
        (at(0), Err(Distrust::Early)),
    ];
    for (now, expected) in cases {
        assert_eq!(verify(&[secret()], now, &made, BODY), expected, "{now}");
    }
}

#[test]
fn whatever_was_changed_on_the_way_is_found() {
    let now = at(SECOND);
    let good = seal(ID, "1614265330", SIGNATURE);
    let cases = [
        (seal("msg_other", &good.timestamp, SIGNATURE), BODY),
        (seal(ID, "1614265331", SIGNATURE), BODY),
        (seal(ID, "01614265330", SIGNATURE), BODY),
        (seal(ID, &good.timestamp, OTHER), BODY),
        (good.clone(), br#"{"test": 2432232315}"#),
        (good.clone(), b""),
        (seal(ID, &good.timestamp, &SIGNATURE[..SIGNATURE.len() - 4]), BODY),
    ];
    for (seal, body) in cases {
        assert_eq!(verify(&[secret()], now, &seal, body), Err(Distrust::Forged), "{seal:?}");
    }
    let other = SigningSecret::new([7; 32]);
    assert_eq!(verify(&[other], now, &good, BODY), Err(Distrust::Forged));
    assert_eq!(verify(&[], now, &good, BODY), Err(Distrust::Forged));
}

#[test]
fn while_two_secrets_live_either_is_enough_on_both_sides() {
    let (old, new) = (secret(), SigningSecret::new([7; 32]));
    let now = at(SECOND);
    let both = sign(&[new.clone(), old.clone()], ID, now, BODY).unwrap();
    assert_eq!(both.signature.split(' ').count(), 2);
    for secrets in [vec![old.clone()], vec![new.clone()], vec![new.clone(), old.clone()]] {
        assert_eq!(verify(&secrets, now, &both, BODY), Ok(()));
        let one = sign(&secrets[..1], ID, now, BODY).unwrap();
        assert_eq!(verify(&[old.clone(), new.clone()], now, &one, BODY), Ok(()));
    }
    let later = sign(&[new], ID, now, BODY).unwrap();
    assert_eq!(verify(&[old], now, &later, BODY), Err(Distrust::Forged));
}

#[test]
fn among_several_signatures_one_that_is_good_is_enough() {
    let good = SIGNATURE;
    let cases = [
        (format!("{OTHER} {good}"), Ok(())),
        (format!("{good} {OTHER}"), Ok(())),
        (format!("v1a,c2ln {good}"), Ok(())),
        (format!("nonsense v1 , {good}"), Ok(())),
        (format!("v1,*** {good}"), Ok(())),
        (format!("{OTHER} v1,***"), Err(Distrust::Forged)),
        ("v1,***".to_owned(), Err(Distrust::MalformedSignature)),
        (good.trim_end_matches('=').to_owned(), Err(Distrust::MalformedSignature)),
        (good.replace("v1,", "v1a,"), Err(Distrust::Unsigned)),
        (good.replace("v1,", "v2,"), Err(Distrust::Unsigned)),
        (good.replace("v1,", "V1,"), Err(Distrust::Unsigned)),
        (good.replace("v1,", ""), Err(Distrust::Unsigned)),
        (String::new(), Err(Distrust::Unsigned)),
        ("v1,".to_owned(), Err(Distrust::Forged)),
    ];
    for (signature, expected) in cases {
        assert_eq!(told(&signature), expected, "{signature}");
    }
}

#[test]
fn an_id_or_instant_that_is_none_is_refused_before_anything_is_compared() {
    let now = at(SECOND);
    let cases = [
        ("", "1614265330", Distrust::Nameless),
        ("msg.1", "1614265330", Distrust::AmbiguousId),
        (ID, "", Distrust::MalformedTimestamp),
        (ID, "soon", Distrust::MalformedTimestamp),
        (ID, "+1614265330", Distrust::MalformedTimestamp),
        (ID, "-1614265330", Distrust::MalformedTimestamp),
        (ID, "1614265330.0", Distrust::MalformedTimestamp),
        (ID, " 1614265330", Distrust::MalformedTimestamp),
        (ID, "2021-02-25T15:02:10Z", Distrust::MalformedTimestamp),
        (ID, "99999999999999999999", Distrust::MalformedTimestamp),
        (ID, "999999999999999", Distrust::MalformedTimestamp),
        (ID, "0", Distrust::Stale),
    ];
    for (id, timestamp, expected) in cases {
        assert_eq!(verify(&[secret()], now, &seal(id, timestamp, SIGNATURE), BODY), Err(expected), "{id} {timestamp}");
    }
    assert_eq!(sign(&[secret()], "", now, BODY), Err(Distrust::Nameless));
    assert_eq!(sign(&[secret()], "a.b", now, BODY), Err(Distrust::AmbiguousId));
}

#[test]
fn a_secret_is_read_with_or_without_its_prefix_and_shown_only_when_asked() {
    let bare = SECRET.strip_prefix(PREFIX).unwrap();
    assert_eq!(SigningSecret::parse(bare), Ok(secret()));
    assert_eq!(secret().reveal(), SECRET);
    assert_eq!(SigningSecret::parse(&SigningSecret::new([9; 32]).reveal()), Ok(SigningSecret::new([9; 32])));
    assert!(!format!("{:?}", secret()).contains(bare));
    for malformed in ["", PREFIX, "whsec_***", "whsec_whsec_AAAA", "WHSEC_AAAA", "AAA", "AAAA\n"] {
        assert_eq!(SigningSecret::parse(malformed), Err(MalformedSecret), "{malformed}");
    }
}

proptest::proptest! {
    #[test]
    fn what_is_signed_is_trusted_and_any_other_body_is_not(
        bits: [u8; 32],
        second in 0_i64..4_000_000_000,
        body: Vec<u8>,
        other: Vec<u8>,
    ) {
        let secrets = [SigningSecret::new(bits)];
        let made = sign(&secrets, ID, at(second), &body).unwrap();
        proptest::prop_assert_eq!(verify(&secrets, at(second), &made, &body), Ok(()));
        proptest::prop_assume!(other != body);
        proptest::prop_assert_eq!(verify(&secrets, at(second), &made, &other), Err(Distrust::Forged));
    }
}
