//! What else a text is about: a second subject mostly has a clause of its own.

use redress_domain::category::Category;

use crate::model::Model;
use crate::score::Scratch;

/// What parts a clause from the next. A point within a number or a blank within a word does not
/// come here: the folded text has none.
const STOPS: [char; 16] = ['。', '！', '？', '；', '，', '、', '…', '.', '!', '?', ';', ',', ':', '：', '(', ')'];

/// A clause is believed from this confidence on, even where the threshold for a whole text is
/// lower: it has fewer words, and nobody asked for a second subject.
const SURE: f32 = 0.85;

/// The categories besides `best` that a clause of the folded text is about, in its order.
pub(crate) fn secondary(model: &Model, folded: &str, best: usize, scratch: &mut Scratch) -> Vec<Category> {
    let mut clauses = folded.split(STOPS).filter(|clause| !clause.trim().is_empty()).peekable();
    let first = clauses.next();
    if clauses.peek().is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for clause in first.into_iter().chain(clauses) {
        let (category, confidence) = model.calibration.answer(&model.score_folded(clause, scratch));
        let named = Category::ALL[category];
        let new = category != best && named != Category::Other && !found.contains(&named);
        if new && confidence >= SURE.max(model.calibration.threshold) {
            found.push(named);
        }
    }
    found
}
