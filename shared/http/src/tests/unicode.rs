//! Every text that the API takes comes back code point for code point: found in the document, sent
//! as anything that Unicode has, and looked for in what the API answers then.

use super::openapi::{Sent, sent};
use serde_json::Value;

/// Characters that something on the way might change: composed and not, half of a pair, from right
/// to left, invisible, ends of lines, markup, and what JSON, HTML or a path means something by.
const HARD: [&str; 24] = [
    "é",
    "e\u{301}",
    "ﬁ",
    "Ａ",
    "㎏",
    "각",
    "각",
    "😀",
    "👨\u{200d}👩\u{200d}👧",
    "\u{1f1e8}\u{1f1f3}",
    "\u{202e}ab",
    "\u{feff}",
    "\u{200b}",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{fffd}",
    "\u{10ffff}",
    "\"\\/<&>'%00{{}}",
    "𠮷",
    "\u{e000}",
    "\u{1}",
];

/// A text of at most `most` characters with a visible one.
fn text(seed: usize, most: usize) -> String {
    let many = most.saturating_sub(1).min(12);
    let picked = (0..many).map(|at| HARD[(seed * 7 + at * (seed % 5 + 1)) % HARD.len()]);
    let text: String = picked.collect();
    "字".chars().chain(text.chars()).take(most).collect()
}

/// Where free text stands in what a schema describes, as pointers, with its longest length.
fn free(schema: &Value, at: &str, found: &mut Vec<(String, usize)>) {
    let plain = schema["pattern"].as_str().is_none_or(|pattern| pattern.starts_with("^[^\\u0000]"));
    if let Some(most) = schema["maxLength"].as_u64().filter(|_| schema["type"] == "string" && plain) {
        found.push((at.to_owned(), usize::try_from(most).unwrap()));
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        free(inner, &format!("{at}/{name}"), found);
    }
}

/// Whether a text stands somewhere in a document, or as a key of it.
fn holds(document: &Value, text: &str) -> bool {
    match document {
        Value::String(found) => found == text,
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(fields) => fields.iter().any(|(name, value)| name == text || holds(value, text)),
        _ => false,
    }
}

#[tokio::test]
async fn every_text_field_takes_any_unicode_and_gives_it_back_code_point_for_code_point() {
    let mut fields = 0;
    // A preview keeps nothing, and why a page of orders is promised anew stands with each that is.
    let keeps = |sent: &Sent| !sent.path.ends_with("/preview") && sent.path != "/v1/sla-policies/reapply";
    for Sent { method, path, schema, example } in sent("zh").into_iter().filter(keeps) {
        let mut texts = Vec::new();
        free(&schema, "", &mut texts);
        for (seed, (pointer, most)) in texts.into_iter().enumerate() {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let mut body = example.clone();
            // A field of what the example leaves out altogether is none that it could hold.
            let Some(Value::Object(holder)) = body.pointer_mut(parent) else { continue };
            let text = text(seed + fields, most);
            holder.insert(name.to_owned(), text.clone().into());
            let told = super::openapi::send_and_look(&method, &path, &body).await;
            // What the state of things does not allow is not kept.
            if told[0]["status"] == 409 {
                continue;
            }
            assert!(told.iter().any(|document| holds(document, &text)), "{method} {path} {pointer} {text:?}: {told:?}");
            fields += 1;
        }
    }
    assert!(fields >= 20, "{fields}");
}
