"""What a random caller can't know, and a real one does: names of its own, and what the API gave it."""

import os
import uuid
from datetime import UTC, datetime, timedelta

import schemathesis

# The key that is asked with: whoever revokes it is answered 401 from then on.
OWN = os.environ.get("OWN_KEY_ID")

# References to what is not there are refused, as they should be: a random one never is.
REFERENCES = {"thread", "attachments", "calendar", "occurred_at"}


@schemathesis.hook
def before_call(context, case, **kwargs):
    headers, query, body = case.headers, case.query, case.body
    if case.method == "DELETE" and OWN is not None and (case.path_parameters or {}).get("id") == OWN:
        case.path_parameters["id"] = "ak_another"
    # Versions that nobody gave are stale, whatever else is wrong with the request: 412 comes first.
    if headers and "If-Match" in headers:
        headers["If-Match"] = "*"
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
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
        for name in REFERENCES & body.keys():
            if len(body) > 1:
                del body[name]
