//! Files: what dies on the way, what is lost, and what comes twice.

use super::world::Shop;
use crate::shop;
use jiff::SignedDuration;
use redress_domain::attachment::{Declared, Examination, MediaType, Reason, Status};
use redress_domain::event::{Event, EventType};
use redress_domain::feedback::Feedback;
use redress_domain::id::{AttachmentId, TenantId, WorkOrderId};
use redress_service::attachments::{self, AttachmentView};
use redress_service::auth::Role;
use redress_service::memory::Crash;
use redress_service::ports::{Form, Permission};
use redress_service::reply::{Keyed, Reply};
use redress_service::{Fault, desk, keys};
use serde_json::json;

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0";
/// As large as that, and another.
const OTHER: &[u8] = b"GIF89a\x02\0\x02\0\0\0\0";

fn declared(bytes: &[u8]) -> Declared {
    let mut examination = Examination::default();
    examination.feed(bytes);
    let seen = examination.end();
    let media_type = MediaType::parse("image/gif").unwrap();
    Declared { file_name: "退货.gif".to_owned(), media_type, size_bytes: seen.size_bytes, sha256: seen.sha256 }
}

async fn announce(shop: &Shop, key: &str) -> Result<Reply, Fault> {
    let scope = "POST /v1/attachments".to_owned();
    let keyed = Keyed { scope, key: Some(key.to_owned()), fingerprint: key.to_owned() };
    let (world, caller) = (shop.memory.world(), shop::caller(Role::Integrator));
    attachments::announce(&world, &caller, &declared(GIF), &keyed, shop.memory.moment()).await
}

fn parts(reply: &Reply) -> (AttachmentId, Form) {
    let id = AttachmentId::parse(reply.body["id"].as_str().unwrap()).unwrap();
    (id, serde_json::from_value(reply.body["upload"].clone()).unwrap())
}

async fn show(shop: &Shop, id: &AttachmentId) -> Result<AttachmentView, Fault> {
    attachments::show(&shop.memory.world(), &shop::tenant(), id, shop.memory.moment().now).await
}

async fn until_answered<T>(mut call: impl AsyncFnMut() -> Result<T, Fault>) -> T {
    match call().await {
        Err(Fault::Unavailable(_)) => call().await.unwrap(),
        answer => answer.unwrap(),
    }
}

async fn sweep(shop: &Shop) {
    while until_answered(async || shop.memory.sweep().await).await.failed > 0 {}
    shop.memory.settle().await;
}

/// A life of two files: one that comes, whether or not the bucket says so, and one that never does.
async fn live(shop: &Shop) -> [AttachmentId; 2] {
    let (came, form) = parts(&until_answered(async || announce(shop, "came").await).await);
    let (never, _) = parts(&until_answered(async || announce(shop, "never").await).await);
    shop.memory.upload(&form, GIF).unwrap();
    shop.memory.settle().await;
    shop.wait(30 * 60);
    for _ in 0..3 {
        sweep(shop).await;
        shop.wait(61);
    }
    [came, never]
}

#[tokio::test]
async fn dying_at_any_port_call_loses_no_file_and_judges_none_twice() {
    let mut crashes = 0;
    for told in [true, false] {
        for crash in [Crash::Before, Crash::After] {
            for call in 1.. {
                let shop = Shop::open().await;
                if !told {
                    shop.memory.silence_uploads();
                }
                shop.memory.faults().arm(call, crash);
                let [came, never] = live(&shop).await;
                if !shop.memory.faults().disarm() {
                    break;
                }
                crashes += 1;
                let at = format!("dying at call {call}, {crash:?} its effect");
                let clean = show(&shop, &came).await.unwrap();
                assert_eq!((clean.state, clean.reason), (Status::Clean, None), "{at}");
                let file = shop.memory.download(&clean.download.expect("a link").url).expect("a file");
                assert_eq!(file.bytes, GIF, "{at}");
                assert_eq!(show(&shop, &never).await.unwrap().state, Status::Expired, "{at}");
                let records = shop.memory.store().snapshot();
                let files = records.iter().filter(|record| record.key.partition.contains("#attachment#"));
                assert_eq!(files.map(|file| file.due_at).collect::<Vec<_>>(), [None, None], "{at}");
                assert_eq!((shop.memory.dead(), shop.memory.waiting()), (vec![], vec![]), "{at}");
            }
        }
    }
    assert!(crashes > 100, "only {crashes} crashes: the life has become too short to show anything");
}

