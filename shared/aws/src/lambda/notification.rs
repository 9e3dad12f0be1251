//! What the bucket says of uploads, in the words of our events.

use jiff::Timestamp;
use redress_domain::event::{Event, EventType};
use redress_service::{Fault, keys};
use serde_json::Value;

/// The events in what a bucket says: none in the word that it can speak at all; `None` if no bucket
/// said this.
///
/// # Source
/// Amazon S3 user guide, "Event message structure".
pub(super) fn events(body: &str) -> Option<Result<Vec<Event>, Fault>> {
    let told: Value = serde_json::from_str(body).ok()?;
    if told["Event"] == "s3:TestEvent" {
        return Some(Ok(Vec::new()));
    }
    let records = told["Records"].as_array()?;
    let from_a_bucket = records.iter().all(|record| record["eventSource"] == "aws:s3");
    from_a_bucket.then(|| records.iter().map(event).collect())
}

/// An object that is no upload of ours is nobody's: no further try makes one of it. Our paths hold
/// nothing that a notification writes in another way.
fn event(record: &Value) -> Result<Event, Fault> {
    let (key, time) = (record["s3"]["object"]["key"].as_str(), record["eventTime"].as_str());
    let upload = key.and_then(keys::upload_of);
    let (tenant, id) = upload.ok_or_else(|| Fault::invalid("", "a bucket's word of an object that is no upload"))?;
    let time: Option<Timestamp> = time.and_then(|time| time.parse().ok());
    let time = time.ok_or_else(|| Fault::invalid("", "a bucket's word without its time"))?;
    Ok(Event::new(&tenant, EventType::AttachmentUploaded, id.as_str(), 1, time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(key: &str) -> String {
        let record = json!({
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
            "eventTime": "2026-11-23T04:00:00.123Z", "eventName": "ObjectCreated:Post",
            "s3": { "bucket": { "name": "files" }, "object": { "key": key, "size": 7, "versionId": "v1" } },
        });
        json!({ "Records": [record] }).to_string()
    }

    #[test]
    fn an_upload_is_an_event_of_its_attachment() {
        let events = events(&told("uploads/tn_shop/at_1")).expect("a bucket said it").expect("an upload");
        let [event] = &events[..] else { panic!("one record is one event: {events:?}") };
        assert_eq!((event.subject.as_str(), event.tenant.as_str()), ("at_1", "tn_shop"));
        assert_eq!(event.id, "at_1/attachment.uploaded.v1/1");
        assert_eq!(event.time.to_string(), "2026-11-23T04:00:00.123Z");
    }

    #[test]
    fn that_it_can_speak_at_all_is_no_event() {
        let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "files" });
        assert_eq!(events(&test.to_string()), Some(Ok(Vec::new())));
    }

    #[test]
    fn another_object_is_laid_aside() {
        for key in ["outbox/tn_shop/x.json", "uploads/tn_shop/at_1/more", "uploads/at_1", "uploads/tn_shop/at_%2E", ""]
        {
            let fault = events(&told(key)).expect("a bucket said it").expect_err("no upload of ours");
            assert!(!fault.is_retryable(), "{key}");
        }
    }

    #[test]
    fn what_no_bucket_said_is_left_to_others() {
        for body in ["", "{}", "[]", r#"{"Records":[{"eventSource":"aws:sns"}]}"#, r#"{"type":"other.v1"}"#] {
            assert_eq!(events(body), None, "{body}");
        }
    }
}
