//! Reads a stack: its list of resources first, then each of them.

use super::LIVE;
use super::control::{Control, Question, Service, parsed, word};
use super::seen::{Alarm, Bucket, Function, Look, Part, Queue, Resource, Schedule, Seen, Source, Stack, Table};
use crate::config::s3;
use crate::failure::code;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{BucketVersioningStatus, FilterRuleName};
use aws_sdk_sqs::types::QueueAttributeName;
use futures::future::join_all;
use jiff::Timestamp;
use redress_service::ports::PortError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// As many pages of a list are turned: more is no stack of ours.
const PAGES: usize = 20;

/// As many alarms as are asked for at once.
const ALARMS: usize = 100;

const QUERY: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];
const ALARMS_OF: &[(&str, &str)] =
    &[("content-type", "application/x-amz-json-1.0"), ("x-amz-target", "GraniteServiceVersion20100801.DescribeAlarms")];

/// The stack of that name, with its resources; `now` is asked when it is told.
pub(super) async fn find(control: &Control, name: &str, now: impl Fn() -> Timestamp) -> Result<Stack, PortError> {
    let body = form("DescribeStacks", name, None);
    let heard = control.ask(cloud_formation(&body)).await?;
    let heard_at = now();
    if heard.status != 200 {
        let why = match word(&heard).as_str() {
            "ValidationError" => format!("there is no stack {name} in this account and region"),
            word => format!("DescribeStacks: {word}"),
        };
        return Err(PortError::Unavailable(why));
    }
    let answer = parsed(&heard.body).unwrap_or_default();
    let stack = answer.pointer("/DescribeStacksResult/Stacks/0").cloned().unwrap_or_default();
    Ok(Stack {
        name: name.to_owned(),
        status: text(&stack, "StackStatus"),
        parameters: pairs(&stack["Parameters"], "ParameterKey", "ParameterValue"),
        outputs: pairs(&stack["Outputs"], "OutputKey", "OutputValue"),
        resources: resources(control, name).await?,
        told_at: heard.date,
        heard_at,
    })
}

async fn resources(control: &Control, name: &str) -> Result<Vec<Resource>, PortError> {
    let (mut found, mut next) = (Vec::new(), None);
    for _ in 0..PAGES {
        let body = form("ListStackResources", name, next.as_deref());
        let page = match control.look(cloud_formation(&body)).await {
            Look::There(answer) => answer["ListStackResourcesResult"].clone(),
            Look::Gone => return Err(PortError::Unavailable("ListStackResources: no such stack".to_owned())),
            Look::Untold(why) => return Err(PortError::Unavailable(format!("ListStackResources: {why}"))),
        };
        found.extend(list(&page["StackResourceSummaries"]).iter().map(|one| Resource {
            logical: text(one, "LogicalResourceId"),
            physical: text(one, "PhysicalResourceId"),
            kind: text(one, "ResourceType"),
            status: text(one, "ResourceStatus"),
        }));
        next = page["NextToken"].as_str().filter(|token| !token.is_empty()).map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    Ok(found)
}

fn cloud_formation(body: &str) -> Question<'_> {
    Question { service: Service::CloudFormation, method: "POST", path: "/", headers: QUERY, body }
}

fn form(action: &str, stack: &str, next: Option<&str>) -> String {
    let next = next.map(|token| format!("&NextToken={}", encoded(token))).unwrap_or_default();
    format!("Action={action}&Version=2010-05-15&StackName={}{next}", encoded(stack))
}

/// A word as it stands in a form, a path or a query.
fn encoded(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    word.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn pairs(value: &Value, key: &str, of: &str) -> BTreeMap<String, String> {
    list(value).iter().map(|one| (text(one, key), text(one, of))).collect()
}

/// Everything that is seen of a stack's parts.
pub(super) async fn look(sdk: &SdkConfig, control: &Control, stack: &Stack) -> Seen {
    let (sqs, dynamodb, s3) = (aws_sdk_sqs::Client::new(sdk), aws_sdk_dynamodb::Client::new(sdk), s3(sdk));
    Seen {
        local: control.is_local(),
        functions: each(stack, "AWS::Lambda::Function", |name| function(control, name)).await,
        sources: sources(control, stack).await,
        queues: each(stack, "AWS::SQS::Queue", |url| queue(&sqs, url)).await,
        tables: each(stack, "AWS::DynamoDB::Table", |name| table(&dynamodb, name)).await,
        buckets: each(stack, "AWS::S3::Bucket", |name| bucket(&s3, name)).await,
        schedules: each(stack, "AWS::Scheduler::Schedule", |name| schedule(control, name)).await,
        alarms: alarms(control, stack).await,
    }
}

/// Every resource of a kind, seen.
async fn each<'a, T, F: Future<Output = Look<T>>>(
    stack: &'a Stack,
    kind: &'a str,
    see: impl Fn(&'a str) -> F,
) -> Vec<Part<T>> {
    let part = async |one: &'a Resource| Part {
        logical: one.logical.clone(),
        physical: one.physical.clone(),
        look: see(&one.physical).await,
    };
    join_all(stack.of_kind(kind).map(part)).await
}

