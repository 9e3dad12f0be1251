//! A file comes in three steps: it is announced, and a form for exactly it is handed out; it is
//! uploaded, past us, into the bucket; it is judged by its bytes. Only what is clean has a link.

use crate::auth::Caller;
use crate::desk::body;
use crate::documents::{Marks, Stored, load, put, read};
use crate::fault::{Fault, Flaw, Tried, contended, settled};
use crate::orders::TRIES;
use crate::ports::{Form, Found, Kept, Permission, PortError, World, Write};
use crate::reply::{Keyed, Reply, Slot};
use crate::{Moment, keys};
use jiff::{SignedDuration, Timestamp};
use redress_domain::attachment::{Attachment, Declared, Reason, Status, disposition};
use redress_domain::event::Event;
use redress_domain::id::{AttachmentId, TenantId};
use redress_domain::order::later;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// How long a link to a file opens it.
const LINK: SignedDuration = SignedDuration::from_mins(5);

/// A file that was announced: where it is to be uploaded.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "AnnouncedAttachment")]
pub struct AnnouncedView {
    /// Its id.
    pub id: AttachmentId,
    /// `pending`.
    pub state: Status,
    /// The form that uploads it.
    pub upload: UploadView,
}

/// A form that uploads one file, of exactly the size and type that were announced.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Upload")]
pub struct UploadView {
    /// Where to, and what the form says.
    #[serde(flatten)]
    pub form: Form,
    /// Until when the bucket takes it.
    pub expires_at: Timestamp,
}

