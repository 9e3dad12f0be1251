//! Pages of a list: how many, from where on, and the signed cursor that says so.

use crate::ask::Ask;
use crate::problem::Problem;
use crate::read::{Object, Reader, by, query_number, wrong};
use crate::reply;
use axum::http::StatusCode;
use axum::response::Response;
use redress_service::lists::Page;
use redress_service::secret::Secret;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// The longest page.
const MOST: usize = 200;

/// A page where nobody says how long.
const DEFAULT: usize = 50;

/// Which page of which list.
pub(crate) struct Paging<'a> {
    /// How many items.
    pub(crate) limit: usize,
    /// The place after which they begin, in the words of the list.
    pub(crate) after: Option<String>,
    secret: &'a Secret,
    bounds: Vec<String>,
}

/// A page of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub(crate) struct Listed<T> {
    /// What is on it.
    items: Vec<T>,
    /// Where the next page begins; `null` at the end.
    next_cursor: Option<String>,
}

impl<'a> Paging<'a> {
    /// Reads a list's query: what `filter` reads, `limit`, and a cursor that was given for this
    /// tenant, this list and these filters.
    pub(crate) async fn read<F>(ask: &'a Ask, filter: impl FnOnce(&mut Object<'_>) -> F) -> Result<(F, Self), Problem> {
        let secret = ask.api.secret().await?;
        let bounds = bounds(ask)?;
        ask.query(|query| {
            let filter = filter(query);
            let limit = query.optional("limit", query_number(1, MOST)).unwrap_or(DEFAULT);
            let after = query.optional("cursor", cursor(|sealed| secret.open("cursor", &parts(&bounds), sealed)));
            (filter, Self { limit, after, secret, bounds })
        })
    }

    /// How many, and from where on, as the document describes it.
    pub(crate) fn described(query: &mut Object<'_>) {
        query.optional("limit", query_number(1, MOST));
        query.optional("cursor", cursor(|_| None));
    }

    /// The answer that shows a page.
    pub(crate) fn answer<T: Serialize>(&self, page: Page<T>) -> Response {
        reply::json(StatusCode::OK, &self.listed(page))
    }

    /// A page, with the sealed cursor of the next one.
    pub(crate) fn listed<T>(&self, page: Page<T>) -> Listed<T> {
        let next_cursor = page.next.map(|next| self.secret.seal("cursor", &parts(&self.bounds), &next));
        Listed { items: page.items, next_cursor }
    }

    /// A page of a list that is at hand as a whole and only grows at its end.
    pub(crate) fn slice<T>(&self, all: Vec<T>) -> Page<T> {
        let from = self.number();
        let to = from.saturating_add(self.limit);
        let next = (to < all.len()).then(|| to.to_string());
        Page { items: all.into_iter().skip(from).take(self.limit).collect(), next }
    }

    /// A page of a list that is at hand as a whole, and whose items come and go between pages: it
    /// goes on after the item that was last, by its name, or where that stood if it is gone.
    pub(crate) fn slice_by<T>(&self, all: Vec<T>, name: impl Fn(&T) -> &str) -> Page<T> {
        let place = self.after.as_deref().and_then(|after| after.split_once('#'));
        let from = place.map_or(0, |(stood, last)| match all.iter().position(|item| name(item) == last) {
            Some(at) => at + 1,
            None => stood.parse().unwrap_or(0),
        });
        let to = from.saturating_add(self.limit);
        let last = all.get(to.wrapping_sub(1)).filter(|_| to < all.len());
        let next = last.map(|item| format!("{}#{}", to - 1, name(item)));
        Page { items: all.into_iter().skip(from).take(self.limit).collect(), next }
    }

    /// The place as a number: 0 at the beginning.
    pub(crate) fn number(&self) -> usize {
        self.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0)
    }
}

/// What a cursor holds for: a tenant, a path, and the filters in one order.
fn bounds(ask: &Ask) -> Result<Vec<String>, Problem> {
    let mut bounds = vec![ask.caller()?.tenant.to_string(), ask.path().to_owned()];
    let filters = ask.pairs()?.into_iter().filter(|(name, _)| name != "limit" && name != "cursor");
    let mut filters: Vec<_> = filters.collect();
    filters.sort();
    bounds.extend(filters.into_iter().flat_map(|(name, value)| [name, value]));
    Ok(bounds)
}

fn parts(bounds: &[String]) -> Vec<&str> {
    bounds.iter().map(String::as_str).collect()
}

/// A place that was sealed for this list.
fn cursor(open: impl Fn(&str) -> Option<String>) -> impl Reader<Of = String> {
    by(
        move |value| {
            let place = value.as_str().and_then(&open);
            place.map_or_else(|| wrong("must be the next_cursor of this list, with the same filters"), Ok)
        },
        || json!({ "type": "string" }),
    )
}
