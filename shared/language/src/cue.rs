//! Reasons to hurry and reasons to look wider, each with its name, points and words.

use std::collections::BTreeMap;

use redress_domain::priority::Contribution;

use crate::entity::Entity;
use crate::fold::Folded;
use crate::lexicon::{Hit, LEXICON};
use crate::{figure, negation};

/// A rule is told twice at most: shouting does not make it worse without end.
const TIMES_PER_RULE: usize = 2;

/// The cues of a text in its order, none sharing a character with another.
pub(crate) fn of(folded: &Folded, entities: &[Entity]) -> Vec<Contribution> {
    let mut cues: Vec<_> = phrases(folded).chain(figure::find(entities)).collect();
    cues.sort_by_key(|cue| cue.span);
    let (mut told, mut reached) = (BTreeMap::new(), 0);
    cues.retain(|cue| {
        let (start, end) = cue.span.unwrap_or_default();
        start >= reached && told_again(&mut told, &cue.rule) && {
            reached = end;
            true
        }
    });
    cues
}

/// Counts a rule; false once it has been told often enough.
fn told_again(told: &mut BTreeMap<String, usize>, rule: &str) -> bool {
    let times = told.entry(rule.to_owned()).or_default();
    *times += 1;
    *times <= TIMES_PER_RULE
}

fn phrases(folded: &Folded) -> impl Iterator<Item = Contribution> + '_ {
    LEXICON.cue.hits(folded).filter(|hit| is_told(folded, hit)).filter_map(|hit| {
        let rule = LEXICON.rule(&hit);
        let (axis, weight) = rule.points.filter(|points| points.1 != 0)?;
        let span = Some(folded.span(hit.start, hit.end));
        Some(Contribution { rule: rule.id.clone(), axis, weight, span })
    })
}

/// Neither denied (没有受伤) nor asked (会受伤吗).
fn is_told(folded: &Folded, hit: &Hit) -> bool {
    !negation::denied(folded.text(), hit) && !negation::asked(folded.text(), hit)
}
