//! The phrases that make a feedback urgent or wide, from `lexicon.tsv`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::fold::{Folded, WORD_END, is_east_asian};

/// The lexicon that is built in.
pub(crate) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    Lexicon::parse(include_str!("lexicon.tsv")).expect("the embedded lexicon parses: a test reads it")
});

/// The name of phrases that fire nothing: they only hide what they contain (烟雾报警 hides 报警).
const SHIELD: &str = "shield";

/// Phrases of all rules, ready to be found in one walk.
pub(crate) struct Lexicon {
    automaton: AhoCorasick,
    /// For every phrase, its rule.
    rules: Vec<String>,
}

/// A phrase found: the rule's name and the folded bytes `start..end`.
#[derive(Clone, Copy)]
pub(crate) struct Hit<'a> {
    pub(crate) rule: &'a str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Lexicon {
    /// Reads the file's lines; `None` where one of them is not a rule.
    fn parse(file: &str) -> Option<Self> {
        let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (mut rules, mut patterns) = (Vec::new(), Vec::new());
        for line in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            let [rule, _language, phrases] = fields[..] else { return None };
            for phrase in phrases.split('|') {
                rules.push(rule.to_owned());
                patterns.push(pattern(phrase));
            }
        }
        // A table of all steps is larger and half again as fast as the automaton chosen for so many.
        let kind = Some(AhoCorasickKind::DFA);
        let automaton =
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).kind(kind).build(patterns).ok()?;
        Some(Self { automaton, rules })
    }

    /// Every hit in the text but shields, leftmost and longest first, none overlapping another.
    pub(crate) fn hits<'a>(&'a self, folded: &'a Folded) -> impl Iterator<Item = Hit<'a>> + 'a {
        let text = folded.text();
        let hits = self.automaton.find_iter(text).map(|found| Hit {
            rule: &self.rules[found.pattern().as_usize()],
            start: found.start(),
            end: whole_word(text, found.end()),
        });
        hits.filter(|hit| hit.rule != SHIELD)
    }
}

/// Where the word ends that a stem was found in; anything but a stem ends where it ends.
fn whole_word(text: &str, end: usize) -> usize {
    let in_word = text[..end].ends_with(|c: char| c.is_alphanumeric() && !is_east_asian(c));
    let tail = if in_word { text[end..].find(WORD_END) } else { None };
    tail.map_or(end, |tail| end + tail + WORD_END.len_utf8())
}

/// A phrase folded as the texts are; `refund*` is a stem and leaves the word open.
fn pattern(phrase: &str) -> String {
    let folded = Folded::of(phrase.trim_end_matches('*')).text().to_owned();
    if phrase.ends_with('*') { folded.trim_end_matches(WORD_END).to_owned() } else { folded }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use redress_domain::priority::PriorityPolicy;

    use super::*;
    use crate::figure;
    use crate::fold::is_han;

    fn lines() -> Vec<[&'static str; 3]> {
        let lines = include_str!("lexicon.tsv").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| line.split('\t').collect::<Vec<_>>().try_into().expect("three fields")).collect()
    }

    #[test]
    fn a_broken_line_is_no_lexicon() {
        let good = "urgency.haste\tzh\t尽快";
        assert!(Lexicon::parse(good).is_some());
        for bad in ["urgency.haste\tzh", "urgency.haste", "urgency.haste\tzh\turgency=10\t尽快"] {
            assert!(Lexicon::parse(&format!("{good}\n{bad}")).is_none(), "{bad}");
        }
    }

    #[test]
    fn no_phrase_stands_twice() {
        let mut seen = HashSet::new();
        for [rule, _, phrases] in lines() {
            for phrase in phrases.split('|') {
                assert!(!phrase.is_empty() && seen.insert(pattern(phrase)), "{rule}: {phrase}");
            }
        }
    }

    #[test]
    fn every_phrase_is_in_the_language_of_its_line() {
        for [rule, language, phrases] in lines() {
            for phrase in phrases.split('|') {
                assert!(language == "zh" || !phrase.contains(is_han), "{rule}: {phrase}");
                assert!(
                    phrase == phrase.trim() && phrase.trim_end_matches('*').chars().all(|c| c != '*'),
                    "{rule}: {phrase}"
                );
            }
        }
    }

    #[test]
    fn every_rule_has_phrases_in_both_languages_or_is_a_figure_and_every_one_is_weighed() {
        let rules: BTreeSet<_> = lines().iter().map(|line| line[0]).filter(|rule| *rule != SHIELD).collect();
        for rule in &rules {
            let both = ["zh", "en"].iter().all(|l| lines().iter().any(|line| line[0] == *rule && line[1] == *l));
            assert!(both, "{rule}");
        }
        let known: BTreeSet<_> = rules.into_iter().chain(figure::RULES).collect();
        assert_eq!(known, PriorityPolicy::cues().collect());
    }

    #[test]
    fn the_lexicon_is_stored_as_it_will_be_matched() {
        assert_eq!(pattern("Refund*"), "\u{2}refund");
        assert_eq!(pattern("doesn’t work"), "\u{2}doesnt\u{3} \u{2}work\u{3}");
        assert_eq!(pattern("第3次"), "第\u{2}3\u{3}次");
    }
}
