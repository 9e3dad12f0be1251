//! Rows that the authors wrote, for what the public data has next to nothing of: complaints in the
//! style of reviews, promotions in English, plain questions in Chinese that are neither praise nor
//! blame. They are learnt along whatever else there is, and measure nothing.

use redress_domain::category::{Category, Sentiment};

use crate::rows::Row;

const FILE: &str = include_str!("../../model/own.tsv");

/// The source under which they are learnt.
pub(super) const SOURCE: &str = "redress";

/// Every row of the file.
pub(super) fn rows() -> Vec<Row> {
    let lines = FILE.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| row(line).expect("every line is a row: a test reads them")).collect()
}

fn row(line: &str) -> Option<Row> {
    let [category, sentiment, text] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let category = match category {
        "-" => None,
        named => Some(Category::parse(named)?),
    };
    let sentiment = match sentiment {
        "negative" => Some(Sentiment::Negative),
        "neutral" => Some(Sentiment::Neutral),
        "positive" => Some(Sentiment::Positive),
        "-" => None,
        _ => return None,
    };
    let (source, label_kind) = (SOURCE.to_owned(), "gold".to_owned());
    Some(Row { text: text.to_owned(), category, sentiment, source, label_kind, ..Row::default() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_a_row_and_none_is_there_twice() {
        let rows = rows();
        let texts: BTreeSet<_> = rows.iter().map(|row| &row.text).collect();
        assert_eq!(texts.len(), rows.len());
        assert!(Category::ALL.iter().all(|category| rows.iter().any(|row| row.category == Some(*category))));
    }
}
