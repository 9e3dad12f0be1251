//! Whether the API answers whoever has its address.

use super::clock;
use super::control::{Control, Heard};
use crate::clock::now;
use redress_service::ports::PortError;
use redress_service::readiness::Finding;

/// What is open to everybody.
const OPEN: &str = "/v1/openapi.json";

const ID: &str = "api.answers";

/// Asks the API what everybody may ask, and what time it is there.
pub(super) async fn answers(control: &Control, url: Option<&str>) -> Vec<Finding> {
    let Some(url) = url.filter(|url| !url.is_empty()) else {
        return vec![Finding::fail(ID, "output ApiUrl", "the stack does not say where its API is", "deploy again")];
    };
    let url = format!("{}{OPEN}", url.trim_end_matches('/'));
    let heard = control.get(&url).await;
    let heard_at = now();
    let mut findings = vec![judge(&url, &heard)];
    findings.extend(heard.ok().map(|heard| clock::here("the API", heard.date, heard_at)));
    findings
}

fn judge(url: &str, heard: &Result<Heard, PortError>) -> Finding {
    let mend = "docs/runbook.md, DeskErrorsAlarm; is PublicUrl, if it is set, the right one?";
    match heard {
        Ok(heard) if heard.status == 200 => Finding::ok(ID, url, "200"),
        Ok(heard) => Finding::fail(ID, url, format!("answers {}", heard.status), mend),
        Err(error) => Finding::fail(ID, url, error.to_string(), mend),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_service::readiness::Severity;

    #[test]
    fn an_api_that_answers_anything_but_its_document_is_not_fit() {
        let heard = |status| Ok(Heard { status, date: None, body: String::new() });
        assert_eq!(judge("https://a", &heard(200)).severity, Severity::Ok);
        assert_eq!(judge("https://a", &heard(404)).severity, Severity::Fail);
        let lost = judge("https://a", &Err(PortError::Unavailable("no connection".to_owned())));
        assert_eq!((lost.severity, lost.says.as_str()), (Severity::Fail, "unavailable: no connection"));
    }
}
