//! A promise that somebody makes by hand: it ends at an instant, whatever the target comes to.

use super::ClockKey;
use super::clock::{Cause, Clock, Rules};
use super::clocks::{Clocks, Done, Step};
use crate::calendar::CalendarError;
use jiff::Timestamp;

impl Clock {
    /// Lets the promise end at `due_at`, or, with `None`, when the target says again. What was used
    /// up stays used up; a paused clock only takes note.
    ///
    /// # Errors
    /// The calendar has no open time within a year.
    pub(super) fn overrule(
        &mut self,
        due_at: Option<Timestamp>,
        cause: Cause<'_>,
        rules: &Rules<'_>,
    ) -> Result<(), CalendarError> {
        if !self.is_paused() {
            self.detect(cause.0, rules.calendar);
            self.close(cause.0, rules.calendar);
        }
        self.overridden = due_at;
        if self.is_paused() { Ok(()) } else { self.go_on(cause, rules) }
    }
}

impl Clocks {
    /// Somebody promises by hand when a clock is due, or takes that back.
    ///
    /// # Errors
    /// A calendar without open time; the book does not have what the clock runs by.
    pub fn overrule(&mut self, key: &ClockKey, due_at: Option<Timestamp>, step: Step<'_>) -> Done {
        self.settle(step)?;
        match self.all.iter_mut().find(|clock| clock.key == *key && clock.is_live()) {
            Some(clock) => {
                let rules = step.book.rules_of(clock)?;
                clock.overrule(due_at, step.cause(), &rules)
            }
            None => Ok(()),
        }
    }
}
