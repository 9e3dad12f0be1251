//! One method of one path.

use super::{Parts, named};
use crate::problem::Code;
use crate::read::{Object, Reader};
use crate::roles;
use schemars::JsonSchema;
use schemars::generate::SchemaGenerator;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One method of one path, and all that a caller must know of it.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<Value>,
    body: Option<Value>,
    examples: Map<String, Value>,
    gives: Vec<Given>,
    refuses: Vec<Code>,
    /// Whether people read it: its answers are pages, too.
    paged: bool,
}

/// What is answered when all is well.
struct Given {
    status: u16,
    media: BTreeMap<&'static str, fn(&mut SchemaGenerator) -> Value>,
    headers: Vec<Header>,
}

/// A header of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// The version of what is shown.
    ETag,
    /// Where what was made is.
    Location,
    /// Whether this was answered before.
    Replayed,
}

/// The start of a description; the path's tag is the part of the API that it belongs to.
pub(super) fn operation(method: &'static str, path: &'static str, summary: &'static str) -> Operation {
    let mut refuses = vec![Code::Unavailable];
    if path.starts_with("/v1/") {
        refuses.extend([Code::Malformed, Code::Invalid]);
    }
    if path.contains('{') {
        refuses.push(Code::NotFound);
    }
    Operation {
        method,
        path,
        tag: "",
        summary,
        description: "",
        parameters: Vec::new(),
        body: None,
        examples: Map::new(),
        gives: Vec::new(),
        refuses,
        paged: false,
    }
}

impl Operation {
    /// Which part of the API it belongs to.
    pub(super) fn of(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// What else there is to know.
    pub(super) fn says(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// What its query may hold.
    pub(super) fn query<T>(mut self, filter: impl Fn(&mut Object<'_>) -> T) -> Self {
        let described = Object::describe(|query| filter(query));
        let parameters = described["properties"].as_object().into_iter().flatten();
        self.parameters
            .extend(parameters.map(|(name, schema)| json!({ "name": name, "in": "query", "schema": schema })));
        self
    }

    /// It takes an `Idempotency-Key`.
    pub(super) fn keyed(mut self) -> Self {
        self.parameters.push(header(
            "Idempotency-Key",
            KEY,
            false,
            json!({ "type": "string", "pattern": PRINTABLE, "maxLength": 255 }),
        ));
        self.refuses.extend([Code::IdempotencyKeyMalformed, Code::IdempotencyKeyReused]);
        self
    }

    /// It takes an `If-Match`, and can't do without one if that is `needed`.
    pub(super) fn if_match(mut self, needed: bool) -> Self {
        self.parameters.push(header(
            "If-Match",
            IF_MATCH,
            needed,
            json!({ "type": "string", "examples": ["*", "\"3\""] }),
        ));
        self.refuses.push(Code::PreconditionFailed);
        self.refuses.extend(needed.then_some(Code::PreconditionRequired));
        self
    }

    /// It takes an `If-None-Match`.
    pub(super) fn if_none_match(mut self) -> Self {
        self.parameters.push(header(
            "If-None-Match",
            IF_NONE_MATCH,
            false,
            json!({ "type": "string", "examples": ["\"3\""] }),
        ));
        self.gives.push(Given { status: 304, media: BTreeMap::new(), headers: vec![Header::ETag] });
        self
    }

    /// What its body is, as JSON.
    pub(super) fn takes(self, reader: &impl Reader) -> Self {
        self.takes_as([("application/json", reader.schema())])
    }

    /// What its body is, as JSON or as a form.
    pub(super) fn takes_form(self, reader: &impl Reader) -> Self {
        let (json, mut form) = (reader.schema(), reader.schema());
        // What is left empty in a form is not said.
        for field in form["properties"].as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
            *field = json!({ "anyOf": [field, { "const": "" }] });
        }
        self.takes_as([("application/json", json), ("application/x-www-form-urlencoded", form)])
    }

    fn takes_as<const N: usize>(mut self, bodies: [(&'static str, Value); N]) -> Self {
        let described = |(media, schema): (&str, Value)| (media.to_owned(), json!({ "schema": schema }));
        self.body = Some(Value::Object(bodies.into_iter().map(described).collect()));
        self.refuses.extend([Code::TooLarge, Code::UnsupportedMediaType, Code::Malformed, Code::Invalid]);
        self
    }

    /// What somebody might send.
    pub(super) fn example(mut self, name: &'static str, value: Value) -> Self {
        self.examples.insert(name.to_owned(), json!({ "value": value }));
        self
    }

    /// What it answers when all is well, with these headers.
    pub(super) fn gives<T: JsonSchema>(mut self, status: u16, headers: &[Header]) -> Self {
        let media = BTreeMap::from([("application/json", named::<T> as fn(&mut SchemaGenerator) -> Value)]);
        self.gives.push(Given { status, media, headers: headers.to_vec() });
        self
    }

    /// It answers with nothing but its status.
    pub(super) fn gives_nothing(mut self, status: u16) -> Self {
        self.gives.push(Given { status, media: BTreeMap::new(), headers: Vec::new() });
        self
    }

    /// Whatever it answers is a page for who would rather read one.
    pub(super) fn paged(mut self) -> Self {
        for given in &mut self.gives {
            given.media.insert("text/html", |_| json!({ "type": "string" }));
        }
        Self { paged: true, ..self }
    }

    /// How else it may refuse.
    pub(super) fn refuses(mut self, codes: &[Code]) -> Self {
        self.refuses.extend(codes);
        self
    }

    pub(super) fn document(&self, parts: &mut Parts) -> Value {
        let roles = roles::of(self.method, self.path);
        let mut told = json!({
            "operationId": self.id(),
            "tags": [self.tag],
            "summary": self.summary,
            "responses": self.responses(parts),
        });
        if !self.description.is_empty() {
            told["description"] = self.description.into();
        }
        match roles {
            Some(roles) => told["x-roles"] = roles.iter().map(|role| roles::word(*role)).collect(),
            None => told["security"] = json!([]),
        }
        if !self.parameters.is_empty() {
            told["parameters"] = self.parameters.clone().into();
        }
        if let Some(body) = &self.body {
            let mut content = body.clone();
            if !self.examples.is_empty() {
                content["application/json"]["examples"] = self.examples.clone().into();
            }
            told["requestBody"] = json!({ "required": true, "content": content });
        }
        told
    }

    /// For example `post_work_orders_transitions`.
    fn id(&self) -> String {
        let parts = self.path.trim_start_matches("/v1").split('/').filter(|part| !part.is_empty());
        let words: Vec<_> = parts.map(|part| part.trim_matches(['{', '}']).replace(['-', '.'], "_")).collect();
        format!("{}_{}", self.method.to_lowercase(), words.join("_"))
    }

    fn responses(&self, parts: &mut Parts) -> Map<String, Value> {
        let mut responses = Map::new();
        for given in &self.gives {
            responses.insert(given.status.to_string(), given.document(&mut parts.schemas));
        }
        let mut refusals: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for code in Code::ALL.into_iter().filter(|code| self.may_refuse(*code)) {
            refusals.entry(code.status().as_u16()).or_default().push(code);
        }
        for (status, codes) in refusals {
            responses.insert(status.to_string(), self.refused(&codes, parts));
        }
        responses
    }

    /// A refusal for one of several reasons, kept under a name of its own.
    fn refused(&self, codes: &[Code], parts: &mut Parts) -> Value {
        let words = codes.iter().map(|code| code.word()).collect::<Vec<_>>().join("-or-");
        let name = if self.paged { words + "-or-page" } else { words };
        if !parts.responses.contains_key(&name) {
            let mut told = refusal(codes, &mut parts.schemas);
            if self.paged {
                told["content"]["text/html"] = json!({ "schema": { "type": "string" } });
            }
            parts.responses.insert(name.clone(), told);
        }
        json!({ "$ref": format!("#/components/responses/{name}") })
    }

    fn may_refuse(&self, code: Code) -> bool {
        let roles = roles::of(self.method, self.path);
        match code {
            Code::Unauthorized | Code::RateLimited => roles.is_some(),
            Code::Forbidden => roles.is_some_and(|roles| roles.len() < roles::WORDS.len()),
            code => self.refuses.contains(&code),
        }
    }
}

const KEY: &str = "The caller's own name for this request, bare or as a quoted string: the same request under the same key has the same answer and no second effect, for at least 24 hours.";
/// A bare key. In quotes it may hold more; the two forms are one key.
const PRINTABLE: &str = "^[!#-~]([ -~]{0,253}[!-~])?$";
const IF_MATCH: &str = "The `ETag` of what was read; `*` for any version.";
const IF_NONE_MATCH: &str = "The `ETag` of what is known already: 304 if it is still so.";

fn header(name: &str, description: &str, required: bool, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "description": description, "required": required, "schema": schema })
}

/// The parameters of a path, which are those of every method that it has.
pub(super) fn path_item(path: &str) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter =
        |name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } });
    match names.map(parameter).collect::<Vec<_>>() {
        none if none.is_empty() => json!({}),
        parameters => json!({ "parameters": parameters }),
    }
}

