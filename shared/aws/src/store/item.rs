//! A document as an item of the table.
//!
//! | attribute | type | |
//! |---|---|---|
//! | `pk`, `sk` | S | the key |
//! | `version` | N | |
//! | `body` | S, B | the document's JSON text, so that text and numbers come back as they went; packed if it is long |
//! | `due_shard`, `due_at` | S | two digits, an instant; both or neither: index `due` |
//! | `list`, `rank` | S | both or neither: index `worklist` |
//! | `expires_at` | N | seconds since 1970: the table's time to live |

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use redress_service::keys;
use redress_service::pack::{Text, unpack};
use redress_service::ports::{DueMark, Key, Place, PortError, Record};
use serde_json::Value;
use std::collections::HashMap;

/// Attributes by name.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The item that keeps `record`. Instants are kept to the millisecond, `expires_at` to the second,
/// rounded up: nothing vanishes early.
pub(super) fn encode(record: &Record) -> Item {
    let mut item = key(&record.key);
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put("version", AttributeValue::N(record.version.to_string()));
    put(
        "body",
        match Text::of(&record.body) {
            Text::Plain(text) => AttributeValue::S(text),
            Text::Packed(bytes) => AttributeValue::B(bytes.into()),
        },
    );
    if let Some(at) = record.due_at {
        put("due_shard", AttributeValue::S(shard(keys::due_shard(&record.key))));
        put("due_at", AttributeValue::S(keys::instant(at)));
    }
    if let Some(place) = &record.place {
        put("list", AttributeValue::S(place.list.clone()));
        put("rank", AttributeValue::S(place.rank.clone()));
    }
    if let Some(at) = record.expires_at {
        let seconds = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
        put("expires_at", AttributeValue::N(seconds.to_string()));
    }
    item
}

/// The record that `item` keeps.
///
/// # Errors
/// [`PortError::Unavailable`] with the attribute's name if this is no item of ours.
pub(super) fn decode(item: &Item) -> Result<Record, PortError> {
    let place = match (text(item, "list")?, text(item, "rank")?) {
        (Some(list), Some(rank)) => Some(Place { list: list.to_owned(), rank: rank.to_owned() }),
        _ => None,
    };
    Ok(Record {
        key: key_of(item)?,
        version: number(item, "version")?.ok_or_else(|| odd("version"))?,
        body: body(item)?.into(),
        due_at: text(item, "due_at")?.map(instant).transpose()?,
        place,
        expires_at: number(item, "expires_at")?.map(second).transpose()?,
    })
}

/// The mark that an item of the index `due` is.
pub(super) fn due_mark(item: &Item) -> Result<DueMark, PortError> {
    Ok(DueMark { at: instant(required(item, "due_at")?)?, key: key_of(item)? })
}

/// A place in a work list, as its index has it: the rank, and whose it is.
pub(super) fn entry(item: &Item) -> Result<(String, Key), PortError> {
    Ok((required(item, "rank")?.to_owned(), key_of(item)?))
}

/// The attributes of a key.
pub(super) fn key(key: &Key) -> Item {
    let part = |name: &str, value: &str| (name.to_owned(), AttributeValue::S(value.to_owned()));
    HashMap::from([part("pk", &key.partition), part("sk", &key.sort)])
}

/// A shard as it stands in `due_shard`.
pub(super) fn shard(shard: u16) -> String {
    format!("{shard:02}")
}

/// Whether `item` keeps exactly `record`. Both through the same encoding: what the table does not
/// keep, such as a nanosecond, does not tell them apart.
pub(super) fn keeps(item: &Item, record: &Record) -> bool {
    matches!((decode(item), decode(&encode(record))), (Ok(kept), Ok(wanted)) if kept == wanted)
}

fn key_of(item: &Item) -> Result<Key, PortError> {
    Ok(Key { partition: required(item, "pk")?.to_owned(), sort: required(item, "sk")?.to_owned() })
}

fn text<'a>(item: &'a Item, name: &str) -> Result<Option<&'a str>, PortError> {
    item.get(name).map(|value| value.as_s().map(String::as_str).map_err(|_| odd(name))).transpose()
}

