//! Clauses on documents: what is put, replaced, removed, read.

use super::{Bench, next, plain, said};
use crate::ports::{Key, Place, PortError, Record, Write};
use futures::future::join_all;
use serde_json::{Value, json};

/// Writes that race for one document.
const RACERS: u64 = 8;

/// Documents that one call reads: more than a work list's page.
const MANY: usize = 64;

/// Bytes of a long document's text; the table's limit on an item is 400 KB.
const LONG: usize = 200_000;

pub(super) async fn what_was_never_put_is_not_there(bench: &Bench<'_>) {
    let key = bench.key("absent", "a");
    bench.expect_nothing(&key).await;
    assert_eq!(bench.store.get_many(std::slice::from_ref(&key)).await, Ok(vec![]));
    assert_eq!(bench.store.get_many(&[]).await, Ok(vec![]));
    assert_eq!(bench.store.list(&key.partition, "a", None, 10).await, Ok(vec![]));
    assert_eq!(bench.commit(&[]).await, Ok(()), "to write nothing always succeeds");
}

pub(super) async fn what_is_put_comes_back(bench: &Bench<'_>) {
    let bare = plain(bench.key("whole", "bare"), 1, json!({ "a": [1, null, true, "x"], "": {} }));
    let marked = Record {
        key: bench.key("whole", "marked"),
        due_at: "1971-01-01T00:00:00.123Z".parse().ok(),
        place: Some(Place { list: bench.name("whole"), rank: "1".to_owned() }),
        expires_at: "2100-01-01T00:00:00Z".parse().ok(),
        ..bare.clone()
    };
    for record in [bare, marked] {
        bench.put(&record).await;
        bench.expect(&record).await;
        bench.delete(&record).await;
    }
}

pub(super) async fn a_document_is_created_once(bench: &Bench<'_>) {
    let first = plain(bench.key("created", "a"), 1, "first");
    bench.put(&first).await;
    let second = Record { body: said("second"), ..first.clone() };
    assert_eq!(bench.commit(&[Write::Put(second)]).await, Err(PortError::Conflict));
    bench.expect(&first).await;
}

pub(super) async fn each_version_follows_the_one_before(bench: &Bench<'_>) {
    let first = plain(bench.key("versions", "a"), 1, "first");
    let second = next(&first, "second");
    assert_eq!(bench.commit(&[Write::Put(second.clone())]).await, Err(PortError::Conflict), "nothing to follow");
    bench.expect_nothing(&first.key).await;
    bench.put(&first).await;
    bench.put(&second).await;
    bench.expect(&second).await;
    for version in [1, 2, 4] {
        let other = Record { version, body: said("other"), ..first.clone() };
        assert_eq!(bench.commit(&[Write::Put(other)]).await, Err(PortError::Conflict), "version {version} over 2");
        bench.expect(&second).await;
    }
}

pub(super) async fn the_same_commit_again_is_done(bench: &Bench<'_>) {
    let first = Record {
        due_at: "1971-01-01T00:00:00Z".parse().ok(),
        ..plain(bench.key("again", "a"), 1, json!({ "text": "退货", "number": 0.1 }))
    };
    bench.put(&first).await;
    bench.put(&first).await;
    let second = Record { due_at: None, ..next(&first, "second") };
    bench.put(&second).await;
    bench.put(&second).await;
    assert_eq!(bench.commit(&[Write::Put(first)]).await, Err(PortError::Conflict), "somebody went on since");
    bench.expect(&second).await;
}

pub(super) async fn only_the_version_that_was_seen_is_deleted(bench: &Bench<'_>) {
    let first = plain(bench.key("deleted", "a"), 1, "first");
    let second = next(&first, "second");
    bench.put(&first).await;
    bench.put(&second).await;
    let stale = Write::Delete(first.key.clone(), 1);
    assert_eq!(bench.commit(&[stale]).await, Err(PortError::Conflict));
    bench.expect(&second).await;
    bench.delete(&second).await;
    bench.expect_nothing(&second.key).await;
    bench.delete(&second).await;
}

pub(super) async fn several_writes_happen_all_or_none(bench: &Bench<'_>) {
    let [a, b, c, d] = documents(bench, "several");
    bench.put(&a).await;
    bench.put(&b).await;
    let refused = [
        vec![put(&c), put(&Record { body: said("other"), ..a.clone() }), put(&d)],
        vec![put(&next(&a, 2)), put(&next(&c, 2))],
        vec![Write::Delete(a.key.clone(), 1), Write::Delete(b.key.clone(), 2)],
        // One of them already as it is wanted is not all of them.
        vec![put(&a), put(&c)],
    ];
    for writes in refused {
        assert_eq!(bench.commit(&writes).await, Err(PortError::Conflict), "{writes:?}");
        bench.expect(&a).await;
        bench.expect(&b).await;
        bench.expect_nothing(&c.key).await;
        bench.expect_nothing(&d.key).await;
    }
    let after = next(&a, 2);
    assert_eq!(bench.commit(&[put(&after), Write::Delete(b.key.clone(), 1), put(&c)]).await, Ok(()));
    bench.expect(&after).await;
    bench.expect_nothing(&b.key).await;
    bench.expect(&c).await;
}

