//! A shop's own model: trained on what its agents said, published if it reads better, and never in
//! the way.

use super::world::Shop;
use crate::shop;
use redress_domain::category::{Category, Sentiment};
use redress_domain::id::FeedbackId;
use redress_language::rows::Row;
use redress_language::train;
use redress_service::memory::Crash;
use redress_service::models::{self, Comparison};
use redress_service::ports::World;
use redress_service::{Fault, labels, receive};

/// Words that nobody else has: what a shop calls its own things.
const OWN: [(&str, Category); 3] =
    [("布洛夫 blorf", Category::Logistics), ("奎克斯 quix", Category::Account), ("泽格 zeg", Category::AfterSales)];

impl Shop {
    /// Agents relabel so many feedbacks in the shop's own words.
    async fn relabel(&self, count: usize) {
        for number in 0..count {
            let (word, category) = OWN[number % OWN.len()];
            let said = self.say(&format!("row {number}"), &format!("{word} 第{number}")).await.unwrap();
            self.memory.settle().await;
            let order = self.order_of(&said.id).await;
            self.relabel_order(&format!("label {number}"), &order.id, category).await.unwrap();
        }
    }

    /// What the agents said, as rows.
    async fn rows(&self) -> Vec<Row> {
        let page = labels::list(&self.memory.world(), &shop::tenant(), None, 1000).await.unwrap();
        page.items.into_iter().map(Row::from).collect()
    }

    async fn publish_model(&self, model: &[u8]) -> Result<Comparison, Fault> {
        models::publish(&self.memory.world(), &shop::tenant(), model, self.memory.moment()).await
    }

    /// How a function that sees `world` reads something new, and by which model.
    async fn read_by(&self, world: &World, key: &str, message: &str) -> (Category, String) {
        let said = self.say(key, message).await.unwrap();
        for event in self.memory.waiting() {
            redress_service::handle(world, &event, self.memory.moment()).await.unwrap();
        }
        self.memory.settle().await;
        self.read_as(&said.id).await
    }

    async fn read_as(&self, id: &FeedbackId) -> (Category, String) {
        let stored = receive::find(&self.memory.world(), &shop::tenant(), id).await.unwrap().unwrap();
        let read = stored.value.classification.unwrap();
        (read.reading.top[0].category, read.model)
    }
}

fn feeling(sentiment: Sentiment, text: &str) -> Row {
    Row {
        text: text.to_owned(),
        sentiment: Some(sentiment),
        source: "ours".to_owned(),
        label_kind: "gold".to_owned(),
        ..Row::default()
    }
}

/// A model of these rows, and of a few that say how they sound.
fn trained(mut rows: Vec<Row>) -> Vec<u8> {
    rows.push(feeling(Sentiment::Negative, "太差了 awful"));
    rows.push(feeling(Sentiment::Positive, "很好 lovely"));
    train::train(&rows, &[], &mut |_, _| {}).unwrap()
}

async fn shop_with_model() -> (Shop, Vec<u8>) {
    let shop = Shop::open().await;
    shop.relabel(150).await;
    let model = trained(shop.rows().await);
    (shop, model)
}

#[tokio::test]
async fn a_shops_own_model_is_compared_on_rows_that_it_never_saw_and_then_reads() {
    let (shop, model) = shop_with_model().await;
    let rows = shop.rows().await;
    assert_eq!(rows.len(), 150);
    let compared = shop.publish_model(&model).await.unwrap();
    assert_eq!((compared.version, compared.rows), (1, rows.iter().filter(|row| row.is_held_back()).count()));
    assert!(compared.new > 0.95 && compared.new > compared.current, "{compared:?}");
    let read = shop.read_by(&shop.memory.world(), "new", "quix 又来了").await;
    assert_eq!(read, (Category::Account, "1".to_owned()));
    assert_eq!(shop.publish_model(&model).await.unwrap().version, 1, "again with the same bytes changes nothing");
    assert!(models::withdraw(&shop.memory.world(), &shop::tenant()).await.unwrap());
    assert!(!models::withdraw(&shop.memory.world(), &shop::tenant()).await.unwrap());
    assert_eq!(shop.read_by(&shop.memory.world(), "later", "quix 又来了").await.1, "shipped");
    assert_eq!(shop.publish_model(&model).await.unwrap().version, 2, "a version stands for one publishing for ever");
}

