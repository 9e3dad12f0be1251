//! What the runs cost, by the rules of those who would charge for it, faults and repeats and all; and
//! which key takes most of what is written, if each run is a tenant.

use redress_service::memory::{Busiest, Meter, Part};
use serde_json::Value;
use std::collections::BTreeMap;

/// List prices, with where they are from and when.
const PRICES: &str = include_str!("../../../infra/bench/prices.json");

/// What was read, written, sent and run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metered {
    /// Units of the table and its indexes.
    pub meter: Meter,
    /// Messages that were sent.
    pub sent: u64,
    /// Messages that were received: each is taken by a function, alone.
    pub received: u64,
    /// Requests of people and of the shop's back end.
    pub requests: u64,
    /// Sweeps, as often as something was due.
    pub sweeps: u64,
    /// Bytes of what was logged, without what each line has besides.
    pub logged: u64,
    /// Tenants: runs.
    pub tenants: u64,
    /// Write units of the marks' shards, which all tenants share.
    pub shared: BTreeMap<String, u64>,
    /// The one key of one tenant that took most in its part, and how much.
    pub own: BTreeMap<&'static str, (String, u64)>,
    /// All write units.
    pub all: u64,
}

impl Metered {
    /// With what a run wrote.
    pub(crate) fn wrote(&mut self, busiest: &Busiest) {
        self.all += busiest.all;
        for ((part, key), units) in &busiest.units {
            if *part == Part::Due {
                *self.shared.entry(key.clone()).or_default() += units;
            } else {
                let most = self.own.entry(part.as_str()).or_default();
                if *units > most.1 {
                    *most = (key.clone(), *units);
                }
            }
        }
    }

    /// Both together.
    pub(crate) fn add(&mut self, other: &Self) {
        self.meter = self.meter.and(other.meter);
        self.sent += other.sent;
        self.received += other.received;
        self.requests += other.requests;
        self.sweeps += other.sweeps;
        self.logged += other.logged;
        self.tenants += other.tenants;
        self.all += other.all;
        for (key, units) in &other.shared {
            *self.shared.entry(key.clone()).or_default() += units;
        }
        for (part, (key, units)) in &other.own {
            let most = self.own.entry(part).or_default();
            if *units > most.1 {
                *most = (key.clone(), *units);
            }
        }
    }

    /// Figures of one of so many lifecycles, each by its name.
    #[must_use]
    pub fn figures(&self, lives: u64) -> Vec<(&'static str, f64)> {
        let each = |count: u64| count as f64 / lives as f64;
        let Meter { write_units, index_units, writes, .. } = self.meter;
        vec![
            ("documents written", each(writes)),
            ("write units of the table", each(write_units)),
            ("write units of its indexes", each(index_units)),
            ("read units", self.meter.units() / lives as f64),
            // A message is sent, received and deleted.
            ("queue calls", each(self.sent + 2 * self.received)),
            ("invocations", each(self.requests + self.received + self.sweeps)),
            ("invocations that are requests", each(self.requests)),
            ("invocations that are sweeps", each(self.sweeps)),
            ("bytes logged", each(self.logged)),
        ]
    }

    /// What a million lifecycles cost, by what it is for, in the currency of the prices.
    fn bill(&self, lives: u64, prices: &Value) -> [(&'static str, f64); 6] {
        let each = |count: u64| count as f64 / lives as f64;
        let price = |name: &str| prices[name].as_f64().unwrap_or(f64::NAN);
        let assumed = |name: &str| prices["assumed"][name].as_f64().unwrap_or(f64::NAN);
        let seconds = assumed("milliseconds_an_invocation") / 1e3 * assumed("memory_gb");
        let run = price("invocations_per_million") + seconds * price("gigabyte_seconds_per_million");
        let written = self.meter.write_units + self.meter.index_units;
        [
            ("table", each(written) * price("write_units_per_million")),
            ("reads", self.meter.units() / lives as f64 * price("read_units_per_million")),
            ("queues", each(self.sent + 2 * self.received) * price("queue_calls_per_million")),
            ("functions", each(self.requests + self.received + self.sweeps) * run),
            ("API", each(self.requests) * price("api_requests_per_million")),
            ("logs", each(self.logged) / 1e3 * price("log_gigabyte")),
        ]
    }

    /// In words, a line each: what one of so many lifecycles cost, and a million of them.
    #[must_use]
    pub fn told(&self, lives: u64) -> Vec<String> {
        let prices: Value = serde_json::from_str(PRICES).unwrap_or_default();
        let mut lines = vec!["of each lifecycle, faults and repeats and all:".to_owned()];
        lines.extend(self.figures(lives).iter().map(|(name, figure)| format!("{figure:>10.1}  {name}")));
        let bill = self.bill(lives, &prices);
        let sum: f64 = bill.iter().map(|(_, dollars)| dollars).sum();
        let parts = bill.map(|(name, dollars)| format!("{name} ${dollars:.2}")).join(", ");
        lines.push(format!("a million of them: ${sum:.2} ({parts})"));
        let text = |name: &str| prices[name].as_str().unwrap_or_default().to_owned();
        lines.push(format!("prices: {}; {}; {}", text("source"), text("region"), text("as_of")));
        lines.extend(self.busiest());
        lines
    }

    /// Which key takes most, of each part.
    fn busiest(&self) -> Vec<String> {
        let share = |units: u64| units as f64 * 100.0 / self.all.max(1) as f64;
        let shared = self.shared.iter().max_by_key(|(_, units)| **units);
        let shared = shared.map(|(key, units)| (Part::Due.as_str(), key, *units));
        let own = self.own.iter().map(|(part, (key, units))| (*part, key, *units));
        let of = self.tenants;
        let told = |(part, key, units): (&str, &String, u64)| {
            format!("busiest key of {part}: {:.2} % of all write units, with {of} tenants ({key})", share(units))
        };
        own.chain(shared).map(told).collect()
    }
}
