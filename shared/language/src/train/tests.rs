//! What training promises, on a small set.

use super::*;
use crate::Damage;
use crate::fold::Folded;
use crate::score::Scratch;
use redress_domain::category::{Category, Sentiment};

fn row(text: &str, category: Category, sentiment: Sentiment) -> Row {
    Row {
        text: text.to_owned(),
        category: Some(category),
        sentiment: Some(sentiment),
        source: "a shop's own".to_owned(),
        label_kind: "gold".to_owned(),
        ..Row::default()
    }
}

/// Twenty texts of two categories and two sentiments.
fn rows() -> Vec<Row> {
    let late = ["parcel late", "where is my parcel", "快递还没到", "包裹丢了", "物流太慢"];
    let thanks = ["thanks a lot", "thank you so much", "谢谢你们", "非常感谢", "好的谢谢"];
    let twice = |text: &&str| [(*text).to_owned(), format!("{text}!")];
    let late = late.iter().flat_map(twice).map(|text| row(&text, Category::Logistics, Sentiment::Negative));
    let thanks = thanks.iter().flat_map(twice).map(|text| row(&text, Category::Other, Sentiment::Positive));
    late.chain(thanks).collect()
}

fn trained(rows: &[Row]) -> Vec<u8> {
    train(rows, &[], &mut |_, _| {}).unwrap()
}

#[test]
fn the_same_rows_give_the_same_bytes_and_others_give_others() {
    assert_eq!(trained(&rows()), trained(&rows()));
    let mut more = rows();
    more.push(row("quix 奎克斯", Category::Account, Sentiment::Neutral));
    assert_ne!(trained(&rows()), trained(&more));
}

#[test]
fn what_a_shop_held_back_changes_nothing() {
    let named = |id: u32| Row {
        id: Some(format!("fb_{id}")),
        label_kind: crate::rows::AGENT.to_owned(),
        ..row("quix 奎克斯", Category::Account, Sentiment::Neutral)
    };
    let with = |wanted: bool| {
        let mut rows = rows();
        rows.push((0..).map(named).find(|row| row.is_held_back() == wanted).unwrap());
        trained(&rows)
    };
    assert_eq!(with(true), trained(&rows()));
    assert_ne!(with(false), trained(&rows()));
}

#[test]
fn what_a_shops_agents_say_counts_for_more_than_what_others_said() {
    let row = |label_kind: &str, source: &str| Row {
        label_kind: label_kind.to_owned(),
        source: source.to_owned(),
        ..row("quix", Category::Account, Sentiment::Neutral)
    };
    let weights = [row("agent", "redress"), row("gold", "elsewhere"), row("weak", "elsewhere"), row("gold", "redress")]
        .map(|row| recipe::category_weight(&row));
    assert_eq!(weights, [2.0, 1.0, 0.5, 0.25]);
}

#[test]
fn every_plane_that_is_found_is_told() {
    let mut told = Vec::new();
    train(&rows(), &[], &mut |done, of| told.push((done, of))).unwrap();
    let planes = 2 * 13;
    assert_eq!(told, (1..=planes).map(|done| (done, planes)).collect::<Vec<_>>());
}

#[test]
fn what_was_learnt_is_answered_in_both_languages() {
    let mut rows = rows();
    for number in 0..20 {
        rows.push(row(&format!("quix number {number}"), Category::Account, Sentiment::Neutral));
        rows.push(row(&format!("第{number}个奎克斯"), Category::Account, Sentiment::Neutral));
    }
    let model = Model::load(&trained(&rows)).unwrap();
    for text in ["the quix", "又是奎克斯"] {
        assert_eq!(model.read(text).top[0].category, Category::Account, "{text}");
    }
}

#[test]
fn what_explains_a_score_adds_up_to_it() {
    let model = Model::load(&trained(&rows())).unwrap();
    let mut scratch = Scratch::default();
    let folded = Folded::of("Where is my parcel? 快递还没到");
    let score = model.score_folded(folded.text(), &mut scratch).categories[1];
    let mut sum = model.category.biases[1];
    model.explain(1, &mut scratch, &mut |_, weight| sum += weight);
    assert!((score - sum).abs() < 1e-4, "{score} {sum}");
}

#[test]
fn damaged_models_are_refused_by_what_is_wrong() {
    let bytes = trained(&rows());
    let damage = |bytes: &[u8]| Model::load(bytes).err();
    let changed = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    assert_eq!(damage(b""), Some(Damage::Magic));
    assert_eq!(damage(&bytes[..40]), Some(Damage::Length));
    assert_eq!(damage(&bytes[..bytes.len() - 1]), Some(Damage::Checksum));
    assert_eq!(damage(&[&bytes[..], b"x"].concat()), Some(Damage::Checksum));
    assert_eq!(damage(&changed(0)), Some(Damage::Magic));
    assert_eq!(damage(&changed(8)), Some(Damage::Version(0)));
    assert_eq!(damage(&changed(bytes.len() / 2)), Some(Damage::Checksum));
    assert_eq!(damage(&resealed(&bytes, |bytes| bytes[20] ^= 1)), Some(Damage::Classes), "product_quality, misspelt");
    let infinite = |bytes: &mut Vec<u8>| {
        let numbers = bytes.len() - crate::table::TABLE_BYTES - 32 - 4;
        bytes[numbers..numbers + 4].copy_from_slice(&f32::INFINITY.to_le_bytes());
    };
    assert_eq!(damage(&resealed(&bytes, infinite)), Some(Damage::Number));
    assert_eq!(Model::load(&bytes).unwrap().to_bytes(), bytes);
}

/// The same with something changed, and a checksum that says so.
fn resealed(bytes: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut body = bytes[..bytes.len() - 32].to_vec();
    change(&mut body);
    let checksum = Sha256::digest(&body);
    body.extend_from_slice(&checksum);
    body
}

#[test]
fn without_labels_there_is_no_model() {
    let unlabelled = Row { category: None, sentiment: None, ..rows().remove(0) };
    assert_eq!(train(&[unlabelled], &[], &mut |_, _| {}), Err(Unlabelled));
    assert_eq!(train(&[], &rows(), &mut |_, _| {}), Err(Unlabelled));
}

#[test]
fn the_model_card_is_that_of_the_shipped_model() {
    let card = include_str!("../../model/README.md");
    let (model, own) = (Model::shipped(), own::rows().len());
    let digest = model.data_digest();
    assert!(card.contains(&format!("`{}…{}`", &digest[..8], &digest[60..])), "{digest}");
    assert!(card.contains(&format!("{},{:03} rows that the authors wrote", own / 1000, own % 1000)), "{own}");
    assert!(card.contains("1,049,429 bytes") && model.size() == 1_049_429);
}
