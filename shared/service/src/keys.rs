//! Every key, spelled out once. A partition begins with the tenant; what has none (a key's hash, a
//! customer's token) begins with what it is looked up by.

use crate::ports::{Key, Place, Write};
use jiff::Timestamp;
use redress_domain::id::{
    AgentId, ApiKeyId, AttachmentId, CompensationId, DeliveryId, EffortId, FeedbackId, IncidentId, SurveyId, TeamId,
    TenantId, WebhookId, WorkOrderId, digest,
};
use redress_domain::identity::Identity;
use redress_domain::order::Version;
use redress_domain::priority::Priority;
use redress_domain::sla::VersionRef;

/// Shards of the due index: no shard takes more than its share (docs/adr/0001).
pub const DUE_SHARDS: u16 = 48;

/// Partitions of one tenant's list of open orders, and as many of its done ones (docs/adr/0003).
pub const LIST_SHARDS: u16 = 8;

/// The `sort` of a document that is alone in its partition.
const ALONE: &str = "-";

fn key(partition: String, sort: impl Into<String>) -> Key {
    Key { partition, sort: sort.into() }
}

/// The shard of the due index that a document's mark lives in: by hash, so marks spread evenly
/// whatever the tenants are.
#[must_use]
pub fn due_shard(key: &Key) -> u16 {
    shard(&format!("{}|{}", key.partition, key.sort), DUE_SHARDS)
}

/// FNV-1a, folded: spreads names over `shards` shards; nothing secret depends on it.
///
/// # Source
/// <https://www.ietf.org/archive/id/draft-eastlake-fnv-21.html>
fn shard(name: &str, shards: u16) -> u16 {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    u16::try_from((hash ^ (hash >> 32)) % u64::from(shards)).expect("a remainder is below its u16 divisor")
}

/// An instant as it stands in keys and ranks: fixed width, so that text order is time order.
#[must_use]
pub fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// What a customer said.
#[must_use]
pub fn feedback(tenant: &TenantId, id: &FeedbackId) -> Key {
    key(format!("{tenant}#feedback#{id}"), ALONE)
}

/// Which feedback a channel's own message id already became.
#[must_use]
pub fn source(tenant: &TenantId, channel: &str, source_message_id: &str) -> Key {
    key(format!("{tenant}#source#{}", digest(&[channel, source_message_id])), ALONE)
}

/// What is known of one identity of a person, by [`redress_domain::identity::Identity::digest`].
#[must_use]
pub fn identity(tenant: &TenantId, digest: &str) -> Key {
    key(format!("{tenant}#identity#{digest}"), ALONE)
}

/// What a customer wishes to be told, by the digest of the reference.
#[must_use]
pub fn customer_wishes(tenant: &TenantId, digest: &str) -> Key {
    key(format!("{tenant}#wishes#{digest}"), ALONE)
}

/// What an agent wishes to be told.
#[must_use]
pub fn agent_wishes(tenant: &TenantId, id: &AgentId) -> Key {
    key(format!("{tenant}#wishes#{id}"), ALONE)
}

/// Partition of a tenant's addresses to which nothing goes any more.
#[must_use]
pub fn suppressions(tenant: &TenantId) -> String {
    format!("{tenant}#suppressed")
}

/// One of them, by its digest.
#[must_use]
pub fn suppression(tenant: &TenantId, digest: &str) -> Key {
    key(suppressions(tenant), digest)
}

/// How many messages went to an address within the hour of `now`.
#[must_use]
pub fn told(tenant: &TenantId, digest: &str, now: Timestamp) -> Key {
    key(format!("{tenant}#told#{digest}"), now.as_second().div_euclid(3_600).to_string())
}

/// The list of what the console shows to an agent, or to the supervisors: newest first.
#[must_use]
pub fn inbox(tenant: &TenantId, whose: &str) -> String {
    format!("{tenant}#inbox#{whose}")
}

/// A delivery's place in an inbox.
#[must_use]
pub fn inbox_place(tenant: &TenantId, whose: &str, id: &DeliveryId, at: Timestamp) -> Place {
    Place { list: inbox(tenant, whose), rank: format!("{}#{id}", newest_first(at)) }
}

