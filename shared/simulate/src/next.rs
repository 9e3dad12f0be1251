//! What somebody does when their time has come: decided from the step of their story and from what
//! they see of the order, and from nothing else.

use crate::ground::Sent;
use crate::plan::Step;
use crate::run::About;
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

/// What somebody sees of a story.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sees<'a> {
    /// The order that it is about.
    pub(crate) order: Option<&'a OrderSeen>,
    /// The newest survey about that.
    pub(crate) survey: Option<&'a SurveySeen>,
    pub(crate) about: Option<&'a About>,
    /// Whether something that was said has no order yet.
    pub(crate) unanswered: bool,
    /// The customer's file.
    pub(crate) file: Option<&'a Sent>,
}

/// What becomes of a step.
pub(crate) fn next(step: &Step, sees: Sees<'_>) -> Next {
    let whoever = |does: bool| if does { Next::Does } else { Next::Leaves };
    match (step, sees.order) {
        (Step::Upload { .. }, _) => whoever(sees.file.is_some_and(|sent| !sent.uploaded)),
        (Step::Fetch, _) => whoever(sees.file.is_some()),
        (_, Some(order)) if step.needs_order() => about(step, order, sees),
        (_, None) if step.needs_order() => Next::Waits,
        _ => Next::Does,
    }
}

/// The same of a step that needs an order.
fn about(step: &Step, order: &OrderSeen, sees: Sees<'_>) -> Next {
    let worked_on = order.agent.is_some() || order.supervised;
    let worker = |does: bool| match (order.is_active(), worked_on) {
        (false, _) => Next::Leaves,
        (true, false) => Next::Waits,
        (true, true) if does => Next::Does,
        (true, true) => Next::Leaves,
    };
    let whoever = |does: bool| if does { Next::Does } else { Next::Leaves };
    let asked = sees.survey.map(|survey| survey.state.as_str());
    match step {
        Step::Reply | Step::Resolve(_) | Step::Split { .. } => worker(true),
        Step::Pend => worker(order.answered && order.status != "pending_customer"),
        Step::GoOn => worker(order.status != "in_progress"),
        Step::Spend => worker(order.agent.is_some()),
        Step::Hear(_) => whoever(order.status != "cancelled"),
        Step::HearWith(_) => whoever(order.status != "cancelled" && sees.file.is_some()),
        Step::Prioritise(_) | Step::Give(_) | Step::Cancel => whoever(order.is_active()),
        Step::Reopen => whoever(order.status == "resolved"),
        Step::Merge { .. } => match sees.about.map(|about| about.twin.is_some()) {
            Some(true) => Next::Does,
            _ if sees.unanswered => Next::Waits,
            _ => Next::Leaves,
        },
        Step::FinishPart => match sees.about.and_then(|about| about.part.as_ref()) {
            Some((_, Some(_))) => Next::Does,
            Some((_, None)) => Next::Waits,
            None => Next::Leaves,
        },
        Step::Decide(_) => whoever(sees.about.is_some_and(|about| about.asked.is_some())),
        Step::Rate { .. } => match asked {
            Some("sent" | "answered") => Next::Does,
            None | Some("scheduled") => Next::Waits,
            _ => Next::Leaves,
        },
        Step::Call { .. } => match asked {
            Some("skipped") => Next::Leaves,
            Some(_) => Next::Does,
            None if order.is_active() => Next::Leaves,
            None => Next::Waits,
        },
        // Such a step needs no order.
        Step::Say(_) | Step::SayAnew(_) | Step::Announce(_) | Step::Upload { .. } | Step::Fetch => Next::Does,
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

    fn seeing(order: &OrderSeen) -> Sees<'_> {
        Sees { order: Some(order), ..Sees::default() }
    }

    #[test]
    fn work_waits_for_somebody_and_is_left_alone_when_it_is_done() {
        let resolve = Step::Resolve(true);
        assert_eq!(next(&resolve, Sees::default()), Next::Waits);
        assert_eq!(next(&resolve, seeing(&order("open", None))), Next::Waits);
        assert_eq!(next(&resolve, seeing(&order("assigned", Some("ag_ana")))), Next::Does);
        assert_eq!(next(&resolve, seeing(&order("closed", Some("ag_ana")))), Next::Leaves);
        assert_eq!(next(&Step::Pend, seeing(&order("assigned", Some("ag_ana")))), Next::Leaves, "nothing was asked");
    }

    #[test]
    fn who_was_not_asked_rates_nothing() {
        let rate = Step::Rate { csat: 1, solved: false, words: None };
        let survey = |state: &str| SurveySeen { id: "sv_1".to_owned(), token: "t".to_owned(), state: state.to_owned() };
        let resolved = order("resolved", Some("ag_ana"));
        for (state, then) in [("scheduled", Next::Waits), ("sent", Next::Does), ("skipped", Next::Leaves)] {
            let survey = survey(state);
            assert_eq!(next(&rate, Sees { survey: Some(&survey), ..seeing(&resolved) }), then, "{state}");
        }
        assert_eq!(next(&Step::Say("再说 more".to_owned()), Sees::default()), Next::Does);
    }

    #[test]
    fn two_are_made_one_only_once_both_are_there() {
        let (merge, one) = (Step::Merge { keeps: true }, order("assigned", Some("ag_ana")));
        assert_eq!(next(&merge, Sees { unanswered: true, ..seeing(&one) }), Next::Waits);
        assert_eq!(next(&merge, seeing(&one)), Next::Leaves);
    }
}
