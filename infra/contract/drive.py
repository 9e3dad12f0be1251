"""Drives the main job by a client that was generated from the OpenAPI document, and by nothing else.

    drive.py CLIENT UP

CLIENT is the folder of the generated package `redress_client`, UP the line that `redress up --json` prints.
It walks, once in Chinese and once in English: said, understood, assigned, answered, resolved, asked, not
satisfied, back with another resolver. It prints one line a walk, and fails at the first answer that is not
what the document promises.
"""

import json
import sys
import time

CLIENT, UP = sys.argv[1], json.loads(sys.argv[2])
sys.path.insert(0, CLIENT)

from redress_client import AuthenticatedClient, Client  # noqa: E402
from redress_client.api.feedback import get_feedback_id, post_feedback  # noqa: E402
from redress_client.api.the_customers_voice import get_surveys, post_s_token  # noqa: E402
from redress_client.api.work_orders import (  # noqa: E402
    get_work_orders_id,
    get_work_orders_id_facts,
    get_work_orders_id_sla_proof,
    post_work_orders_id_messages,
    post_work_orders_id_transitions,
)
from redress_client.models import (  # noqa: E402
    PostFeedbackBody,
    PostSTokenJsonBody,
    PostWorkOrdersIdMessagesBody,
    PostWorkOrdersIdTransitionsBody,
)

PATIENCE = 60


def by(role):
    return AuthenticatedClient(base_url=UP["url"], token=UP["api_keys"][role], timeout=30.0)


def good(response, status):
    """The parsed answer, which the document describes."""
    assert response.status_code == status, (response.status_code, response.content)
    assert response.parsed is not None, response.content
    return response


def until(ask, fits):
    """Asks until the answer fits: what happens behind the API takes a moment."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        parsed = good(ask(), 200).parsed
        if fits(parsed):
            return parsed
        time.sleep(0.2)
    raise AssertionError(f"not within {PATIENCE} s: {parsed}")


def walk(language, said, answer, comment):
    integrator, agent, supervisor = by("integrator"), by("agent"), by("supervisor")
    run = f"{language}-{time.time_ns()}"
    body = PostFeedbackBody.from_dict(said | {"customer": {"ref": run, "locale": language}})
    taken = good(post_feedback.sync_detailed(client=integrator, body=body, idempotency_key=run), 202)
    again = good(post_feedback.sync_detailed(client=integrator, body=body, idempotency_key=run), 202)
    assert again.parsed.id == taken.parsed.id and again.headers["Idempotency-Replayed"] == "true"

    feedback = until(
        lambda: get_feedback_id.sync_detailed(taken.parsed.id, client=integrator),
        lambda feedback: feedback.status == "assigned",
    )
    id_ = feedback.work_order_id
    first = good(get_work_orders_id.sync_detailed(id_, client=agent), 200).parsed.agent

    message = PostWorkOrdersIdMessagesBody.from_dict({"direction": "outbound", "body": answer})
    good(post_work_orders_id_messages.sync_detailed(id_, client=agent, body=message, idempotency_key=run), 201)
    etag = good(get_work_orders_id.sync_detailed(id_, client=agent), 200).headers["ETag"]
    resolve = PostWorkOrdersIdTransitionsBody.from_dict({"to": "resolved", "resolution": {"code": "explained"}})
    move = dict(client=agent, body=resolve, if_match=etag, idempotency_key=run)
    assert good(post_work_orders_id_transitions.sync_detailed(id_, **move), 200).parsed.status == "resolved"

    surveys = until(
        lambda: get_surveys.sync_detailed(client=supervisor, work_order=id_),
        lambda surveys: surveys.items and surveys.items[0].state == "sent",
    )
    token = surveys.items[0].link.rsplit("/", 1)[1]
    verdict = PostSTokenJsonBody.from_dict({"csat": 1, "solved": False, "comment": comment})
    good(post_s_token.sync_detailed(token, client=Client(base_url=UP["url"]), body=verdict), 200)

    order = until(
        lambda: get_work_orders_id.sync_detailed(id_, client=agent), lambda order: order.status == "reopened"
    )
    assert order.agent not in (None, first), (first, order.agent)
    facts = good(get_work_orders_id_facts.sync_detailed(id_, client=agent), 200).parsed.items
    proof = good(get_work_orders_id_sla_proof.sync_detailed(id_, client=agent), 200).parsed
    assert len(facts) >= 8 and proof.clocks, (facts, proof)
    print(f"{language}: {taken.parsed.id} -> {id_}, first {first}, now {order.agent}, {len(facts)} facts")


walk(
    "zh-CN",
    {"channel": "wechat", "message": "快递三天没有更新，包裹到底在哪里？", "order": {"ref": "88231", "courier": "顺丰"}},
    "您好，马上为您查询。",
    "还是没有收到",
)
walk(
    "en",
    {"channel": "email", "message": "Where is my parcel? It never arrived.", "order": {"ref": "A-7"}},
    "We are looking into it.",
    "It is still not here.",
)
