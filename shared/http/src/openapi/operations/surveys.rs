//! Was it put right?

use super::{Operation, VOICE, operation};
use crate::cursor::{self, Paging};
use crate::openapi::operation::Header::{ETag, Replayed};
use crate::problem::Code;
use crate::survey_page::Said;
use crate::surveys::{self, SurveyView};
use crate::{read, satisfaction};
use jiff::Timestamp;
use redress_service::answer::EnteredView;
use redress_service::satisfaction::Report;
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation("GET", "/v1/surveys", "What customers said, oldest first")
            .of(VOICE)
            .query(|query| (surveys::filter(query), Paging::described(query)))
            .gives::<cursor::Listed<SurveyView>>(200, &[]),
        operation("GET", "/v1/satisfaction", "CSAT, CES and NPS, beside how many answered and how far that can be trusted")
            .of(VOICE)
            .says("Counted over the surveys that were made in a time of at most 366 days. Scores belong to whoever had the order when it was resolved. `interval` is the 95 % Wilson interval of `csat`; what nobody answered is `null`. What was said in calls is under `called`.")
            .query(satisfaction::question)
            .gives::<Report>(200, &[]),
        operation("POST", "/v1/surveys/{id}/answer", "Write down what a customer said when they were called")
            .of(VOICE)
            .says("It is heard as any answer is, and kept apart from what customers say themselves: `called` of the survey. There is no window for it.")
            .keyed()
            .takes(&read::answer(Timestamp::UNIX_EPOCH))
            .example("zh", json!({ "csat": 2, "solved": false, "comment": "电话里说还没收到退款" }))
            .example("en", json!({ "csat": 4, "ces": 6, "solved": true }))
            .gives::<EnteredView>(200, &[ETag, Replayed]),
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
