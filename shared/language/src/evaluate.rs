//! How well a model reads rows whose labels are known.

use crate::Model;
use crate::rows::Row;
use redress_domain::category::{Category, Sentiment};
use redress_domain::feedback::Tier;
use redress_domain::priority::{Context, PriorityPolicy, assess};

/// How much more a band too low costs than one too high. Nobody has measured it: it says which way
/// to err.
pub const TOO_LOW: usize = 3;

/// Bins of [`Scores::calibration`], of equal width.
const BINS: usize = 15;

/// A row whose category is known, and how it was read.
#[derive(Debug, Clone, PartialEq)]
struct Read {
    source: String,
    known: usize,
    best: usize,
    confidence: f64,
    answered: bool,
}

/// A row whose sentiment is known, and how it was read.
#[derive(Debug, Clone, PartialEq)]
struct Heard {
    source: String,
    known: usize,
    best: usize,
    /// The better of negative and positive.
    forced: usize,
}

/// A row whose priority is known, and what the rules made of it.
#[derive(Debug, Clone, PartialEq)]
struct Ranked {
    source: String,
    known: usize,
    given: usize,
}

/// How a model reads rows. `weak` categories are left out: they measure nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    read: Vec<Read>,
    heard: Vec<Heard>,
    ranked: Vec<Ranked>,
}

/// Known labels (rows) against read ones (columns).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confusion<const N: usize>(pub [[usize; N]; N]);

/// Rows whose confidence is within one of the equal parts of 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// How many rows.
    pub rows: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that was right.
    pub right: f64,
}

impl Scores {
    /// Reads every row; priorities are given by `policy`, as if a customer of no tier had said it and
    /// nobody else had read it.
    #[must_use]
    pub fn of(model: &Model, rows: &[Row], policy: &PriorityPolicy) -> Self {
        let mut scores = Self::default();
        for row in rows {
            let reading = model.read(&row.text);
            if let Some(known) = row.category.filter(|_| !row.is_weak()) {
                scores.read.push(Read {
                    source: row.source.clone(),
                    known: known as usize,
                    best: reading.top[0].category as usize,
                    confidence: reading.top[0].score,
                    answered: !reading.needs_review,
                });
            }
            if let Some(known) = row.priority {
                let (category, sentiment) = (reading.category, reading.sentiment_besides_cues);
                let context = Context { category, sentiment, tier: Tier::Standard, public: false };
                let given = assess(&reading.cues, context, policy).priority as usize;
                scores.ranked.push(Ranked { source: row.source.clone(), known: known as usize, given });
            }
            if let Some(known) = row.sentiment {
                let happier = reading.sentiment_score >= 0.0;
                scores.heard.push(Heard {
                    source: row.source.clone(),
                    known: known as usize,
                    best: reading.sentiment as usize,
                    forced: (if happier { Sentiment::Positive } else { Sentiment::Negative }) as usize,
                });
            }
        }
        scores
    }

    /// The sources of all rows, by name.
    #[must_use]
    pub fn sources(&self) -> Vec<String> {
        let all = self.read.iter().map(|read| &read.source).chain(self.heard.iter().map(|heard| &heard.source));
        let all = all.chain(self.ranked.iter().map(|ranked| &ranked.source));
        all.cloned().collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// The rows of one source alone.
    #[must_use]
    pub fn of_source(&self, source: &str) -> Self {
        Self {
            read: self.read.iter().filter(|read| read.source == source).cloned().collect(),
            heard: self.heard.iter().filter(|heard| heard.source == source).cloned().collect(),
            ranked: self.ranked.iter().filter(|ranked| ranked.source == source).cloned().collect(),
        }
    }

    /// How many rows have a known category.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.read.len()
    }

    /// How many rows have a known sentiment.
    #[must_use]
    pub fn sentiment_rows(&self) -> usize {
        self.heard.len()
    }

    /// How many rows have a known priority.
    #[must_use]
    pub fn priority_rows(&self) -> usize {
        self.ranked.len()
    }

    /// Known priorities against those given.
    #[must_use]
    pub fn priorities(&self) -> Confusion<4> {
        Confusion::of(self.ranked.iter().map(|ranked| (ranked.known, ranked.given)))
    }

    /// What wrong priorities cost a row, in bands: one too high is one band of haste for nothing,
    /// one too low counts [`TOO_LOW`] times, since somebody waits. 0 if all are right.
    #[must_use]
    pub fn priority_cost(&self) -> f64 {
        let cost = |ranked: &Ranked| {
            let (too_low, too_high) =
                (ranked.given.saturating_sub(ranked.known), ranked.known.saturating_sub(ranked.given));
            too_low * TOO_LOW + too_high
        };
        share(self.ranked.iter().map(cost).sum(), self.ranked.len())
    }

