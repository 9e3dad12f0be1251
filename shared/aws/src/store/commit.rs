//! Writing: one conditional write, or several in a transaction.
//!
//! A condition that fails is not yet a conflict. The write may be ours: an earlier try that won and
//! whose reply was lost, be it the SDK's, ours, or a whole invocation's. So what is stored is
//! compared with what was wanted, and only a difference is a conflict.
//!
//! Transactions carry the token that the SDK draws anew for each operation, not one derived from
//! the writes: within its ten minutes a repeated token is answered "done" without looking, so that
//! to create, delete and create the same again would lose the second creation.

use super::item::{self, Item};
use super::{PAUSES, TableStore};
use crate::failure::{code, unavailable};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use redress_service::ports::{Key, PortError, Record, Store, Write};

/// A failed condition is answered with what is stored.
const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

/// What the table says of a try.
#[derive(Debug, PartialEq, Eq)]
enum Tried {
    Done,
    /// A condition failed.
    Refused,
    /// Somebody else writes just now, or too many do: trying again is right.
    Busy,
}

/// What an item must be at: its condition, and the value in it.
struct Condition(&'static str, Option<Item>);

impl Condition {
    /// Nothing there for 0, else this version.
    fn at(version: u64) -> Self {
        match version {
            0 => Self("attribute_not_exists(pk)", None),
            _ => {
                let seen = AttributeValue::N(version.to_string());
                Self("version = :seen", Some(Item::from([(":seen".to_owned(), seen)])))
            }
        }
    }
}

impl TableStore {
    pub(super) async fn commit_one(&self, write: &Write) -> Result<(), PortError> {
        for pause in PAUSES {
            match self.write(write).await? {
                Tried::Done => return Ok(()),
                Tried::Refused => return Err(PortError::Conflict),
                Tried::Busy => tokio::time::sleep(pause).await,
            }
        }
        Err(PortError::Unavailable("TransactionConflictException".to_owned()))
    }

    /// One write. Refused only if what is stored is not what `write` wants.
    async fn write(&self, write: &Write) -> Result<Tried, PortError> {
        match write {
            Write::Put(record) => self.put(write, record).await,
            Write::Delete(key, version) => self.delete(write, key, *version).await,
        }
    }

    async fn put(&self, write: &Write, record: &Record) -> Result<Tried, PortError> {
        let Condition(condition, values) = Condition::at(record.version.saturating_sub(1));
        let put = self.client.put_item().table_name(self.table.get()?).set_item(Some(item::encode(record)));
        let put = put.condition_expression(condition).set_expression_attribute_values(values);
        let Err(error) = put.return_values_on_condition_check_failure(ALL_OLD).send().await else {
            return Ok(Tried::Done);
        };
        let held = match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => Some(holds(write, failed.item())),
            _ => None,
        };
        tried("PutItem", &error, held)
    }

    async fn delete(&self, write: &Write, key: &Key, version: u64) -> Result<Tried, PortError> {
        let Condition(condition, values) = Condition::at(version);
        let delete = self.client.delete_item().table_name(self.table.get()?).set_key(Some(item::key(key)));
        let delete = delete.condition_expression(condition).set_expression_attribute_values(values);
        let Err(error) = delete.return_values_on_condition_check_failure(ALL_OLD).send().await else {
            return Ok(Tried::Done);
        };
        let held = match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => Some(holds(write, failed.item())),
            _ => None,
        };
        tried("DeleteItem", &error, held)
    }

    pub(super) async fn commit_all(&self, writes: &[Write]) -> Result<(), PortError> {
        for pause in PAUSES {
            match self.transact(writes).await? {
                Tried::Done => return Ok(()),
                Tried::Refused if self.hold(writes).await? => return Ok(()),
                Tried::Refused => return Err(PortError::Conflict),
                Tried::Busy => tokio::time::sleep(pause).await,
            }
        }
        Err(PortError::Unavailable("TransactWriteItems: TransactionConflict".to_owned()))
    }

    async fn transact(&self, writes: &[Write]) -> Result<Tried, PortError> {
        let table = self.table.get()?;
        let items = writes.iter().map(|write| transact_item(table, write)).collect();
        match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => Ok(Tried::Done),
            Err(error) => cancelled(&error).ok_or_else(|| unavailable("TransactWriteItems", &error)),
        }
    }

    /// Whether everything already is as `writes` want it. Read again, not taken from the reasons,
    /// which need not speak of every item; one by one, for the first difference ends it.
    async fn hold(&self, writes: &[Write]) -> Result<bool, PortError> {
        for write in writes {
            let stored = self.get(key(write)).await?;
            if !holds(write, stored.as_ref().map(item::encode).as_ref()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn key(write: &Write) -> &Key {
    match write {
        Write::Put(record) => &record.key,
        Write::Delete(key, _) => key,
    }
}

/// Whether `stored` already is what `write` would make of it.
fn holds(write: &Write, stored: Option<&Item>) -> bool {
    match write {
        Write::Put(record) => stored.is_some_and(|stored| item::keeps(stored, record)),
        Write::Delete(..) => stored.is_none(),
    }
}

/// What the failure of one write means; `held` says, if its condition failed, whether that matters.
fn tried<E, R>(operation: &str, error: &SdkError<E, R>, held: Option<bool>) -> Result<Tried, PortError>
where
    E: ProvideErrorMetadata,
{
    match held {
        Some(true) => Ok(Tried::Done),
        Some(false) => Ok(Tried::Refused),
        None if code(error) == "TransactionConflictException" => Ok(Tried::Busy),
        None => Err(unavailable(operation, error)),
    }
}

/// What the cancellation of a transaction means, if `error` is one that we can do something about.
fn cancelled<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Tried> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => meaning(cancelled.cancellation_reasons()),
        TransactWriteItemsError::TransactionInProgressException(_) => Some(Tried::Busy),
        _ => None,
    }
}

/// A failed condition says more than a busy neighbour: to wait would not make it true.
fn meaning(reasons: &[CancellationReason]) -> Option<Tried> {
    let says = |code| reasons.iter().any(|reason| reason.code() == Some(code));
    if says("ConditionalCheckFailed") {
        return Some(Tried::Refused);
    }
    let busy = says("TransactionConflict") || says("ThrottlingError") || says("ProvisionedThroughputExceeded");
    busy.then_some(Tried::Busy)
}

fn transact_item(table: &str, write: &Write) -> TransactWriteItem {
    match write {
        Write::Put(record) => {
            let Condition(condition, values) = Condition::at(record.version.saturating_sub(1));
            let put = Put::builder().table_name(table).set_item(Some(item::encode(record)));
            let put = put.condition_expression(condition).set_expression_attribute_values(values);
            TransactWriteItem::builder().put(put.build().expect("a put has a table and an item")).build()
        }
        Write::Delete(key, version) => {
            let Condition(condition, values) = Condition::at(*version);
            let delete = Delete::builder().table_name(table).set_key(Some(item::key(key)));
            let delete = delete.condition_expression(condition).set_expression_attribute_values(values);
            TransactWriteItem::builder().delete(delete.build().expect("a delete has a table and a key")).build()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn put(version: u64) -> Record {
        let key = Key { partition: "p".to_owned(), sort: "s".to_owned() };
        Record { key, version, body: json!({ "a": 1 }).into(), due_at: None, place: None, expires_at: None }
    }

    fn reasons(codes: &[&str]) -> Vec<CancellationReason> {
        codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect()
    }

    #[test]
    fn the_first_version_expects_nothing_and_each_other_the_one_before() {
        let first = transact_item("t", &Write::Put(put(1))).put.expect("a put");
        assert_eq!(first.condition_expression(), Some("attribute_not_exists(pk)"));
        let second = transact_item("t", &Write::Put(put(2))).put.expect("a put");
        assert_eq!(second.condition_expression(), Some("version = :seen"));
        let seen = second.expression_attribute_values().and_then(|values| values.get(":seen"));
        assert_eq!(seen, Some(&AttributeValue::N("1".to_owned())));
    }

    #[test]
    fn a_delete_expects_the_version_it_names() {
        let delete = transact_item("t", &Write::Delete(put(1).key, 7)).delete.expect("a delete");
        let seen = delete.expression_attribute_values().and_then(|values| values.get(":seen"));
        assert_eq!(seen, Some(&AttributeValue::N("7".to_owned())));
    }

    #[test]
    fn a_failed_condition_outweighs_a_busy_neighbour() {
        assert_eq!(meaning(&reasons(&["None", "ConditionalCheckFailed"])), Some(Tried::Refused));
        assert_eq!(meaning(&reasons(&["TransactionConflict", "ConditionalCheckFailed"])), Some(Tried::Refused));
        assert_eq!(meaning(&reasons(&["None", "TransactionConflict"])), Some(Tried::Busy));
        assert_eq!(meaning(&reasons(&["ThrottlingError"])), Some(Tried::Busy));
        assert_eq!(meaning(&reasons(&["ValidationError"])), None);
        assert_eq!(meaning(&[]), None);
    }

    #[test]
    fn our_own_write_is_known_again() {
        let stored = item::encode(&put(2));
        assert!(holds(&Write::Put(put(2)), Some(&stored)));
        assert!(!holds(&Write::Put(put(3)), Some(&stored)));
        assert!(!holds(&Write::Put(put(2)), None));
        assert!(holds(&Write::Delete(put(2).key, 2), None));
        assert!(!holds(&Write::Delete(put(2).key, 1), Some(&stored)));
    }
}
