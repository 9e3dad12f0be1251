//! Was it put right?

use super::{Operation, VOICE, operation};
use crate::cursor::{self, Paging};
use crate::problem::Code;
use crate::read;
use crate::survey_page::Said;
use crate::surveys::{self, SurveyView};
use jiff::Timestamp;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/surveys", "What customers said, oldest first")
            .of(VOICE)
            .query(|query| (surveys::filter(query), Paging::described(query)))
            .gives::<cursor::Listed<SurveyView>>(200, &[]),
        operation("GET", "/s/{token}", "The customer is asked")
            .of(VOICE)
            .says("A page in the customer's language that works without scripts, or JSON by `Accept`. Reading it changes nothing.")
            .gives::<Said<'_>>(200, &[])
            .paged()
            .refuses(&[Code::Closed]),
        operation("POST", "/s/{token}", "The customer answers")
            .of(VOICE)
            .says("Again within the window replaces the answer; all are kept, the last one counts.")
            .takes_form(&read::answer(Timestamp::UNIX_EPOCH))
            .example("zh", json!({ "csat": 1, "solved": false, "comment": "还是没有收到" }))
            .example("en", json!({ "csat": 5, "ces": 6, "nps": 9, "solved": true }))
            .gives::<Said<'_>>(200, &[])
            .paged()
            .refuses(&[Code::Closed]),
    ]
}