#[tokio::test]
async fn a_model_that_reads_the_held_back_rows_worse_is_refused_and_the_one_in_force_stays() {
    let (shop, model) = shop_with_model().await;
    shop.publish_model(&model).await.unwrap();
    let wrong = |row: Row| Row { category: Some(Category::Other), ..row };
    let worse = trained(shop.rows().await.into_iter().map(wrong).collect());
    let Err(Fault::Invalid(flaws)) = shop.publish_model(&worse).await else { panic!("it was published") };
    assert!(flaws[0].detail.contains("is below the"), "{flaws:?}");
    assert_eq!(shop.read_by(&shop.memory.world(), "new", "quix 又来了").await.1, "1");
}

#[tokio::test]
async fn without_rows_to_compare_by_or_without_a_model_nothing_is_published() {
    let shop = Shop::open().await;
    shop.relabel(30).await;
    let model = trained(shop.rows().await);
    for (bytes, why) in [(&model[..], "are held back, and 20 are needed"), (&model[..1000], "checksum"), (b"", "begin")]
    {
        let Err(Fault::Invalid(flaws)) = shop.publish_model(bytes).await else { panic!("it was published") };
        assert!(flaws[0].detail.contains(why), "{flaws:?}");
    }
    assert_eq!(shop.read_by(&shop.memory.world(), "new", "quix 又来了").await.1, "shipped");
}

#[tokio::test]
async fn a_model_that_is_missing_or_damaged_fails_no_message_and_is_counted() {
    let (shop, model) = shop_with_model().await;
    shop.publish_model(&model).await.unwrap();
    assert_eq!(shop.read_by(&shop.memory.world(), "loaded", "quix 又来了").await.1, "1");
    let mut damaged = model.clone();
    damaged[700_000] ^= 1;
    for (spoilt, key) in [(Some(damaged.as_slice()), "damaged"), (Some(b"".as_slice()), "empty"), (None, "missing")] {
        shop.memory.spoil_models(spoilt);
        let before = shop.memory.fallbacks();
        let restarted = shop.memory.fresh();
        let (_, by) = shop.read_by(&restarted, key, "快递三天没到 quix").await;
        assert_eq!((by.as_str(), shop.memory.fallbacks() - before), ("shipped", 1), "{key}");
        assert!(shop.memory.dead().is_empty());
    }
    assert_eq!(shop.read_by(&shop.memory.world(), "kept", "quix 又来了").await.1, "1", "what is loaded stays loaded");
}

#[tokio::test]
async fn a_model_that_came_back_is_found_again_after_a_while() {
    let (shop, model) = shop_with_model().await;
    shop.publish_model(&model).await.unwrap();
    let restarted = shop.memory.fresh();
    shop.memory.spoil_models(Some(b"nonsense"));
    assert_eq!(shop.read_by(&restarted, "spoilt", "quix 又来了").await.1, "shipped");
    shop.memory.spoil_models(Some(&model));
    assert_eq!(shop.read_by(&restarted, "too soon", "quix 又来了").await.1, "shipped", "it is not asked for each time");
    shop.wait(301);
    assert_eq!(shop.read_by(&restarted, "later", "quix 又来了").await.1, "1");
}

#[tokio::test]
async fn dying_at_any_port_call_while_publishing_publishes_once() {
    let shop = Shop::open().await;
    shop.relabel(150).await;
    let model = trained(shop.rows().await);
    for crash in [Crash::Before, Crash::After] {
        for call in 1.. {
            shop.memory.faults().arm(call, crash);
            let tried = shop.publish_model(&model).await;
            let died = shop.memory.faults().disarm();
            assert_eq!(tried.is_err(), died);
            let again = shop.publish_model(&model).await.unwrap();
            let read = shop.read_by(&shop.memory.fresh(), &format!("{crash:?} {call}"), "quix 又来了").await;
            assert_eq!(
                read,
                (Category::Account, again.version.to_string()),
                "dying at call {call}, {crash:?} its effect"
            );
            assert!(models::withdraw(&shop.memory.world(), &shop::tenant()).await.unwrap());
            if !died {
                break;
            }
        }
    }
}
