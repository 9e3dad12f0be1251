//! The phrases and what each one means, from `lexicon.tsv`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use redress_domain::category::Category;
use redress_domain::priority::Axis;

use crate::fold::{Folded, WORD_END, is_east_asian};

/// The lexicon that is built in.
pub(crate) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    Lexicon::parse(include_str!("lexicon.tsv")).expect("the embedded lexicon parses: a test reads it")
});

/// All rules, and three ways to look for them: a phrase of one layer never hides one of another.
pub(crate) struct Lexicon {
    rules: Vec<Rule>,
    /// Phrases that say what it is about.
    pub(crate) topic: Layer,
    /// Phrases that say how it sounds.
    pub(crate) mood: Layer,
    /// Phrases that make it urgent or wide.
    pub(crate) cue: Layer,
}

/// One line of the file: phrases of one meaning.
#[derive(Default)]
pub(crate) struct Rule {
    /// The stable name; a Chinese and an English line may share it.
    pub(crate) id: String,
    /// What it adds to which category.
    pub(crate) topics: Vec<(Category, f64)>,
    /// What it adds to the mood; below 0 is unhappy.
    pub(crate) mood: Option<f64>,
    /// What it adds to urgency or impact.
    pub(crate) points: Option<(Axis, i32)>,
}

/// The phrases of some of the rules, ready to be found in one walk.
pub(crate) struct Layer {
    automaton: AhoCorasick,
    /// For every phrase, the index of its rule.
    rule_of: Vec<usize>,
}

/// A phrase found: the index of its rule and the folded bytes `start..end`.
pub(crate) struct Hit {
    pub(crate) rule: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Lexicon {
    /// Reads the file's lines; `None` where one of them is not a rule.
    fn parse(file: &str) -> Option<Self> {
        let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (rules, phrases): (Vec<_>, Vec<_>) = lines.map(line).collect::<Option<Vec<_>>>()?.into_iter().unzip();
        let layer = |wanted: fn(&Rule) -> bool| Layer::of(&rules, &phrases, wanted);
        Some(Self {
            topic: layer(|rule| !rule.topics.is_empty())?,
            mood: layer(|rule| rule.mood.is_some())?,
            cue: layer(|rule| rule.points.is_some())?,
            rules,
        })
    }

    /// Every rule, in the order of the file.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of a hit.
    pub(crate) fn rule(&self, hit: &Hit) -> &Rule {
        &self.rules[hit.rule]
    }
}

impl Layer {
    fn of(rules: &[Rule], phrases: &[Vec<String>], wanted: fn(&Rule) -> bool) -> Option<Self> {
        let (rule_of, patterns): (Vec<_>, Vec<_>) = rules
            .iter()
            .zip(phrases)
            .enumerate()
            .filter(|(_, (rule, _))| wanted(rule))
            .flat_map(|(index, (_, phrases))| phrases.iter().map(move |phrase| (index, phrase)))
            .unzip();
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok()?;
        Some(Self { automaton, rule_of })
    }

    /// Every hit in the text, leftmost and longest first, none overlapping another.
    pub(crate) fn hits<'a>(&'a self, folded: &'a Folded) -> impl Iterator<Item = Hit> + 'a {
        let text = folded.text();
        self.automaton.find_iter(text).map(|found| Hit {
            rule: self.rule_of[found.pattern().as_usize()],
            start: found.start(),
            end: whole_word(text, found.end()),
        })
    }
}

/// Where the word ends that a stem was found in; anything but a stem ends where it ends.
fn whole_word(text: &str, end: usize) -> usize {
    let in_word = text[..end].ends_with(|c: char| c.is_alphanumeric() && !is_east_asian(c));
    let tail = if in_word { text[end..].find(WORD_END) } else { None };
    tail.map_or(end, |tail| end + tail + WORD_END.len_utf8())
}

/// `id`, language, effects, phrases: separated by tabs.
fn line(line: &str) -> Option<(Rule, Vec<String>)> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [id, _language, effects, phrases] = fields[..] else { return None };
    let mut rule = Rule { id: id.to_owned(), ..Rule::default() };
    for effect in effects.split(' ') {
        add_effect(&mut rule, effect)?;
    }
    Some((rule, phrases.split('|').map(pattern).collect()))
}

