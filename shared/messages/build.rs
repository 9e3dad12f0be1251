//! A text that is missing in one language, or that asks for what nobody gives it, fails the build.

#[path = "src/check.rs"]
mod check;
#[path = "src/template.rs"]
pub mod template;

use std::fs;

fn main() {
    let mut catalogues = Vec::new();
    for language in ["zh", "en"] {
        let path = format!("texts/{language}.json");
        println!("cargo:rerun-if-changed={path}");
        catalogues.push((language, fs::read_to_string(&path).expect("the texts lie beside this file")));
    }
    for part in ["build.rs", "src/check.rs", "src/template.rs"] {
        println!("cargo:rerun-if-changed={part}");
    }
    let faults = check::faults(&catalogues, template::TEMPLATES);
    assert!(faults.is_empty(), "what people are told does not hold together:\n  {}", faults.join("\n  "));
}
