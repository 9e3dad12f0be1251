use super::*;
use crate::actor::ActorKind;
use crate::id::TenantId;
use proptest::prelude::*;

const NOON: &str = "2026-11-23T04:00:00Z";

fn seen(bytes: &[u8]) -> Seen {
    let mut examination = Examination::default();
    // Cut where it falls, as a network does.
    bytes.chunks(7).for_each(|chunk| examination.feed(chunk));
    examination.end()
}

fn kind(word: &str) -> MediaType {
    MediaType::parse(word).unwrap_or_else(|| panic!("{word} is taken"))
}

/// What an honest caller says of these bytes.
fn declared(word: &str, bytes: &[u8]) -> Declared {
    let Seen { size_bytes, sha256, .. } = seen(bytes);
    Declared { file_name: "破损.bin".to_owned(), media_type: kind(word), size_bytes, sha256 }
}

fn judged(word: &str, bytes: &[u8]) -> Result<(), Reason> {
    judge(&declared(word, bytes), &seen(bytes))
}

/// The least that is a file of its kind.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let with = |begin: &[u8], at: usize, then: &[u8]| {
        let mut bytes = begin.to_vec();
        bytes.resize(at.max(begin.len()), 0);
        bytes.extend_from_slice(then);
        bytes.resize(bytes.len() + 300, 0);
        bytes
    };
    let archive = |names: &[&str]| {
        names.iter().fold(Vec::new(), |mut bytes: Vec<u8>, name| {
            bytes.extend_from_slice(b"PK\x03\x04");
            bytes.resize(bytes.len() + 26, 0);
            bytes.extend_from_slice(name.as_bytes());
            bytes.resize(bytes.len() + 200, 7);
            bytes
        })
    };
    vec![
        ("image/jpeg", with(b"\xff\xd8\xff\xe0", 4, b"\0\x10JFIF")),
        ("image/png", with(b"\x89PNG\r\n\x1a\n", 8, b"\0\0\0\rIHDR")),
        ("image/gif", with(b"GIF89a", 6, b"\x01\0\x01\0")),
        ("image/webp", with(b"RIFF\x24\0\0\0WEBP", 12, b"VP8 ")),
        ("image/heic", with(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 24, b"")),
        ("image/avif", with(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", 24, b"")),
        ("application/pdf", with(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", 15, b"1 0 obj")),
        ("application/pdf", b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\n%%EOF\n".to_vec()),
        ("text/plain", "发票抬头错了\r\nThe invoice is wrong: a < b".as_bytes().to_vec()),
        ("text/plain", b"BMW and MZ and ID3 are words".to_vec()),
        ("text/csv", b"\xef\xbb\xbfsku,count\n\xe8\x80\xb3\xe6\x9c\xba,2\n".to_vec()),
        // A table in GB 18030, as Excel writes them in China.
        ("text/csv", b"\xb6\xa9\xb5\xa5,\xca\xfd\xc1\xbf\r\n1,2\r\n".to_vec()),
        ("audio/mpeg", with(b"ID3\x04\0\0", 6, b"")),
        ("audio/mp4", with(b"\0\0\0\x20ftypM4A ", 12, b"")),
        ("audio/aac", with(b"\xff\xf1\x50", 3, b"")),
        ("audio/amr", with(b"#!AMR\n", 6, b"\x3c\x91")),
        ("audio/ogg", with(b"OggS\0\x02", 28, b"OpusHead")),
        ("audio/ogg", with(b"OggS\0\x02", 28, b"\x01vorbis")),
        ("audio/wav", with(b"RIFF\x24\0\0\0WAVE", 12, b"fmt ")),
        ("audio/webm", with(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", 12, b"")),
        ("video/mp4", with(b"\0\0\0\x20ftypisom", 12, b"")),
        ("video/quicktime", with(b"\0\0\0\x14ftypqt  ", 12, b"")),
        ("video/webm", with(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", 12, b"")),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            archive(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"]),
        ),
        // In the order of LibreOffice.
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            archive(&["_rels/.rels", "docProps/core.xml", "docProps/app.xml", "word/document.xml"]),
        ),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            archive(&["docProps/app.xml", "docProps/core.xml", "xl/workbook.xml"]),
        ),
        (
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            archive(&["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"]),
        ),
    ]
}

#[test]
fn a_file_that_is_what_it_was_said_to_be_is_clean() {
    for (word, bytes) in samples() {
        assert_eq!(judged(word, &bytes), Ok(()), "{word} {:?}", seen(&bytes).sniffed);
    }
    let shown: Vec<_> = samples().iter().map(|(word, _)| *word).collect();
    let missing = MediaType::ALL.iter().filter(|(_, word)| !shown.contains(word)).map(|(_, word)| *word);
    // Which is what the sniffer calls both.
    assert_eq!(missing.collect::<Vec<_>>(), ["image/heif"]);
}

#[test]
fn what_a_machine_may_run_is_forbidden_whatever_it_is_called() {
    for bytes in [
        &b"<!DOCTYPE html><p>hi"[..],
        b"\xef\xbb\xbf \n\t<ScRiPt>alert(1)</script>",
        b"<html\n>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<?php system('id');",
        b"<%= 7 * 7 %>",
        b"<!--ftypisom a page that a sniffer may take for a film-->",
        b"<a href='%PDF-1.4'>",
        b"</p>",
        b"#!/bin/sh\nrm -rf ~",
        b"\xef\xbb\xbf#!/usr/bin/env node",
        b"#!AMR",
        b"MZ\x90\0\x03\0\0\0",
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\0asm\x01\0\0\0",
        b"\xca\xfe\xba\xbe\0\0\0\x34",
        b"%!PS-Adobe-3.0",
    ] {
        for word in ["image/png", "text/plain", "application/pdf"] {
            assert_eq!(judged(word, bytes), Err(Reason::ForbiddenType), "{word} {}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn a_file_of_another_type_than_was_said_is_told() {
    for (word, bytes) in samples() {
        let other = if word == "image/gif" { "image/png" } else { "image/gif" };
        assert_eq!(judged(other, &bytes), Err(Reason::MediaType), "{word} is no {other}");
    }
    // An archive, an old office file, nothing known, and a text with a byte that no text has.
    for bytes in [
        &b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0evil.exe"[..],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x01\x02\x03",
        b"a text\0with a hole",
        b"{\\rtf1\\ansi}",
    ] {
        for word in ["text/plain", "application/pdf", MediaType::ALL[22].1] {
            assert_eq!(judged(word, bytes), Err(Reason::MediaType), "{word} {}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn a_byte_that_no_text_has_is_found_wherever_it_stands() {
    let mut text = vec![b'a'; 100_000];
    assert_eq!(judged("text/plain", &text), Ok(()));
    text[99_999] = 0;
    assert_eq!(judged("text/plain", &text), Err(Reason::MediaType));
}

#[test]
fn size_and_digest_are_compared_first() {
    let page = b"<html>";
    let honest = declared("image/png", page);
    let larger = Declared { size_bytes: 7, sha256: "0".repeat(64), ..honest.clone() };
    let other = Declared { sha256: "0".repeat(64), ..honest.clone() };
    assert_eq!(judge(&larger, &seen(page)), Err(Reason::Size));
    assert_eq!(judge(&other, &seen(page)), Err(Reason::Digest));
    assert_eq!(judge(&honest, &seen(page)), Err(Reason::ForbiddenType));
}

#[test]
fn bytes_are_seen_alike_however_they_are_cut() {
    let bytes: Vec<u8> = (0..50_000_u32).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect();
    let mut whole = Examination::default();
    whole.feed(&bytes);
    assert_eq!(whole.end(), seen(&bytes));
    let nothing = Examination::default().end();
    assert_eq!(nothing.size_bytes, 0);
    assert_eq!(nothing.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

fn announced(bytes: &[u8]) -> Attachment {
    let id = AttachmentId::random(&TenantId::parse("tn_shop").unwrap(), &[7; 16]);
    let who = Actor::new(ActorKind::ApiKey, "ak_1");
    Attachment::announced(id, declared("image/gif", bytes), who, NOON.parse().unwrap())
}

#[test]
fn a_file_is_judged_once() {
    let (gif, page) = (b"GIF89a\x01", b"<html>!");
    let (pending, now) = (announced(gif), NOON.parse().unwrap());
    let clean = pending.decide(Some(&seen(gif)), now).expect("there is something to judge");
    assert_eq!((clean.status, clean.reason, clean.judged_at), (Status::Clean, None, Some(now)));
    let held = pending.decide(Some(&seen(page)), now).expect("there is something to judge");
    assert_eq!((held.status, held.reason), (Status::Quarantined, Some(Reason::Digest)));
    for judged in [clean, held] {
        assert_eq!(judged.decide(Some(&seen(page)), now), None);
        assert_eq!(judged.decide(Some(&seen(gif)), now), None);
        assert_eq!(judged.due_at(), None);
    }
}

#[test]
fn a_file_that_never_came_expires_when_its_upload_can_no_longer_be_on_its_way() {
    let pending = announced(b"GIF89a\x01");
    let due_at = pending.due_at().unwrap();
    assert_eq!(pending.expires_at, "2026-11-23T04:15:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(due_at, "2026-11-23T04:30:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(pending.decide(None, later(due_at, SignedDuration::from_millis(-1))), None);
    let expired = pending.decide(None, due_at).unwrap();
    assert_eq!((expired.status, expired.is_usable(), expired.due_at()), (Status::Expired, false, None));
    // It came late, but it came.
    assert_eq!(pending.decide(Some(&seen(b"GIF89a\x01")), due_at).unwrap().status, Status::Clean);
}

#[test]
fn words_in_json_are_those_of_the_api() {
    for status in [Status::Pending, Status::Clean, Status::Quarantined, Status::Expired] {
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    for reason in [Reason::Size, Reason::Digest, Reason::ForbiddenType, Reason::MediaType] {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
    for (media_type, word) in MediaType::ALL {
        assert_eq!(serde_json::to_value(media_type).unwrap(), word);
        assert_eq!(serde_json::from_value::<MediaType>(word.into()).unwrap(), media_type);
    }
    for word in ["text/html", "image/svg+xml", "application/zip", "image/PNG", "text/plain; charset=utf-8", ""] {
        assert_eq!(MediaType::parse(word), None, "{word}");
    }
}

#[test]
fn a_name_names_a_file_and_shows_all_of_itself() {
    for name in ["破损的耳机.jpg", "a", "..a", "发票 (1).pdf", "résumé.pdf", "👨‍👩‍👧.png", "\"quoted\".txt"]
    {
        assert_eq!(flaw_of_name(name), None, "{name}");
    }
    for name in ["/etc/passwd", "..\\x", "a\nb", "a\u{7f}", "..", ".", " . ", "photo\u{202e}gpj.exe", "a\u{2066}b"] {
        assert!(flaw_of_name(name).is_some(), "{name:?}");
    }
}

#[test]
fn a_file_is_handed_out_under_its_name_and_with_the_ending_of_its_type() {
    let text = kind("text/plain");
    for (name, plain, whole) in [
        ("a.txt", "a.txt", "a.txt"),
        ("A.TXT", "A.TXT", "A.TXT"),
        ("run.bat", "run.bat.txt", "run.bat.txt"),
        ("none", "none.txt", "none.txt"),
        ("50% \"off\".txt", "50_ _off_.txt", "50%25%20%22off%22.txt"),
        ("退货.txt", "__.txt", "%E9%80%80%E8%B4%A7.txt"),
        ("a;b\\.txt", "a;b_.txt", "a%3Bb%5C.txt"),
    ] {
        let expected = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}");
        assert_eq!(disposition(name, text), expected, "{name}");
    }
    let longest = disposition(&"😀".repeat(128), MediaType::ALL[20].0);
    assert!(longest.is_ascii() && longest.len() < 2048, "a bucket keeps headers of 2 KB: {}", longest.len());
}

proptest! {
    /// Whoever uploads chooses every byte: what follows the beginning of a known kind may be anything.
    #[test]
    fn no_bytes_make_the_sniffer_panic_or_see_otherwise_when_they_are_cut_otherwise(
        begin in 0..samples().len() + 3,
        kept in 0_usize..64,
        rest in proptest::collection::vec(any::<u8>(), 0..9_000),
        cut in 1_usize..4_000,
    ) {
        let begins = [&b"\x50\x2a\x4d\x18"[..], b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"];
        let mut bytes = match samples().into_iter().nth(begin) {
            Some((_, sample)) => sample.into_iter().take(kept).collect(),
            None => begins[begin - samples().len()].to_vec(),
        };
        bytes.extend(rest);
        let mut pieces = Examination::default();
        bytes.chunks(cut).for_each(|chunk| pieces.feed(chunk));
        prop_assert_eq!(pieces.end(), seen(&bytes));
    }
}
