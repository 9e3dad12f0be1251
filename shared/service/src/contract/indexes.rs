//! Clauses on what finds documents again: due marks and work lists. Both may lag.
//!
//! Due marks of the contract lie in 1971, before everything that a shared table holds.

use super::{Bench, plain, settles};
use crate::keys::{DUE_SHARDS, due_shard};
use crate::ports::{DueMark, Key, Place, Record};
use jiff::{SignedDuration, Timestamp};

/// More than the contract leaves in one shard or list.
const ALL: usize = 1000;

pub(super) async fn a_due_mark_appears_moves_and_vanishes(bench: &Bench<'_>) {
    let key = bench.key("due", "a");
    let marked = |version, at| Record { due_at: at, ..plain(key.clone(), version, "marked") };
    for (version, at) in
        [(1, Some(second(2))), (2, Some(second(4))), (3, Some(second(1))), (4, None), (5, Some(second(3)))]
    {
        bench.put(&marked(version, at)).await;
        let expected: Vec<DueMark> = at.map(|at| DueMark { at, key: key.clone() }).into_iter().collect();
        settles(expected, async || marks(bench, &key, second(9)).await).await;
        assert_eq!(elsewhere(bench, &key).await, [], "no other shard has the mark");
    }
    bench.delete(&marked(5, Some(second(3)))).await;
    settles(vec![], async || marks(bench, &key, second(9)).await).await;
}

pub(super) async fn due_marks_come_earliest_first_up_to_an_instant(bench: &Bench<'_>) {
    let [a, b, c] = neighbours(bench, "due in order");
    let end = second(5);
    let records = [(&b, end), (&c, end + SignedDuration::from_millis(1)), (&a, second(1))]
        .map(|(key, at)| Record { due_at: Some(at), ..plain(key.clone(), 1, "marked") });
    for record in &records {
        bench.put(record).await;
    }
    let mark = |key: &Key, at| DueMark { at, key: key.clone() };
    let mut expected = vec![mark(&a, second(1)), mark(&b, end)];
    settles(expected.clone(), async || marks(bench, &a, end).await).await;
    expected.push(mark(&c, end + SignedDuration::from_millis(1)));
    settles(expected, async || marks(bench, &a, second(9)).await).await;
    for limit in 0..3 {
        let some = bench.store.due(due_shard(&a), None, second(9), limit).await.expect("a store under test answers");
        assert_eq!(some.len(), limit, "as many as there may be");
        assert!(some.is_sorted_by_key(|mark| mark.at), "earliest first");
        assert!(some.iter().all(|mark| mark.at <= end), "the later one is not among the first two");
    }
    let later = bench.store.due(due_shard(&a), Some(end), second(9), ALL).await.expect("a store under test answers");
    assert!(later.iter().all(|mark| mark.at > end), "only those after the instant");
    assert_eq!(later.iter().filter(|mark| mark.key == c).count(), 1, "and all of those");
    for record in &records {
        bench.delete(record).await;
    }
    settles(vec![], async || marks(bench, &a, second(9)).await).await;
}

pub(super) async fn a_place_appears_moves_and_vanishes(bench: &Bench<'_>) {
    let (here, there) = (bench.name("place, here"), bench.name("place, there"));
    let key = bench.key("place", "a");
    let steps = [
        (1, Some((&here, "P2#a"))),
        (2, Some((&here, "P1#a"))),
        (3, Some((&there, "P1#a"))),
        (4, None),
        (5, Some((&here, "P3#a"))),
    ];
    for (version, place) in steps {
        let place = place.map(|(list, rank)| Place { list: list.clone(), rank: rank.to_owned() });
        let record = Record { place, ..plain(key.clone(), version, version) };
        bench.put(&record).await;
        for list in [&here, &there] {
            let stands = record.place.as_ref().is_some_and(|place| place.list == *list);
            let expected = if stands { vec![record.clone()] } else { vec![] };
            settles(expected, async || standing(bench, list, None, ALL).await).await;
        }
    }
    bench.delete(&plain(key, 5, 5)).await;
    settles(vec![], async || standing(bench, &here, None, ALL).await).await;
}

pub(super) async fn a_work_list_comes_in_the_order_of_rank(bench: &Bench<'_>) {
    let list = bench.name("ranks");
    for rank in ["P2#1", "P1#~", "P10#1", "P1#2026", "P3#1"] {
        let place = Some(Place { list: list.clone(), rank: rank.to_owned() });
        bench.put(&Record { place, ..plain(bench.key("ranks", rank), 1, rank) }).await;
    }
    let cases: [(Option<&str>, usize, &[&str]); 8] = [
        (None, ALL, &["P1#2026", "P1#~", "P10#1", "P2#1", "P3#1"]),
        (None, 2, &["P1#2026", "P1#~"]),
        (None, 0, &[]),
        (Some(""), 1, &["P1#2026"]),
        (Some("P1#~"), ALL, &["P10#1", "P2#1", "P3#1"]),
        (Some("P1#~"), 1, &["P10#1"]),
        (Some("P11"), ALL, &["P2#1", "P3#1"]),
        (Some("P3#1"), ALL, &[]),
    ];
    for (after, limit, expected) in cases {
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        settles(expected, async || ranks(bench, &list, after, limit).await).await;
    }
}

/// The `number`th second of 1971.
fn second(number: i64) -> Timestamp {
    Timestamp::from_second(31_536_000 + number).expect("1971 is an instant")
}

/// The marks of `key`'s partition in its shard.
async fn marks(bench: &Bench<'_>, key: &Key, until: Timestamp) -> Vec<DueMark> {
    marks_in(bench, due_shard(key), key, until).await
}

/// The marks of `key`'s partition in the next shard, where they have no business.
async fn elsewhere(bench: &Bench<'_>, key: &Key) -> Vec<DueMark> {
    marks_in(bench, (due_shard(key) + 1) % DUE_SHARDS, key, second(9)).await
}

async fn marks_in(bench: &Bench<'_>, shard: u16, key: &Key, until: Timestamp) -> Vec<DueMark> {
    let mut marks = bench.store.due(shard, None, until, ALL).await.expect("a store under test answers");
    marks.retain(|mark| mark.key.partition == key.partition);
    marks
}

/// Three keys of one partition whose marks lie in one shard.
fn neighbours(bench: &Bench<'_>, clause: &str) -> [Key; 3] {
    let first = bench.key(clause, "0");
    let shard = due_shard(&first);
    let mut keys = (1_u32..).map(|number| bench.key(clause, &number.to_string())).filter(|key| due_shard(key) == shard);
    let mut key = || keys.next().expect("every shard takes its share of keys");
    [first, key(), key()]
}

async fn standing(bench: &Bench<'_>, list: &str, after: Option<&str>, limit: usize) -> Vec<Record> {
    bench.store.worklist(list, after, limit).await.expect("a store under test answers")
}

async fn ranks(bench: &Bench<'_>, list: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    let rank = |record: Record| record.place.map(|place| place.rank).unwrap_or_default();
    standing(bench, list, after, limit).await.into_iter().map(rank).collect()
}
