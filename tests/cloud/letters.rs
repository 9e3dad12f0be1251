//! A letter through the functions: it lands in the outbox that people look at, and its link works.

use super::stack::{cloud, eventually};
use super::tenant::{Tenant, block_on};
use redress_aws::config::{LocalCloud, Settings, outbox_at};
use serde_json::{Value, json};

/// The newest letters, as `redress status --outbox` reads them.
fn letters() -> Vec<Value> {
    let cloud = cloud();
    let settings = Settings::deployed(|name| cloud.outputs.get(name).cloned());
    let at = LocalCloud { endpoint: cloud.endpoint.clone(), region: cloud.region.clone(), account: "test".to_owned() };
    block_on(async { outbox_at(&at, &settings).await.newest(200).await }).expect("the bucket answers")
}

#[test]
fn an_answer_to_a_mail_lands_in_the_outbox_with_its_words_and_a_link_that_works() {
    let shop = Tenant::open("letters");
    let customer = json!({"ref": "c-7", "email": "ann@example.com", "locale": "en"});
    let said = json!({
        "channel": "email", "message": "My parcel never arrived 快递没到", "customer": customer, "source_message_id": "1@mail.example",
    });
    let accepted = shop.say("mail", &said);
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let path = format!("/v1/feedback/{}", accepted.json()["id"].as_str().unwrap());
    let order = eventually("an agent", || {
        let feedback = shop.get_as_integrator(&path).json();
        (feedback["status"] == "assigned").then(|| feedback["work_order_id"].as_str().unwrap().to_owned())
    });
    let body = json!({"direction": "outbound", "visibility": "public", "body": "A new one is on its way 已补发"});
    assert_eq!(shop.post(&format!("/v1/work-orders/{order}/messages"), &body).status, 201);

    // By mail, since an answer by mail waits for no hour of the day.
    let letter = eventually("a letter", || letters().into_iter().find(|letter| letter["work_order"] == order.as_str()));
    assert_eq!(
        (&letter["medium"], &letter["template"], &letter["to"], &letter["shown"], &letter["language"]),
        (&json!("email"), &json!("reply_posted"), &json!("ann@example.com"), &json!("a…@example.com"), &json!("en"))
    );
    let text = letter["text"].as_str().unwrap();
    assert!(text.contains("A new one is on its way 已补发"), "{text}");
    assert_eq!(letter["headers"]["In-Reply-To"], "<1@mail.example>");
    let link = text.lines().find(|line| line.contains("/t/")).expect("a link to the progress");
    let page = shop.customer_gets(link.strip_prefix(&cloud().url).expect("an absolute link"));
    assert_eq!(page.status, 200, "{page:?}");
}
