//! Where everything is kept: the table with its indexes, and the bucket.

use super::DELETED;
use super::seen::{Bucket, Look, Part, Seen, Table, short};
use redress_service::readiness::{Finding, Severity, or_well};

/// The indexes that every list and the sweep read.
const INDEXES: [&str; 2] = ["due", "worklist"];

/// What the paths of uploads begin with: the bucket tells of them.
const UPLOADS: &str = "uploads/";

/// The attribute by which what has expired goes.
const EXPIRY: &str = "expires_at";

/// The table: active with its indexes, recoverable, and rid of what has expired.
pub(super) fn table(seen: &Seen) -> Vec<Finding> {
    seen.tables.iter().flat_map(|part| one_table(part, seen.local)).collect()
}

fn one_table(part: &Part<Table>, local: bool) -> Vec<Finding> {
    const ID: &str = "table.state";
    let place = part.place();
    let table = match &part.look {
        Look::There(table) => table,
        Look::Gone => {
            let mend = "restore it from point-in-time recovery or a backup: docs/runbook.md";
            return vec![Finding::fail(ID, place, "is not there", mend)];
        }
        Look::Untold(why) => {
            return vec![Finding::unknown(ID, place, why, "may the caller do `dynamodb:DescribeTable`?")];
        }
    };
    let mut findings = vec![match table.status.as_str() {
        "ACTIVE" | "UPDATING" => Finding::ok(ID, &place, &table.status),
        status => Finding::fail(ID, &place, format!("is {status}"), "`aws dynamodb describe-table` says more"),
    }];
    let faults = INDEXES.into_iter().filter_map(|name| index(part, table, name)).collect();
    findings.extend(or_well("table.indexes", &place, "due and worklist are active", faults));
    let only_local = |finding: Finding| match finding.severity {
        Severity::Ok => finding,
        _ if local => {
            Finding::unknown(finding.id, finding.place, "the local cloud has none", "nothing: on AWS it is told")
        }
        _ => finding,
    };
    findings.extend([recovery(part, table), expiry(part, table)].map(only_local));
    findings
}

fn index(part: &Part<Table>, table: &Table, name: &str) -> Option<Finding> {
    const ID: &str = "table.indexes";
    let place = format!("{} index {name}", part.logical);
    let mend = "wait until it is built (`aws dynamodb describe-table`), or deploy again";
    match table.indexes.get(name).map(String::as_str) {
        Some("ACTIVE" | "UPDATING") => None,
        Some("") => Some(Finding::unknown(ID, place, "is there; nobody says whether it is built", mend)),
        Some(status) => Some(Finding::fail(ID, place, format!("is {status}"), mend)),
        None => Some(Finding::fail(ID, place, "is not there", mend)),
    }
}

fn recovery(part: &Part<Table>, table: &Table) -> Finding {
    const ID: &str = "table.recovery";
    match &table.recovery {
        Look::There(true) => Finding::ok(ID, part.place(), "can be brought back to any second of the last weeks"),
        Look::Untold(why) => {
            Finding::unknown(ID, part.place(), why, "may the caller do `dynamodb:DescribeContinuousBackups`?")
        }
        _ => {
            let mend = format!(
                "`aws dynamodb update-continuous-backups --table-name {} --point-in-time-recovery-specification \
                 PointInTimeRecoveryEnabled=true`",
                part.physical
            );
            Finding::fail(ID, part.place(), "point-in-time recovery is off: what is lost is lost", mend)
        }
    }
}

fn expiry(part: &Part<Table>, table: &Table) -> Finding {
    const ID: &str = "table.expiry";
    let mend = format!(
        "`aws dynamodb update-time-to-live --table-name {} --time-to-live-specification \
         Enabled=true,AttributeName={EXPIRY}`",
        part.physical
    );
    match &table.expiry {
        Look::There(Some(attribute)) if attribute == EXPIRY => Finding::ok(ID, part.place(), "what has expired goes"),
        Look::Untold(why) => {
            Finding::unknown(ID, part.place(), why, "may the caller do `dynamodb:DescribeTimeToLive`?")
        }
        _ => Finding::warn(ID, part.place(), "what has expired stays, and costs", mend),
    }
}

/// The bucket: keeps versions, and tells a queue of the stack of uploads.
pub(super) fn bucket(seen: &Seen) -> Vec<Finding> {
    seen.buckets.iter().flat_map(|part| one_bucket(part, seen)).collect()
}

fn one_bucket(part: &Part<Bucket>, seen: &Seen) -> Vec<Finding> {
    const ID: &str = "bucket.state";
    match &part.look {
        Look::There(bucket) => {
            vec![Finding::ok(ID, part.place(), "is there"), versions(part, bucket), tells(part, bucket, seen)]
        }
        Look::Gone => vec![Finding::fail(ID, part.place(), "is not there", DELETED)],
        Look::Untold(why) => vec![Finding::unknown(ID, part.place(), why, "may the caller do `s3:ListBucket`?")],
    }
}

