//! Files through the bucket: uploaded by the form, judged by the function, downloaded by the link.

use super::stack::{self, eventually, within};
use super::tenant::{Tenant, block_on};
use jiff::SignedDuration;
use redress_domain::attachment::{Attachment, Examination};
use redress_domain::id::AttachmentId;
use redress_domain::order::later;
use redress_service::keys;
use redress_service::ports::{Form, Permission, Record, Write};
use serde_json::{Value, json};
use ureq::Agent;

pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\r\n--x\r\n";
const PAGE: &[u8] = b"<!DOCTYPE html><script>alert(document.cookie)</script>";

pub(super) fn declared(file_name: &str, media_type: &str, bytes: &[u8]) -> Value {
    let mut examination = Examination::default();
    examination.feed(bytes);
    let sha256 = examination.end().sha256;
    json!({ "file_name": file_name, "media_type": media_type, "size_bytes": bytes.len(), "sha256": sha256 })
}

fn http() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

/// Posts a form and a file as a browser does; answers with the status and, if refused, why.
fn upload(form: &Form, bytes: &[u8]) -> (u16, String) {
    const BOUNDARY: &str = "------------------------a7f3e1c9";
    let mut body = Vec::new();
    for (name, value) in &form.fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let file = "Content-Disposition: form-data; name=\"file\"; filename=\"x\"\r\nContent-Type: text/html\r\n\r\n";
    body.extend_from_slice(format!("--{BOUNDARY}\r\n{file}").as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut answer = http().post(&form.url).header("Content-Type", media_type).send(&body).expect("the bucket answers");
    (answer.status().as_u16(), answer.body_mut().read_to_string().expect("an answer in UTF-8"))
}

impl Tenant {
    /// Announces a file; answers with its id and its form.
    fn announce(&self, declared: &Value) -> (String, Form) {
        let announced = self.integrator_posts("/v1/attachments", declared);
        assert_eq!(announced.status, 201, "{announced:?}");
        let body = announced.json();
        let id = body["id"].as_str().unwrap().to_owned();
        assert!(announced.header("location").unwrap().ends_with(&format!("/v1/attachments/{id}")));
        (id, serde_json::from_value(body["upload"].clone()).unwrap())
    }

    fn attachment(&self, id: &str) -> Value {
        self.get_as_integrator(&format!("/v1/attachments/{id}")).json()
    }

    fn judged(&self, id: &str) -> Value {
        eventually("a verdict", || {
            let attachment = self.attachment(id);
            (attachment["state"] != "pending").then_some(attachment)
        })
    }

    /// Uploads a file as it was announced, and waits until it is judged.
    pub(super) fn file(&self, declared: &Value, bytes: &[u8]) -> Value {
        let (id, form) = self.announce(declared);
        assert_eq!(upload(&form, bytes).0, 204);
        self.judged(&id)
    }
}

#[test]
fn a_file_goes_through_the_bucket_and_comes_back_as_it_was() {
    let shop = Tenant::open("files");
    let film = [&b"\0\0\0\x20ftypisom"[..], &vec![7; 3_000_000]].concat();
    for (name, media_type, bytes, disposition) in [
        ("破损.png", "image/png", PNG, "attachment; filename=\"__.png\"; filename*=UTF-8''%E7%A0%B4%E6%8D%9F.png"),
        (
            "run.bat",
            "text/plain",
            "订单,数量\n".as_bytes(),
            "attachment; filename=\"run.bat.txt\"; filename*=UTF-8''run.bat.txt",
        ),
        ("film.mp4", "video/mp4", &film, "attachment; filename=\"film.mp4\"; filename*=UTF-8''film.mp4"),
    ] {
        let clean = shop.file(&declared(name, media_type, bytes), bytes);
        assert_eq!((&clean["state"], &clean["file_name"]), (&json!("clean"), &json!(name)), "{clean}");
        let url = clean["download"]["url"].as_str().expect("a link");
        let mut answer = http().get(url).call().expect("the bucket answers");
        assert_eq!(answer.status(), 200);
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            (header("content-disposition"), header("content-type")),
            (disposition.to_owned(), media_type.to_owned())
        );
        assert_eq!(answer.body_mut().read_to_vec().unwrap(), bytes);
        // Without the signature, or with another path under it, it opens nothing.
        let (object, signature) = url.split_once('?').unwrap();
        let upload = url.replace("/attachments/", "/uploads/");
        for closed in [
            object.to_owned(),
            upload,
            format!("{object}?{}", signature.replace("X-Amz-Expires=300", "X-Amz-Expires=301")),
        ] {
            assert_eq!(http().get(&closed).call().unwrap().status(), 403, "{closed}");
        }
    }
}