fn get(service: Service, path: &str) -> Question<'_> {
    Question { service, method: "GET", path, headers: &[], body: "" }
}

async fn function(control: &Control, name: &str) -> Look<Function> {
    let path = format!("/2015-03-31/functions/{}/configuration", encoded(name));
    let concurrency = format!("/2019-09-30/functions/{}/concurrency", encoded(name));
    let reserved = control.look(get(Service::Lambda, &concurrency)).await;
    let told = control.look(get(Service::Lambda, &path)).await;
    told.map(|told| {
        let variable = |name: &str| told["Environment"]["Variables"][name].as_str().map(str::to_owned);
        Function {
            arn: text(&told, "FunctionArn"),
            timeout_seconds: told["Timeout"].as_i64().unwrap_or_default(),
            version: variable("REDRESS_VERSION"),
            dead_letters: variable("DEAD_LETTERS_URL"),
            state: told["State"].as_str().map(str::to_owned),
            last_update: told["LastUpdateStatus"].as_str().map(str::to_owned),
            reserved: reserved.there().and_then(|told| told["ReservedConcurrentExecutions"].as_i64()),
        }
    })
}

/// What starts the functions of the stack, as the functions know it: also what was made by hand. What
/// starts an alias is listed under the alias, and what starts the function itself under that.
async fn sources(control: &Control, stack: &Stack) -> Look<Vec<Source>> {
    let of = async |name: String| {
        let path = format!("/2015-03-31/event-source-mappings?FunctionName={}", encoded(&name));
        control.look(get(Service::Lambda, &path)).await
    };
    let functions = stack.of_kind("AWS::Lambda::Function");
    let names = functions.flat_map(|one| [one.physical.clone(), format!("{}:{LIVE}", one.physical)]);
    let mut all: Vec<Source> = Vec::new();
    for told in join_all(names.map(of)).await {
        match told {
            Look::There(told) => all.extend(list(&told["EventSourceMappings"]).iter().map(|one| Source {
                id: text(one, "UUID"),
                queue_arn: text(one, "EventSourceArn"),
                function_arn: text(one, "FunctionArn"),
                state: text(one, "State"),
                single: list(&one["FunctionResponseTypes"]).iter().any(|kind| kind == "ReportBatchItemFailures"),
            })),
            // Of a function that is not there, which is said elsewhere.
            Look::Gone => {}
            Look::Untold(why) => return Look::Untold(why),
        }
    }
    all.sort_by(|one, other| one.id.cmp(&other.id));
    all.dedup_by(|one, other| one.id == other.id);
    Look::There(all)
}

async fn queue(client: &aws_sdk_sqs::Client, url: &str) -> Look<Queue> {
    let asked = client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All).send().await;
    told(asked).map(|told| {
        let of = |name: QueueAttributeName| told.attributes()?.get(&name).cloned();
        let number = |name| of(name).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or_default();
        let redrive = of(QueueAttributeName::RedrivePolicy).and_then(|text| serde_json::from_str::<Value>(&text).ok());
        Queue {
            arn: of(QueueAttributeName::QueueArn).unwrap_or_default(),
            visibility_seconds: number(QueueAttributeName::VisibilityTimeout),
            dead_letters: redrive.and_then(|policy| policy["deadLetterTargetArn"].as_str().map(str::to_owned)),
            messages: number(QueueAttributeName::ApproximateNumberOfMessages)
                + number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        }
    })
}

