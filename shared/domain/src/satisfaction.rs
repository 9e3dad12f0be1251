//! How satisfied customers are, and how far that can be trusted (sla.md section 6).

use crate::survey::{Answer, Survey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Scores, counted. Figures come of the counts alone, so that sums of tallies are tallies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scores {
    answered: u64,
    csat: u64,
    satisfied: u64,
    ces: u64,
    effort: u64,
    easy: u64,
    nps: u64,
    promoters: u64,
    detractors: u64,
}

impl Scores {
    /// One answer more.
    pub fn add(&mut self, answer: &Answer) {
        self.answered += 1;
        if let Some(csat) = answer.csat {
            self.csat += 1;
            self.satisfied += u64::from(csat >= 4);
        }
        if let Some(ces) = answer.ces {
            self.ces += 1;
            self.effort += u64::from(ces);
            self.easy += u64::from(ces >= 5);
        }
        if let Some(nps) = answer.nps {
            self.nps += 1;
            self.promoters += u64::from(nps >= 9);
            self.detractors += u64::from(nps <= 6);
        }
    }

    /// What they come to.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let ces = ratio(self.effort, self.ces).zip(percent(self.easy, self.ces));
        // Subtracted before anything is divided, let alone rounded.
        let (promoters, detractors) = (self.promoters as f64, self.detractors as f64);
        Figures {
            answered: self.answered,
            csat: percent(self.satisfied, self.csat),
            csat_answers: self.csat,
            interval: wilson(self.satisfied, self.csat),
            ces: ces.map(|(mean, easy_percent)| Effort { mean, easy_percent }),
            ces_answers: self.ces,
            nps: (self.nps > 0).then(|| (promoters - detractors) * 100.0 / self.nps as f64),
            nps_answers: self.nps,
        }
    }
}

/// What scores come to; what nobody was asked for, or answered, is `null` and not 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// How many answered, whatever they said.
    pub answered: u64,
    /// Answers 4 and 5 of 1 to 5, in percent of those that have a score.
    pub csat: Option<f64>,
    /// How many those are.
    pub csat_answers: u64,
    /// Where the share of satisfied customers lies with 95 % confidence, in percent.
    pub interval: Option<Interval>,
    /// Effort.
    pub ces: Option<Effort>,
    /// How many said how much effort it was.
    pub ces_answers: u64,
    /// Percent of 9 and 10 less percent of 0 to 6: −100 to 100.
    pub nps: Option<f64>,
    /// How many said whether they would recommend the shop.
    pub nps_answers: u64,
}

/// How easy it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effort {
    /// Mean of 1 (hard) to 7 (easy).
    pub mean: f64,
    /// Answers 5 to 7, in percent.
    pub easy_percent: f64,
}

/// From where to where something lies, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

/// Surveys, counted: who was asked, and what they said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    asked: u64,
    own: Scores,
    called: Scores,
}

impl Tally {
    /// One survey more. Its last answers count: the customer's own, and apart from that what was said
    /// in a call.
    pub fn add(&mut self, survey: &Survey) {
        self.asked += u64::from(survey.sent_at.is_some());
        survey.own().into_iter().for_each(|answer| self.own.add(answer));
        survey.entered().into_iter().for_each(|answer| self.called.add(answer));
    }

    /// What they come to.
    #[must_use]
    pub fn satisfaction(&self) -> Satisfaction {
        let own = self.own.figures();
        Satisfaction {
            asked: self.asked,
            response_rate: percent(own.answered, self.asked),
            own,
            called: self.called.figures(),
        }
    }
}

/// What customers say, beside how many of them do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Satisfaction {
    /// How many were asked.
    pub asked: u64,
    /// How many of them answered by themselves, in percent.
    pub response_rate: Option<f64>,
    /// What they say by themselves.
    #[serde(flatten)]
    pub own: Figures,
    /// What was said in calls: nobody who is called is anonymous, so it is counted apart.
    pub called: Figures,
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

/// The 97.5th percentile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The Wilson score interval of a share, at 95 %, without correction for continuity.
///
/// # Source
/// E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the
/// American Statistical Association 22 (1927), 209–212.
fn wilson(part: u64, whole: u64) -> Option<Interval> {
    let (n, share) = (whole as f64, ratio(part, whole)?);
    let widened = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / widened;
    let half = Z / widened * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let bound = |at: f64| at.clamp(0.0, 1.0) * 100.0;
    Some(Interval { low: bound(middle - half), high: bound(middle + half) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn answer(csat: Option<u8>, ces: Option<u8>, nps: Option<u8>) -> Answer {
        serde_json::from_value(json!({"csat": csat, "ces": ces, "nps": nps, "at": "2026-11-23T01:00:00Z"})).unwrap()
    }

    #[test]
    fn nobody_asked_and_nobody_answered_is_null_and_not_nothing() {
        let told = serde_json::to_value(Tally::default().satisfaction()).unwrap();
        for field in ["response_rate", "csat", "interval", "ces", "nps"] {
            assert_eq!(told[field], json!(null), "{field}");
        }
        assert_eq!((&told["asked"], &told["answered"], &told["csat_answers"]), (&json!(0), &json!(0), &json!(0)));
    }

    #[test]
    fn who_leaves_a_question_out_does_not_count_for_it() {
        let mut scores = Scores::default();
        for one in [answer(Some(5), None, None), answer(None, Some(7), None), answer(None, None, Some(9))] {
            scores.add(&one);
        }
        let figures = scores.figures();
        assert_eq!((figures.answered, figures.csat_answers, figures.csat), (3, 1, Some(100.0)));
        assert_eq!((figures.ces.unwrap().mean, figures.nps), (7.0, Some(100.0)));
    }

    proptest! {
        #[test]
        fn figures_stay_within_their_scales_and_do_not_depend_on_the_order(
            given in proptest::collection::vec((1..=5_u8, 1..=7_u8, 0..=10_u8), 1..60),
        ) {
            let tally = |given: &[(u8, u8, u8)]| {
                let mut scores = Scores::default();
                given.iter().for_each(|(csat, ces, nps)| scores.add(&answer(Some(*csat), Some(*ces), Some(*nps))));
                scores.figures()
            };
            let figures = tally(&given);
            let (csat, interval, ces) = (figures.csat.unwrap(), figures.interval.unwrap(), figures.ces.unwrap());
            prop_assert!((0.0..=100.0).contains(&csat) && (1.0..=7.0).contains(&ces.mean));
            prop_assert!((-100.0..=100.0).contains(&figures.nps.unwrap()));
            prop_assert!(interval.low <= csat + 1e-9 && csat <= interval.high + 1e-9);
            let backwards: Vec<_> = given.iter().rev().copied().collect();
            prop_assert_eq!(tally(&backwards), figures);
        }
    }
}
