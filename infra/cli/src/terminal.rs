//! What a person sees: lines on standard output, progress and complaints on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// One line of result. A reader that has gone away is no error of ours.
pub(crate) fn say(line: &str) {
    let _gone = writeln!(std::io::stdout(), "{line}");
}

/// One line about what went wrong and what to do.
pub(crate) fn complain(line: &str) {
    let _gone = writeln!(std::io::stderr(), "{line}");
}

/// What a word is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
}

/// A word of a result in colour, where it goes to a terminal and nobody asked for none.
///
/// # Source
/// <https://no-color.org>
pub(crate) fn coloured(word: &str, colour: Colour) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|asked| !asked.is_empty());
    if plain || !std::io::stdout().is_terminal() {
        return word.to_owned();
    }
    format!("\u{1b}[{}m{word}\u{1b}[0m", colour as u8)
}

/// A spinner on a terminal, nothing elsewhere.
pub(crate) fn spinner() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(style("{spinner} {msg} ({elapsed})"));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A bar over `length` steps on a terminal, nothing elsewhere.
pub(crate) fn bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    bar.set_style(style("{bar:32} {pos}/{len} {msg} (about {eta} left)"));
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("our templates are fixed text that a run has drawn")
}