/// An instant so that text order is time order backwards: what is left until 2286, to the millisecond.
fn newest_first(at: Timestamp) -> String {
    format!("{:013}", (9_999_999_999_999 - at.as_millisecond()).max(0))
}

/// Until when everything in an inbox is read.
#[must_use]
pub fn inbox_read(tenant: &TenantId, whose: &str) -> Key {
    key(format!("{tenant}#inbox#{whose}"), ALONE)
}

/// Partition of what was said under one reference, by the digest of that.
#[must_use]
pub fn said(tenant: &TenantId, digest: &str) -> String {
    format!("{tenant}#said#{digest}")
}

/// Where a feedback stands in its customer's partition: oldest first.
#[must_use]
pub fn said_entry(tenant: &TenantId, digest: &str, id: &FeedbackId, at: Timestamp) -> Key {
    key(said(tenant, digest), said_rank(id, at))
}

/// Its place among what everybody said: oldest first, too.
#[must_use]
pub fn said_place(tenant: &TenantId, id: &FeedbackId, at: Timestamp) -> Place {
    Place { list: said_list(tenant, shard(id.as_str(), LIST_SHARDS)), rank: said_rank(id, at) }
}

fn said_rank(id: &FeedbackId, at: Timestamp) -> String {
    format!("{}#{id}", instant(at))
}

/// One of the [`LIST_SHARDS`] lists of what everybody said.
#[must_use]
pub fn said_list(tenant: &TenantId, shard: u16) -> String {
    format!("{tenant}#said#{shard}")
}

/// A work order; its messages and older facts share the partition.
#[must_use]
pub fn order(tenant: &TenantId, id: &WorkOrderId) -> Key {
    key(format!("{tenant}#order#{id}"), "order")
}

/// The `number`th message of an order, from 1.
#[must_use]
pub fn message(tenant: &TenantId, order: &WorkOrderId, number: u32) -> Key {
    key(format!("{tenant}#order#{order}"), format!("{MESSAGES}{number:06}"))
}

/// What the `sort` of every message begins with.
pub const MESSAGES: &str = "message#";

/// A chunk of an order's older facts, named by how many came before it.
#[must_use]
pub fn older_facts(tenant: &TenantId, order: &WorkOrderId, before: u32) -> Key {
    key(format!("{tenant}#order#{order}"), format!("{OLDER_FACTS}{before:06}"))
}

/// What the `sort` of every chunk of older facts begins with.
pub const OLDER_FACTS: &str = "facts#";

/// A stretch of an agent's time on an order: apart from it, and in the order of time.
#[must_use]
pub fn effort(tenant: &TenantId, order: &WorkOrderId, started_at: Timestamp, id: &EffortId) -> Key {
    key(format!("{tenant}#order#{order}"), format!("{EFFORT}{}#{id}", instant(started_at)))
}

/// What the `sort` of every such stretch begins with.
pub const EFFORT: &str = "effort#";

/// A survey.
#[must_use]
pub fn survey(tenant: &TenantId, id: &SurveyId) -> Key {
    key(format!("{tenant}#survey#{id}"), ALONE)
}

/// Which survey a customer's token opens. Keyed by a hash of the token, not by the tenant: the
/// token is all that a customer brings.
#[must_use]
pub fn survey_token(token: &str) -> Key {
    key(format!("token#{}", digest(&["survey", token])), ALONE)
}

/// When the customer of that reference was last asked whether something was put right.
#[must_use]
pub fn asked(tenant: &TenantId, reference: &str) -> Key {
    key(format!("{tenant}#customer#{}", Identity::reference(reference).digest()), "asked")
}

/// A file that came with what was said.
#[must_use]
pub fn attachment(tenant: &TenantId, id: &AttachmentId) -> Key {
    key(format!("{tenant}#attachment#{id}"), ALONE)
}