fn add_effect(rule: &mut Rule, effect: &str) -> Option<()> {
    let (name, number) = effect.split_once('=')?;
    match name {
        "mood" => rule.mood = Some(number.parse().ok()?),
        "urgency" => rule.points = Some((Axis::Urgency, number.parse().ok()?)),
        "impact" => rule.points = Some((Axis::Impact, number.parse().ok()?)),
        _ => rule.topics.push((Category::parse(name)?, number.parse().ok()?)),
    }
    Some(())
}

/// A phrase folded as the texts are; `refund*` is a stem and leaves the word open.
fn pattern(phrase: &str) -> String {
    let folded = Folded::of(phrase.trim_end_matches('*')).text().to_owned();
    if phrase.ends_with('*') { folded.trim_end_matches(WORD_END).to_owned() } else { folded }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::fold::is_han;

    fn lines() -> Vec<[&'static str; 4]> {
        let lines = include_str!("lexicon.tsv").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| line.split('\t').collect::<Vec<_>>().try_into().expect("four fields")).collect()
    }

    #[test]
    fn a_broken_line_is_no_lexicon() {
        let good = "a\tzh\torder=1\t订单";
        assert!(Lexicon::parse(good).is_some());
        for bad in ["a\tzh\torder=1", "a\tzh\torder\t订单", "a\tzh\torders=1\t订单", "a\tzh\tmood=x\t订单"] {
            assert!(Lexicon::parse(&format!("{good}\n{bad}")).is_none(), "{bad}");
        }
    }

    #[test]
    fn no_phrase_stands_twice_in_a_layer() {
        let topic = |effect: &str| effect.split('=').next().and_then(Category::parse).is_some();
        let mood = |effect: &str| effect.starts_with("mood=");
        let cue = |effect: &str| effect.starts_with("urgency=") || effect.starts_with("impact=");
        for layer in [topic, mood, cue] {
            let mut seen = HashSet::new();
            for [id, _, _, phrases] in lines().into_iter().filter(|line| line[2].split(' ').any(layer)) {
                for phrase in phrases.split('|') {
                    assert!(!phrase.is_empty() && seen.insert(pattern(phrase)), "{id}: {phrase}");
                }
            }
        }
    }

    #[test]
    fn every_phrase_is_in_the_language_of_its_line() {
        for [id, language, _, phrases] in lines() {
            for phrase in phrases.split('|') {
                assert!(language == "zh" || !phrase.contains(is_han), "{id}: {phrase}");
                assert!(
                    phrase == phrase.trim() && phrase.trim_end_matches('*').chars().all(|c| c != '*'),
                    "{id}: {phrase}"
                );
            }
        }
    }

    #[test]
    fn a_cue_is_named_by_its_axis_and_known_in_both_languages() {
        let cues: Vec<_> = LEXICON.rules().iter().filter(|rule| rule.points.is_some_and(|p| p.1 != 0)).collect();
        for rule in &cues {
            let axis = if rule.points.is_some_and(|p| p.0 == Axis::Urgency) { "urgency." } else { "impact." };
            assert!(rule.id.starts_with(axis), "{}", rule.id);
            let both = ["zh", "en"].iter().all(|l| lines().iter().any(|line| line[0] == rule.id && line[1] == *l));
            assert!(both, "{}", rule.id);
            assert!(
                cues.iter().filter(|other| other.id == rule.id).all(|other| other.points == rule.points),
                "{}",
                rule.id
            );
        }
    }

    #[test]
    fn the_lexicon_is_stored_as_it_will_be_matched() {
        assert_eq!(pattern("Refund*"), "\u{2}refund");
        assert_eq!(pattern("doesn’t work"), "\u{2}doesnt\u{3} \u{2}work\u{3}");
        assert_eq!(pattern("第3次"), "第\u{2}3\u{3}次");
    }
}