    /// Known categories against the best ones, whether they were answered or left to a person.
    #[must_use]
    pub fn categories(&self) -> Confusion<{ Category::ALL.len() }> {
        Confusion::of(self.read.iter().map(|read| (read.known, read.best)))
    }

    /// Known sentiments against the best of three. Where only unhappy and happy rows are known, the
    /// better of these two counts: nobody asked whether it is neutral.
    #[must_use]
    pub fn sentiments(&self) -> Confusion<3> {
        let two = self.heard.iter().all(|heard| heard.known != Sentiment::Neutral as usize);
        Confusion::of(self.heard.iter().map(|heard| (heard.known, if two { heard.forced } else { heard.best })))
    }

    /// Mean F1 over the categories that occur, 0 to 1.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        self.categories().macro_f1()
    }

    /// The share of rows whose best category is right, 0 to 1.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.categories().accuracy()
    }

    /// The share of rows that were answered and not left to a person, and the share of those that
    /// is right; 0 to 1 each.
    #[must_use]
    pub fn answered(&self) -> (f64, f64) {
        let answered = self.read.iter().filter(|read| read.answered).count();
        let right = self.read.iter().filter(|read| read.answered && read.best == read.known).count();
        (share(answered, self.read.len()), share(right, answered))
    }

    /// Confidence against being right.
    #[must_use]
    pub fn calibration(&self) -> [Bin; BINS] {
        let mut bins = [Bin::default(); BINS];
        for read in &self.read {
            let bin = &mut bins[((read.confidence * BINS as f64) as usize).min(BINS - 1)];
            bin.rows += 1;
            bin.confidence += read.confidence;
            bin.right += f64::from(u8::from(read.best == read.known));
        }
        for bin in bins.iter_mut().filter(|bin| bin.rows > 0) {
            bin.confidence /= bin.rows as f64;
            bin.right /= bin.rows as f64;
        }
        bins
    }

    /// Expected calibration error, 0 to 1: how far confidence is from the share that is right, by
    /// bins of equal width, weighted by rows.
    ///
    /// # Source
    /// Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section 2 (15 bins).
    #[must_use]
    pub fn calibration_error(&self) -> f64 {
        let gap = |bin: &Bin| bin.rows as f64 * (bin.confidence - bin.right).abs();
        self.calibration().iter().map(gap).sum::<f64>() / self.read.len().max(1) as f64
    }
}

impl<const N: usize> Confusion<N> {
    fn of(pairs: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut table = [[0; N]; N];
        pairs.for_each(|(known, read)| table[known][read] += 1);
        Self(table)
    }

