"""Takes a stack's data out, puts it into a clean stack, and compares the two.

usage: drill.py export  --stack NAME --to DIR [--table TABLE]
       drill.py stop    --stack OTHER
       drill.py restore --from DIR --stack OTHER [--again]
       drill.py compare --from DIR --stack OTHER
       drill.py start   --stack OTHER

Items are copied as they are, in the form of DynamoDB's own export to S3; of the bucket, what is kept:
not `uploads/`, not `outbox/`. `--table` reads another table than the stack's own, such as one that was
restored to a point in time. `stop` turns the stack's schedule and its queues' mappings off, `start` on.
AWS is found as usual: profile, region, `AWS_ENDPOINT_URL`. Needs boto3.

Exit 0: done, or equal. 1: not equal. 2: refused, nothing changed; or broken off, and what to do next.

The folder holds customers' words and addresses and the stack's secret, in the clear. Only its owner may
read it (0600). Keep it on an encrypted disk, and delete it when it has served.
"""

import argparse
import hashlib
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from bucket import get_object, list_objects, put_object
from items import Summary, digest_of, is_expired, key_of, kind_of, read_items
from stack import Refused, Stack
from table import count, scan, write

FORM = 1
SEGMENTS = 4
SHOWN = 3


def now():
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def say(line):
    print(line, flush=True)


def export(stack, folder, table):
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Refused(f"{folder} is not empty: name a folder that is new")
    if not table and stack.is_at_work():
        say(f"{stack.name} is at work: what it writes meanwhile may be in or not. `stop` it, or export a table "
            "that was restored to a point in time (--table)")
    (folder / "items").mkdir()
    (folder / "objects").mkdir()
    table, started = table or stack.table(), now()
    with ThreadPoolExecutor(SEGMENTS) as pool:
        files = [folder / f"items/{n:02}.json.gz" for n in range(SEGMENTS)]
        work = [pool.submit(scan, stack, table, (n, SEGMENTS), file) for n, file in enumerate(files)]
        summary = Summary.of(item for one in work for item in one.result())
    with ThreadPoolExecutor(SEGMENTS) as pool:
        paths = list_objects(stack)
        objects = list(pool.map(lambda path: get_object(stack, path, folder / "objects"), paths))
    manifest = {
        "form": FORM, "stack": stack.name, "table": table, "started_at": started, "ended_at": now(),
        "items": summary.told(), "objects": objects,
    }
    # Last, and whole or not at all: a folder without it is half an export.
    half = folder / "manifest.part"
    half.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    half.replace(folder / "manifest.json")
    say(f"exported {table} to {folder}: {summary.line()}; {len(objects)} objects")
    say("it holds customers' words and addresses and the stack's secret, in the clear: only you may read it "
        "(0600); keep it encrypted, delete it when it has served")
    return 0


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def opened(folder):
    """The manifest of an export that is whole, and its items as digests by key."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(f"{folder} has no manifest.json: it is no export, or half of one; export again") from None
    if manifest["form"] != FORM:
        raise Refused(f"{folder} is of form {manifest['form']}, and this reads form {FORM}: use the drill that made it")
    kept, expiring = {}, set()
    for item in read_items(folder):
        kept[key_of(item)] = digest_of(item)
        if is_expired(item):
            expiring.add(key_of(item))
    if Summary(kept).told() != manifest["items"]:
        raise Refused(f"{folder}/items is not what its manifest says: damaged, or changed; export again")
    for one in manifest["objects"]:
        file = folder / "objects" / one["sha256"]
        if not file.exists() or sha256(file) != one["sha256"]:
            raise Refused(f"{file}, which is {one['path']}, is gone or damaged: export again")
    return manifest, kept, expiring


def there(stack):
    """The items of the stack's table as digests by key."""
    with ThreadPoolExecutor(SEGMENTS) as pool:
        work = [pool.submit(scan, stack, stack.table(), (n, SEGMENTS), None) for n in range(SEGMENTS)]
        return {key: digest for one in work for key, digest in one.result()}