pub(super) async fn several_writes_again_are_done(bench: &Bench<'_>) {
    let [a, b, c, d] = documents(bench, "several again");
    bench.put(&a).await;
    bench.put(&b).await;
    let writes = [put(&next(&a, 2)), Write::Delete(b.key.clone(), 1), put(&c), put(&d)];
    assert_eq!(bench.commit(&writes).await, Ok(()));
    assert_eq!(bench.commit(&writes).await, Ok(()), "the same again");
    let later = next(&c, 2);
    bench.put(&later).await;
    assert_eq!(bench.commit(&writes).await, Err(PortError::Conflict), "somebody went on since");
    bench.expect(&later).await;
}

/// Creating, removing and creating again, word for word: the second creation is a new one, however
/// soon it comes. A store that remembers requests instead of looking would lose it.
pub(super) async fn what_was_undone_can_be_done_again(bench: &Bench<'_>) {
    let [a, b, ..] = documents(bench, "undone");
    let (make, undo) = ([put(&a), put(&b)], [Write::Delete(a.key.clone(), 1), Write::Delete(b.key.clone(), 1)]);
    for writes in [&make, &undo, &make] {
        assert_eq!(bench.commit(writes).await, Ok(()));
    }
    bench.expect(&a).await;
    bench.expect(&b).await;
}

pub(super) async fn of_racing_writes_one_wins(bench: &Bench<'_>) {
    let first = plain(bench.key("race", "a"), 1, "first");
    bench.put(&first).await;
    let racers: Vec<[Write; 1]> = (0..RACERS).map(|number| [put(&next(&first, number))]).collect();
    let told = join_all(racers.iter().map(|writes| bench.commit(writes))).await;
    let winners: Vec<usize> = (0..racers.len()).filter(|place| told[*place].is_ok()).collect();
    let lost = told.iter().filter(|told| **told == Err(PortError::Conflict)).count();
    assert_eq!((winners.len(), lost), (1, racers.len() - 1), "{told:?}");
    bench.expect(&next(&first, winners[0])).await;
}

/// Who loses may hear that somebody else is at it just now, instead of that he lost.
pub(super) async fn of_racing_commits_one_wins(bench: &Bench<'_>) {
    let [a, b, ..] = documents(bench, "race of several");
    bench.put(&a).await;
    let both = |number: u64| [put(&next(&a, number)), put(&Record { body: said(number), ..b.clone() })];
    let racers: Vec<[Write; 2]> = (0..RACERS).map(both).collect();
    let told = join_all(racers.iter().map(|writes| bench.commit(writes))).await;
    let winners: Vec<usize> = (0..racers.len()).filter(|place| told[*place].is_ok()).collect();
    assert_eq!(winners.len(), 1, "{told:?}");
    bench.expect(&next(&a, winners[0])).await;
    assert_eq!(bench.get(&b.key).await.map(|record| record.body), Some(said(winners[0])));
}

pub(super) async fn many_are_read_at_once(bench: &Bench<'_>) {
    let record = |number: usize| plain(bench.key(&format!("many {number}"), "-"), 1, number);
    let mut there: Vec<Record> = (0..MANY).map(record).collect();
    for some in there.chunks(25) {
        let writes: Vec<Write> = some.iter().map(put).collect();
        assert_eq!(bench.commit(&writes).await, Ok(()), "25 writes are not too many");
    }
    // Half of what is asked for was never put, and the order is no matter.
    let keys: Vec<Key> = (0..MANY + 32).rev().map(|number| record(number).key).collect();
    let mut found = bench.store.get_many(&keys).await.expect("a store under test answers");
    found.sort_by(|a, b| a.key.cmp(&b.key));
    there.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(found, there);
}

