//! Any bytes as the bodies of a queue's messages, a line each, to a shop in which something has
//! happened: each is handled or refused, and handling it again changes nothing.

#![no_main]

#[path = "../../shared/aws/src/lambda/notification.rs"]
mod notification;
mod shop;

use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;
use redress_domain::event::Event;
use redress_service::{Fault, handle};
// `shop` asks the tests of the API whether an answer is one that is described, and they look here.
use shop::{Shop, address, openapi};

/// What has happened: an order, its survey, a file, a webhook and an incident.
const BEFORE: &[u8] = include_bytes!("../seeds/api/before");

/// As many messages come.
const MESSAGES: usize = 16;

fuzz_target!(|bytes: &[u8]| {
    let mut shop = Shop::open();
    for step in shop::steps(BEFORE) {
        shop.step(step);
    }
    let world = shop.memory.world();
    for line in bytes.split(|byte| *byte == b'\n').take(MESSAGES) {
        let line = shop.filled(line);
        let Ok(body) = std::str::from_utf8(&line) else { continue };
        let told = match serde_json::from_str::<Event>(body) {
            Ok(event) => vec![event],
            Err(_) => notification::events(body).and_then(Result::ok).unwrap_or_default(),
        };
        for event in told {
            let moment = shop.memory.moment();
            let first = block_on(handle(&world, &event, moment));
            assert!(!matches!(first, Err(Fault::Unavailable(_))), "{event:?}: {first:?}");
            let before = shop.memory.store().snapshot();
            let again = block_on(handle(&world, &event, shop.memory.moment()));
            assert_eq!(first.is_ok(), again.is_ok(), "{event:?}: {first:?}, then {again:?}");
            let changed = shop.memory.store().snapshot().into_iter().find(|record| !before.contains(record));
            assert_eq!(changed, None, "{event:?} again");
        }
    }
    block_on(shop.memory.settle());
    shop.check();
});