async fn table(client: &aws_sdk_dynamodb::Client, name: &str) -> Look<Table> {
    let recovery = told(client.describe_continuous_backups().table_name(name).send().await).map(|told| {
        let told = told.continuous_backups_description.and_then(|told| told.point_in_time_recovery_description);
        told.and_then(|told| told.point_in_time_recovery_status).is_some_and(|status| status.as_str() == "ENABLED")
    });
    let expiry = told(client.describe_time_to_live().table_name(name).send().await).map(|told| {
        let told = told.time_to_live_description.filter(|told| {
            told.time_to_live_status.as_ref().is_some_and(|status| ["ENABLED", "ENABLING"].contains(&status.as_str()))
        });
        told.and_then(|told| told.attribute_name)
    });
    told(client.describe_table().table_name(name).send().await).map(|told| {
        let table = told.table;
        let indexes = table.as_ref().map(|table| table.global_secondary_indexes()).unwrap_or_default();
        let of = |status: Option<&str>| status.unwrap_or_default().to_owned();
        let index = |index: &aws_sdk_dynamodb::types::GlobalSecondaryIndexDescription| {
            (index.index_name().unwrap_or_default().to_owned(), of(index.index_status().map(|status| status.as_str())))
        };
        Table {
            indexes: indexes.iter().map(index).collect(),
            status: of(table.as_ref().and_then(|table| table.table_status()).map(|status| status.as_str())),
            recovery,
            expiry,
        }
    })
}

async fn bucket(client: &aws_sdk_s3::Client, name: &str) -> Look<Bucket> {
    match told(client.head_bucket().bucket(name).send().await) {
        Look::There(_) => {}
        Look::Gone => return Look::Gone,
        Look::Untold(why) => return Look::Untold(why),
    }
    let versions = told(client.get_bucket_versioning().bucket(name).send().await);
    let tells = told(client.get_bucket_notification_configuration().bucket(name).send().await);
    Look::There(Bucket {
        versions: versions.map(|told| told.status == Some(BucketVersioningStatus::Enabled)),
        tells: tells.map(|told| told.queue_configurations().iter().map(tells_of).collect()),
    })
}

fn tells_of(told: &aws_sdk_s3::types::QueueConfiguration) -> (String, String) {
    let rules = told.filter().and_then(|filter| filter.key()).map(|key| key.filter_rules()).unwrap_or_default();
    let prefix = rules.iter().find(|rule| rule.name() == Some(&FilterRuleName::Prefix));
    (told.queue_arn().to_owned(), prefix.and_then(|rule| rule.value()).unwrap_or_default().to_owned())
}

async fn schedule(control: &Control, name: &str) -> Look<Schedule> {
    let path = format!("/schedules/{}", encoded(super::seen::short(name)));
    let told = control.look(get(Service::Scheduler, &path)).await;
    told.map(|told| Schedule { state: text(&told, "State"), target_arn: text(&told["Target"], "Arn") })
}

/// The alarms of the stack, by their names.
async fn alarms(control: &Control, stack: &Stack) -> Look<Vec<Part<Alarm>>> {
    let of_stack: Vec<_> = stack.of_kind("AWS::CloudWatch::Alarm").collect();
    let mut seen = BTreeMap::new();
    for some in of_stack.chunks(ALARMS) {
        let names: Vec<_> = some.iter().map(|one| &one.physical).collect();
        let body = json!({ "AlarmNames": names, "MaxRecords": ALARMS }).to_string();
        let question =
            Question { service: Service::Metrics, method: "POST", path: "/", headers: ALARMS_OF, body: &body };
        match control.look(question).await {
            Look::There(told) => {
                seen.extend(list(&told["MetricAlarms"]).iter().map(|one| (text(one, "AlarmName"), alarm(one))));
            }
            Look::Gone => {}
            Look::Untold(why) => return Look::Untold(why),
        }
    }
    let part = |one: &&Resource| Part {
        logical: one.logical.clone(),
        physical: one.physical.clone(),
        look: seen.get(&one.physical).cloned().map_or(Look::Gone, Look::There),
    };
    Look::There(of_stack.iter().map(part).collect())
}

fn alarm(told: &Value) -> Alarm {
    Alarm {
        namespace: text(told, "Namespace"),
        metric: text(told, "MetricName"),
        dimensions: pairs(&told["Dimensions"], "Name", "Value"),
        state: text(told, "StateValue"),
        actions_enabled: told["ActionsEnabled"].as_bool().unwrap_or(true),
        actions: list(&told["AlarmActions"]).iter().filter_map(|arn| arn.as_str().map(str::to_owned)).collect(),
    }
}

/// What an SDK's answer says.
fn told<T, E: ProvideErrorMetadata, R>(answer: Result<T, SdkError<E, R>>) -> Look<T> {
    let gone = ["ResourceNotFoundException", "TableNotFoundException", "NoSuchBucket", "NotFound", "QueueDoesNotExist"];
    match answer {
        Ok(thing) => Look::There(thing),
        Err(error) => match code(&error) {
            code if gone.contains(&code) || code.ends_with("NonExistentQueue") => Look::Gone,
            code => Look::Untold(code.to_owned()),
        },
    }
}