impl Given {
    fn document(&self, schemas: &mut SchemaGenerator) -> Value {
        let mut told = json!({ "description": described(self.status) });
        let content: Map<String, Value> = self
            .media
            .iter()
            .map(|(media, schema)| ((*media).to_owned(), json!({ "schema": schema(schemas) })))
            .collect();
        if !content.is_empty() {
            told["content"] = content.into();
        }
        let headers: Map<String, Value> = self.headers.iter().map(|header| header.document()).collect();
        if !headers.is_empty() {
            told["headers"] = headers.into();
        }
        told
    }
}

impl Header {
    fn document(self) -> (String, Value) {
        let (name, description, required) = match self {
            Self::ETag => ("ETag", "The version: send it back in `If-Match`.", true),
            Self::Location => ("Location", "Where it is.", true),
            Self::Replayed => ("Idempotency-Replayed", "`true` if this was answered before.", false),
        };
        (name.to_owned(), json!({ "description": description, "required": required, "schema": { "type": "string" } }))
    }
}

fn described(status: u16) -> &'static str {
    match status {
        201 => "Made",
        202 => "Taken in",
        204 => "Done; nothing to show",
        304 => "Still as you know it",
        _ => "As asked",
    }
}

/// A refusal for one of several reasons.
fn refusal(codes: &[Code], schemas: &mut SchemaGenerator) -> Value {
    let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
    let example =
        |code: &Code| (code.word().to_owned(), json!({ "$ref": format!("#/components/examples/{}", code.word()) }));
    let examples: Map<String, Value> = codes.iter().map(example).collect();
    let mut told = json!({
        "description": titles.join("; "),
        "content": { "application/problem+json": {
            "schema": named::<crate::problem::Document<'_>>(schemas), "examples": examples,
        } },
    });
    let headers: Map<String, Value> = codes
        .iter()
        .filter_map(|code| code.header_name())
        .map(|name| (name.to_string(), json!({ "required": true, "schema": { "type": "string" } })))
        .collect();
    if !headers.is_empty() {
        told["headers"] = headers.into();
    }
    told
}
