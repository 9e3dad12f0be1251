//! The texts of a language, read once a process.

use crate::template::Template;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use redress_domain::category::Language;
use serde_json::{Map, Value};
use std::sync::LazyLock;

static ZH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(include_str!("../texts/zh.json")));
static EN: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(include_str!("../texts/en.json")));

/// Values are escaped by the frame's ending, and an unknown one is an error and not a blank.
static FRAMES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = strict();
    for (name, source) in
        [("mail.html", include_str!("../templates/mail.html")), ("mail.txt", include_str!("../templates/mail.txt"))]
    {
        environment.add_template(name, source).expect("our frames are well-formed");
    }
    environment
});

fn strict() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

/// Puts what a mail says into its frame.
pub(crate) fn framed(frame: &str, values: Value) -> Result<String, minijinja::Error> {
    FRAMES.get_template(frame)?.render(Serde(values))
}

/// The texts of one language.
pub(crate) struct Catalogue(Value);

impl Catalogue {
    fn read(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("the build has read the texts"))
    }

    /// The texts of `language`; who speaks another than ours gets English.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::Zh => &ZH,
            Language::En | Language::Other => &EN,
        }
    }

    /// The language's own BCP 47 tag.
    pub(crate) fn tag(&self) -> &str {
        self.0["lang"].as_str().unwrap_or_default()
    }

    /// What every mail says.
    pub(crate) fn frame(&self, name: &str) -> &str {
        self.0["frame"][name].as_str().unwrap_or_default()
    }

    /// A part of a message; empty if the message has no such part.
    pub(crate) fn say(
        &self,
        template: &Template,
        part: &str,
        values: &Map<String, Value>,
    ) -> Result<Vec<String>, minijinja::Error> {
        let mut values = values.clone();
        values.insert("words".to_owned(), self.0["words"].clone());
        let environment = strict();
        let texts = match &self.0["messages"][template.name][part] {
            Value::Array(texts) => texts.as_slice(),
            Value::Null => &[],
            text => std::slice::from_ref(text),
        };
        texts.iter().filter_map(Value::as_str).map(|text| environment.render_str(text, Serde(&values))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_domain::category::Category;
    use redress_domain::order::Status;
    use redress_domain::sla::Metric;

    #[test]
    fn every_word_of_ours_has_its_word_in_both_languages_and_none_is_left_over() {
        let expected = [
            ("category", Category::ALL.map(|category| category.as_str().to_owned()).to_vec()),
            ("status", Status::ALL.map(|(_, word)| word.to_owned()).to_vec()),
            (
                "metric",
                Metric::NAMED.iter().map(|metric| metric.word().into_owned()).chain(["statutory".to_owned()]).collect(),
            ),
        ];
        for catalogue in [&*ZH, &*EN] {
            for (group, mut words) in expected.clone() {
                let mut there: Vec<_> = catalogue.0["words"][group].as_object().unwrap().keys().cloned().collect();
                there.sort();
                words.sort();
                assert_eq!(there, words, "{group}");
            }
        }
    }
}
