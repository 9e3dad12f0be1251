"""Holds a running API to its OpenAPI document, from outside.

    cargo up --demo --detach --json > up.json
    python3 infra/contract/check.py up.json [--examples N]

First a client that is generated from the served document drives the main job (drive.py); then Schemathesis
sends what the document allows and what it does not, with every check in every phase, and prints its report.
Both are installed, pinned, under target/contract. Exit 1 if either finds anything.
"""

import argparse
import json
import os
import subprocess
import sys
import urllib.request
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE.parent.parent / "target" / "contract"


def environment(name, pins):
    """The folder of the programs of a virtual environment that has what `pins` names."""
    folder = WORK / name
    marker = folder / "installed.txt"
    wanted = pins.read_text()
    if not marker.exists() or marker.read_text() != wanted:
        venv.create(folder, clear=True, with_pip=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", pins], check=True)
        marker.write_text(wanted)
    return folder / "bin"


def asked(up, role, path, body=None, **headers):
    """What the API answers a role."""
    headers |= {"Authorization": f"Bearer {up['api_keys'][role]}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(up["url"] + path, data, headers)) as answer:
        return json.load(answer)


def there(up):
    """Some of what there is, by the beginning of the path that names it."""
    said = {"channel": "web", "message": "你好 hello", "customer": {"ref": "c-1"}, "source_message_id": "there"}
    ids = lambda path: [item["id"] for item in asked(up, "admin", path)["items"]]
    # Nobody listens there, and nothing is told to it.
    hook = {"url": "http://127.0.0.1:9/hooks", "events": ["compensation.requested.v1"], "state": "disabled"}
    surveys = asked(up, "supervisor", "/v1/surveys?limit=200")["items"]
    return {
        "/t/": [asked(up, "integrator", "/v1/feedback", said)["tracking_url"].rsplit("/", 1)[1]],
        "/s/": [survey["link"].rsplit("/", 1)[1] for survey in surveys if survey["state"] in ("sent", "answered")],
        "/v1/feedback": ids("/v1/feedback?limit=20"),
        "/v1/work-orders": ids("/v1/work-orders?limit=40"),
        "/v1/customers": ["c-1"],
        "/v1/webhooks": [asked(up, "admin", "/v1/webhooks", hook)["id"]],
    }


def main():
    arguments = argparse.ArgumentParser(description="Holds a running API to its OpenAPI document.")
    arguments.add_argument("up", type=Path, help="the line that `redress up --json` printed")
    arguments.add_argument("--examples", type=int, default=50, help="how many an operation in each phase (50)")
    given = arguments.parse_args()
    up = json.loads(given.up.read_text())
    document = f"{up['url']}/v1/openapi.json"

    programs = environment("client", HERE / "requirements.txt")
    client = WORK / "generated"
    generate = [programs / "openapi-python-client", "generate", "--overwrite", "--fail-on-warning"]
    path = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([*generate, "--url", document, "--output-path", client], check=True, env=os.environ | path)
    subprocess.run([programs / "python", HERE / "drive.py", client, json.dumps(up)], check=True)

    programs = environment("schemathesis", HERE / "schemathesis.txt")
    look = [programs / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run", document, "--url", up["url"]]
    look += ["--checks", "all", "--max-examples", str(given.examples), "--workers", "2"]
    # A key of its own, so that whatever is revoked on the way is not what is asked with.
    own = asked(up, "admin", "/v1/api-keys", {"role": "admin", "name": "Schemathesis"})
    kept = [key["id"] for key in asked(up, "admin", "/v1/api-keys?limit=200")["items"]]
    known = {"KEYS": json.dumps(kept), "THERE": json.dumps(there(up))}
    look += ["--header", f"Authorization: Bearer {own['key']}"]
    return subprocess.run(look, cwd=HERE, env=os.environ | known).returncode


sys.exit(main())