fn versions(part: &Part<Bucket>, bucket: &Bucket) -> Finding {
    const ID: &str = "bucket.versions";
    match &bucket.versions {
        Look::There(true) => Finding::ok(ID, part.place(), "keeps versions"),
        Look::Untold(why) => Finding::unknown(ID, part.place(), why, "may the caller do `s3:GetBucketVersioning`?"),
        _ => {
            let mend = format!(
                "`aws s3api put-bucket-versioning --bucket {} --versioning-configuration Status=Enabled`",
                part.physical
            );
            Finding::fail(ID, part.place(), "keeps no versions: no upload can be judged", mend)
        }
    }
}

fn tells(part: &Part<Bucket>, bucket: &Bucket, seen: &Seen) -> Finding {
    const ID: &str = "bucket.tells";
    let tells = match &bucket.tells {
        Look::There(tells) => tells,
        Look::Gone => &Vec::new(),
        Look::Untold(why) => {
            return Finding::unknown(ID, part.place(), why, "may the caller do `s3:GetBucketNotification`?");
        }
    };
    let own = |arn: &str| seen.queues.iter().filter_map(|part| part.look.there()).any(|queue| queue.arn == arn);
    match tells.iter().find(|(arn, prefix)| prefix == UPLOADS && own(arn)) {
        Some((arn, _)) => Finding::ok(ID, part.place(), format!("tells {} of uploads", short(arn))),
        None => {
            let says = format!("tells no queue of the stack of what is put under {UPLOADS}: files wait for the sweep");
            let mend = "`aws s3api put-bucket-notification-configuration` as template.yaml has it";
            Finding::fail(ID, part.place(), says, mend)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::seen::Queue;
    use super::*;

    fn well() -> Table {
        let indexes = INDEXES.map(|name| (name.to_owned(), "ACTIVE".to_owned())).into();
        let expiry = Look::There(Some(EXPIRY.to_owned()));
        Table { status: "ACTIVE".to_owned(), indexes, recovery: Look::There(true), expiry }
    }

    fn wrong(table: Table) -> Vec<(&'static str, Severity)> {
        let part = Part { logical: "Table".into(), physical: "redress-Table-1".into(), look: Look::There(table) };
        let findings = one_table(&part, false).into_iter().filter(|finding| finding.severity != Severity::Ok);
        findings.map(|finding| (finding.id, finding.severity)).collect()
    }

    #[test]
    fn a_table_is_fit_with_both_indexes_and_recovery() {
        assert_eq!(wrong(well()), []);
        assert_eq!(wrong(Table { status: "ARCHIVED".into(), ..well() }), [("table.state", Severity::Fail)]);
        assert_eq!(wrong(Table { recovery: Look::There(false), ..well() }), [("table.recovery", Severity::Fail)]);
        assert_eq!(
            wrong(Table { recovery: Look::Untold("403".into()), ..well() }),
            [("table.recovery", Severity::Unknown)]
        );
        assert_eq!(wrong(Table { expiry: Look::There(None), ..well() }), [("table.expiry", Severity::Warn)]);
        let none = Table { recovery: Look::There(false), expiry: Look::There(None), ..well() };
        let part = Part { logical: "Table".into(), physical: "t".into(), look: Look::There(none) };
        let local: Vec<_> = one_table(&part, true).iter().map(|finding| finding.severity).collect();
        assert_eq!(local, [Severity::Ok, Severity::Ok, Severity::Unknown, Severity::Unknown]);
        let mut one = well();
        one.indexes.insert("due".into(), String::new());
        assert_eq!(wrong(one.clone()), [("table.indexes", Severity::Unknown)]);
        one.indexes.remove("due");
        one.indexes.insert("worklist".into(), "CREATING".into());
        assert_eq!(wrong(one), [("table.indexes", Severity::Fail), ("table.indexes", Severity::Fail)]);
    }

    #[test]
    fn a_bucket_is_fit_if_it_keeps_versions_and_tells_a_queue_of_the_stack_of_uploads() {
        let queue = Queue { arn: "arn:q".into(), visibility_seconds: 1, dead_letters: None, messages: 0 };
        let part = |look| Part { logical: "AttachmentQueue".into(), physical: "q".into(), look };
        let seen = Seen {
            local: false,
            functions: Vec::new(),
            sources: Look::Gone,
            queues: vec![part(Look::There(queue))],
            tables: Vec::new(),
            buckets: Vec::new(),
            schedules: Vec::new(),
            alarms: Look::Gone,
        };
        let found = |versions, tells: &[(&str, &str)]| {
            let tells = tells.iter().map(|(arn, prefix)| ((*arn).to_owned(), (*prefix).to_owned())).collect();
            let bucket = Bucket { versions: Look::There(versions), tells: Look::There(tells) };
            let part = Part { logical: "Bucket".into(), physical: "b".into(), look: Look::There(bucket) };
            one_bucket(&part, &seen).into_iter().map(|finding| finding.severity).collect::<Vec<_>>()
        };
        use Severity::{Fail, Ok};
        assert_eq!(found(true, &[("arn:q", "uploads/")]), [Ok, Ok, Ok]);
        assert_eq!(found(false, &[("arn:q", "uploads/")]), [Ok, Fail, Ok]);
        for elsewhere in [&[("arn:other", "uploads/")][..], &[("arn:q", "outbox/")], &[]] {
            assert_eq!(found(true, elsewhere), [Ok, Ok, Fail]);
        }
    }
}
