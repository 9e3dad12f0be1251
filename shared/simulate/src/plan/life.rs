//! One customer's story: what they say and what is done about it, step by step, each some time after
//! the one before.

use crate::dice::Dice;
use crate::words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use redress_domain::order::later;
use redress_domain::priority::Priority;

/// Something that somebody does about an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// The customer says something: first, or in the thread of the first.
    Say(String),
    /// The customer says it again elsewhere, as if it were new.
    SayAnew(String),
    /// It turns out to be one with the other: this order goes on for both, or that one.
    Merge { keeps: bool },
    /// A part of it is for somebody else, and must be done first or need not.
    Split { mandatory: bool },
    /// Whoever has the part has done it.
    FinishPart,
    /// The customer has a file, and gets a form to upload it by.
    Announce(File),
    /// It is uploaded; the bucket says so, or does not.
    Upload { told: bool },
    /// Somebody looks at it.
    Fetch,
    /// The customer says something on the order, with the file.
    HearWith(String),
    /// The agent writes down how long it took.
    Spend,
    /// The customer is called, and says whether it was put right.
    Call { csat: u8, solved: bool },
    /// Somebody decides what the customer is given for a promise that was not kept.
    Decide(Ruling),
    /// The agent answers.
    Reply,
    /// The agent waits for the customer.
    Pend,
    /// The agent goes on.
    GoOn,
    /// The customer says something on the order.
    Hear(String),
    /// An agent gives it another priority.
    Prioritise(Priority),
    /// A supervisor gives it to that agent, by number, or to the team.
    Give(Option<usize>),
    /// It is put right; the customer is asked, or not.
    Resolve(bool),
    /// An agent brings it back.
    Reopen,
    /// It turns out to be spam.
    Cancel,
    /// The customer rates it.
    Rate { csat: u8, solved: bool, words: Option<String> },
}

impl Step {
    /// Whether there must be an order for it.
    pub(crate) fn needs_order(&self) -> bool {
        let without = matches!(self, Self::Say(_) | Self::SayAnew(_) | Self::Announce(_));
        !(without || matches!(self, Self::Upload { .. } | Self::Fetch))
    }
}

/// What comes of a file that was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum File {
    /// It is uploaded.
    AsAnnounced,
    /// Another one is.
    Another,
    /// It is no picture, as was said, but a page.
    Page,
    /// Nothing is.
    Never,
}

/// How somebody decides on a compensation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub(crate) by_admin: bool,
    pub(crate) declined: bool,
    /// How much of it is given, if not all.
    pub(crate) given: Option<i64>,
}

/// One customer's story.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    /// Its number: what it is called by.
    pub(crate) number: u32,
    pub(crate) reference: String,
    pub(crate) channel: &'static str,
    pub(crate) chinese: bool,
    /// Whether the channel names its messages, or the client does.
    pub(crate) by_source: bool,
    pub(crate) locale: &'static str,
    pub(crate) email: Option<String>,
    /// Who carries what they bought.
    pub(crate) courier: Option<&'static str>,
    pub(crate) begins: Timestamp,
    /// What is done, each so many seconds after the one before.
    pub(crate) steps: Vec<(i64, Step)>,
}

const CHANNELS: [&str; 6] = ["web", "app", "email", "wechat", "chat", "phone"];
const LOCALES: [(&str, bool); 5] =
    [("zh-CN", true), ("zh-CN", true), ("en-US", false), ("en-GB", false), ("de-DE", false)];

/// How many customers write in each hour of the day, of those in the busiest.
const HOURS: [u64; 24] = [3, 2, 1, 1, 1, 2, 3, 5, 8, 10, 10, 9, 7, 8, 9, 9, 8, 8, 8, 9, 10, 9, 7, 5];

impl Life {
    pub(super) fn of(
        seed: u64,
        number: u32,
        (begins, zone): (Timestamp, &str),
        (span, rush): (i64, Option<i64>),
    ) -> Self {
        let dice = &mut Dice::of(seed, &format!("life {number}"));
        let (locale, chinese) = dice.pick(&LOCALES);
        let channel = dice.pick(&CHANNELS);
        // Some customers have more than one matter.
        let customer = if dice.chance(2_000) { 0 } else { number };
        let reference = format!("c-{customer}");
        let email = (channel == "email" || dice.chance(3_000))
            .then(|| format!("{}.{customer}@example.com", crate::witness::MARKER));
        let begins = match rush {
            Some(rush) => later(begins, SignedDuration::from_secs(rush + dice.between(0, 60))),
            None => by_the_hour(begins, zone, span, dice),
        };
        let (steps, by_source) = (steps(chinese, dice), dice.chance(4_000));
        let courier = dice.pick(&[None, Some("顺丰"), Some("UPS")]);
        Self { number, reference, channel, chinese, by_source, locale, email, courier, begins, steps }
    }
}