/// What somebody is told.
#[must_use]
pub fn delivery(tenant: &TenantId, id: &DeliveryId) -> Key {
    key(format!("{tenant}#delivery#{id}"), ALONE)
}

/// Partition of a tenant's webhooks.
#[must_use]
pub fn webhooks(tenant: &TenantId) -> String {
    format!("{tenant}#webhooks")
}

/// A webhook.
#[must_use]
pub fn webhook(tenant: &TenantId, id: &WebhookId) -> Key {
    key(webhooks(tenant), id.as_str())
}

/// An incident.
#[must_use]
pub fn incident(tenant: &TenantId, id: &IncidentId) -> Key {
    key(format!("{tenant}#incident#{id}"), ALONE)
}

/// Its place among the tenant's: newest first.
#[must_use]
pub fn incident_place(tenant: &TenantId, id: &IncidentId, at: Timestamp) -> Place {
    Place { list: incidents(tenant), rank: format!("{}#{id}", newest_first(at)) }
}

/// The list of a tenant's incidents.
#[must_use]
pub fn incidents(tenant: &TenantId) -> String {
    format!("{tenant}#incidents")
}

/// What webhooks are to be told, by the first of the facts that were recorded together.
#[must_use]
pub fn news(tenant: &TenantId, fact: &str) -> Key {
    key(format!("{tenant}#news#{fact}"), ALONE)
}

/// How the server behind a webhook has answered lately: apart from it, since that changes by itself.
#[must_use]
pub fn endpoint(tenant: &TenantId, id: &WebhookId) -> Key {
    key(format!("{tenant}#webhook#{id}"), ALONE)
}

/// A delivery's place among those of its webhook, or of its incident: newest first.
#[must_use]
pub fn sent_place(tenant: &TenantId, whose: &str, id: &DeliveryId, at: Timestamp) -> Place {
    let list = sent_list(tenant, whose, shard(id.as_str(), LIST_SHARDS));
    Place { list, rank: format!("{}#{id}", newest_first(at)) }
}

/// One of the [`LIST_SHARDS`] lists of what a webhook is told, or of who is told of an incident.
#[must_use]
pub fn sent_list(tenant: &TenantId, whose: &str, shard: u16) -> String {
    format!("{tenant}#sent#{whose}#{shard}")
}

/// What the path of every upload begins with.
const UPLOADS: &str = "uploads/";

/// Where a file is uploaded to: what lies there is handed out to nobody.
#[must_use]
pub fn upload_path(tenant: &TenantId, id: &AttachmentId) -> String {
    format!("{UPLOADS}{tenant}/{id}")
}

/// Whose upload lies at `path`, and which; `None` if no form of ours leads there.
#[must_use]
pub fn upload_of(path: &str) -> Option<(TenantId, AttachmentId)> {
    let (tenant, id) = path.strip_prefix(UPLOADS)?.split_once('/')?;
    Some((TenantId::parse(tenant)?, AttachmentId::parse(id)?))
}

/// Where a file that was found clean is kept: no form leads there.
#[must_use]
pub fn attachment_path(tenant: &TenantId, id: &AttachmentId) -> String {
    format!("attachments/{tenant}/{id}")
}

/// Partition of a tenant's teams and agents.
#[must_use]
pub fn roster(tenant: &TenantId) -> String {
    format!("{tenant}#roster")
}

/// A team.
#[must_use]
pub fn team(tenant: &TenantId, id: &TeamId) -> Key {
    key(roster(tenant), format!("{TEAMS}{id}"))
}

/// What the `sort` of every team begins with.
pub const TEAMS: &str = "team#";

/// An agent.
#[must_use]
pub fn agent(tenant: &TenantId, id: &AgentId) -> Key {
    key(roster(tenant), format!("{AGENTS}{id}"))
}

/// Whose roster a write changes, if it changes one.
pub(crate) fn tenant_of_roster(write: &Write) -> Option<TenantId> {
    let Write::Put(record) = write else { return None };
    TenantId::parse(record.key.partition.strip_suffix("#roster")?)
}

/// What the `sort` of every agent begins with.
pub const AGENTS: &str = "agent#";