class Difference:
    """What an export and a stack do not have in common."""

    def __init__(self, kept, found, expiring, objects, paths):
        missing = kept.keys() - found.keys()
        self.vanished = missing & expiring
        self.missing = missing - expiring
        self.more = found.keys() - kept.keys()
        self.changed = {key for key in kept.keys() & found.keys() if kept[key] != found[key]}
        wanted = {one["path"]: one for one in objects}
        self.objects_missing = wanted.keys() - paths.keys()
        self.objects_more = paths.keys() - wanted.keys()
        self.objects_changed = {path for path in wanted.keys() & paths.keys() if wanted[path] != paths[path]}

    def foreign(self):
        """What is in the stack and is not as it was exported."""
        return bool(self.more or self.changed or self.objects_more or self.objects_changed)

    def lines(self):
        """What differs, by kind, with the first keys of each. Never a body."""
        for what, keys in [("missing", self.missing), ("changed", self.changed), ("not of the export", self.more)]:
            kinds = {}
            for key in sorted(keys):
                kinds.setdefault(kind_of(key), []).append(" ".join(key))
            yield from (told(kind, what, names) for kind, names in sorted(kinds.items()))
        for what, paths in [("missing", self.objects_missing), ("changed", self.objects_changed),
                            ("not of the export", self.objects_more)]:
            if paths:
                yield told("objects", what, sorted(paths))


def told(kind, what, names):
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{kind}: {len(names)} {what}: {', '.join(names[:SHOWN])}{more}"


def restore(stack, folder, again):
    if stack.is_at_work():
        raise Refused(f"{stack.name} is at work, and would change what is put there: "
                      f"`drill.py stop --stack {stack.name}` first")
    items, paths = count(stack), list_objects(stack)
    if (items or paths) and not again:
        raise Refused(f"{stack.name} is not clean: its table {stack.table()} holds {items} items, its bucket "
                      f"{len(paths)} objects. Deploy a new stack, or go on with a restore that broke off (--again)")
    manifest, kept, expiring = opened(folder)
    found = there(stack) if again else {}
    held = objects_of(stack, paths)
    difference = Difference(kept, found, expiring, manifest["objects"], held)
    if difference.foreign():
        why = f"{stack.name} holds what is not of this export: deploy a new stack"
        raise Refused("\n".join([why, *difference.lines()]))
    # Objects first: a document never names one that is not there.
    objects = [one for one in manifest["objects"] if one["path"] not in held]
    with ThreadPoolExecutor(SEGMENTS) as pool:
        list(pool.map(lambda one: put_object(stack, one, folder / "objects"), objects))
    write(stack, (item for item in read_items(folder) if key_of(item) not in found))
    say(f"restored {len(kept) - len(found)} items and {len(objects)} objects into {stack.name}, which is still "
        f"stopped: compare, then `drill.py start --stack {stack.name}`")
    return 0


def objects_of(stack, paths):
    with ThreadPoolExecutor(SEGMENTS) as pool:
        return {one["path"]: one for one in pool.map(lambda path: get_object(stack, path, None), paths)}


def compare(stack, folder):
    manifest, kept, expiring = opened(folder)
    found, paths = there(stack), objects_of(stack, list_objects(stack))
    difference = Difference(kept, found, expiring, manifest["objects"], paths)
    if stack.is_at_work():
        say(f"{stack.name} is at work: what differs may be what it has done since")
    if difference.vanished:
        say(f"{len(difference.vanished)} items have expired and are gone, as they may be: left out on both sides")
    left = Summary({key: digest for key, digest in kept.items() if key not in difference.vanished})
    for name, summary, objects in [("export", left, manifest["objects"]), (stack.name, Summary(found), paths)]:
        say(f"{name}: {summary.line()}; {len(objects)} objects")
    lines = list(difference.lines())
    say("\n".join(lines) if lines else "equal")
    return 1 if lines else 0


def main():
    os.umask(0o077)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ways = parser.add_subparsers(dest="way", required=True)
    for name in ("export", "stop", "restore", "compare", "start"):
        way = ways.add_parser(name)
        way.add_argument("--stack", required=True)
        if name == "export":
            way.add_argument("--to", required=True, type=Path)
            way.add_argument("--table")
        if name in ("restore", "compare"):
            way.add_argument("--from", required=True, type=Path, dest="folder")
        if name == "restore":
            way.add_argument("--again", action="store_true")
    asked = parser.parse_args()
    try:
        stack = Stack(asked.stack)
        match asked.way:
            case "export":
                return export(stack, asked.to, asked.table)
            case "restore":
                return restore(stack, asked.folder, asked.again)
            case "compare":
                return compare(stack, asked.folder)
            case way:
                stack.turn(on=way == "start")
                say(f"{stack.name}: its schedule and its queues' mappings are {'on' if way == 'start' else 'off'}")
                return 0
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    except (ClientError, BotoCoreError) as error:
        print(f"{asked.way}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
