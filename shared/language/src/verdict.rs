//! A message that is a verdict: `5`, `５分`, `3 stars`, `不满意，还是坏的`, `solved`.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// What a customer's message says of how it was put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Satisfaction, 1 to 5.
    pub csat: Option<u8>,
    /// Whether it was put right.
    pub solved: Option<bool>,
    /// What stands behind the score, in the customer's own words.
    pub comment: Option<String>,
}

/// What a phrase is scored as.
#[derive(Debug, Clone, Copy)]
enum Score {
    Csat(u8),
    Solved(bool),
}

/// Every phrase of `verdict.tsv`.
static PHRASES: LazyLock<Vec<(&str, Score)>> = LazyLock::new(|| {
    let lines = include_str!("verdict.tsv").lines().filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| {
        let (kind, rest) = line.split_once('\t')?;
        let (score, phrases) = rest.split_once('\t')?;
        let score = if kind == "csat" { Score::Csat(score.parse().ok()?) } else { Score::Solved(score.parse().ok()?) };
        Some(phrases.split('|').map(move |phrase| (phrase, score)))
    });
    rows.flatten().collect()
});

/// The longest message whose beginning may be a score, in characters: a comment is not longer.
const LONGEST: usize = 4_000;

/// The verdict that a message is: a score alone, or followed by a comment after punctuation or on the
/// next line. Whatever else begins with a number, or holds one of the phrases, is none.
///
/// ```
/// let verdict = redress_language::verdict("１分，还是没收到").expect("a score and a comment");
/// assert_eq!((verdict.csat, verdict.comment.as_deref()), (Some(1), Some("还是没收到")));
/// assert_eq!(redress_language::verdict("5 parcels are missing"), None);
/// assert_eq!(redress_language::verdict("解决了吗"), None);
/// ```
#[must_use]
pub fn verdict(text: &str) -> Option<Verdict> {
    let text = text.trim();
    if text.chars().nth(LONGEST).is_some() {
        return None;
    }
    let end = text.char_indices().find(|(at, c)| ends_score(*c, &text[at + c.len_utf8()..])).map(|(at, _)| at);
    let (head, rest) = text.split_at(end.unwrap_or(text.len()));
    let score = score(&folded(head))?;
    let comment = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    // `1, 2, 3`: nobody knows which is meant.
    if comment.starts_with(|c: char| c.is_numeric()) {
        return None;
    }
    let comment = Some(comment.to_owned()).filter(|comment| !comment.is_empty());
    Some(match score {
        Score::Csat(csat) => Verdict { csat: Some(csat), solved: None, comment },
        Score::Solved(solved) => Verdict { csat: None, solved: Some(solved), comment },
    })
}

/// Whether a score ends before this character, with `rest` behind it. A question mark makes a question
/// of it, and a point between digits is a part of a number.
fn ends_score(c: char, rest: &str) -> bool {
    let inside = matches!(c, '.' | ',' | ':' | '．') && rest.starts_with(|next: char| next.is_numeric());
    matches!(c, '\n' | '\r' | '.' | ',' | '!' | ';' | ':' | '。' | '，' | '！' | '；' | '：' | '、' | '~' | '～' | '…')
        && !inside
}

/// In lower case and half width, apostrophes gone and blanks single.
fn folded(head: &str) -> String {
    let plain: String = head.nfkc().filter(|c| !matches!(c, '\'' | '’')).flat_map(char::to_lowercase).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn score(head: &str) -> Option<Score> {
    let phrase = PHRASES.iter().find(|(phrase, _)| *phrase == head).map(|(_, score)| *score);
    phrase.or_else(|| stars(head).map(Score::Csat))
}

/// `4`, `4/5`, `4分`, `四星`, `4 stars`: 1 to 5.
fn stars(head: &str) -> Option<u8> {
    let units = ["/5", " / 5", "分", "颗星", "星", " stars", " star", "stars", "star"];
    let number = units.iter().find_map(|unit| head.strip_suffix(unit)).unwrap_or(head).trim_end();
    let words = ["1一", "2二两", "3三", "4四", "5五"];
    let named = words.iter().position(|names| number.chars().count() == 1 && names.contains(number))?;
    // A bare word for a number says too little.
    let said = number != head || number.is_ascii();
    u8::try_from(named + 1).ok().filter(|_| said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Option<u8>, Option<bool>, Option<String>)> {
        verdict(text).map(|Verdict { csat, solved, comment }| (csat, solved, comment))
    }

    #[test]
    fn a_score_is_taken_for_one_in_both_languages() {
        for (text, csat) in [
            ("5", 5),
            (" 5 \n", 5),
            ("５", 5),
            ("5分", 5),
            ("５分", 5),
            ("五星", 5),
            ("两分", 2),
            ("3 stars", 3),
            ("1 star", 1),
            ("4星", 4),
            ("4/5", 4),
            ("4 / 5", 4),
            ("5.", 5),
            ("5！！！", 5),
            ("5~", 5),
            ("满意", 4),
            ("非常满意", 5),
            ("不满意", 2),
            ("Very Satisfied!", 5),
            ("not satisfied", 2),
            ("满分", 5),
        ] {
            assert_eq!(read(text), Some((Some(csat), None, None)), "{text}");
        }
        for (text, solved) in [
            ("solved", true),
            ("It’s solved.", true),
            ("已解决", true),
            ("解决了！", true),
            ("没解决", false),
            ("Not solved", false),
        ] {
            assert_eq!(read(text), Some((None, Some(solved), None)), "{text}");
        }
    }

    #[test]
    fn a_comment_stands_behind_punctuation_or_on_the_next_line_as_it_was_written() {
        for (text, score, comment) in [
            ("1\n还是没收到。第二次了！", Some(1), "还是没收到。第二次了！"),
            ("2，太慢", Some(2), "太慢"),
            ("5! Thank you, Mei", Some(5), "Thank you, Mei"),
            ("不满意：东西还是坏的", Some(2), "东西还是坏的"),
            ("没解决, nobody came", None, "nobody came"),
            ("3 stars; It took 5 days", Some(3), "It took 5 days"),
        ] {
            let verdict = verdict(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((verdict.csat, verdict.comment.as_deref()), (score, Some(comment)), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        for text in [
            "",
            " ",
            "0",
            "6",
            "10",
            "55",
            "5 parcels are missing",
            "5件都没到",
            "5.5",
            "5,000",
            "3:30",
            "1, 2",
            "1，2号到",
            "五",
            "二",
            "5?",
            "5？",
            "满意吗",
            "满意？",
            "解决了吗",
            "不是不满意",
            "我很满意这次服务但是快递慢",
            "is it solved",
            "unsolved mysteries",
            "谢谢",
            "-5",
            "5-1",
            "my order is 5",
            &format!("5\n{}", "长".repeat(4_000)),
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_phrase_of_the_table_is_one_and_stands_there_once() {
        let all: Vec<_> = PHRASES.iter().map(|(phrase, _)| *phrase).collect();
        assert!(all.len() > 40);
        for (at, phrase) in all.iter().enumerate() {
            assert_eq!(folded(phrase), **phrase, "in the form that it is compared in");
            assert!(!all[..at].contains(phrase), "{phrase}");
            assert!(verdict(phrase).is_some(), "{phrase}");
        }
    }
}
