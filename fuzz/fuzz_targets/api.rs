//! Any bytes as a story of requests to the whole API, some time between them, and files: whatever is
//! sent is answered as the OpenAPI document says, never by an error of ours, and nothing of it can
//! never be handled or is forgotten.

#![no_main]

mod shop;

use libfuzzer_sys::fuzz_target;
// `shop` asks the tests of the API whether an answer is one that is described, and they look here.
use shop::{Shop, address, openapi};

/// As many steps are played.
const STEPS: usize = 24;

fuzz_target!(|bytes: &[u8]| {
    let mut shop = Shop::open();
    for step in shop::steps(bytes).into_iter().take(STEPS) {
        shop.step(step);
    }
    shop.live(3_600);
    shop.check();
});
