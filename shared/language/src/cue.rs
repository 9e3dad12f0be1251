//! Reasons to hurry and reasons to look wider, each with its name and words.

use std::collections::BTreeMap;
use std::ops::Range;

use redress_domain::priority::Cue;

use crate::entity::Entity;
use crate::fold::Folded;
use crate::lexicon::{Hit, LEXICON};
use crate::{figure, negation};

/// A rule is told twice at most: shouting does not make it worse without end.
const TIMES_PER_RULE: usize = 2;

/// The cues of a text in its order, none sharing a character with another; and the folded bytes of
/// all that was said so, also of what was said once too often.
pub(crate) fn of(folded: &Folded, entities: &[Entity]) -> (Vec<Cue>, Vec<Range<usize>>) {
    let mut cues: Vec<_> = phrases(folded).chain(figure::find(entities)).collect();
    cues.sort_by_key(|cue| cue.span);
    let said = cues.iter().map(|cue| folded.bytes(cue.span)).collect();
    let (mut told, mut reached) = (BTreeMap::new(), 0);
    cues.retain(|cue| {
        let (start, end) = cue.span;
        start >= reached && told_again(&mut told, &cue.rule) && {
            reached = end;
            true
        }
    });
    (cues, said)
}

/// Counts a rule; false once it has been told often enough.
fn told_again(told: &mut BTreeMap<String, usize>, rule: &str) -> bool {
    let times = told.entry(rule.to_owned()).or_default();
    *times += 1;
    *times <= TIMES_PER_RULE
}

fn phrases(folded: &Folded) -> impl Iterator<Item = Cue> + '_ {
    let told = LEXICON.hits(folded).filter(|hit| is_told(folded, hit));
    told.map(|hit| Cue { rule: hit.rule.to_owned(), span: folded.span(hit.start, hit.end) })
}

/// Neither denied (没有受伤) nor asked (会受伤吗).
fn is_told(folded: &Folded, hit: &Hit<'_>) -> bool {
    !negation::denied(folded.text(), hit) && !negation::asked(folded.text(), hit)
}
