//! What somebody does when their time has come: decided from the step of their story and from what
//! they see of the order, and from nothing else.

use crate::plan::Step;
use crate::witness::{OrderSeen, SurveySeen};

/// What somebody does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// What the step says.
    Does,
    /// Nothing yet: it is looked at again later.
    Waits,
    /// Nothing at all: things have taken another course.
    Leaves,
}

/// What becomes of a step.
pub(crate) fn next(step: &Step, order: Option<&OrderSeen>, survey: Option<&SurveySeen>) -> Next {
    if matches!(step, Step::Say(_)) {
        return Next::Does;
    }
    let Some(order) = order else { return Next::Waits };
    let worked_on = order.agent.is_some() || order.supervised;
    let worker = |does: bool| match (order.is_active(), worked_on) {
        (false, _) => Next::Leaves,
        (true, false) => Next::Waits,
        (true, true) if does => Next::Does,
        (true, true) => Next::Leaves,
    };
    let whoever = |does: bool| if does { Next::Does } else { Next::Leaves };
    match step {
        Step::Say(_) => Next::Does,
        Step::Reply | Step::Resolve(_) => worker(true),
        Step::Pend => worker(order.answered && order.status != "pending_customer"),
        Step::GoOn => worker(order.status != "in_progress"),
        Step::Hear(_) => whoever(order.status != "cancelled"),
        Step::Prioritise(_) | Step::Give(_) | Step::Cancel => whoever(order.is_active()),
        Step::Reopen => whoever(order.status == "resolved"),
        Step::Rate { .. } => match survey.map(|survey| survey.state.as_str()) {
            Some("sent" | "answered") => Next::Does,
            None | Some("scheduled") => Next::Waits,
            _ => Next::Leaves,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(status: &str, agent: Option<&str>) -> OrderSeen {
        let mut order = OrderSeen::default();
        (order.status, order.agent) = (status.to_owned(), agent.map(str::to_owned));
        order
    }

    #[test]
    fn work_waits_for_somebody_and_is_left_alone_when_it_is_done() {
        let resolve = Step::Resolve(true);
        assert_eq!(next(&resolve, None, None), Next::Waits);
        assert_eq!(next(&resolve, Some(&order("open", None)), None), Next::Waits);
        assert_eq!(next(&resolve, Some(&order("assigned", Some("ag_ana"))), None), Next::Does);
        assert_eq!(next(&resolve, Some(&order("closed", Some("ag_ana"))), None), Next::Leaves);
        assert_eq!(
            next(&Step::Pend, Some(&order("assigned", Some("ag_ana"))), None),
            Next::Leaves,
            "nothing was asked"
        );
    }

    #[test]
    fn who_was_not_asked_rates_nothing() {
        let rate = Step::Rate { csat: 1, solved: false, words: None };
        let survey = |state: &str| SurveySeen { token: "t".to_owned(), state: state.to_owned() };
        let resolved = order("resolved", Some("ag_ana"));
        for (state, then) in [("scheduled", Next::Waits), ("sent", Next::Does), ("skipped", Next::Leaves)] {
            assert_eq!(next(&rate, Some(&resolved), Some(&survey(state))), then, "{state}");
        }
        assert_eq!(next(&Step::Say("再说 more".to_owned()), None, None), Next::Does);
    }
}
