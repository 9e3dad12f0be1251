//! `/s/{token}`: the customer is asked. A plain form that works without scripts, at whatever
//! address it is served; reading it changes nothing.

use crate::ask::Ask;
use crate::form;
use crate::negotiate::{Media, language, prefers_page};
use crate::pages::{self, When, page, render};
use crate::problem::{Code, Problem};
use crate::read::{self, Reader, Wrong};
use crate::reply::{Answer, json};
use crate::texts::texts;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use redress_domain::category::Language;
use redress_domain::id::SurveyId;
use redress_domain::survey::{Survey, SurveyState};
use redress_service::answer::{answer as take, open};
use redress_service::fault::Conflict;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The fields of the form, in their order.
const FIELDS: [&str; 5] = ["solved", "csat", "ces", "nps", "comment"];

/// What a customer said, for a program.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SurveyAnswer")]
pub(crate) struct Said<'a> {
    survey: &'a SurveyId,
    state: SurveyState,
    csat: Option<u8>,
    ces: Option<u8>,
    nps: Option<u8>,
    solved: Option<bool>,
    comment: Option<&'a str>,
    answered_at: Option<Timestamp>,
    closes_at: Timestamp,
}

impl<'a> Said<'a> {
    fn of(survey: &'a Survey) -> Self {
        let answer = survey.own();
        Self {
            survey: &survey.id,
            state: survey.state,
            csat: answer.and_then(|answer| answer.csat),
            ces: answer.and_then(|answer| answer.ces),
            nps: answer.and_then(|answer| answer.nps),
            solved: answer.and_then(|answer| answer.solved),
            comment: answer.and_then(|answer| answer.comment.as_deref()),
            answered_at: answer.map(|answer| answer.at),
            closes_at: survey.closes_at,
        }
    }

    /// The same as the form has it.
    fn fields(&self) -> Map<String, Value> {
        let number = |number: Option<u8>| number.map(|number| number.to_string());
        let values = [
            ("solved", self.solved.map(|solved| solved.to_string())),
            ("csat", number(self.csat)),
            ("ces", number(self.ces)),
            ("nps", number(self.nps)),
            ("comment", self.comment.map(str::to_owned)),
        ];
        values.into_iter().map(|(name, value)| (name.to_owned(), value.unwrap_or_default().into())).collect()
    }
}

/// `GET /s/{token}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let survey = asked(&ask).await?;
    if prefers_page(ask.headers()) == Some(false) {
        return Ok(pages::varies(json(StatusCode::OK, &Said::of(&survey))));
    }
    let fields = Said::of(&survey).fields();
    Ok(form_page(&ask, StatusCode::OK, &survey, &fields, &[]))
}

/// `POST /s/{token}`
pub(crate) async fn answer(ask: Ask) -> Answer {
    let survey = asked(&ask).await?;
    let (media, body) = ask.body(&[Media::Json, Media::Form])?;
    let (value, fields) = match media {
        Media::Json => (ask.json()?, blank()),
        Media::Form => entered(body)?,
    };
    let wants_page = prefers_page(ask.headers()).unwrap_or(media == Media::Form);
    let answer = match read::answer(ask.moment().now).read(&value) {
        Ok(answer) => answer,
        Err(wrong) if wants_page => {
            return Ok(form_page(&ask, StatusCode::UNPROCESSABLE_ENTITY, &survey, &fields, &wrong));
        }
        Err(wrong) => return Err(wrong.into()),
    };
    let satisfied = survey.is_satisfied(&answer);
    let survey = take(ask.world(), ask.param(), answer, ask.moment()).await?;
    if wants_page {
        Ok(thanks(&ask, &survey, satisfied))
    } else {
        Ok(pages::varies(json(StatusCode::OK, &Said::of(&survey))))
    }
}

/// The survey that the token opens, if it was asked and can still be answered.
async fn asked(ask: &Ask) -> Result<Survey, Problem> {
    let (_, stored) = open(ask.world(), ask.param()).await?;
    match stored.value.state {
        SurveyState::Scheduled | SurveyState::Skipped => Err(Problem::not_found()),
        _ if stored.value.closes_at < ask.moment().now => Err(Conflict::Closed.into()),
        _ => Ok(stored.value),
    }
}

/// A form as the JSON that says the same, and as it was entered.
fn entered(body: &[u8]) -> Result<(Value, Map<String, Value>), Problem> {
    let pairs = form::pairs(body).map_err(|_| Problem::new(Code::Malformed, "the form is not UTF-8"))?;
    let (mut value, mut fields) = (Map::new(), blank());
    for (name, text) in pairs {
        // Forms end lines as RFC 2046 has it; the customer ended them plainly.
        let text = text.replace("\r\n", "\n");
        fields.insert(name.clone(), text.clone().into());
        if !text.trim().is_empty() && value.insert(name.clone(), meant(&name, text)).is_some() {
            return Err(Problem::new(Code::Malformed, "a field comes twice in the form"));
        }
    }
    Ok((value.into(), fields))
}

/// A form in which nothing was entered.
fn blank() -> Map<String, Value> {
    FIELDS.iter().map(|name| ((*name).to_owned(), "".into())).collect()
}

/// What a field says, as JSON would say it. What makes no sense stays text, and is refused there.
fn meant(name: &str, text: String) -> Value {
    let plain = match name {
        "comment" => None,
        "solved" => text.parse().ok().map(Value::Bool),
        _ => text.parse::<u8>().ok().filter(|number| number.to_string() == text).map(Value::from),
    };
    plain.unwrap_or_else(|| text.into())
}

/// An error on the page, and the field that it leads to.
#[derive(Serialize)]
struct Mistake {
    field: &'static str,
    text: &'static str,
}

fn mistake(wrong: &Wrong, language: Language) -> Mistake {
    let texts = texts(language);
    let name = wrong.pointer.trim_start_matches('/');
    let field = FIELDS.into_iter().find(|field| *field == name).unwrap_or("solved");
    let text = texts.get(format!("error_{name}").as_str()).or(texts.get("error_other")).copied().unwrap_or_default();
    Mistake { field, text }
}

fn form_page(ask: &Ask, status: StatusCode, survey: &Survey, fields: &Map<String, Value>, wrong: &[Wrong]) -> Response {
    let language = language(ask.headers(), survey.language);
    let errors: Vec<Mistake> = wrong.iter().map(|wrong| mistake(wrong, language)).collect();
    let values = json!({
        "answered": survey.own().is_some(),
        "closes_at": When::of(survey.closes_at, language),
        "values": fields,
        "errors": errors,
        "scales": [scale("ces", 1, 7), scale("nps", 0, 10)],
    });
    page(status, language, render("survey.html", language, values))
}

fn scale(name: &str, from: u8, to: u8) -> Value {
    let values: Vec<String> = (from..=to).map(|number| number.to_string()).collect();
    json!({ "name": name, "values": values })
}

fn thanks(ask: &Ask, survey: &Survey, satisfied: bool) -> Response {
    let language = language(ask.headers(), survey.language);
    let values = json!({ "satisfied": satisfied, "closes_at": When::of(survey.closes_at, language) });
    page(StatusCode::OK, language, render("thanks.html", language, values))
}