/// Sometime within the span, more often when people are awake.
fn by_the_hour(begins: Timestamp, zone: &str, span: i64, dice: &mut Dice) -> Timestamp {
    let zone = TimeZone::get(zone).expect("our zones are in the data that is built in");
    let mut at = begins;
    for _ in 0..12 {
        at = later(begins, SignedDuration::from_secs(dice.between(0, span)));
        let hour = usize::try_from(at.to_zoned(zone.clone()).hour()).unwrap_or(0);
        if dice.below(10) < HOURS.get(hour).copied().unwrap_or(1) {
            break;
        }
    }
    at
}

fn steps(chinese: bool, dice: &mut Dice) -> Vec<(i64, Step)> {
    let mut steps = vec![(0, Step::Say(words::first(chinese, dice)))];
    let mut then = |low: i64, high: i64, step: Step, dice: &mut Dice| steps.push((dice.between(low, high), step));
    if dice.chance(1_500) {
        then(1, 600, Step::Say(words::more(chinese, dice)), dice);
    }
    if dice.chance(1_200) {
        let file = dice.pick(&[File::AsAnnounced, File::AsAnnounced, File::Another, File::Page, File::Never]);
        then(1, 300, Step::Announce(file), dice);
        then(1, 1_000, Step::Upload { told: dice.chance(8_000) }, dice);
        then(1, 60, Step::Fetch, dice);
        then(1, 3_000, Step::HearWith(words::more(chinese, dice)), dice);
        then(1, 3_000, Step::Fetch, dice);
    }
    if dice.chance(1_200) {
        then(1, 4_000, Step::SayAnew(words::first(chinese, dice)), dice);
        if dice.chance(8_000) {
            then(30, 8_000, Step::Merge { keeps: dice.chance(5_000) }, dice);
            then(30, 8_000, Step::Say(words::more(chinese, dice)), dice);
        }
    }
    if dice.chance(7_000) {
        then(60, 10_000, Step::Reply, dice);
    }
    let split = dice.chance(1_000);
    if split {
        then(60, 4_000, Step::Split { mandatory: dice.chance(7_000) }, dice);
    }
    if dice.chance(1_000) {
        then(1, 3_000, Step::Spend, dice);
    }
    if dice.chance(1_200) {
        then(1, 3_000, Step::Prioritise(dice.pick(&[Priority::P1, Priority::P2, Priority::P4])), dice);
    }
    if dice.chance(1_000) {
        let to = dice.chance(6_000).then(|| usize::try_from(dice.below(4)).unwrap_or(0));
        then(1, 5_000, Step::Give(to), dice);
    }
    if dice.chance(2_500) {
        then(60, 5_000, Step::Pend, dice);
        let next = if dice.chance(7_000) { Step::Hear(words::more(chinese, dice)) } else { Step::GoOn };
        then(60, 100_000, next, dice);
    }
    if split && dice.chance(6_000) {
        then(60, 50_000, Step::FinishPart, dice);
    }
    if dice.chance(3_000) {
        then(1, 20_000, Step::Decide(ruling(dice)), dice);
    }
    if dice.chance(600) {
        then(60, 5_000, Step::Cancel, dice);
        return steps;
    }
    for _ in 0..4 {
        then(60, 40_000, Step::Resolve(dice.chance(9_000)), dice);
        match dice.below(11) {
            0..=2 => {
                then(30, 90_000, Step::Rate { csat: 1, solved: false, words: Some(words::complaint(chinese)) }, dice);
            }
            3 => then(30, 90_000, Step::Rate { csat: 2, solved: false, words: None }, dice),
            4 => then(30, 90_000, Step::Hear(if chinese { "1 没解决" } else { "1" }.to_owned()), dice),
            5 => then(60, 90_000, Step::Say(words::more(chinese, dice)), dice),
            6 => then(60, 90_000, Step::Reopen, dice),
            7 => {
                then(30, 90_000, Step::Rate { csat: 5, solved: true, words: None }, dice);
                return steps;
            }
            8 => {
                let csat = dice.pick(&[1, 3, 5]);
                then(30, 90_000, Step::Call { csat, solved: csat > 2 }, dice);
                then(1, 20_000, Step::Decide(ruling(dice)), dice);
            }
            9 => {
                // After the window has passed: a new order, after this one.
                then(700_000, 800_000, Step::Say(words::more(chinese, dice)), dice);
            }
            _ => return steps,
        }
    }
    steps
}

fn ruling(dice: &mut Dice) -> Ruling {
    let (by_admin, declined) = (dice.chance(3_000), dice.chance(3_000));
    let given = (!declined && dice.chance(3_000)).then(|| dice.between(1, 300));
    Ruling { by_admin, declined, given }
}
