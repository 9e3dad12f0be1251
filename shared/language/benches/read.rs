//! How fast a text is read, part by part. Prints figures; asserts none.
//! `cargo bench -p redress-language`, or with a file of rows (`{"text"}` a line) as its argument.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock to print a figure")]

use redress_language::entity::entities;
use redress_language::{Model, Scratch, mask};
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

/// What the demonstration's customers say.
const FEEDBACK: &str = include_str!("../../../infra/cli/src/demo/feedback.jsonl");

/// Each text is read so often, and its fastest time counts: other work on the machine is not ours.
const RUNS: usize = 20;

fn measure(name: &str, texts: &[String], mut work: impl FnMut(&str)) {
    let mut once = |text: &str| {
        let begun = Instant::now();
        work(black_box(text));
        begun.elapsed()
    };
    let mut taken: Vec<Duration> =
        texts.iter().map(|text| (0..RUNS).map(|_| once(text)).min().unwrap_or_default()).collect();
    taken.sort_unstable();
    let micros = |percent: usize| taken[(taken.len() * percent / 100).min(taken.len() - 1)].as_secs_f64() * 1e6;
    let line = format!("{name:<24} p50 {:>7.1} µs   p99 {:>7.1} µs", micros(50), micros(99));
    let _gone = writeln!(std::io::stdout(), "{line}");
}

fn texts(rows: &str, field: &str) -> Vec<String> {
    let text = |line: &str| Some(serde_json::from_str::<serde_json::Value>(line).ok()?[field].as_str()?.to_owned());
    rows.lines().filter_map(text).collect()
}

fn main() {
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let texts = match file {
        Some(file) => texts(&std::fs::read_to_string(file).expect("the file can be read"), "text"),
        None => texts(FEEDBACK, "message"),
    };
    let all: Vec<char> = texts.join(" ").chars().collect();
    let long: Vec<String> = all.chunks_exact(2000).take(100).map(|chunk| chunk.iter().collect()).collect();
    let begun = Instant::now();
    let (model, mut scratch) = (Model::shipped(), Scratch::default());
    let loaded = begun.elapsed().as_secs_f64() * 1e3;
    black_box(model.read("订单号88231 三天没到, my order 88231"));
    let first = begun.elapsed().as_secs_f64() * 1e3 - loaded;
    let _gone =
        writeln!(std::io::stdout(), "model checked and loaded in {loaded:.1} ms, first text read in {first:.1} ms");
    let characters = all.len() / texts.len().max(1);
    let _gone = writeln!(std::io::stdout(), "{} texts, {characters} characters each on average", texts.len());
    measure("scored", &texts, |text| {
        black_box(model.score(text, &mut scratch));
    });
    measure("what it names", &texts, |text| drop(black_box(entities(text))));
    measure("masked", &texts, |text| drop(black_box(mask(text))));
    measure("read, all of it", &texts, |text| drop(black_box(model.read(text))));
    measure("2,000 characters scored", &long, |text| {
        black_box(model.score(text, &mut scratch));
    });
    measure("2,000 characters named", &long, |text| drop(black_box(entities(text))));
    measure("2,000 characters read", &long, |text| drop(black_box(model.read(text))));
}
