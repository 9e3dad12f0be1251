//! Service promises as they are shown: to whoever works here, with what they rest on, and to
//! everybody, in words. The figures are those of the policies in force, read when somebody looks.

use crate::auth::Caller;
use crate::desk::body;
use crate::fault::Fault;
use crate::ports::World;
use crate::publish;
use crate::reply::Reply;
use crate::roster::Roster;
use redress_domain::category::Language;
use redress_domain::compensation::ApprovalBand;
use redress_domain::feedback::Money;
use redress_domain::id::TenantId;
use redress_domain::policy::Terms;
use redress_domain::priority::Priority;
use redress_domain::promise::{Alike, Figure, ServicePromise, ServicePromises};
use redress_domain::sla::Metric;
use redress_messages::promise::{self as words, Span};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// A promise with the figure behind it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ServicePromise")]
pub struct PromiseView {
    /// The promise.
    #[serde(flatten)]
    pub promise: ServicePromise,
    /// What the policies in force keep of it; `null` where it is plain words.
    pub figure: Option<Figure>,
}

/// All of a shop's promises, as those see them who work there.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ServicePromises")]
pub struct PromisesView {
    /// From 1: of the promises and the bands. Figures follow the policies that they rest on.
    pub version: u32,
    /// In the order in which they are shown.
    pub promises: Vec<PromiseView>,
    /// Who may approve what follows from a promise that was not kept.
    pub approval: Vec<ApprovalBand>,
}

/// What is offered for a promise that was not kept, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PublishedCompensation")]
pub struct Offer {
    /// How much at most.
    pub amount: Money,
    /// How late it must be; 0: late at all.
    pub late_by_seconds: i64,
    /// What all of it comes to at most, for one work order.
    pub cap: Money,
    /// The same in words.
    pub words: String,
}

/// How long something takes at most, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PublishedTarget")]
pub struct Bound {
    /// For what is so urgent.
    pub priorities: Vec<Priority>,
    /// The same in words; `null` where it is for everything.
    pub urgency: Option<String>,
    /// At most so many seconds; `null` where days are counted.
    pub seconds: Option<i64>,
    /// At most so many whole days; `null` where seconds are counted.
    pub days: Option<u32>,
    /// The same in words.
    pub within: String,
    /// What follows if it takes longer; `null` where nothing does.
    pub compensation: Option<Offer>,
}

/// What is measured of a promise, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PublishedFigure")]
pub struct Kept {
    /// What.
    pub metric: Metric,
    /// The same in words.
    pub words: String,
    /// Whether seconds are counted around the clock, and not in working hours.
    pub around_the_clock: bool,
    /// By urgency, the most urgent first.
    pub targets: Vec<Bound>,
}

/// One promise, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PublishedPromise")]
pub struct PublishedPromise {
    /// Its name.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What is promised, to whom.
    pub text: String,
    /// What is measured of it; `null` where it is plain words.
    pub figure: Option<Kept>,
}

/// A shop's promises, as everybody sees them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PublishedPromises")]
pub struct Published {
    /// The language of the words.
    pub language: Language,
    /// In the shop's order.
    pub promises: Vec<PublishedPromise>,
}

/// The promises in force, with what they rest on.
///
/// # Errors
/// The store did not answer.
pub async fn show(world: &World, caller: &Caller) -> Result<Reply, Fault> {
    let terms = publish::terms(world, &caller.tenant).await?;
    let promises = &terms.policies.promises;
    let shown = view(promises, &terms, &team_calendars(world, &caller.tenant).await?);
    Ok(Reply { body: body(&shown), version: u64::from(promises.version), replayed: false })
}

/// Promises that rest on `terms`.
pub(crate) fn view(promises: &ServicePromises, terms: &Terms, teams: &BTreeSet<String>) -> PromisesView {
    let shown =
        |promise: &ServicePromise| PromiseView { figure: terms.figure(promise, teams), promise: promise.clone() };
    PromisesView {
        version: promises.version,
        promises: promises.promises.iter().map(shown).collect(),
        approval: promises.approval.clone(),
    }
}

/// The calendars of teams that have one of their own.
pub(crate) async fn team_calendars(world: &World, tenant: &TenantId) -> Result<BTreeSet<String>, Fault> {
    let people = Roster::read(world, tenant).await?;
    Ok(people.teams.iter().filter_map(|team| team.calendar.clone()).collect())
}

/// What a shop promises, for everybody to read. Whoever asks has no key, and asks whatever comes to
/// mind: of a tenant that there is not, nothing is read but that there is none, and nothing is kept.
///
/// # Errors
/// Not found: no such tenant, or one without promises, told apart by nobody.
pub async fn published(world: &World, tenant: &TenantId, language: Language) -> Result<Published, Fault> {
    let terms = publish::own_terms(world, tenant).await?.ok_or(Fault::NotFound)?;
    let promises = &terms.policies.promises.promises;
    if promises.is_empty() {
        return Err(Fault::NotFound);
    }
    let teams = team_calendars(world, tenant).await?;
    let shown = |promise: &ServicePromise| PublishedPromise {
        id: promise.id.clone(),
        title: promise.title.to(language).to_owned(),
        text: promise.text.to(language).to_owned(),
        figure: terms.figure(promise, &teams).map(|figure| kept(&figure, language)),
    };
    Ok(Published { language, promises: promises.iter().map(shown).collect() })
}

fn kept(figure: &Figure, language: Language) -> Kept {
    let targets = figure.alike();
    let all = targets.len() == 1;
    Kept {
        metric: figure.metric.clone(),
        words: words::metric(&figure.metric, language).to_owned(),
        around_the_clock: figure.around_the_clock,
        targets: targets.into_iter().map(|alike| bound(figure, alike, all, language)).collect(),
    }
}

fn bound(figure: &Figure, alike: Alike<'_>, all: bool, language: Language) -> Bound {
    let working = !figure.around_the_clock && figure.days.is_none();
    let Alike { priorities, seconds, late } = alike;
    let span = match (figure.days, seconds.unwrap_or_default()) {
        (Some(days), _) => Span::Days(days),
        (None, seconds) if working => Span::Working(seconds),
        (None, seconds) => Span::Elapsed(seconds),
    };
    let separator = if language == Language::Zh { "或" } else { " or " };
    let urgent: Vec<_> = priorities.iter().map(|priority| words::urgency(*priority, language)).collect();
    let offer = late.zip(figure.compensation_cap.clone()).map(|(late, cap)| Offer {
        amount: late.amount.clone(),
        late_by_seconds: late.late_by_seconds,
        words: words::late(late, &cap, working, language),
        cap,
    });
    Bound {
        urgency: (!all).then(|| urgent.join(separator)),
        priorities,
        seconds,
        days: figure.days,
        within: words::within(span, language),
        compensation: offer,
    }
}