pub(super) async fn a_partition_is_listed_in_order(bench: &Bench<'_>) {
    let partition = bench.name("listed");
    for sort in ["m#10", "m#2", "m#1", "m", "n#1", "l#1", "m#~"] {
        bench.put(&plain(bench.key("listed", sort), 1, sort)).await;
    }
    bench.put(&plain(bench.key("listed too", "m#3"), 1, "of another partition")).await;
    let cases: [(&str, Option<&str>, usize, &[&str]); 17] = [
        ("m#", None, 100, &["m#1", "m#10", "m#2", "m#~"]),
        ("m#", None, 2, &["m#1", "m#10"]),
        ("m#", None, 0, &[]),
        ("m#", Some(""), 100, &["m#1", "m#10", "m#2", "m#~"]),
        ("m#", Some("m#"), 100, &["m#1", "m#10", "m#2", "m#~"]),
        ("m#", Some("m#10"), 100, &["m#2", "m#~"]),
        ("m#", Some("m#10"), 1, &["m#2"]),
        ("m#", Some("m#15"), 100, &["m#2", "m#~"]),
        ("m#", Some("m#~"), 100, &[]),
        ("m#", Some("a"), 100, &["m#1", "m#10", "m#2", "m#~"]),
        ("m#", Some("z"), 100, &[]),
        ("m", None, 100, &["m", "m#1", "m#10", "m#2", "m#~"]),
        ("o", None, 100, &[]),
        ("", None, 3, &["l#1", "m", "m#1"]),
        ("", Some(""), 1, &["l#1"]),
        ("m", Some("m"), 1, &["m#1"]),
        ("", Some("m#2"), 100, &["m#~", "n#1"]),
    ];
    for (prefix, after, limit, expected) in cases {
        let found = bench.store.list(&partition, prefix, after, limit).await.expect("a store under test answers");
        let bodies: Vec<&Value> = found.iter().map(|record| &*record.body).collect();
        assert_eq!(bodies, expected, "{limit} of {prefix:?} after {after:?}");
    }
}

pub(super) async fn the_end_of_a_partition_is_read_backwards(bench: &Bench<'_>) {
    let partition = bench.name("ends");
    for sort in ["1", "2", "3"] {
        bench.put(&plain(bench.key("ends", sort), 1, sort)).await;
    }
    bench.put(&plain(bench.key("ends too", "4"), 1, "of another partition")).await;
    for (limit, sorts) in [(1, vec!["3"]), (2, vec!["3", "2"]), (9, vec!["3", "2", "1"])] {
        let found = bench.store.last(&partition, limit).await.expect("a store under test answers");
        assert_eq!(found.iter().map(|record| record.key.sort.as_str()).collect::<Vec<_>>(), sorts, "{limit}");
    }
}

pub(super) async fn text_comes_back_code_point_for_code_point(bench: &Bench<'_>) {
    let texts = [
        "退货，谢谢！「」…—～",
        "𠮷野家 𪚥",
        "😀👨‍👩‍👧‍👦🇨🇳",
        "e\u{301} \u{e9} \u{200d}\u{feff}\u{202e}",
        "\u{0}\u{1}\u{8}\t\n\r\u{1f}\u{7f}\u{85}\u{2028}",
        "\u{d7ff}\u{e000}\u{fffd}\u{ffff}\u{10000}\u{10ffff}",
        "\\ \" ' / \\u0041 &amp; <b> ${x} #version :seen",
        "",
    ];
    let in_keys: serde_json::Map<String, Value> = texts.iter().map(|text| ((*text).to_owned(), json!(text))).collect();
    let record = plain(bench.key("text", "a"), 1, json!({ "texts": texts, "in keys": in_keys }));
    bench.put(&record).await;
    bench.expect(&record).await;
    let listed = bench.store.list(&record.key.partition, "a", None, 1).await;
    assert_eq!(listed, Ok(vec![record]));
}

pub(super) async fn numbers_come_back_exactly(bench: &Bench<'_>) {
    let numbers = json!([9_007_199_254_740_993_i64, i64::MAX, i64::MIN, u64::MAX, 0, -1, 0.5]);
    let record = plain(bench.key("numbers", "a"), 1, numbers);
    bench.put(&record).await;
    bench.expect(&record).await;
    let found = bench.get(&record.key).await.map(|record| record.body.to_string());
    let text = "[9007199254740993,9223372036854775807,-9223372036854775808,18446744073709551615,0,-1,0.5]";
    assert_eq!(found.as_deref(), Some(text));
}

pub(super) async fn a_long_document_comes_back(bench: &Bench<'_>) {
    let text = "反馈 feedback ".repeat(LONG / "反馈 feedback ".len());
    let record = plain(bench.key("long", "a"), 1, text);
    bench.put(&record).await;
    bench.expect(&record).await;
    let many = bench.store.get_many(std::slice::from_ref(&record.key)).await;
    assert!(many == Ok(vec![record]), "the same by get_many");
}

/// Four documents of a clause, none of them stored.
fn documents(bench: &Bench<'_>, clause: &str) -> [Record; 4] {
    ["a", "b", "c", "d"].map(|sort| plain(bench.key(clause, sort), 1, sort))
}

fn put(record: &Record) -> Write {
    Write::Put(record.clone())
}
