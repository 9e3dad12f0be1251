//! What customers say, understood by the functions that will be deployed, in their own words.

use super::stack::{eventually, world};
use super::tenant::{Tenant, block_on};
use redress_domain::category::{Category, Sentiment};
use redress_domain::id::FeedbackId;
use redress_language::rows::{AGENT, Row};
use redress_language::train;
use redress_service::ports::{Record, Write};
use redress_service::{keys, models};
use serde_json::{Value, json};

impl Tenant {
    /// A feedback once it is understood.
    fn understood(&self, body: &Value) -> Value {
        let key = redress_domain::id::digest(&[&body.to_string()]);
        let said = self.say(&key, body);
        assert_eq!(said.status, 202, "{said:?}");
        let path = format!("/v1/feedback/{}", said.json()["id"].as_str().unwrap());
        eventually("an understanding", || {
            let feedback = self.get_as_integrator(&path).json();
            (!feedback["classification"].is_null()).then_some(feedback)
        })
    }

    fn read(&self, message: &str) -> Value {
        let body = json!({"channel": "web", "message": message, "customer": {"ref": "c-1"}});
        self.understood(&body)["classification"].clone()
    }
}

fn rules(read: &Value) -> Vec<&str> {
    read["contributions"].as_array().unwrap().iter().map(|reason| reason["rule"].as_str().unwrap()).collect()
}

/// The characters that evidence names are the ones that it quotes.
fn assert_quotes(message: &str, read: &Value) {
    let evidence = read["evidence"].as_array().unwrap();
    assert!(!evidence.is_empty(), "{message}: {read}");
    for words in evidence {
        let (start, end) = (words["start"].as_u64().unwrap() as usize, words["end"].as_u64().unwrap() as usize);
        let quoted: String = message.chars().skip(start).take(end - start).collect();
        assert_eq!(words["text"], quoted, "{message}");
    }
}

#[test]
fn what_customers_say_is_understood_with_the_words_that_say_so() {
    let shop = Tenant::open("understood");
    for (message, language, category) in [
        ("包裹显示已经签收，可我根本没拿到，谁签的？", "zh", "logistics"),
        ("退款申请通过三天了，钱怎么还没退回来", "zh", "after_sales"),
        ("发票抬头写错了，麻烦重新开一张", "zh", "payment_invoice"),
        ("忘了密码，验证码一直收不到，登不进去", "zh", "account"),
        ("客服爱答不理，问三句回一句，态度真差", "zh", "service_attitude"),
        ("The parcel says delivered, but nobody ever brought it", "en", "logistics"),
        ("I'd like to send these shoes back and get a refund", "en", "after_sales"),
        ("My card was charged twice for the same basket", "en", "payment_invoice"),
        ("I can't log in, the reset link for my password is dead", "en", "account"),
        ("Your agent was rude and hung up on me", "en", "service_attitude"),
        ("Hi 你好, my 快递 package has still not arrived 一直没到", "en", "logistics"),
    ] {
        let read = shop.read(message);
        assert_eq!((&read["language"], &read["category"]), (&json!(language), &json!(category)), "{message}: {read}");
        assert_eq!((&read["needs_review"], &read["model"]), (&json!(false), &json!("shipped")), "{message}");
        assert_eq!(read["top"][0]["score"], read["confidence"]);
        assert_quotes(message, &read);
    }
}

#[test]
fn what_the_model_cannot_know_is_left_to_a_person_with_its_three_best_guesses() {
    let shop = Tenant::open("unknown");
    for message in
        ["嗯", "zibble wobbly frumious bandersnatch", "¿Dónde está mi pedido? Todavía no ha llegado", "🙂🙂🙂"]
    {
        let read = shop.read(message);
        assert_eq!((&read["category"], &read["needs_review"]), (&json!("other"), &json!(true)), "{message}: {read}");
        assert_eq!(read["top"].as_array().unwrap().len(), 3, "{message}");
    }
}

#[test]
fn a_danger_is_p1_by_the_rule_that_names_it_and_its_denial_is_not() {
    let shop = Tenant::open("danger");
    for message in ["孩子被烫伤", "battery caught fire"] {
        let read = shop.read(message);
        assert_eq!(read["priority"], "P1", "{message}: {read}");
        assert!(rules(&read).contains(&"urgency.safety"), "{read}");
    }
    for message in ["孩子没有被烫伤", "the battery did not catch fire"] {
        let read = shop.read(message);
        assert_ne!(read["priority"], "P1", "{message}: {read}");
        assert!(!rules(&read).contains(&"urgency.safety"), "{read}");
    }
}

