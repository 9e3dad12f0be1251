//! The customer's own words that spoke for a category: what each feature adds, laid back onto the
//! text.

use std::ops::Range;

use crate::features::{Feature, Kind};
use crate::fold::{Folded, WORD_END, WORD_START, is_east_asian};
use crate::model::Model;
use crate::score::Scratch;
use crate::{Evidence, rounded};

/// As many pieces of evidence are told.
const PIECES: usize = 10;

/// What weighs less than this share of the heaviest piece says nothing.
const FAINT: f32 = 0.15;

/// A Chinese word hardly has more than four characters, of three bytes each.
const WORD: usize = 4 * 3;

/// Folded bytes and what they add to the category.
#[derive(Clone)]
struct Piece {
    bytes: Range<usize>,
    weight: f32,
}

impl Piece {
    fn touches(&self, other: &Self) -> bool {
        self.bytes.start < other.bytes.end && other.bytes.start < self.bytes.end
    }

    fn holds(&self, other: &Self) -> bool {
        self.bytes.start <= other.bytes.start && other.bytes.end <= self.bytes.end
    }
}

/// The words of a text that speak for `category`, in its order. `head` is the folded part that the
/// model looks at; `scratch` is as [`Model::score_folded`] left it for that.
pub(crate) fn of(
    model: &Model,
    text: &str,
    folded: &Folded,
    (head, category): (&str, usize),
    scratch: &mut Scratch,
) -> Vec<Evidence> {
    let mut parts = Vec::with_capacity(head.len());
    model.explain(category, scratch, &mut |feature, weight| lay(head, &mut parts, feature, weight));
    quoted(text, folded, pieces(head, &parts))
}

/// Lays what a feature adds onto what it was read from; nobody is shown half a word.
fn lay(head: &str, parts: &mut Vec<Piece>, feature: Feature, weight: f32) {
    let mut bytes = feature.start..feature.end;
    if feature.kind == Kind::Part {
        bytes.start = head[..bytes.end].rfind(WORD_START).map_or(bytes.start, |start| start.min(bytes.start));
        bytes.end = head[bytes.start..].find(WORD_END).map_or(bytes.end, |end| bytes.start + end);
    }
    // The features of a word follow each other, with those of its neighbours in between.
    match parts.iter_mut().rev().take(4).find(|part| part.bytes == bytes) {
        Some(part) => part.weight += weight,
        None => parts.push(Piece { bytes, weight }),
    }
}

/// The heaviest pieces, none touching another, each with all that lies in it, in the text's order.
fn pieces(head: &str, parts: &[Piece]) -> Vec<Piece> {
    let least = parts.iter().map(|part| part.weight).fold(0.0, f32::max) * FAINT;
    let mut heavy: Vec<&Piece> = parts.iter().filter(|part| part.weight > 0.0 && part.weight >= least).collect();
    heavy.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.bytes.start.cmp(&b.bytes.start)));
    let mut pieces: Vec<Piece> = Vec::with_capacity(PIECES);
    for part in heavy {
        match pieces.iter().position(|piece| piece.touches(part)) {
            None if pieces.len() < PIECES => pieces.push(part.clone()),
            None => {}
            Some(at) => grow(head, &mut pieces, at, part),
        }
    }
    for piece in &mut pieces {
        piece.weight = parts.iter().filter(|part| piece.holds(part)).map(|part| part.weight).sum();
    }
    pieces.retain(|piece| rounded(piece.weight) > 0.0);
    pieces.sort_by_key(|piece| piece.bytes.start);
    pieces
}

/// A heavy character grows into the word that it is part of: 退 into 退款. It takes no bytes of
/// another piece.
fn grow(head: &str, pieces: &mut [Piece], at: usize, part: &Piece) {
    let bytes = pieces[at].bytes.start.min(part.bytes.start)..pieces[at].bytes.end.max(part.bytes.end);
    let grown = Piece { bytes, weight: pieces[at].weight };
    let word = head[grown.bytes.clone()].chars().all(is_east_asian) && grown.bytes.len() <= WORD;
    if word && pieces.iter().filter(|piece| piece.touches(&grown)).count() == 1 {
        pieces[at] = grown;
    }
}

/// In the customer's own characters; the same words twice are evidence once, with both weights.
fn quoted(text: &str, folded: &Folded, pieces: Vec<Piece>) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = Vec::with_capacity(pieces.len());
    let (mut characters, mut at) = (text.chars(), 0);
    for piece in pieces {
        let (start, end) = folded.span(piece.bytes.start, piece.bytes.end);
        // One character may fold to several, and be quoted by one piece only.
        if start < at {
            continue;
        }
        if start > at {
            characters.nth(start - at - 1);
        }
        let words: String = characters.by_ref().take(end - start).collect();
        at = end;
        let weight = rounded(piece.weight);
        match evidence.iter_mut().find(|told| told.text == words) {
            Some(told) => told.weight = rounded((told.weight + weight) as f32),
            None => evidence.push(Evidence { text: words, start, end, weight }),
        }
    }
    evidence
}
