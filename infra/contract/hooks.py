"""What a random caller can't know, and a real one does: its own keys, and what the API gave it."""

import uuid

import schemathesis


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context, case, **kwargs):
    if not is_positive(case):
        return
    headers, query, body = case.headers or {}, case.query or {}, case.body
    # A key names one request: two that differ under one key are refused, as they should be.
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = str(uuid.uuid4())
    # Cursors are signed: only what the API gave is one.
    query.pop("cursor", None)
    # References to what is not there are refused: attachments, earlier feedback.
    if case.path == "/v1/feedback" and isinstance(body, dict):
        body.pop("thread", None)
        body.pop("attachments", None)
