//! `redress status --outbox`: what customers and colleagues were told by letter, as they read it.

use crate::{Failure, seed, terminal};
use redress_aws::config::{Settings, outbox_at};
use redress_local::Cloud;
use serde_json::{Value, json};

/// As many letters as are shown.
const SHOWN: usize = 50;

/// The widest line of a text that is shown, in columns of a terminal.
const WIDE: usize = 56;

/// Lists the newest letters, newest first.
pub(crate) fn list(cloud: &Cloud, as_json: bool) -> Result<(), Failure> {
    let settings = Settings::deployed(|name| cloud.outputs.get(name).cloned());
    let newest = async { outbox_at(&seed::at(cloud), &settings).await.newest(SHOWN).await };
    let letters = seed::wait(newest)?.map_err(redress_service::Fault::from)?;
    if as_json {
        let letters: Vec<_> = letters.iter().map(shown).collect();
        terminal::say(&json!({ "letters": letters }).to_string());
        return Ok(());
    }
    if letters.is_empty() {
        terminal::say(
            "Nobody was written to yet: customers with an e-mail address or a telephone are, once somebody answers them or asks",
        );
        return Ok(());
    }
    terminal::say("when                  by     in     template           to                    says");
    letters.iter().for_each(|letter| terminal::say(&line(letter)));
    Ok(())
}

/// A letter without its address and its page: what a list may show.
fn shown(letter: &Value) -> Value {
    let fields = ["id", "created_at", "medium", "template", "language", "work_order", "subject", "text"];
    let mut shown: Value = fields.iter().map(|field| ((*field).to_owned(), letter[field].clone())).collect();
    shown["to"] = letter["shown"].clone();
    shown
}

fn line(letter: &Value) -> String {
    let text = |field: &str| letter[field].as_str().unwrap_or_default().to_owned();
    let says = letter["subject"].as_str().map_or_else(|| text("text"), str::to_owned);
    let when: String = text("created_at").chars().take(19).collect();
    format!(
        "{when}Z  {} {} {} {} {}",
        padded(&text("medium"), 6),
        padded(&text("language"), 6),
        padded(&text("template"), 18),
        padded(&text("shown"), 21),
        cut(&says, WIDE)
    )
}

/// `text` and as many blanks as make it `columns` wide.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// As much of `text` as `columns` hold.
fn cut(text: &str, columns: usize) -> String {
    let mut left = columns;
    let fits = |c: &char| {
        let needed = width_of(*c);
        let fits = needed <= left;
        left = left.saturating_sub(needed);
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    if kept.len() < text.len() { format!("{kept}…") } else { kept }
}

fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// Chinese takes two columns of a terminal.
///
/// # Source
/// Unicode Standard Annex 11, section 4: ideographs, kana, Hangul and full-width forms are wide.
fn width_of(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => 2,
        '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' => 2,
        '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Value {
        json!({
            "id": "dl_1", "created_at": "2026-11-23T02:00:00.123Z", "medium": "email", "template": "reply_posted",
            "language": "zh-CN", "to": "li.na@example.com", "shown": "l…@example.com", "work_order": "wo_1",
            "subject": "我们回复了您的反馈", "text": "我们回复了您的反馈：", "html": "<p>…", "headers": {},
        })
    }

    #[test]
    fn a_letter_is_one_line_without_its_address() {
        let line = line(&letter());
        assert_eq!(
            line,
            "2026-11-23T02:00:00Z  email  zh-CN  reply_posted       l…@example.com        我们回复了您的反馈"
        );
        let shown = shown(&letter()).to_string();
        assert!(!line.contains("li.na") && !shown.contains("li.na") && !shown.contains("html"), "{shown}");
    }

    #[test]
    fn chinese_is_cut_where_the_terminal_ends() {
        assert_eq!(cut("快递还没到", 6), "快递还…");
        assert_eq!(cut("快递还没到", 10), "快递还没到");
        assert_eq!(cut("abc快", 4), "abc…");
        assert_eq!(padded("反馈", 6), "反馈  ");
    }
}
