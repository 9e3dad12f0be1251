//! What the API is, said in OpenAPI 3.1: made of the readers that read requests, the types that
//! answer them, and the table of who may. Nothing here runs in a function: the document is made by
//! a test, kept beside the code as `openapi.json`, and served from there.

mod examples;
mod operation;
mod operations;

use crate::problem::Code;
use crate::roles;
use redress_service::auth::Role;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// The document.
///
/// # Source
/// OpenAPI Specification 3.1.1 (<https://spec.openapis.org/oas/v3.1.1.html>).
#[must_use]
pub fn document() -> Value {
    let mut parts = Parts { schemas: settings().into_generator(), responses: Map::new() };
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all() {
        let (method, path) = (operation.method.to_lowercase(), operation.path);
        let told = operation.document(&mut parts);
        let item = paths.entry(path).or_insert_with(|| operation::path_item(path));
        item[method] = told;
    }
    let mut schemas = parts.schemas.take_definitions(true);
    schemas.iter_mut().for_each(|(name, schema)| entitle(name, schema));
    if let Some(code) = schemas.get_mut("Problem").and_then(|problem| problem.pointer_mut("/properties/code")) {
        code["enum"] = Code::ALL.map(Code::word).into_iter().collect();
    }
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": {
            "title": "Redress",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "After-sales service for an online shop. 网店售后服务",
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "tags": operations::tags(),
        "x-roles": roles::WORDS.iter().map(|(role, word)| (*word).to_owned() + ": " + told(*role)).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": parts.responses,
            "examples": examples::problems(),
            "securitySchemes": { "key": {
                "type": "http", "scheme": "bearer",
                "description": "An API key of the shop: `Authorization: Bearer rk_…`. Its tenant and role decide what is seen and what may be done.",
            } },
        },
    })
}

const DESCRIPTION: &str = "\
One API for a shop's back end, for its console and for imports: nothing else reaches the data.

- JSON in UTF-8. Text comes back code point for code point. Instants are RFC 3339 in UTC, durations are seconds, money is whole minor units.
- Whatever is wrong is told at once as `application/problem+json` (RFC 9457): decide by `code`, mend what `errors` points at.
- Every POST takes an `Idempotency-Key`: the same request again has the same answer and no second effect, for at least 24 hours.
- What changes has an `ETag`: send it back in `If-Match`.
- Lists have a `limit` and a `cursor`. Each item that was there throughout comes exactly once, however long you page; of work orders, each that kept its place.
- Unknown fields and unknown query parameters are refused, so that nothing is silently ignored.";

fn told(role: Role) -> &'static str {
    match role {
        Role::Integrator => "the shop's back end; brings feedback and reads what it brought",
        Role::Agent => "works on every order of the shop",
        Role::Supervisor => "also assigns, merges, and reads surveys, routing and reports",
        Role::Admin => "also people, policies and keys",
        Role::Auditor => "reads everything and writes nothing",
    }
}

/// Gives each shape that a type may have a name of its own, for example `FactCreated`: programs that
/// write clients have to call it something.
fn entitle(name: &str, schema: &mut Value) {
    for shape in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(word) = shape.pointer("/properties/type/const").and_then(Value::as_str) else { continue };
        let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
        let title = name.to_owned() + &word.split('_').map(capital).collect::<String>();
        shape["title"] = title.into();
    }
}

/// What operations have in common, said once.
struct Parts {
    schemas: SchemaGenerator,
    responses: Map<String, Value>,
}

/// A type is described as it is written, and by name.
fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.transforms.push(Box::new(RecursiveTransform(words)));
    })
}

/// One of some words, each with what it means, is a list of words with their meanings beside it:
/// programs that write clients know what to do with that.
fn words(schema: &mut Schema) {
    let Some(choices) = schema.get("oneOf").and_then(Value::as_array) else { return };
    let mut words = Vec::new();
    let mut meanings = Vec::new();
    for choice in choices {
        match (&choice["const"], &choice["enum"]) {
            (Value::String(word), _) => words.push(word.clone()),
            (_, Value::Array(plain)) => words.extend(plain.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => return,
        }
        if let (Some(word), Some(meaning)) = (words.last(), choice["description"].as_str()) {
            meanings.push(format!("- `{word}`: {meaning}"));
        }
    }
    let described = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let described = format!("{described}\n\n{}", meanings.join("\n"));
    schema.remove("oneOf");
    schema.insert("type".to_owned(), "string".into());
    schema.insert("enum".to_owned(), words.into());
    schema.insert("description".to_owned(), described.trim().into());
}

/// How a type looks as JSON, everything in place.
pub(crate) fn inline<T: JsonSchema>() -> Value {
    let settings = settings().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("title");
    }
    schema
}

/// A type by its name.
fn named<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().to_value()
}
