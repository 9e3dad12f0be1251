//! Files: announced, uploaded past us, looked at. The bucket tells of an upload as of anything else that
//! is sent: late, twice, in any order, or not at all.

use super::Deed;
use crate::ground::{Ground, Sent};
use crate::plan::File;
use crate::task::lock;
use jiff::SignedDuration;
use redress_domain::attachment::{Declared, Examination, MediaType, Status};
use redress_domain::event::{Event, EventType};
use redress_domain::id::AttachmentId;
use redress_service::auth::Role;
use redress_service::memory::MemoryWorld;
use redress_service::{Fault, attachments};
use std::sync::{Arc, Mutex};

const PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0";

/// As large as that, and another.
const OTHER: &[u8] = b"GIF89a\x02\0\x02\0\0\0\0";

const PAGE: &[u8] = b"<!doctype html><script>alert(1)</script>";

impl File {
    /// What is said of it before it is there.
    fn declared(self) -> Declared {
        let mut examination = Examination::default();
        examination.feed(if self == Self::Page { PAGE } else { PICTURE });
        let seen = examination.end();
        let media_type = MediaType::parse("image/gif").expect("it is a type of picture");
        Declared {
            file_name: "裂缝 crack.gif".to_owned(),
            media_type,
            size_bytes: seen.size_bytes,
            sha256: seen.sha256,
        }
    }

    /// What is uploaded.
    fn bytes(self) -> Option<&'static [u8]> {
        match self {
            Self::AsAnnounced => Some(PICTURE),
            Self::Another => Some(OTHER),
            Self::Page => Some(PAGE),
            Self::Never => None,
        }
    }
}

impl Deed {
    /// A customer has a picture, and the shop's back end asks for a form to upload it by.
    pub(crate) async fn announce(self, life: u32, file: File, ground: Arc<Mutex<Ground>>) -> Result<(), Fault> {
        let (caller, keyed) = (self.caller(Role::Integrator, None), self.keyed("POST /v1/attachments"));
        let reply = attachments::announce(&self.world, &caller, &file.declared(), &keyed, self.moment).await?;
        let id = reply.body["id"].as_str().and_then(AttachmentId::parse);
        let form = serde_json::from_value(reply.body["upload"].clone()).ok();
        let mut ground = lock(&ground);
        match (id, form) {
            (Some(id), Some(form)) => {
                ground.files.insert(life, Sent { id, form, file, uploaded: false });
            }
            _ => ground.witness.violated("a file was announced, and there is no form for it".to_owned()),
        }
        Ok(())
    }

    /// A browser uploads it, past us; and the bucket says so if it is `told`. Too late is too late.
    pub(crate) fn upload(self, life: u32, told: bool, memory: &MemoryWorld, ground: &Mutex<Ground>) {
        let mut ground = lock(ground);
        let Some(sent) = ground.files.get_mut(&life) else { return };
        let Some(bytes) = sent.file.bytes() else { return };
        if memory.upload(&sent.form, bytes).is_err() {
            return;
        }
        sent.uploaded = true;
        let id = sent.id.clone();
        if told {
            let event = Event::new(&self.tenant, EventType::AttachmentUploaded, id.as_str(), 1, self.moment.now);
            ground.send(&event, SignedDuration::ZERO);
        }
    }

    /// A browser shows it, if it may: then it is what was announced.
    pub(crate) async fn fetch(
        self,
        sent: Sent,
        memory: Arc<MemoryWorld>,
        ground: Arc<Mutex<Ground>>,
    ) -> Result<(), Fault> {
        let shown = attachments::show(&self.world, &self.tenant, &sent.id, self.moment.now).await?;
        let opened = shown.download.map(|link| memory.download(&link.url).map(|file| file.bytes));
        let right = match (shown.state, opened) {
            (Status::Clean, Some(Some(bytes))) => sent.file == File::AsAnnounced && bytes == PICTURE,
            (Status::Clean, _) | (_, Some(_)) => false,
            (Status::Pending | Status::Quarantined | Status::Expired, None) => true,
        };
        if !right {
            lock(&ground).witness.violated(format!(
                "{} is {}, and was handed out otherwise",
                sent.id,
                shown.state.as_str()
            ));
        }
        Ok(())
    }
}
