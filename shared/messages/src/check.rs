//! Whether the texts hold together: run by the build, and by tests on texts that are spoiled.

use crate::template::{Reader, Template};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What every catalogue says besides its messages.
const FRAME: [&str; 3] = ["customer", "staff", "unsubscribe"];

/// Words of ours that have a translation, by the value that brings them.
const WORDS: [&str; 4] = ["category", "metric", "reason", "status"];

/// Everything that is wrong with the catalogues, by language and place; empty if nothing is.
pub(crate) fn faults(catalogues: &[(&str, String)], templates: &[Template]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut read = BTreeMap::new();
    for (language, text) in catalogues {
        match serde_json::from_str::<Value>(text) {
            Ok(catalogue) => drop(read.insert(*language, catalogue)),
            Err(error) => faults.push(format!("{language}: {error}")),
        }
    }
    for (language, catalogue) in &read {
        let mut check = Check { language, catalogue, faults: &mut faults };
        check.frame();
        check.messages(templates);
    }
    faults.extend(differences(&read));
    faults
}

/// Places that one language has and another lacks, and texts that don't say the same things.
fn differences(catalogues: &BTreeMap<&str, Value>) -> Vec<String> {
    let texts = |catalogue: &Value| {
        let mut flat = BTreeMap::new();
        flatten(catalogue, "", &mut flat);
        flat
    };
    let flat: BTreeMap<_, _> = catalogues.iter().map(|(language, catalogue)| (language, texts(catalogue))).collect();
    let places: BTreeSet<&String> = flat.values().flat_map(BTreeMap::keys).collect();
    let mut faults = Vec::new();
    for place in places {
        let mut said = BTreeSet::new();
        for (language, texts) in &flat {
            match texts.get(place) {
                Some(text) => drop(said.insert(variables(text).unwrap_or_default())),
                None => faults.push(format!("{language}: {place} is missing")),
            }
        }
        if said.len() > 1 {
            faults.push(format!("{place}: the languages don't say the same: {said:?}"));
        }
    }
    faults
}

fn flatten(value: &Value, place: &str, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| flatten(value, &format!("{place}/{name}"), into))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| flatten(value, &format!("{place}/{at}"), into));
        }
        other => drop(into.insert(place.to_owned(), other.as_str().unwrap_or_default().to_owned())),
    }
}

/// What a text asks for, translated words aside.
fn variables(text: &str) -> Result<BTreeSet<String>, String> {
    let environment = Environment::new();
    let template = environment.template_from_str(text).map_err(|error| error.to_string())?;
    let asked = template.undeclared_variables(false).into_iter().filter(|name| name != "words");
    Ok(asked.collect())
}

struct Check<'a> {
    language: &'a str,
    catalogue: &'a Value,
    faults: &'a mut Vec<String>,
}

impl Check<'_> {
    fn fault(&mut self, fault: &str) {
        self.faults.push(format!("{}: {fault}", self.language));
    }

    fn members(&self, place: &str) -> Map<String, Value> {
        self.catalogue.pointer(place).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// The members of an object are these and no others.
    fn names(&mut self, place: &str, expected: &BTreeSet<&str>) {
        let members = self.members(place);
        for name in expected.iter().filter(|name| !members.contains_key(**name)) {
            self.fault(&format!("{place}/{name} is missing"));
        }
        for name in members.keys().filter(|name| !expected.contains(name.as_str())) {
            self.fault(&format!("{place}/{name} is used by nothing"));
        }
    }

    fn frame(&mut self) {
        self.names("", &BTreeSet::from(["frame", "lang", "messages", "words"]));
        self.names("/frame", &BTreeSet::from(FRAME));
        self.names("/words", &BTreeSet::from(WORDS));
    }

    fn messages(&mut self, templates: &[Template]) {
        self.names("/messages", &templates.iter().map(|template| template.name).collect());
        for template in templates {
            let place = format!("/messages/{}", template.name);
            let mut parts = BTreeSet::from(["body", "subject", "text"]);
            // Customers have a page to open; who works here has none yet.
            if template.reader == Reader::Customer {
                parts.insert("action");
            }
            self.names(&place, &parts);
            self.message(&place, template);
        }
    }

    fn message(&mut self, place: &str, template: &Template) {
        let mut texts = BTreeMap::new();
        flatten(self.catalogue.pointer(place).unwrap_or(&Value::Null), place, &mut texts);
        let known: BTreeSet<&str> = template.needs.iter().chain(template.takes).copied().collect();
        let mut used = BTreeSet::new();
        for (place, text) in &texts {
            match variables(text) {
                Ok(asked) => used.extend(asked),
                Err(error) => self.fault(&format!("{place}: {error}")),
            }
            if text.trim().is_empty() {
                self.fault(&format!("{place} says nothing"));
            }
            self.renders(place, text, &known);
            self.renders(place, text, &template.needs.iter().copied().collect());
        }
        // A link that has a button of its own need not be in a text.
        for name in known.iter().filter(|name| !used.contains(**name) && **name != "link") {
            self.fault(&format!("{place} never says {name}"));
        }
    }

    /// A text with nothing but what it is given.
    fn renders(&mut self, place: &str, text: &str, given: &BTreeSet<&str>) {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let sample = |name: &&str| {
            let word = self.members(&format!("/words/{name}")).keys().next().cloned();
            ((*name).to_owned(), Value::String(word.unwrap_or_else(|| "x".to_owned())))
        };
        let mut values: Map<String, Value> = given.iter().map(sample).collect();
        values.insert("words".to_owned(), Value::Object(self.members("/words")));
        if let Err(error) = environment.render_str(text, Serde(&values)) {
            self.fault(&format!("{place}: {error}"));
        }
    }
}