#[test]
fn what_is_named_is_found_and_masked_where_it_is_shown_in_short() {
    let shop = Tenant::open("named");
    let order = shop.order_of("订单号 88231 退款199元，电话13800138000，三天了");
    assert_eq!(order["preview"], "订单号 [ORDER] 退款199元，电话[PHONE]，三天了");
    let feedback = shop.get(&format!("/v1/feedback/{}", order["feedback_ids"][0].as_str().unwrap())).json();
    let named = feedback["classification"]["entities"].as_array().unwrap();
    let kinds: Vec<_> = named.iter().map(|entity| entity["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["order_number", "amount", "phone", "date"]);
}

/// Words that nobody else has: what a shop calls its own things.
const OWN: [(&str, Category); 2] = [("quix 奎克斯", Category::Account), ("blorf 布洛夫", Category::Logistics)];

/// A shop with a model of its own that its agents' words were enough for.
fn with_model(name: &str) -> Tenant {
    let shop = Tenant::open(name);
    let rows: Vec<_> = (0..150).map(|number| row(number, OWN[number % OWN.len()])).collect();
    let mut learnt = rows.clone();
    learnt.extend([feeling(Sentiment::Negative, "太差了 awful"), feeling(Sentiment::Positive, "很好 lovely")]);
    let model = train::train(&learnt, &[], &mut |_, _| {}).unwrap();
    let compared = block_on(async {
        let world = world().await;
        for row in &rows {
            world.store.commit(&[labelled(&shop, row)]).await.unwrap();
        }
        models::publish(&world, &shop.id, &model, redress_aws::clock::moment()).await.unwrap()
    });
    assert!(compared.version == 1 && compared.new > compared.current, "{compared:?}");
    shop
}

#[test]
fn a_shops_own_model_is_read_from_the_bucket_and_reads_for_no_other_shop() {
    let (shop, other) = (with_model("model"), Tenant::open("modelless"));
    let read = shop.read("quix 又来了");
    assert_eq!((&read["model"], &read["top"][0]["category"]), (&json!("1"), &json!("account")), "{read}");
    assert_eq!(other.read("quix 又来了")["model"], "shipped");
}

#[test]
fn a_model_that_was_damaged_in_the_bucket_fails_no_message() {
    let shop = with_model("spoilt");
    block_on(async {
        let digest = digest_in_force(&shop).await;
        world().await.models.put(&shop.id, &digest, b"nonsense").await.unwrap();
    });
    let read = shop.read("快递三天没到，包裹在哪里");
    assert_eq!((&read["model"], &read["category"]), (&json!("shipped"), &json!("logistics")), "{read}");
}

async fn digest_in_force(shop: &Tenant) -> String {
    let terms = redress_service::publish::terms(&world().await, &shop.id).await.unwrap();
    terms.policies.model.clone().unwrap().digest
}

fn row(number: usize, (words, category): (&str, Category)) -> Row {
    let id = FeedbackId::derive(&["row", &number.to_string()]).to_string();
    let text = format!("{words} 第{number}");
    Row {
        id: Some(id),
        text,
        category: Some(category),
        source: "redress".to_owned(),
        label_kind: AGENT.to_owned(),
        ..Row::default()
    }
}

fn feeling(sentiment: Sentiment, text: &str) -> Row {
    let (text, source, label_kind) = (text.to_owned(), "ours".to_owned(), "gold".to_owned());
    Row { text, sentiment: Some(sentiment), source, label_kind, ..Row::default() }
}

/// What an agent's correction leaves behind.
fn labelled(shop: &Tenant, row: &Row) -> Write {
    let id = FeedbackId::parse(row.id.as_deref().unwrap()).unwrap();
    let at = redress_aws::clock::now();
    let body = json!({
        "id": id, "text": row.text, "lang": "zh", "category": row.category, "priority": null,
        "read_as": {"category": "other", "confidence": 0.1, "priority": "P4", "model": "shipped"},
        "source": row.source, "label_kind": row.label_kind, "by": {"kind": "agent", "id": "ag_ana"}, "at": at, "since": at,
    });
    let place = Some(keys::label_place(&shop.id, &id, at));
    Write::Put(Record {
        key: keys::label(&shop.id, &id),
        version: 1,
        body: body.into(),
        due_at: None,
        place,
        expires_at: None,
    })
}
