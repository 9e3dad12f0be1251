//! `ETag`, `If-Match` and `If-None-Match` of whatever has versions: the tag is the version.
//!
//! # Source
//! RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2.

use crate::problem::{Code, Problem};
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use redress_service::desk::IfMatch;

/// The tag of a version.
pub(crate) fn etag(version: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).expect("digits in quotes are a header")
}

/// Which versions the caller is willing to change. A weak tag matches none.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<IfMatch, Problem> {
    let detail = "send the ETag of what you have read in If-Match";
    if_match_given(headers)?.ok_or_else(|| Problem::new(Code::PreconditionRequired, detail))
}

/// The same where the caller need not say: `None` if nothing is said.
pub(crate) fn if_match_given(headers: &HeaderMap) -> Result<Option<IfMatch>, Problem> {
    if !headers.contains_key(IF_MATCH) {
        return Ok(None);
    }
    match tags(headers, &IF_MATCH) {
        Some(Tags::Any) => Ok(Some(IfMatch::Any)),
        Some(Tags::These(tags)) => Ok(Some(IfMatch::Versions(tags.iter().filter_map(Tag::strong).collect()))),
        None => Err(Problem::new(Code::PreconditionFailed, "If-Match must be * or tags like \"3\"")),
    }
}

/// Whether the caller already has this version. What is malformed is as good as absent.
pub(crate) fn has(headers: &HeaderMap, version: u64) -> bool {
    match tags(headers, &IF_NONE_MATCH) {
        Some(Tags::Any) => true,
        Some(Tags::These(tags)) => tags.iter().any(|tag| tag.version == Some(version)),
        None => false,
    }
}

enum Tags {
    Any,
    These(Vec<Tag>),
}

struct Tag {
    weak: bool,
    /// `None` for a tag that we never gave.
    version: Option<u64>,
}

impl Tag {
    fn strong(&self) -> Option<u64> {
        self.version.filter(|_| !self.weak)
    }
}

/// The tags of a header; `None` if it is absent or malformed.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    let lines: Option<Vec<&str>> = headers.get_all(name).iter().map(|line| line.to_str().ok()).collect();
    let line = lines?.join(",");
    if line.trim() == "*" {
        return Some(Tags::Any);
    }
    let (mut tags, mut rest) = (Vec::new(), line.trim());
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            continue;
        }
        let (tag, after) = tag(rest)?;
        tags.push(tag);
        rest = after.trim_start();
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
    (!tags.is_empty()).then_some(Tags::These(tags))
}

/// The tag that `text` begins with, and what follows.
fn tag(text: &str) -> Option<(Tag, &str)> {
    let (weak, quoted) = text.strip_prefix("W/").map_or((false, text), |quoted| (true, quoted));
    let (opaque, rest) = quoted.strip_prefix('"')?.split_once('"')?;
    if opaque.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return None;
    }
    let version = opaque.parse().ok().filter(|version: &u64| version.to_string() == opaque);
    Some((Tag { weak, version }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<IfMatch, Code> {
        let headers = [(IF_MATCH, HeaderValue::from_str(line).unwrap())].into_iter().collect();
        if_match(&headers).map_err(|problem| problem.code)
    }

    #[test]
    fn a_list_of_strong_tags_names_versions() {
        assert_eq!(asked("\"3\""), Ok(IfMatch::Versions(vec![3])));
        assert_eq!(asked("\"3\" , \"x,y\",, \"5\""), Ok(IfMatch::Versions(vec![3, 5])));
        assert_eq!(asked(" * "), Ok(IfMatch::Any));
    }

    #[test]
    fn a_weak_or_foreign_tag_names_none() {
        assert_eq!(asked("W/\"3\""), Ok(IfMatch::Versions(vec![])));
        assert_eq!(asked("\"03\", \"+3\", \"\""), Ok(IfMatch::Versions(vec![])));
    }

    #[test]
    fn what_is_no_tag_fails() {
        for line in ["3", "\"3", "", ",", "\"3\" \"4\"", "*, \"3\"", "w/\"3\"", "\"a b\""] {
            assert_eq!(asked(line), Err(Code::PreconditionFailed), "{line}");
        }
        assert_eq!(if_match(&HeaderMap::new()).map_err(|problem| problem.code), Err(Code::PreconditionRequired));
    }

    #[test]
    fn weak_tags_are_enough_for_not_modified() {
        let has = |line: &str| has(&[(IF_NONE_MATCH, HeaderValue::from_str(line).unwrap())].into_iter().collect(), 3);
        assert!(has("W/\"3\"") && has("\"2\", \"3\"") && has("*"));
        assert!(!has("\"2\"") && !has("3"));
    }
}
