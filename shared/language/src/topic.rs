//! What it is about: the weights of the phrases found, added up.

use redress_domain::category::Category;

use crate::fold::Folded;
use crate::lexicon::{Hit, LEXICON};
use crate::{CategoryScore, Evidence, rounded};

/// What no recognised word weighs: it keeps one weak hint from scoring 1.
const DOUBT: f64 = 1.0;
/// Below this score the category is not given. On the training rows of the two real shops, three
/// guesses in five were right below it, six in seven above.
const SCORE_MIN: f64 = 0.5;
/// How far ahead of the second the first must be; nearer than this it is a coin's toss.
const MARGIN_MIN: f64 = 0.1;
/// Enough words to explain a category to a reader.
const EVIDENCE_MAX: usize = 10;

/// The best categories, and why.
pub(crate) struct Topic {
    pub(crate) top: Vec<CategoryScore>,
    pub(crate) unsure: bool,
    pub(crate) evidence: Vec<Evidence>,
}

/// Scores the categories of a text; `original` is what `folded` was made of.
pub(crate) fn of(original: &str, folded: &Folded) -> Topic {
    let hits = first_hits(folded);
    let top = best_three(&weights(&hits));
    let unsure = top[0].score < SCORE_MIN || top[0].score - top[1].score < MARGIN_MIN;
    let evidence = evidence(original, folded, &hits, top[0].category);
    Topic { top, unsure, evidence }
}

/// The first hit of every line of the lexicon: saying a thing twice does not make it truer.
fn first_hits(folded: &Folded) -> Vec<Hit> {
    let mut seen = vec![false; LEXICON.rules().len()];
    LEXICON.topic.hits(folded).filter(|hit| !std::mem::replace(&mut seen[hit.rule], true)).collect()
}

/// What speaks for each category, in the taxonomy's order.
fn weights(hits: &[Hit]) -> [f64; Category::ALL.len()] {
    let mut weights = [0.0; Category::ALL.len()];
    for (category, weight) in hits.iter().flat_map(|hit| &LEXICON.rule(hit).topics) {
        weights[*category as usize] += weight;
    }
    weights
}

/// Sorted by score; equals in the taxonomy's order, but [`Category::Other`] before all of them.
fn best_three(weights: &[f64]) -> Vec<CategoryScore> {
    let total = DOUBT + weights.iter().sum::<f64>();
    let mut scores: Vec<_> = Category::ALL
        .into_iter()
        .zip(weights)
        .map(|(category, weight)| CategoryScore { category, score: rounded(weight / total) })
        .collect();
    scores.sort_by(|a, b| {
        let other_first = (a.category != Category::Other).cmp(&(b.category != Category::Other));
        b.score.total_cmp(&a.score).then(other_first)
    });
    scores.truncate(3);
    scores
}

fn evidence(original: &str, folded: &Folded, hits: &[Hit], category: Category) -> Vec<Evidence> {
    let mut found: Vec<_> = hits.iter().filter_map(|hit| Some((hit, weight_for(hit, category)?))).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(EVIDENCE_MAX);
    found.sort_by_key(|(hit, _)| hit.start);
    found.into_iter().map(|(hit, weight)| quote(original, folded, hit, weight)).collect()
}

fn weight_for(hit: &Hit, category: Category) -> Option<f64> {
    let topics = &LEXICON.rule(hit).topics;
    let found = topics.iter().find(|(topic, weight)| *topic == category && *weight > 0.0);
    found.map(|(_, weight)| *weight)
}

fn quote(original: &str, folded: &Folded, hit: &Hit, weight: f64) -> Evidence {
    let (start, end) = folded.span(hit.start, hit.end);
    let text = original.chars().skip(start).take(end - start).collect();
    Evidence { text, start, end, weight: rounded(weight) }
}