#[test]
fn the_bucket_refuses_what_the_form_does_not_allow() {
    let shop = Tenant::open("forms");
    let (id, form) = shop.announce(&declared("a.png", "image/png", PNG));
    let other = |name: &str, value: String| {
        let mut other = form.clone();
        other.fields.insert(name.to_owned(), value);
        other
    };
    let refused = |form: &Form, bytes: &[u8], status: u16, word: &str| {
        let (answered, why) = upload(form, bytes);
        assert!((answered, why.contains(word)) == (status, true), "{answered} {why}");
    };
    refused(&form, &PNG[1..], 400, "EntityTooSmall");
    refused(&form, &[PNG, b"\0"].concat(), 400, "EntityTooLarge");
    refused(&other("Content-Type", "text/html".to_owned()), PNG, 403, "AccessDenied");
    refused(&other("key", form.fields["key"].replace("uploads/", "attachments/")), PNG, 403, "AccessDenied");
    refused(&other("acl", "public-read".to_owned()), PNG, 403, "AccessDenied");
    let size = form.fields["policy"].replacen('e', "f", 1);
    refused(&other("policy", size), PNG, 403, "SignatureDoesNotMatch");

    // The same form, had it been signed an hour ago.
    let then = later(redress_aws::clock::now(), SignedDuration::from_hours(-1));
    let permission = Permission {
        path: &form.fields["key"],
        media_type: "image/png",
        size_bytes: PNG.len() as u64,
        from: then,
        until: later(then, SignedDuration::from_mins(15)),
    };
    let expired = block_on(async { stack::world().await.files.form(permission).await }).unwrap();
    refused(&expired, PNG, 403, "Policy expired");

    assert_eq!(shop.attachment(&id)["state"], "pending", "nothing of all that has come in");
    assert_eq!(upload(&form, PNG).0, 204);
    assert_eq!(shop.judged(&id)["state"], "clean");
}

#[test]
fn what_is_not_what_it_was_said_to_be_is_quarantined_and_has_no_link() {
    let shop = Tenant::open("quarantine");
    let mut another = declared("a.png", "image/png", PNG);
    another["sha256"] = "0".repeat(64).into();
    for (declared, bytes, reason) in [
        (declared("照片.png", "image/png", PAGE), PAGE, "forbidden_type"),
        (declared("a.pdf", "application/pdf", PNG), PNG, "media_type"),
        (another, PNG, "digest"),
    ] {
        let held = shop.file(&declared, bytes);
        assert_eq!(
            (&held["state"], &held["reason"], &held["download"]),
            (&json!("quarantined"), &json!(reason), &Value::Null)
        );
        let said = json!({
            "channel": "web", "message": "请看 please see", "customer": {"ref": "c-1"}, "attachments": [held["id"]]
        });
        let said = shop.say(reason, &said);
        assert_eq!((said.status, said.json()["errors"][0]["pointer"].as_str()), (422, Some("/attachments/0")));
    }
}

#[test]
fn what_is_said_with_a_file_keeps_it_up_to_the_agents_desk() {
    let shop = Tenant::open("with_file");
    let file = shop.file(&declared("发票.png", "image/png", PNG), PNG);
    let said = json!({
        "channel": "wechat", "message": "发票抬头错了", "customer": {"ref": "c-1"}, "attachments": [file["id"]]
    });
    let said = shop.say("k", &said);
    assert_eq!(said.status, 202, "{said:?}");
    let feedback = shop.get(&format!("/v1/feedback/{}", said.json()["id"].as_str().unwrap())).json();
    assert_eq!(feedback["attachments"], json!([file["id"]]));

    let order = shop.order_of("耳机左边没声音");
    let messages = format!("/v1/work-orders/{}/messages", order["id"].as_str().unwrap());
    let posted = shop.post(&messages, &json!({"direction": "outbound", "body": "请看", "attachments": [file["id"]]}));
    assert_eq!(posted.status, 201, "{posted:?}");
    assert_eq!(shop.get(&messages).json()["items"][0]["attachments"], json!([file["id"]]));
}

#[test]
fn a_file_that_never_came_is_given_up_by_the_sweep() {
    let shop = Tenant::open("never_came");
    let (id, _) = shop.announce(&declared("a.png", "image/png", PNG));
    let key = keys::attachment(&shop.id, &AttachmentId::parse(&id).unwrap());
    block_on(async {
        let store = stack::world().await.store;
        let record = store.get(&key).await.unwrap().expect("it was announced");
        // As if that had been an hour ago.
        let mut attachment: Attachment = serde_json::from_value(Value::clone(&record.body)).unwrap();
        attachment.created_at = later(attachment.created_at, SignedDuration::from_hours(-1));
        attachment.expires_at = later(attachment.expires_at, SignedDuration::from_hours(-1));
        let (version, due_at) = (record.version + 1, attachment.due_at());
        let older = Record { version, due_at, body: serde_json::to_value(&attachment).unwrap().into(), ..record };
        store.commit(&[Write::Put(older)]).await.unwrap();
    });
    within(150, "the sweep to give it up", || (shop.attachment(&id)["state"] == "expired").then_some(()));
}