#[tokio::test]
async fn the_first_that_is_judged_is_the_file_however_often_the_form_is_used() {
    for (uploads, expected) in
        [(&[GIF, OTHER][..], (Status::Clean, None)), (&[OTHER, GIF], (Status::Quarantined, Some(Reason::Digest)))]
    {
        let shop = Shop::open().await;
        let (id, form) = parts(&announce(&shop, "k").await.unwrap());
        for bytes in uploads {
            shop.memory.upload(&form, bytes).unwrap();
            shop.memory.settle().await;
        }
        let judged = show(&shop, &id).await.unwrap();
        assert_eq!((judged.state, judged.reason), expected);
        assert_eq!(judged.download.is_some(), expected.0 == Status::Clean);
        if let Some(link) = judged.download {
            assert_eq!(shop.memory.download(&link.url).unwrap().bytes, GIF);
        }
    }
}

#[tokio::test]
async fn the_buckets_word_may_come_again_late_and_of_nothing() {
    let shop = Shop::open().await;
    let (id, form) = parts(&announce(&shop, "k").await.unwrap());
    let tell = |tenant: &TenantId, subject: &str| {
        let event = Event::new(tenant, EventType::AttachmentUploaded, subject, 1, shop.memory.moment().now);
        let (world, moment) = (shop.memory.world(), shop.memory.moment());
        async move { attachments::handle(&world, &event, moment).await }
    };
    // Before it is there.
    assert_eq!(tell(&shop::tenant(), id.as_str()).await, Ok(()));
    assert_eq!(show(&shop, &id).await.unwrap().state, Status::Pending);
    shop.memory.upload(&form, GIF).unwrap();
    for _ in 0..3 {
        assert_eq!(tell(&shop::tenant(), id.as_str()).await, Ok(()));
        assert_eq!(show(&shop, &id).await.unwrap().state, Status::Clean);
    }
    let elsewhere = TenantId::parse("tn_other").unwrap();
    for (tenant, subject) in [(&elsewhere, id.as_str()), (&shop::tenant(), "at_none"), (&shop::tenant(), "fb_x")] {
        assert_eq!(tell(tenant, subject).await, Err(Fault::NotFound), "{subject}");
    }
}

#[tokio::test]
async fn a_form_that_is_used_in_its_last_moment_is_in_time() {
    let shop = Shop::open().await;
    let (id, form) = parts(&announce(&shop, "k").await.unwrap());
    shop.memory.advance(SignedDuration::from_millis(15 * 60_000 - 1));
    shop.memory.upload(&form, GIF).unwrap();
    shop.memory.advance(SignedDuration::from_millis(1));
    assert_eq!(shop.memory.upload(&form, GIF), Err("expired"));
    shop.memory.settle().await;
    assert_eq!(show(&shop, &id).await.unwrap().state, Status::Clean);
}

#[tokio::test]
async fn a_later_feedback_brings_its_files_to_the_order_that_it_goes_on_with() {
    let shop = Shop::open().await;
    let first = shop.say("first", "快递还没到 my parcel is late").await.unwrap();
    shop.memory.settle().await;
    let (id, _) = parts(&announce(&shop, "k").await.unwrap());
    let more: Feedback = serde_json::from_value(json!({
        "channel": "web", "message": "照片在这里 here is a photo", "customer": {"ref": "c-1"},
        "thread": first.id, "attachments": [id]
    }))
    .unwrap();
    shop.hand_over("second", more).await.unwrap();
    shop.memory.settle().await;
    let order = WorkOrderId::of(&shop::tenant(), &first.id);
    let caller = shop::caller(Role::Agent);
    let messages = desk::messages(&shop.memory.world(), &caller, &order, 0, 10).await.unwrap();
    let files: Vec<_> = messages.iter().map(|message| message.attachments.clone()).collect();
    assert_eq!(files, [vec![id]]);
}

#[tokio::test]
async fn a_path_of_the_bucket_leads_back_to_its_file_and_no_other_does() {
    let (tenant, shop) = (shop::tenant(), Shop::open().await);
    let (id, form) = parts(&announce(&shop, "k").await.unwrap());
    let path = keys::upload_path(&tenant, &id);
    assert_eq!(form.fields["key"], path);
    assert_eq!(keys::upload_of(&path), Some((tenant.clone(), id.clone())));
    for other in [keys::attachment_path(&tenant, &id), format!("{path}/x"), format!("x{path}"), "uploads/".to_owned()] {
        assert_eq!(keys::upload_of(&other), None, "{other}");
    }
    // What a form is for can't be read off another one.
    let world = shop.memory.world();
    let now = shop.memory.moment().now;
    let mine =
        Permission { path: "uploads/tn_shop/at_1", media_type: "image/gif", size_bytes: 1, from: now, until: now };
    assert_ne!(world.files.form(mine).await.unwrap().fields["policy"], form.fields["policy"]);
}