    /// The share that is right, 0 to 1; 0 of none.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let right = (0..N).map(|label| self.0[label][label]).sum();
        share(right, self.0.iter().flatten().sum())
    }

    /// Rows that are known to have a label.
    #[must_use]
    pub fn known(&self, label: usize) -> usize {
        self.0[label].iter().sum()
    }

    /// The harmonic mean of precision and recall of one label, 0 to 1.
    #[must_use]
    pub fn f1(&self, label: usize) -> f64 {
        let read: usize = self.0.iter().map(|row| row[label]).sum();
        share(2 * self.0[label][label], self.known(label) + read)
    }

    /// Mean F1 over the labels that occur, each counting the same, 0 to 1; 0 of none.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        let occurring: Vec<_> = (0..N).filter(|label| self.known(*label) > 0).collect();
        occurring.iter().map(|label| self.f1(*label)).sum::<f64>() / occurring.len().max(1) as f64
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_is_by_label_and_labels_that_do_not_occur_do_not_count() {
        // Of three As one was taken for a B; of one B none; a C that nobody knows was never read.
        let table = Confusion::<3>::of([(0, 0), (0, 0), (0, 1), (1, 1)].into_iter());
        assert_eq!(table.accuracy(), 0.75);
        assert_eq!((table.f1(0), table.f1(1)), (0.8, 2.0 / 3.0));
        assert!((table.macro_f1() - (0.8 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
        assert_eq!(Confusion::<3>::of(std::iter::empty()).macro_f1(), 0.0);
    }

    fn read(known: usize, best: usize, confidence: f64, answered: bool) -> Read {
        Read { source: "shop".to_owned(), known, best, confidence, answered }
    }

    #[test]
    fn calibration_compares_confidence_with_being_right() {
        let all = vec![read(0, 0, 0.9, true), read(1, 0, 0.92, true), read(2, 2, 0.3, false), read(2, 2, 1.0, true)];
        let scores = Scores { read: all, ..Scores::default() };
        let bins = scores.calibration();
        assert_eq!(bins.iter().map(|bin| bin.rows).sum::<usize>(), 4);
        // Of fifteen bins, from 0.8667 and from 0.9333 on: the last one holds 1.
        assert_eq!((bins[13].rows, bins[13].right, bins[14].rows, bins[14].confidence), (2, 0.5, 1, 1.0));
        assert!((bins[13].confidence - 0.91).abs() < 1e-12);
        assert!((scores.calibration_error() - (0.41 * 2.0 + 0.7 + 0.0) / 4.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_left_to_a_person_has_its_price() {
        let all = vec![read(0, 0, 0.9, true), read(1, 0, 0.9, true), read(2, 2, 0.3, false), read(2, 2, 0.3, true)];
        let scores = Scores { read: all, ..Scores::default() };
        assert_eq!(scores.answered(), (0.75, 2.0 / 3.0));
        assert_eq!((scores.rows(), scores.accuracy()), (4, 0.75));
        // F1 of 2/3, 0 and 1 of the three that occur.
        assert!((scores.macro_f1() - 5.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn each_source_is_measured_apart() {
        let of =
            |source: &str, right: bool| Read { source: source.to_owned(), ..read(0, usize::from(!right), 0.5, true) };
        let heard = Heard { source: "web".to_owned(), known: 0, best: 1, forced: 0 };
        let ranked = Ranked { source: "app".to_owned(), known: 1, given: 1 };
        let scores = Scores { read: vec![of("web", true), of("app", false)], heard: vec![heard], ranked: vec![ranked] };
        assert_eq!(scores.sources(), ["app", "web"]);
        let (web, app) = (scores.of_source("web"), scores.of_source("app"));
        assert_eq!((web.rows(), web.sentiment_rows(), web.priority_rows(), web.accuracy()), (1, 1, 0, 1.0));
        assert_eq!((app.rows(), app.sentiment_rows(), app.priority_rows(), app.accuracy()), (1, 0, 1, 0.0));
        assert_eq!((app.priorities().0[1][1], app.priority_cost()), (1, 0.0));
    }

    #[test]
    fn where_nobody_is_known_to_be_neutral_the_better_of_two_counts() {
        let heard = |known, best, forced| Heard { source: "shop".to_owned(), known, best, forced };
        let two = Scores { heard: vec![heard(0, 1, 0), heard(2, 2, 2)], ..Scores::default() };
        assert_eq!(two.sentiments().accuracy(), 1.0);
        let three = Scores { heard: vec![heard(0, 1, 0), heard(2, 2, 2), heard(1, 1, 0)], ..Scores::default() };
        assert_eq!(three.sentiments().0, [[0, 1, 0], [0, 1, 0], [0, 0, 1]]);
    }

    #[test]
    fn rows_are_read_by_the_model_and_weak_ones_measure_no_category() {
        let row = |text: &str, category, sentiment, priority| Row {
            text: text.to_owned(),
            category,
            sentiment,
            priority,
            source: "shop".to_owned(),
            ..Row::default()
        };
        let weak = Row { label_kind: crate::rows::WEAK.to_owned(), ..row("退款", Some(Category::Other), None, None) };
        let rows = [
            row("我要退款 refund me", Some(Category::AfterSales), Some(Sentiment::Negative), None),
            row("孩子被烫伤", None, None, Some(redress_domain::priority::Priority::P1)),
            weak,
        ];
        let scores = Scores::of(&Model::shipped(), &rows, &PriorityPolicy::shipped());
        assert_eq!((scores.rows(), scores.sentiment_rows(), scores.priority_rows()), (1, 1, 1));
        assert_eq!((scores.accuracy(), scores.answered().0, scores.priority_cost()), (1.0, 1.0, 0.0));
    }

    #[test]
    fn a_priority_too_low_costs_more_than_one_too_high() {
        let ranked = |known, given| Ranked { source: "shop".to_owned(), known, given };
        let cost = |ranked| Scores { ranked, ..Scores::default() }.priority_cost();
        assert_eq!(cost(vec![ranked(0, 0), ranked(3, 3)]), 0.0);
        assert_eq!(cost(vec![ranked(2, 0), ranked(1, 1)]), 1.0);
        assert_eq!(cost(vec![ranked(0, 2), ranked(1, 1)]), 3.0);
    }
}