fn required<'a>(item: &'a Item, name: &str) -> Result<&'a str, PortError> {
    text(item, name)?.ok_or_else(|| odd(name))
}

fn body(item: &Item) -> Result<Value, PortError> {
    match item.get("body") {
        Some(AttributeValue::S(text)) => serde_json::from_str(text).map_err(|_| odd("body")),
        Some(AttributeValue::B(bytes)) => unpack(bytes.as_ref()).map_err(|_| odd("body")),
        _ => Err(odd("body")),
    }
}

fn number<N: std::str::FromStr>(item: &Item, name: &str) -> Result<Option<N>, PortError> {
    let parse = |value: &AttributeValue| value.as_n().ok().and_then(|digits| digits.parse().ok());
    item.get(name).map(|value| parse(value).ok_or_else(|| odd(name))).transpose()
}

fn instant(text: &str) -> Result<Timestamp, PortError> {
    text.parse().map_err(|_| odd("due_at"))
}

fn second(seconds: i64) -> Result<Timestamp, PortError> {
    Timestamp::from_second(seconds).map_err(|_| odd("expires_at"))
}

/// Names the attribute and never says what stands in it.
fn odd(name: &str) -> PortError {
    PortError::Unavailable(format!("an item whose {name} is not ours"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(body: Value) -> Record {
        Record {
            key: Key { partition: "tn_a#order#wo_1".to_owned(), sort: "order".to_owned() },
            version: 3,
            body: body.into(),
            due_at: "2026-03-01T08:00:00.123Z".parse().ok(),
            place: Some(Place { list: "tn_a#open#1".to_owned(), rank: "P1#~".to_owned() }),
            expires_at: "2027-01-01T00:00:00Z".parse().ok(),
        }
    }

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        let bodies = [
            json!({ "text": "退货。\u{1}\u{1F600}\u{10FFFF}\0" }),
            json!([9_007_199_254_740_993_i64, u64::MAX, i64::MIN, 0.1, null, true]),
            json!("𠮷野家"),
            json!(vec!["退货 return"; 100]),
        ];
        for body in bodies {
            let record = record(body);
            assert_eq!(decode(&encode(&record)), Ok(record));
        }
    }

    #[test]
    fn a_record_without_marks_stands_in_no_index() {
        let plain = Record { due_at: None, place: None, expires_at: None, ..record(json!({})) };
        let item = encode(&plain);
        let mut names: Vec<_> = item.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["body", "pk", "sk", "version"]);
        assert_eq!(decode(&item), Ok(plain));
    }

    #[test]
    fn marks_stand_as_the_indexes_sort_them() {
        let item = encode(&record(json!(null)));
        assert_eq!(item["due_at"], s("2026-03-01T08:00:00.123Z"));
        assert_eq!(item["due_shard"], s(&shard(keys::due_shard(&record(json!(null)).key))));
        assert_eq!(item["expires_at"], AttributeValue::N("1798761600".to_owned()));
        assert_eq!((shard(0), shard(31)), ("00".to_owned(), "31".to_owned()));
    }

    #[test]
    fn nothing_expires_early() {
        let odd = Record { expires_at: "2027-01-01T00:00:00.001Z".parse().ok(), ..record(json!(null)) };
        assert_eq!(encode(&odd)["expires_at"], AttributeValue::N("1798761601".to_owned()));
    }

    #[test]
    fn what_the_table_does_not_keep_does_not_tell_records_apart() {
        let mut finer = record(json!({ "a": 1 }));
        let item = encode(&finer);
        finer.due_at = "2026-03-01T08:00:00.123999Z".parse().ok();
        assert!(keeps(&item, &finer));
        finer.version = 4;
        assert!(!keeps(&item, &finer));
    }

    #[test]
    fn an_item_that_is_not_ours_is_refused_without_its_content() {
        let mut item = encode(&record(json!("secret")));
        item.insert("version".to_owned(), s("secret"));
        let error = decode(&item).expect_err("not ours").to_string();
        assert_eq!(error, "unavailable: an item whose version is not ours");
        item.remove("version");
        assert!(decode(&item).is_err());
    }
}