/// What every change of who and what rests on whom goes through, so that one is made at a time.
#[must_use]
pub fn turn(tenant: &TenantId) -> Key {
    key(format!("{tenant}#turn"), ALONE)
}

/// What an agent carries: apart from the agent, since it changes with every assignment.
#[must_use]
pub fn load(tenant: &TenantId, agent: &AgentId) -> Key {
    key(format!("{tenant}#load#{agent}"), ALONE)
}

/// A tenant's policies: calendars, SLA, surveys, routing.
#[must_use]
pub fn policy(tenant: &TenantId) -> Key {
    key(format!("{tenant}#policy"), ALONE)
}

/// A version of a calendar or an SLA policy that is no longer in force: it never changes, and
/// clocks may still run by it.
#[must_use]
pub fn policy_version(tenant: &TenantId, version: Version<'_>) -> Key {
    let (kind, VersionRef { id, version }) = match version {
        Version::Calendar(version) => (CALENDAR_VERSIONS, version),
        Version::Policy(version) => ("sla#", version),
    };
    key(format!("{tenant}#policy"), format!("{kind}{id}#{version:06}"))
}

/// A version of the priority policy that is no longer in force: it never changes, and feedback was
/// weighed by it.
#[must_use]
pub fn priority_version(tenant: &TenantId, version: u32) -> Key {
    key(format!("{tenant}#policy"), format!("priority#{version:06}"))
}

/// A version of the service promises that is no longer in force: it was published.
#[must_use]
pub fn promises_version(tenant: &TenantId, version: u32) -> Key {
    key(format!("{tenant}#policy"), format!("promises#{version:06}"))
}

/// A version of a routing rule that is no longer in force: orders were routed by it.
#[must_use]
pub fn rule_version(tenant: &TenantId, id: &str, version: u32) -> Key {
    key(format!("{tenant}#policy"), format!("routing#{id}#{version:06}"))
}

/// A version of a survey policy that is no longer in force: customers were asked by it.
#[must_use]
pub fn survey_policy_version(tenant: &TenantId, id: &str, version: u32) -> Key {
    key(format!("{tenant}#policy"), format!("survey#{id}#{version:06}"))
}

/// What the `sort` of every earlier calendar version begins with.
pub const CALENDAR_VERSIONS: &str = "calendar#";

/// What a person said that a feedback is about, or how urgent it is.
#[must_use]
pub fn label(tenant: &TenantId, feedback: &FeedbackId) -> Key {
    key(format!("{tenant}#label#{feedback}"), ALONE)
}

/// A label's place: oldest first.
#[must_use]
pub fn label_place(tenant: &TenantId, feedback: &FeedbackId, at: Timestamp) -> Place {
    let list = label_list(tenant, shard(feedback.as_str(), LIST_SHARDS));
    Place { list, rank: format!("{}#{feedback}", instant(at)) }
}

/// One of the [`LIST_SHARDS`] lists of a tenant's labels.
#[must_use]
pub fn label_list(tenant: &TenantId, shard: u16) -> String {
    format!("{tenant}#labels#{shard}")
}

/// An API key, by a hash of the key itself: it says whose it is.
#[must_use]
pub fn api_key(hash: &str) -> Key {
    key(format!("key#{hash}"), ALONE)
}

/// Partition of a tenant's API keys, as people see them.
#[must_use]
pub fn api_keys(tenant: &TenantId) -> String {
    format!("{tenant}#keys")
}

/// An API key as people see it, by its id.
#[must_use]
pub fn shown_key(tenant: &TenantId, id: &ApiKeyId) -> Key {
    key(api_keys(tenant), id.as_str())
}

/// What a tenant may still ask for: its token bucket.
#[must_use]
pub fn tenant_share(tenant: &TenantId) -> Key {
    key(format!("{tenant}#share"), ALONE)
}

/// What may still be asked for with one API key: apart from the tenant's, and from other keys', so
/// that no partition takes every write.
#[must_use]
pub fn key_share(tenant: &TenantId, id: &ApiKeyId) -> Key {
    key(format!("{tenant}#share#{id}"), ALONE)
}

