"""The table: read whole, and written in batches."""

import gzip
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor

from items import digest_of, key_of, typed, untyped
from stack import Refused

BATCH = 25
WRITERS = 8
TRIES = 10


def scan(stack, table, segment, path):
    """One segment's items as (key, digest), each written to `path` if there is one."""
    pages = stack.dynamodb.get_paginator("scan").paginate(
        TableName=table, ConsistentRead=True, Segment=segment[0], TotalSegments=segment[1])
    found = []
    lines = gzip.open(path, "wt", encoding="utf-8") if path else None
    try:
        for page in pages:
            for item in map(typed, page["Items"]):
                if lines:
                    lines.write(json.dumps({"Item": item}, ensure_ascii=False) + "\n")
                found.append((key_of(item), digest_of(item)))
    finally:
        if lines:
            lines.close()
    return found


def count(stack):
    pages = stack.dynamodb.get_paginator("scan").paginate(
        TableName=stack.table(), ConsistentRead=True, Select="COUNT")
    return sum(page["Count"] for page in pages)


def write(stack, items):
    with ThreadPoolExecutor(WRITERS) as pool:
        work = []
        for batch in batches(items):
            work.append(pool.submit(write_batch, stack, batch))
            # No more in memory than is being written.
            if len(work) == WRITERS:
                work.pop(0).result()
        for one in work:
            one.result()


def batches(items):
    batch = []
    for item in items:
        batch.append({"PutRequest": {"Item": untyped(item)}})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def write_batch(stack, batch):
    """Writes one batch; what the table does not take at once is tried again, ever later."""
    table = stack.table()
    for failed in range(TRIES):
        batch = stack.dynamodb.batch_write_item(RequestItems={table: batch})["UnprocessedItems"].get(table)
        if not batch:
            return
        time.sleep(random.uniform(0, min(20, 0.1 * 2**failed)))
    raise Refused(f"{table} takes no more just now: go on later, with --again")
