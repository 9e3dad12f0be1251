"""What a random caller can't know, and a real one does: names of its own, and what the API gave it."""

import json
import os
import random
import uuid
from datetime import UTC, datetime, timedelta

import schemathesis

# What there is, as check.py found it: ids by the beginning of the path.
THERE = json.loads(os.environ.get("THERE", "{}"))
# The keys that were there before: whoever revokes the one that is asked with is answered 401 from then on.
KEYS = json.loads(os.environ.get("KEYS", "[]"))

# References to what is not there are refused, as they should be: a random one never is.
REFERENCES = {"thread", "attachments", "occurred_at"}


def there(path):
    """Something that a path may name, if anything is known of it."""
    found = [ids for begins, ids in THERE.items() if path.startswith(begins) and ids]
    return random.choice(found[0]) if found else None


@schemathesis.hook
def before_call(context, case, **kwargs):
    headers, query, body, names = case.headers, case.query, case.body, case.path_parameters or {}
    # Versions that nobody gave are stale, whatever else is wrong with the request: 412 comes first.
    if headers and "If-Match" in headers:
        headers["If-Match"] = "*"
    if case.method == "DELETE" and names.get("id") in KEYS:
        names["id"] = "ak_another"
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # A random id is never there: of two, one is something that is.
    known = there(case.path) if names and random.random() < 0.5 else None
    if known is not None:
        names[next(iter(names))] = known
    # A key names one request: two that differ under one key are refused, as they should be. Feedback without
    # one, and without a channel's id, could not be told from its own retry.
    keyed = headers is not None and "Idempotency-Key" in headers
    if keyed or case.path == "/v1/feedback":
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Cursors are signed: only what the API gave is one.
    if query:
        query.pop("cursor", None)
    if isinstance(body, dict) and not case.path.startswith(("/v1/sla-policies", "/v1/calendars")):
        promise = body.get("due_override")
        if isinstance(promise, dict) and promise.get("due_at") is not None:
            promise["due_at"] = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        # How many digits a number may have, a schema can't say.
        fields = body.get("custom_fields")
        for name, value in fields.items() if isinstance(fields, dict) else ():
            if isinstance(value, float):
                fields[name] = round(value, 3) if abs(value) < 1e9 else 1.5
        # Nobody outside of this machine is called, whatever is sent.
        if case.path.startswith("/v1/webhooks") and "url" in body:
            body["url"] = "http://127.0.0.1:9/hooks"
        if isinstance(body.get("calendar"), str):
            body["calendar"] = "always"
        for name in REFERENCES & body.keys():
            if len(body) > 1:
                del body[name]
