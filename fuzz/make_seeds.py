#!/usr/bin/env python3
"""Makes seeds/api from shared/http/openapi.json: each operation with each of its examples, in stories.

    python3 fuzz/make_seeds.py
"""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
DOCUMENT = json.loads((HERE / "../shared/http/openapi.json").read_text())
SEEDS = HERE / "seeds/api"
PER_STORY = 10
SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

# What stands in the open part of a path, by what comes before it.
NAMES = {
    "work-orders": "$wo", "feedback": "$fb", "attachments": "$at", "agents": "ag_mei", "teams": "tm_care",
    "customers": "c-1", "compensations": "$cp", "incidents": "$in", "webhooks": "$wh", "deliveries": "$dl",
    "surveys": "$sv", "api-keys": "$ak", "calendars": "office", "sla-policies": "everything",
    "survey-policies": "everyone", "routing-rules": "$ru", "suppressions": "$sp", "notices": "$dl",
    "watchers": "ag_li", "p": "tn_a", "s": "$tk", "t": "$tk", "u": "$tk",
}


def step(role, method, path, body=None, media="application/json", **headers):
    lines = [f"{role} {method} {path}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is None:
        return "\n".join(lines) + "\n\n"
    body = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return "\n".join(lines + [f"content-type: {media}", "", body])


def before():
    """A shop in which something of each kind has happened."""
    customer = {"ref": "c-1", "email": "ann@example.com", "phone": "13800138000", "locale": "zh-CN"}
    feedback = {"channel": "web", "message": "快递三天没到 my parcel is late", "customer": customer}
    answer = {"direction": "outbound", "visibility": "public", "body": "马上为您查询 We are on it"}
    file = {"file_name": "裂 a.txt", "media_type": "text/plain", "size_bytes": 3, "sha256": SHA256_OF_ABC}
    incident = {"affects": {"category": ["logistics"]}, "text": {"zh": "大雪", "en": "Heavy snow"}}
    return [
        step("admin", "POST", "/v1/webhooks", {"url": "https://crm.example.com/in", "events": ["*"]}),
        step("supervisor", "POST", "/v1/incidents", incident),
        step("integrator", "POST", "/v1/feedback", feedback, idempotency_key="f"),
        step("agent", "GET", "/v1/feedback/$fb"),
        step("agent", "POST", "/v1/work-orders/$wo/messages", answer, idempotency_key="m"),
        step("integrator", "POST", "/v1/attachments", file, idempotency_key="a"),
        "upload\n\nabc",
        step("agent", "GET", "/v1/work-orders/$wo"),
    ]


def resolved():
    """And an order was resolved, and its customer asked."""
    done = {"to": "resolved", "resolution": {"code": "explained", "summary": "已说明 told", "evidence": ["e"]}}
    return [
        step("agent", "POST", "/v1/work-orders/$wo/transitions", done, if_match="$et", idempotency_key="t"),
        "live 60",
        step("supervisor", "GET", "/v1/surveys?work_order=$wo"),
    ]


def filled(path):
    parts = path.split("/")
    return "/".join(NAMES.get(parts[at - 1], "x") if part.startswith("{") else part for at, part in enumerate(parts))


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method, told in item.items():
            if method == "parameters":
                continue
            query = [p["name"] for p in told.get("parameters", []) if p.get("in") == "query" and p["name"] == "limit"]
            address = filled(path) + ("?limit=1" if query else "")
            roles = told.get("x-roles", ["nobody"])
            role = "admin" if "admin" in roles else roles[0]
            headers = {}
            for parameter in told.get("parameters", []):
                name = parameter["name"]
                if name in ("Idempotency-Key", "If-Match", "If-None-Match"):
                    value = {"Idempotency-Key": "k", "If-Match": "*", "If-None-Match": "$et"}[name]
                    headers[name.lower().replace("-", "_")] = value
            content = told.get("requestBody", {}).get("content", {})
            bodies = [(media, e["value"]) for media, of in content.items() for e in of.get("examples", {}).values()]
            for media, body in bodies or [(next(iter(content), None), None)]:
                if media == "application/x-www-form-urlencoded":
                    body = "csat=2&solved=no&comment=%E5%8F%88%E5%9D%8F%E4%BA%86"
                extra = dict(headers)
                if "idempotency_key" in extra:
                    extra["idempotency_key"] = f"{method}-{len(str(body))}"
                yield told["tags"][0], step(role, method.upper(), address, body, media, **extra)


def main():
    SEEDS.mkdir(parents=True, exist_ok=True)
    for old in SEEDS.iterdir():
        old.unlink()
    write = lambda name, steps: (SEEDS / name).write_text("\n---\n".join(steps))
    write("before", before() + resolved())
    by_tag = {}
    for tag, told in operations():
        by_tag.setdefault(tag, []).append(told)
    for tag, steps in by_tag.items():
        name = "".join(c if c.isalnum() else "-" for c in tag.lower())
        for at in range(0, len(steps), PER_STORY):
            first = before() + (resolved() if "voice" in tag else [])
            write(f"{name}-{at // PER_STORY}", first + steps[at : at + PER_STORY])
    write("pages", before() + [step("integrator", "GET", "/v1/feedback/$fb"), step("nobody", "GET", "/t/$tk")])


main()
