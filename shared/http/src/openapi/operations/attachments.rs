//! Files come in past the API, and are handed out once they were judged.

use super::{ATTACHMENTS, Operation, operation};
use crate::openapi::operation::Header::{Location, Replayed};
use crate::read;
use redress_service::attachments::{AnnouncedView, AttachmentView};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    vec![
        operation("POST", "/v1/attachments", "Announce a file, and get the form that uploads it")
            .of(ATTACHMENTS)
            .says(
                "Post the form's `fields` and then the file, as `file`, to its `url` as `multipart/form-data`, before it \
                 expires: the bucket takes exactly the size and the type that were announced. Then the file is judged by \
                 its bytes: size, digest and type must be what was said, and nothing that a browser or a machine runs is \
                 taken. Its id can be named by feedback and messages at once.",
            )
            .keyed()
            .takes(&read::declared())
            .example("zh", json!({ "file_name": "破损的耳机.jpg", "media_type": "image/jpeg", "size_bytes": 483_210, "sha256": digest }))
            .example("en", json!({ "file_name": "receipt.pdf", "media_type": "application/pdf", "size_bytes": 52_114, "sha256": digest }))
            .gives::<AnnouncedView>(201, &[Location, Replayed]),
        operation("GET", "/v1/attachments/{id}", "How far a file is, and, once it is clean, a link for five minutes")
            .of(ATTACHMENTS)
            .says("The link needs no key, and whoever opens it saves the file under its name.")
            .gives::<AttachmentView>(200, &[]),
    ]
}
