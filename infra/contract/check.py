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


def made_key(up):
    """An admin key of its own, so that whatever is revoked on the way is not what is asked with."""
    headers = {"Authorization": f"Bearer {up['api_keys']['admin']}", "Content-Type": "application/json"}
    body = json.dumps({"role": "admin", "name": "Schemathesis"}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{up['url']}/v1/api-keys", body, headers)) as answer:
        return json.load(answer)


def main():
    arguments = argparse.ArgumentParser(description="Holds a running API to its OpenAPI document.")
    arguments.add_argument("up", type=Path, help="the line that `redress up --json` printed")
    arguments.add_argument("--examples", type=int, default=50, help="how many an operation in each phase (50)")
    asked = arguments.parse_args()
    up = json.loads(asked.up.read_text())
    document = f"{up['url']}/v1/openapi.json"

    programs = environment("client", HERE / "requirements.txt")
    client = WORK / "generated"
    generate = [programs / "openapi-python-client", "generate", "--overwrite", "--fail-on-warning"]
    path = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([*generate, "--url", document, "--output-path", client], check=True, env=os.environ | path)
    subprocess.run([programs / "python", HERE / "drive.py", client, json.dumps(up)], check=True)

    programs = environment("schemathesis", HERE / "schemathesis.txt")
    look = [programs / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run", document, "--url", up["url"]]
    look += ["--checks", "all", "--max-examples", str(asked.examples), "--workers", "2"]
    own = made_key(up)
    look += ["--header", f"Authorization: Bearer {own['key']}"]
    return subprocess.run(look, cwd=HERE, env=os.environ | {"OWN_KEY_ID": own["id"]}).returncode


sys.exit(main())
