//! Whether an answer is one that the document describes. Every answer of these tests is asked.

use crate::address;
use crate::openapi::document;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// Compiled schemas, by method, path, status and media type.
static SCHEMAS: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());

/// What may be answered where the document has no such method or path.
const NOWHERE: [u16; 5] = [200, 204, 401, 404, 405];

/// Whether the document describes this answer; if not, why not.
pub(super) fn told(method: &str, path: &str, status: u16, media: &str, body: &str) -> Result<(), String> {
    let asked = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let whole = path.parse().ok().and_then(|uri| address::whole(&uri)).map(|uri| uri.to_string());
    let path = whole.as_deref().unwrap_or(path).split('?').next().unwrap_or_default();
    let operation = template(path).and_then(|template| DOCUMENT["paths"][template].get(&asked));
    let Some(operation) = operation else {
        let viewer = path.starts_with("/docs");
        let plain = NOWHERE.contains(&status) && (status != 200 || viewer || asked == "options");
        // Who may not use a path is told so before its methods are.
        return if plain || status == 403 {
            Ok(())
        } else {
            Err(format!("{method} {path} is not there, yet {status}"))
        };
    };
    let told = &operation["responses"][status.to_string()];
    let told = told["$ref"].as_str().map_or(told, |at| DOCUMENT.pointer(&at[1..]).unwrap_or(&Value::Null));
    if told.is_null() {
        return Err(format!("{method} {path} does not answer {status}"));
    }
    let Some(content) = told["content"].as_object().filter(|_| method != "HEAD") else { return Ok(()) };
    let media = media.split(';').next().unwrap_or_default();
    let Some(described) = content.get(media) else { return Err(format!("{method} {path} {status} is no {media}")) };
    if !media.ends_with("json") {
        return Ok(());
    }
    let body: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let name = format!("{asked} {} {status} {media}", operation["operationId"]);
    let schema = validator(name, &described["schema"]);
    let wrong = schema.iter_errors(&body).next().map(|error| format!("{} at {}", error, error.instance_path()));
    wrong.map_or(Ok(()), |wrong| Err(format!("{method} {path} {status}: {wrong}")))
}

fn validator(name: String, schema: &Value) -> Arc<Validator> {
    let mut schemas = SCHEMAS.lock().unwrap();
    let made = || {
        let root = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
        Arc::new(jsonschema::draft202012::new(&root).unwrap())
    };
    Arc::clone(schemas.entry(name).or_insert_with(made))
}

/// The path of the document that a request's path is one of: with the fewest open parts.
fn template(path: &str) -> Option<&'static str> {
    let templates = DOCUMENT["paths"].as_object()?.keys().map(String::as_str);
    let open = |part: &str| part.starts_with('{');
    let fits = |template: &&str| {
        let (parts, asked) = (template.split('/'), path.split('/'));
        parts.clone().count() == asked.clone().count()
            && parts.zip(asked).all(|(part, asked)| open(part) || part == asked)
    };
    templates.filter(fits).min_by_key(|template| template.split('/').filter(|part| open(part)).count())
}
