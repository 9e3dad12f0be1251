//! Any bytes as a model file, and as a text: what is read must lie in the text, what is masked must
//! stay masked.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redress_language::entity::entities;
use redress_language::{Model, mask, preview, read};

fuzz_target!(|bytes: &[u8]| {
    // Whatever is no model is refused: one that is would need a checksum that nobody guesses.
    assert!(Model::load(bytes).is_err());
    let text = String::from_utf8_lossy(bytes);
    let reading = read(&text);
    let quoted = |start: usize, end: usize| text.chars().skip(start).take(end - start).collect::<String>();
    for words in &reading.evidence {
        assert!(words.start < words.end && words.weight > 0.0);
        assert_eq!(words.text, quoted(words.start, words.end));
    }
    assert!(reading.cues.iter().all(|cue| cue.span.0 < cue.span.1 && !quoted(cue.span.0, cue.span.1).is_empty()));
    let named = entities(&text);
    assert!(named.windows(2).all(|pair| pair[0].end <= pair[1].start));
    assert!(named.iter().all(|entity| entity.text == quoted(entity.start, entity.end)));
    assert_eq!(reading.entities, named);
    assert!(reading.top.len() == 3 && (0.0..=1.0).contains(&reading.confidence));
    let masked = mask(&text);
    assert_eq!(mask(&masked), masked);
    assert!(!masked.as_bytes().windows(7).any(|run| run.iter().all(u8::is_ascii_digit)));
    assert!(preview(&text, 80).chars().count() <= 81);
});
