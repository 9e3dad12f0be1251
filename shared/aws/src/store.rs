//! The table, by DynamoDB.
//!
//! One item a document; two sparse indexes: `due` (hash `due_shard`, range `due_at`, keys
//! only) and `worklist` (hash `list`, range `rank`, everything). No Scan.

mod commit;
mod item;

use crate::config::Setting;
use crate::failure::unavailable;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use item::Item;
use jiff::{SignedDuration, Timestamp};
use redress_domain::order::later;
use redress_service::keys;
use redress_service::ports::{DueMark, Key, PortError, Record, Store, Write};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// The most keys that one call may read.
const BATCH: usize = 100;

/// Waits between tries of what the table put off, a second in all: by then a caller's own retry is
/// the better one.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(130),
    Duration::from_millis(300),
    Duration::from_millis(500),
];

/// Keeps documents in one table.
pub struct TableStore {
    client: Client,
    table: Setting,
}

impl TableStore {
    /// Keeps them by `client` in `table`.
    #[must_use]
    pub fn new(client: Client, table: Setting) -> Self {
        Self { client, table }
    }

    fn query(&self) -> Result<QueryFluentBuilder, PortError> {
        Ok(self.client.query().table_name(self.table.get()?))
    }

    /// The documents of at most [`BATCH`] keys, each given once.
    async fn get_batch(&self, keys: &[&Key]) -> Result<Vec<Record>, PortError> {
        let table = self.table.get()?;
        let mut asked = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(|key| item::key(key)).collect()))
            .consistent_read(true)
            .build()
            .expect("keys are given");
        let mut found = Vec::new();
        for pause in PAUSES {
            let answer = self.client.batch_get_item().request_items(table, asked).send().await;
            let mut answer = answer.map_err(|error| unavailable("BatchGetItem", &error))?;
            for item in answer.responses.iter_mut().filter_map(|tables| tables.remove(table)).flatten() {
                found.push(item::decode(&item)?);
            }
            match answer.unprocessed_keys.and_then(|mut tables| tables.remove(table)) {
                Some(rest) => asked = rest,
                None => return Ok(found),
            }
            tokio::time::sleep(pause).await;
        }
        Err(PortError::Unavailable("BatchGetItem: UnprocessedKeys".to_owned()))
    }
}

/// The items that `query` finds after the key `from`, page by page until there are `limit`.
async fn pages(query: QueryFluentBuilder, mut from: Option<Item>, limit: usize) -> Result<Vec<Item>, PortError> {
    let mut items = Vec::new();
    while items.len() < limit {
        let wanted = i32::try_from(limit - items.len()).unwrap_or(i32::MAX);
        let page = query.clone().limit(wanted).set_exclusive_start_key(from).send().await;
        let page = page.map_err(|error| unavailable("Query", &error))?;
        items.extend(page.items.unwrap_or_default());
        from = page.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    Ok(items)
}

fn decode_all(items: &[Item]) -> Result<Vec<Record>, PortError> {
    items.iter().map(item::decode).collect()
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

#[async_trait]
impl Store for TableStore {
    async fn get(&self, key: &Key) -> Result<Option<Record>, PortError> {
        let get = self.client.get_item().table_name(self.table.get()?).consistent_read(true);
        let answer = get.set_key(Some(item::key(key))).send().await;
        let answer = answer.map_err(|error| unavailable("GetItem", &error))?;
        answer.item.as_ref().map(item::decode).transpose()
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        // The table refuses a key that is asked for twice.
        let distinct: Vec<&Key> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = Vec::with_capacity(distinct.len());
        for batch in distinct.chunks(BATCH) {
            found.extend(self.get_batch(batch).await?);
        }
        Ok(found)
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, PortError> {
        // A start outside of the prefix is an error to the table: before it, it means the beginning,
        // behind it, nothing.
        let after = after.filter(|after| !after.is_empty() && *after >= prefix);
        if after.is_some_and(|after| !after.starts_with(prefix)) {
            return Ok(Vec::new());
        }
        let query = self.query()?.consistent_read(true).expression_attribute_values(":pk", text(partition));
        let query = match prefix {
            "" => query.key_condition_expression("pk = :pk"),
            _ => query
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", text(prefix)),
        };
        let from = after.map(|after| item::key(&Key { partition: partition.to_owned(), sort: after.to_owned() }));
        decode_all(&pages(query, from, limit).await?)
    }

    async fn last(&self, partition: &str, limit: usize) -> Result<Vec<Record>, PortError> {
        let query = self.query()?.consistent_read(true).scan_index_forward(false);
        let query = query.key_condition_expression("pk = :pk").expression_attribute_values(":pk", text(partition));
        decode_all(&pages(query, None, limit).await?)
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), PortError> {
        match writes {
            [] => Ok(()),
            [write] => self.commit_one(write).await,
            _ => self.commit_all(writes).await,
        }
    }

    async fn due(
        &self,
        shard: u16,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMark>, PortError> {
        let query = self
            .query()?
            .index_name("due")
            .expression_attribute_values(":shard", text(item::shard(shard)))
            .expression_attribute_values(":until", text(keys::instant(until)));
        let query = match after {
            None => query.key_condition_expression("due_shard = :shard AND due_at <= :until"),
            // Marks are kept to the millisecond, so after an instant is from the next one on.
            Some(after) if after >= until => return Ok(Vec::new()),
            Some(after) => query
                .key_condition_expression("due_shard = :shard AND due_at BETWEEN :from AND :until")
                .expression_attribute_values(
                    ":from",
                    text(keys::instant(later(after, SignedDuration::from_millis(1)))),
                ),
        };
        pages(query, None, limit).await?.iter().map(item::due_mark).collect()
    }

    async fn worklist(&self, list: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, PortError> {
        let (mut found, mut after) = (Vec::new(), after.unwrap_or_default().to_owned());
        while found.len() < limit {
            let wanted = limit - found.len();
            let entries = self.entries(list, &after, wanted).await?;
            let Some((last, _)) = entries.last() else { break };
            after.clone_from(last);
            let keys: Vec<Key> = entries.iter().map(|(_, key)| key.clone()).collect();
            let documents = self.get_many(&keys).await?;
            let mut documents: HashMap<_, _> =
                documents.into_iter().map(|record| (record.key.clone(), record)).collect();
            let ended = entries.len() < wanted;
            // The index lags: what stands elsewhere by now is found there.
            found.extend(entries.into_iter().filter_map(|(rank, key)| {
                let stands = |record: &Record| record.place.as_ref().is_some_and(|p| p.list == list && p.rank == rank);
                documents.remove(&key).filter(stands)
            }));
            if ended {
                break;
            }
        }
        Ok(found)
    }
}

impl TableStore {
    /// The places in a list behind `after`, as the index has them: rank and key.
    async fn entries(&self, list: &str, after: &str, limit: usize) -> Result<Vec<(String, Key)>, PortError> {
        let mut condition = "#list = :list".to_owned();
        let mut names = HashMap::from([("#list".to_owned(), "list".to_owned())]);
        let mut values = HashMap::from([(":list".to_owned(), text(list))]);
        if !after.is_empty() {
            condition.push_str(" AND #rank > :after");
            names.insert("#rank".to_owned(), "rank".to_owned());
            values.insert(":after".to_owned(), text(after));
        }
        let query = self
            .query()?
            .index_name("worklist")
            .key_condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        pages(query, None, limit).await?.iter().map(item::entry).collect()
    }
}