/// Where a file can be downloaded, for a while.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Download")]
pub struct DownloadView {
    /// It needs no key: whoever has it gets the file.
    pub url: String,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A file, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Attachment")]
pub struct AttachmentView {
    /// Its id.
    pub id: AttachmentId,
    /// How far it is.
    pub state: Status,
    /// Why it is quarantined; `null` unless it is.
    pub reason: Option<Reason>,
    /// What was announced.
    #[serde(flatten)]
    pub declared: Declared,
    /// When it was announced.
    pub created_at: Timestamp,
    /// Until when it may be uploaded.
    pub expires_at: Timestamp,
    /// When it was judged, or given up; `null` until then.
    pub judged_at: Option<Timestamp>,
    /// Where it can be downloaded; `null` unless it is clean.
    pub download: Option<DownloadView>,
}

/// Announces a file. The id is random, since it names an object of the bucket; so the answer is
/// what is kept under the caller's key, the form with it.
///
/// # Errors
/// Conflict if the idempotency key stands for another request.
pub async fn announce(
    world: &World,
    caller: &Caller,
    declared: &Declared,
    keyed: &Keyed,
    moment: Moment,
) -> Result<Reply, Fault> {
    for _ in 0..TRIES {
        let slot = keyed.slot(world, &caller.tenant, moment.now).await?;
        if let Some(reply) = slot.reply {
            return Ok(reply);
        }
        if let Some(answer) = settled(try_announce(world, caller, declared, (keyed, &slot), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

async fn try_announce(
    world: &World,
    caller: &Caller,
    declared: &Declared,
    (keyed, slot): (&Keyed, &Slot),
    moment: Moment,
) -> Result<Reply, Tried> {
    let tenant = &caller.tenant;
    let id = AttachmentId::random(tenant, &moment.nonce);
    let attachment = Attachment::announced(id.clone(), declared.clone(), caller.actor(), moment.now);
    let permission = Permission {
        path: &keys::upload_path(tenant, &id),
        media_type: declared.media_type.as_str(),
        size_bytes: declared.size_bytes,
        from: moment.now,
        until: attachment.expires_at,
    };
    let upload = UploadView { form: world.files.form(permission).await?, expires_at: attachment.expires_at };
    let reply =
        Reply { body: body(&AnnouncedView { id, state: attachment.status, upload }), version: 1, replayed: false };
    let mut writes = vec![write(tenant, &attachment, 0)];
    writes.extend(keyed.keep(tenant, slot, &reply, moment.now));
    world.store.commit(&writes).await?;
    Ok(reply)
}

/// The write that keeps an attachment, with its due mark.
fn write(tenant: &TenantId, attachment: &Attachment, seen: u64) -> Write {
    let marks = Marks { due_at: attachment.due_at(), ..Marks::default() };
    put(keys::attachment(tenant, &attachment.id), seen, attachment, marks)
}

async fn find(world: &World, tenant: &TenantId, id: &AttachmentId) -> Result<Option<Stored<Attachment>>, Fault> {
    load(world.store.as_ref(), &keys::attachment(tenant, id)).await
}

/// A file as the API shows it, with a link if it is clean.
///
/// # Errors
/// Not found, also for another tenant's.
pub async fn show(
    world: &World,
    tenant: &TenantId,
    id: &AttachmentId,
    now: Timestamp,
) -> Result<AttachmentView, Fault> {
    let attachment = find(world, tenant, id).await?.ok_or(Fault::NotFound)?.value;
    let Attachment { id, declared, status, reason, created_at, expires_at, judged_at, .. } = attachment;
    let download = match status {
        Status::Clean => {
            let until = later(now, LINK);
            let url = world.files.link(&keys::attachment_path(tenant, &id), now, until).await?;
            Some(DownloadView { url, expires_at: until })
        }
        Status::Pending | Status::Quarantined | Status::Expired => None,
    };
    Ok(AttachmentView { id, state: status, reason, declared, created_at, expires_at, judged_at, download })
}

/// A file was uploaded, or must be looked at since nobody has said so: it is judged by what lies
/// there. What was judged before stays as it was, whatever was uploaded since.
///
/// # Errors
/// Not found if no such file was announced; unavailable if the world did not answer.
pub async fn handle(world: &World, event: &Event, moment: Moment) -> Result<(), Fault> {
    let (tenant, id) = (&event.tenant, AttachmentId::parse(&event.subject).ok_or(Fault::NotFound)?);
    let before = find(world, tenant, &id).await?.ok_or(Fault::NotFound)?;
    if before.value.status != Status::Pending {
        return Ok(());
    }
    let found = world.files.examine(&keys::upload_path(tenant, &id)).await?;
    let mut before = Some(before);
    for _ in 0..TRIES {
        let read = match before.take() {
            Some(read) => read,
            None => find(world, tenant, &id).await?.ok_or(Fault::NotFound)?,
        };
        if let Some(answer) = settled(try_judge(world, tenant, &read, found.as_ref(), moment).await) {
            return answer;
        }
    }
    Err(contended())
}

/// The file goes to where it is kept first, and only then is it said to be clean: whoever reads
/// that finds it there.
async fn try_judge(
    world: &World,
    tenant: &TenantId,
    before: &Stored<Attachment>,
    found: Option<&Found>,
    moment: Moment,
) -> Result<(), Tried> {
    let Some(after) = before.value.decide(found.map(|found| &found.seen), moment.now) else { return Ok(()) };
    if let (Status::Clean, Some(found)) = (after.status, found) {
        keep(world, tenant, &after, &found.version).await?;
    }
    world.store.commit(&[write(tenant, &after, before.version)]).await?;
    let (status, reason) = (after.status.as_str(), after.reason.map(Reason::as_str));
    tracing::info!(attachment.id = after.id.as_str(), status, reason, "judged");
    Ok(())
}

async fn keep(world: &World, tenant: &TenantId, clean: &Attachment, version: &str) -> Result<(), PortError> {
    let Declared { file_name, media_type, .. } = &clean.declared;
    let to = Kept {
        path: &keys::attachment_path(tenant, &clean.id),
        media_type: media_type.as_str(),
        disposition: &disposition(file_name, *media_type),
    };
    world.files.keep(&keys::upload_path(tenant, &clean.id), version, to).await
}

/// What is wrong with naming these files, if anything is: each must be this tenant's, and clean or
/// on its way.
pub(crate) async fn flaws(world: &World, tenant: &TenantId, named: &[AttachmentId]) -> Result<Vec<Flaw>, Fault> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = named.iter().map(|id| keys::attachment(tenant, id)).collect();
    let mut known = BTreeMap::new();
    for record in world.store.get_many(&keys).await? {
        let attachment = read::<Attachment>(&record)?.value;
        known.insert(attachment.id.clone(), attachment);
    }
    let flaw = |(at, id): (usize, &AttachmentId)| {
        let known = known.get(id);
        let detail = unusable(known).filter(|_| !known.is_some_and(Attachment::is_usable))?;
        Some(Flaw { pointer: format!("/attachments/{at}"), detail: detail.to_owned() })
    };
    Ok(named.iter().enumerate().filter_map(flaw).collect())
}

/// Why a file shows nothing; `None` if it is clean.
fn unusable(attachment: Option<&Attachment>) -> Option<&'static str> {
    match attachment.map(|attachment| attachment.status) {
        None => Some("there is no attachment with this id"),
        Some(Status::Pending) => Some("it is not uploaded, or not judged yet; try again when it is clean"),
        Some(Status::Clean) => None,
        Some(Status::Expired) => Some("it was never uploaded"),
        Some(Status::Quarantined) => Some("it is quarantined"),
    }
}

/// What is wrong with files that are to show what was done: each must be this tenant's, and clean.
/// Whatever is no attachment's id is a reference of the shop's own.
pub(crate) async fn unproven(world: &World, tenant: &TenantId, evidence: &[String]) -> Result<Vec<Flaw>, Fault> {
    let mut flaws = Vec::new();
    for (at, proof) in evidence.iter().enumerate() {
        let Some(id) = AttachmentId::parse(proof) else { continue };
        let found = load::<Attachment>(world.store.as_ref(), &keys::attachment(tenant, &id)).await?;
        if let Some(detail) = unusable(found.as_ref().map(|found| &found.value)) {
            flaws.push(Flaw { pointer: format!("/resolution/evidence/{at}"), detail: detail.to_owned() });
        }
    }
    Ok(flaws)
}
