//! Many callers at once: one of them wins, and nobody is told what is not so.

use super::intake::until_answered;
use super::tenant::Tenant;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

#[test]
fn of_fifty_parallel_changes_on_one_version_one_wins_and_the_others_are_told_that_it_changed() {
    let shop = Tenant::open("changes");
    let order = shop.order_of("充电器冒烟了 the charger smokes, please");
    let path = order["links"]["self"].as_str().unwrap();
    let version = shop.get(path).header("etag").unwrap().to_owned();
    let (categories, version) = (["logistics", "account"], version.as_str());
    let answers: Vec<_> = thread::scope(|scope| {
        let changes: Vec<_> = (0..50)
            .map(|at| {
                let (shop, key) = (&shop, format!("change-{at}"));
                let body = json!({"category": categories[at % 2]});
                // A try again after the emulator's 502 is the same request: its key says so.
                scope.spawn(move || until_answered(|| shop.patch_at(path, version, &key, &body)))
            })
            .collect();
        changes.into_iter().map(|change| change.join().unwrap()).collect()
    });
    let of = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((of(200), of(412)), (1, 49), "{answers:?}");
    let won = answers.iter().find(|answer| answer.status == 200).unwrap().json();
    let now = shop.get(path).json();
    assert_eq!((&now["category"], &now["version"]), (&won["category"], &won["version"]));
}

#[test]
fn whoever_pages_while_feedback_arrives_sees_each_that_was_there_exactly_once() {
    let shop = Tenant::open("pages");
    let say = |at: usize| {
        let body =
            json!({"channel": "chat", "message": format!("第{at}次问：快递到哪里了"), "customer": {"ref": "c-1"}});
        let answer = until_answered(|| shop.say(&format!("page-{at}"), &body));
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    let before: BTreeSet<String> = (0..20).map(say).collect();
    super::stack::eventually("the first twenty on the list", || (walk(&shop, 200).len() == 20).then_some(()));
    let arriving = AtomicBool::new(true);
    let seen = thread::scope(|scope| {
        let more = scope.spawn(|| (20..50).for_each(|at| drop(say(at))));
        let pages = scope.spawn(|| {
            let mut walks = vec![walk(&shop, 3)];
            while arriving.load(Ordering::Relaxed) {
                walks.push(walk(&shop, 3));
            }
            walks
        });
        more.join().unwrap();
        arriving.store(false, Ordering::Relaxed);
        pages.join().unwrap()
    });
    for walk in seen {
        let ids: BTreeSet<_> = walk.iter().cloned().collect();
        assert_eq!(ids.len(), walk.len(), "one came twice: {walk:?}");
        assert!(before.is_subset(&ids), "one is missing: {:?}", before.difference(&ids));
    }
}

/// The ids of a shop's feedback, page by page.
fn walk(shop: &Tenant, limit: usize) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = until_answered(|| shop.get_as_integrator(&format!("/v1/feedback?limit={limit}{cursor}")));
        assert_eq!(page.status, 200, "{page:?}");
        let page: Value = page.json();
        ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}
