//! `/v1/satisfaction`: the figures, for those who lead.

use crate::ask::Ask;
use crate::read::{Object, one_of, query_instant};
use crate::reply::{Answer, json};
use axum::http::StatusCode;
use redress_service::satisfaction::{self, GroupBy, LONGEST, Span};

/// `GET /v1/satisfaction`
pub(crate) async fn show(ask: Ask) -> Answer {
    let (span, group_by) = ask.query(question)?;
    let span = span.expect("a query without from and to is refused");
    let report = satisfaction::report(ask.world(), ask.caller()?, span, group_by).await?;
    Ok(json(StatusCode::OK, &report))
}

pub(crate) fn question(query: &mut Object<'_>) -> (Option<Span>, GroupBy) {
    let (from, to) = (query.required("from", query_instant()), query.required("to", query_instant()));
    let group_by = query.optional("group_by", one_of(&GroupBy::ALL)).unwrap_or(GroupBy::None);
    let span = from.zip(to).map(|(from, to)| Span { from, to });
    if span.is_some_and(|Span { from, to }| to <= from) {
        query.refuse("to", "must be after from");
    }
    if span.is_some_and(|Span { from, to }| to.duration_since(from) > LONGEST) {
        query.refuse("to", "must be at most 366 days after from");
    }
    (span, group_by)
}
