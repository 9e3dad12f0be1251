//! What everything in one run stands on: the clock, the messages that are on their way, what goes
//! wrong, and the witness of all that is written.

use crate::dice::Dice;
use crate::fault::{Fates, FaultKind};
use crate::plan::File;
use crate::witness::Witness;
use jiff::{SignedDuration, Timestamp};
use redress_domain::event::Event;
use redress_domain::id::{AttachmentId, FeedbackId, IncidentId};
use redress_domain::order::later;
use redress_service::ports::Form;
use std::collections::BTreeMap;

/// How often a message is delivered before it is laid aside, as in `template.yaml`.
pub(crate) const MAX_RECEIVES: u32 = 5;

/// How often, in ten thousand, a message is repeated, and comes late.
const ON_THE_WAY: [(FaultKind, u64); 2] = [(FaultKind::Repeated, 700), (FaultKind::Late, 300)];

/// A message on its way.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The event, how often it was sent, and which copy it is.
    pub(crate) name: String,
    pub(crate) event: Event,
    pub(crate) receives: u32,
}

/// A file that a customer has announced.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) id: AttachmentId,
    pub(crate) form: Form,
    /// What is going to lie there.
    pub(crate) file: File,
    /// Whether it does.
    pub(crate) uploaded: bool,
}

/// What everything in one run stands on.
pub(crate) struct Ground {
    pub(crate) now: Timestamp,
    pub(crate) fates: Fates,
    pub(crate) witness: Witness,
    messages: BTreeMap<(Timestamp, u64), Message>,
    sent: u64,
    times: BTreeMap<String, u32>,
    /// Messages that failed too often, and rest.
    pub(crate) dead: Vec<(Message, String)>,
    /// How often a write found that somebody else had written.
    pub(crate) conflicts: u64,
    /// What each customer has said, by the number of their story.
    pub(crate) said: BTreeMap<u32, Vec<FeedbackId>>,
    /// The file of each customer who has one, by the number of their story.
    pub(crate) files: BTreeMap<u32, Sent>,
    /// What was declared, by its number in the plan.
    pub(crate) incidents: BTreeMap<u32, IncidentId>,
    pub(crate) calls: u64,
    /// What happened, a line each; `None` unless somebody reads it.
    pub(crate) story: Option<Vec<String>>,
}

impl Ground {
    pub(crate) fn new(now: Timestamp, fates: Fates, witness: Witness, told: bool) -> Self {
        Self {
            now,
            fates,
            witness,
            messages: BTreeMap::new(),
            sent: 0,
            times: BTreeMap::new(),
            dead: Vec::new(),
            conflicts: 0,
            said: BTreeMap::new(),
            files: BTreeMap::new(),
            incidents: BTreeMap::new(),
            calls: 0,
            story: told.then(Vec::new),
        }
    }

    /// Writes a line of the story.
    pub(crate) fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{:.3}  {}", self.now, line()));
        }
    }

    /// Takes a message, which comes after `delay` at the earliest: once, twice or three times, soon or
    /// late, in any order.
    pub(crate) fn send(&mut self, event: &Event, delay: SignedDuration) {
        self.witness.sent(event);
        let times = self.times.entry(event.id.clone()).or_default();
        *times += 1;
        let name = format!("{}~{times}", event.id);
        let mut dice = self.fates.dice(&name);
        let mut fate = self.fates.dice(&format!("{name} fate"));
        let met = self.fates.at(&name, 0, &mut fate, &ON_THE_WAY);
        let copies = if met == Some(FaultKind::Repeated) { dice.between(2, 3) } else { 1 };
        for copy in 1..=copies {
            let way = match met {
                Some(FaultKind::Late) => dice.between(60_000, 1_200_000),
                Some(_) if copy > 1 => dice.between(0, 180_000),
                _ => dice.between(20, 2_500),
            };
            let at = later(later(self.now, delay), SignedDuration::from_millis(way));
            self.put(at, Message { name: format!("{name}.{copy}"), event: event.clone(), receives: 0 });
        }
    }

    fn put(&mut self, at: Timestamp, message: Message) {
        self.sent += 1;
        self.messages.insert((at, self.sent), message);
    }

    /// Puts back what was not dealt with: it comes again, or rests when it has come too often.
    pub(crate) fn put_back(&mut self, mut message: Message, why: &str, dice: &mut Dice) {
        message.receives += 1;
        if message.receives >= MAX_RECEIVES {
            self.tell(|| format!("{} rests: {why}", message.name));
            self.witness.rested = true;
            self.dead.push((message, why.to_owned()));
            return;
        }
        let at = later(self.now, SignedDuration::from_millis(dice.between(1_000, 90_000)));
        self.put(at, message);
    }

    /// Puts back whatever rests, as an operator does.
    pub(crate) fn redrive(&mut self) {
        for (message, _) in std::mem::take(&mut self.dead) {
            self.put(self.now, Message { receives: 0, name: format!("{} again", message.name), ..message });
        }
    }

    /// What has arrived by now, at most so many.
    pub(crate) fn arrived(&mut self, most: usize) -> Vec<Message> {
        let mut arrived = Vec::new();
        while let Some(first) = self.messages.first_entry().filter(|first| first.key().0 <= self.now) {
            if arrived.len() == most {
                break;
            }
            arrived.push(first.remove());
        }
        arrived
    }

    /// How many messages were sent, however many copies came of them.
    pub(crate) fn sent(&self) -> u64 {
        self.times.values().map(|times| u64::from(*times)).sum()
    }

    /// When the next message arrives.
    pub(crate) fn next_message(&self) -> Option<Timestamp> {
        self.messages.first_key_value().map(|((at, _), _)| *at)
    }
}
