//! What a caller sends, and what it can read.

use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use redress_domain::category::Language;

/// Media types that bodies come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// The media type of the body; `None` for one that we can't read.
pub(crate) fn media(headers: &HeaderMap) -> Option<Media> {
    let coded =
        headers.get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (only, None, false) = (types.next()?, types.next(), coded) else { return None };
    let mut parts = only.to_str().ok()?.split(';').map(str::trim);
    let media = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/json" => Media::Json,
        "application/x-www-form-urlencoded" => Media::Form,
        _ => return None,
    };
    parts.all(is_utf8).then_some(media)
}

/// Whether a parameter of a media type lets us read UTF-8.
fn is_utf8(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// Whether the caller would rather read a page than JSON; `None` if it does not mind.
pub(crate) fn prefers_page(headers: &HeaderMap) -> Option<bool> {
    let accepts = weighted(headers, &ACCEPT);
    let (page, json) = (rank(&accepts, "text", "html"), rank(&accepts, "application", "json"));
    (page != json).then_some(page > json)
}

/// How much a media type is wanted, and how closely it was named.
fn rank(accepts: &[(String, u16)], kind: &str, sub: &str) -> (u16, u8) {
    let closeness = |range: &str| match range.split_once('/') {
        Some((k, s)) if k == kind && s == sub => Some(3),
        Some((k, "*")) if k == kind => Some(2),
        Some(("*", "*")) => Some(1),
        _ => None,
    };
    let named = accepts.iter().filter_map(|(range, weight)| Some((closeness(range)?, *weight)));
    named.max().map_or((0, 0), |(closeness, weight)| (weight, closeness))
}

/// The language of a page, [`Language::Zh`] or [`Language::En`]: what the reader asks for, else
/// what the customer speaks; English for who speaks neither.
pub(crate) fn language(headers: &HeaderMap, customer: Language) -> Language {
    let asked = weighted(headers, &ACCEPT_LANGUAGE);
    let known = asked.into_iter().filter_map(|(tag, weight)| Some((spoken(&tag)?, weight)));
    let best = known.filter(|(_, weight)| *weight > 0).reduce(|best, next| if next.1 > best.1 { next } else { best });
    match best.map_or(customer, |(language, _)| language) {
        Language::Zh => Language::Zh,
        Language::En | Language::Other => Language::En,
    }
}

/// The language that a tag begins with, if it is one of ours.
pub(crate) fn spoken(tag: &str) -> Option<Language> {
    match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "zh" => Some(Language::Zh),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// The members of a list header in lower case, with their weights in thousandths.
///
/// # Source
/// RFC 9110, section 12.4.2.
fn weighted(headers: &HeaderMap, name: &HeaderName) -> Vec<(String, u16)> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(member).collect()
}

fn member(text: &str) -> (String, u16) {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    (range, weight.map_or(1000, thousandths))
}

/// A weight of 0 to 1; what is none counts as 0.
fn thousandths(weight: &str) -> u16 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" if digits => 1000,
        "0" if digits => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        [(name, HeaderValue::from_str(value).unwrap())].into_iter().collect()
    }

    #[test]
    fn the_language_asked_for_most_is_spoken_and_else_the_customers_own() {
        for (asked, customer, spoken) in [
            ("en;q=0.5, zh-CN;q=0.8", Language::En, Language::Zh),
            ("en-GB, zh;q=0.9", Language::Zh, Language::En),
            ("zh, en", Language::En, Language::Zh),
            ("fr, de;q=0.5", Language::Zh, Language::Zh),
            ("fr, en;q=0.1", Language::Zh, Language::En),
            ("zh;q=0", Language::En, Language::En),
            ("*", Language::Zh, Language::Zh),
            ("", Language::Other, Language::En),
            ("zh;q=banana, en;q=0.001", Language::Zh, Language::En),
        ] {
            assert_eq!(language(&headers(ACCEPT_LANGUAGE, asked), customer), spoken, "{asked}");
        }
    }

    #[test]
    fn a_browser_gets_a_page_and_a_program_json() {
        for (accepts, page) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(true)),
            ("application/json", Some(false)),
            ("application/json, text/plain, */*", Some(false)),
            ("application/json;q=0.4, text/html;q=0.5", Some(true)),
            ("*/*", None),
            ("image/png", None),
        ] {
            assert_eq!(prefers_page(&headers(ACCEPT, accepts)), page, "{accepts}");
        }
    }

    #[test]
    fn a_body_is_json_or_a_form_in_utf_8() {
        for (sent, read) in [
            ("application/json", Some(Media::Json)),
            ("Application/JSON; Charset=\"UTF-8\"", Some(Media::Json)),
            ("application/x-www-form-urlencoded;charset=utf-8", Some(Media::Form)),
            ("application/json; charset=gbk", None),
            ("application/problem+json", None),
            ("text/plain", None),
        ] {
            assert_eq!(media(&headers(CONTENT_TYPE, sent)), read, "{sent}");
        }
        assert_eq!(media(&HeaderMap::new()), None);
    }
}
