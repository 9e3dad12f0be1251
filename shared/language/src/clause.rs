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

/// The categories besides `best` that a clause of the folded text is about, in its order; `scratch`
/// holds that text.
pub(crate) fn secondary(model: &Model, folded: &str, best: usize, scratch: &mut Scratch) -> Vec<Category> {
    let mut found = Vec::new();
    let (mut start, mut from) = (0, 0);
    for (stop, mark) in folded.match_indices(STOPS).chain([(folded.len(), "")]) {
        let clause = start..stop;
        start = stop + mark.len();
        if clause == (0..folded.len()) {
            break;
        }
        let (category, confidence) = model.calibration.answer(&model.score_clause(clause, &mut from, scratch));
        let named = Category::ALL[category];
        let new = category != best && named != Category::Other && !found.contains(&named);
        if new && confidence >= SURE.max(model.calibration.threshold) {
            found.push(named);
        }
    }
    found
}
