//! What people are going to do in a run: decided from the seed before anything happens, and in need of
//! nothing but what they see when their time comes.

mod life;
mod shop;

pub(crate) use life::{File, Life, Ruling, Step};
pub(crate) use shop::{CAP, Shift, Shop, able};

use crate::dice::Dice;
use jiff::{SignedDuration, Timestamp};
use redress_domain::order::later;

/// How much happens in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Customers who begin to say something: as many orders, and some that follow.
    pub orders: u32,
    /// Days within which they begin.
    pub days: u32,
}

/// When runs begin: on working days, on the eve of a sale, on days on which zones move their clocks.
const BEGINNINGS: [(&str, &str); 6] = [
    ("2026-11-23T01:00:00Z", "Asia/Shanghai"),
    ("2026-11-10T14:30:00Z", "Asia/Shanghai"),
    ("2026-10-09T10:00:00Z", "Asia/Shanghai"),
    ("2026-03-08T05:00:00Z", "America/New_York"),
    ("2026-11-01T04:00:00Z", "America/New_York"),
    ("2026-10-24T22:00:00Z", "Europe/Berlin"),
];

/// What people are going to do in a run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) begins: Timestamp,
    pub(crate) shop: Shop,
    pub(crate) lives: Vec<Life>,
    /// When nothing runs for a while, and for how long.
    pub(crate) outages: Vec<(Timestamp, SignedDuration)>,
}

impl Plan {
    /// The plan of a seed.
    pub(crate) fn of(seed: u64, scale: Scale) -> Self {
        let mut dice = Dice::of(seed, "plan");
        let (begins, zone) = dice.pick(&BEGINNINGS);
        let begins: Timestamp = begins.parse().expect("our beginnings are instants");
        let span = i64::from(scale.days.max(1)) * 86_400;
        // A sale: everybody at once.
        let rush = dice.chance(3_000).then(|| dice.between(0, span));
        let shop = Shop::of(seed, (begins, zone), span);
        let lives = (0..scale.orders).map(|number| Life::of(seed, number, (begins, zone), (span, rush))).collect();
        let outages = (0..dice.below(3)).map(|_| {
            let at = later(begins, SignedDuration::from_secs(dice.between(600, span)));
            (at, SignedDuration::from_secs(dice.between(300, 7_200)))
        });
        let mut outages: Vec<_> = outages.collect();
        outages.sort();
        Self { begins, shop, lives, outages }
    }
}
