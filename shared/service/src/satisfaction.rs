//! How satisfied customers are: counted from the surveys themselves, whenever somebody asks.

use crate::auth::Caller;
use crate::documents::read;
use crate::fault::Fault;
use crate::keys;
use crate::lists::{Range, Source, walk};
use crate::ports::World;
use jiff::{SignedDuration, Timestamp};
use redress_domain::id::{AgentId, TeamId};
use redress_domain::satisfaction::{Satisfaction, Tally};
use redress_domain::survey::Survey;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The longest time that is counted at once.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);

/// As many surveys are counted at once: they are read one by one.
const MOST: usize = 20_000;

/// As many are read at a time.
const PAGE: usize = 1_000;

/// Whose scores are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Everybody's.
    None,
    /// Those who had the order when it was resolved, one by one.
    Agent,
    /// Those whose queue it was in then, team by team.
    Team,
}

impl GroupBy {
    /// Every one and its word in JSON.
    pub const ALL: [(Self, &'static str); 3] = [(Self::None, "none"), (Self::Agent, "agent"), (Self::Team, "team")];
}

/// What is to be counted: the surveys that were made from an instant on, and before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// At or after.
    pub from: Timestamp,
    /// Before.
    pub to: Timestamp,
}

/// How satisfied customers are.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "SatisfactionReport")]
pub struct Report {
    /// Surveys that were made at or after this,
    pub from: Timestamp,
    /// and before this.
    pub to: Timestamp,
    /// Whose scores are counted together.
    pub group_by: GroupBy,
    /// Everybody's.
    pub total: Satisfaction,
    /// Each one's; none if nothing is grouped.
    pub groups: Vec<Group>,
}

/// One agent's, or one team's.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "SatisfactionGroup")]
pub struct Group {
    /// Who had the orders when they were resolved; `null` if nobody, or if teams are counted.
    pub agent: Option<AgentId>,
    /// Whose queue they were in then; `null` if nobody's, or if agents are counted.
    pub team: Option<TeamId>,
    /// What their customers say.
    #[serde(flatten)]
    pub satisfaction: Satisfaction,
}

/// Counts what customers say. Scores belong to whoever had the order when it was resolved, whoever
/// has it now.
///
/// # Errors
/// Invalid if there are too many surveys to count at once.
pub async fn report(world: &World, caller: &Caller, span: Span, group_by: GroupBy) -> Result<Report, Fault> {
    let mut total = Tally::default();
    let mut groups: BTreeMap<(Option<AgentId>, Option<TeamId>), Tally> = BTreeMap::new();
    let mut range = Range { after: Some(keys::instant(span.from)), until: Some(keys::instant(span.to)) };
    let mut counted = 0;
    loop {
        let lists = (0..keys::LIST_SHARDS).map(|shard| Source::List(keys::survey_list(&caller.tenant, shard)));
        let keep = |record: &_| Ok(Some(read::<Survey>(record)?.value));
        let page = walk(world, lists.collect(), range.clone(), PAGE, keep).await?;
        counted += page.items.len();
        for survey in page.items {
            total.add(&survey);
            let group = match group_by {
                GroupBy::None => continue,
                GroupBy::Agent => (survey.resolver.clone(), None),
                GroupBy::Team => (None, survey.team.clone()),
            };
            groups.entry(group).or_default().add(&survey);
        }
        range.after = page.next;
        if range.after.is_none() {
            break;
        }
        if counted >= MOST {
            let detail = format!("there are more than {MOST} surveys in this time: ask for less of it at once");
            return Err(Fault::invalid("/from", detail));
        }
    }
    let group = |((agent, team), tally): (_, Tally)| Group { agent, team, satisfaction: tally.satisfaction() };
    let groups = groups.into_iter().map(group).collect();
    Ok(Report { from: span.from, to: span.to, group_by, total: total.satisfaction(), groups })
}