/// A reply that is kept under its idempotency key; `scope` is method and path.
#[must_use]
pub fn reply(tenant: &TenantId, scope: &str, idempotency_key: &str) -> Key {
    key(format!("{tenant}#reply#{}", digest(&[scope, idempotency_key])), ALONE)
}

/// The secret that signs cursors and tracking links of this stack.
#[must_use]
pub fn secret() -> Key {
    key("stack#secret".to_owned(), ALONE)
}

/// Where an order stands in the work lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Nobody is free in this team.
    Waiting(&'a TeamId),
    /// Somebody must act.
    Open,
    /// Resolved, closed or cancelled.
    Done,
}

/// The list of orders that wait for a team, first in line first. Not sharded: it is written only
/// while nobody is free, and drained in order.
#[must_use]
pub fn waiting_list(tenant: &TenantId, team: &TeamId) -> String {
    format!("{tenant}#waiting#{team}")
}

/// The lists of a tenant's open orders.
pub fn open_lists(tenant: &TenantId) -> impl Iterator<Item = String> {
    (0..LIST_SHARDS).map(move |shard| format!("{tenant}#open#{shard}"))
}

/// The lists of a tenant's resolved, closed and cancelled orders.
pub fn done_lists(tenant: &TenantId) -> impl Iterator<Item = String> {
    (0..LIST_SHARDS).map(move |shard| format!("{tenant}#done#{shard}"))
}

/// An order's place: in the one queue order, which is priority, then due, then age.
#[must_use]
pub fn place(
    tenant: &TenantId,
    id: &WorkOrderId,
    standing: Standing<'_>,
    priority: Priority,
    due_at: Option<Timestamp>,
    created_at: Timestamp,
) -> Place {
    let shard = shard(id.as_str(), LIST_SHARDS);
    let list = match standing {
        Standing::Waiting(team) => waiting_list(tenant, team),
        Standing::Open => format!("{tenant}#open#{shard}"),
        Standing::Done => format!("{tenant}#done#{shard}"),
    };
    // `~` sorts after every digit: what has no due instant comes last in its band.
    let due = due_at.map_or_else(|| "~".to_owned(), instant);
    Place { list, rank: format!("{}#{due}#{}#{id}", priority.as_str(), instant(created_at)) }
}

/// A survey's place: oldest first.
#[must_use]
pub fn survey_place(tenant: &TenantId, id: &SurveyId, created_at: Timestamp) -> Place {
    Place { list: survey_list(tenant, shard(id.as_str(), LIST_SHARDS)), rank: format!("{}#{id}", instant(created_at)) }
}

/// One of the [`LIST_SHARDS`] lists of a tenant's surveys.
#[must_use]
pub fn survey_list(tenant: &TenantId, shard: u16) -> String {
    format!("{tenant}#surveys#{shard}")
}

/// What a customer is to be given for a promise that was not kept.
#[must_use]
pub fn compensation(tenant: &TenantId, id: &CompensationId) -> Key {
    key(format!("{tenant}#compensation#{id}"), ALONE)
}

/// A compensation's place: oldest first, among those that wait for a decision or those that have one.
#[must_use]
pub fn compensation_place(tenant: &TenantId, id: &CompensationId, pending: bool, at: Timestamp) -> Place {
    let list = compensation_list(tenant, pending, shard(id.as_str(), LIST_SHARDS));
    Place { list, rank: format!("{}#{id}", instant(at)) }
}

/// The [`LIST_SHARDS`] lists of a tenant's compensations that wait for a decision, or that have one.
pub fn compensation_lists(tenant: &TenantId, pending: bool) -> impl Iterator<Item = String> {
    (0..LIST_SHARDS).map(move |shard| compensation_list(tenant, pending, shard))
}

fn compensation_list(tenant: &TenantId, pending: bool, shard: u16) -> String {
    let standing = if pending { "pending" } else { "decided" };
    format!("{tenant}#compensations#{standing}#{shard}")
}
