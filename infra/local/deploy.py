"""Deploys the template to the local cloud: packages the functions, creates or updates the stack.

usage: deploy.py '{"endpoint", "region", "stack", "template", "binaries": {"intake": PATH, ...},
                   "packages": DIR, "parameters": {...}}'

Prints the stack's outputs as one JSON object. Nothing in the template is changed but each CodeUri.
Standard input is a leash: when it closes, whoever started us has died, and we end.
"""

import hashlib
import json
import os
import re
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "redress-deploy"
TEMPLATE = "template.yaml"
CODE_URI = re.compile(r"^(\s+CodeUri:\s*)functions/([a-z-]+)\s*$", re.MULTILINE)


def follow_the_starter():
    def watch():
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def clients(order):
    config = Config(retries={"max_attempts": 5}, s3={"addressing_style": "path"})
    session = boto3.Session("test", "test", region_name=order["region"])
    return [session.client(name, endpoint_url=order["endpoint"], config=config) for name in ("s3", "cloudformation")]


def package(name, binary, packages):
    """The function's zip, made anew only when its binary has changed."""
    digest = hashlib.sha256(binary.read_bytes()).hexdigest()[:32]
    path = packages / f"{name}-{digest}.zip"
    if not path.exists():
        packages.mkdir(parents=True, exist_ok=True)
        for stale in packages.glob(f"{name}-{'?' * 32}.zip"):
            stale.unlink()
        half = path.with_suffix(".part")
        info = zipfile.ZipInfo("bootstrap")
        info.external_attr = 0o755 << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(half, "w", compresslevel=1) as archive:
            archive.writestr(info, binary.read_bytes(), compresslevel=1)
        half.replace(path)
    return path


def upload(s3, path):
    try:
        s3.head_object(Bucket=BUCKET, Key=path.name)
    except ClientError:
        s3.put_object(Bucket=BUCKET, Key=path.name, Body=path.read_bytes())
    return f"s3://{BUCKET}/{path.name}"


def forget_others(s3, uris):
    """The functions of earlier builds are megabytes each, and nobody goes back to them."""
    for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        if found["Key"] != TEMPLATE and f"s3://{BUCKET}/{found['Key']}" not in uris.values():
            s3.delete_object(Bucket=BUCKET, Key=found["Key"])


def with_code(template, uris):
    def replace(match):
        if match[2] not in uris:
            sys.exit(f"template.yaml names functions/{match[2]}, which was not built")
        return match[1] + uris[match[2]]

    return CODE_URI.sub(replace, template)


def status(cloud, stack):
    try:
        return cloud.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError:
        return None


def settled(cloud, stack):
    while True:
        found = status(cloud, stack)
        if found is None or not found["StackStatus"].endswith("_IN_PROGRESS"):
            return found
        time.sleep(0.1)


def reasons(cloud, stack):
    events = cloud.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"].endswith("_FAILED")]
    return [f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason', 'no reason given')}" for e in failed[:5]]


def outputs(found):
    return {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}


def put_template(s3, order, body):
    """Where the template lies: a request takes 51,200 bytes of it at most, and it has grown beyond."""
    s3.put_object(Bucket=BUCKET, Key=TEMPLATE, Body=body.encode())
    return f"{order['endpoint'].rstrip('/')}/{BUCKET}/{TEMPLATE}"


def deploy(cloud, order, url):
    stack = order["stack"]
    wish = {
        "StackName": stack,
        "TemplateURL": url,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in sorted(order["parameters"].items())],
    }
    found = settled(cloud, stack)
    # A stack that never stood can't be updated.
    if found and found["StackStatus"] in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"):
        cloud.delete_stack(StackName=stack)
        found = settled(cloud, stack)
    try:
        if found is None or found["StackStatus"] == "DELETE_COMPLETE":
            cloud.create_stack(**wish)
        else:
            cloud.update_stack(**wish)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return outputs(found)
        raise
    found = settled(cloud, stack)
    if found["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        sys.exit("\n".join([f"the stack is {found['StackStatus']}", *reasons(cloud, stack)]))
    return outputs(found)


def main():
    follow_the_starter()
    order = json.loads(sys.argv[1])
    s3, cloud = clients(order)
    if BUCKET not in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    packages = Path(order["packages"])
    with ThreadPoolExecutor() as pool:
        zips = pool.map(lambda built: package(built[0], Path(built[1]), packages), order["binaries"].items())
    uris = {name: upload(s3, path) for name, path in zip(order["binaries"], zips)}
    body = with_code(Path(order["template"]).read_text(encoding="utf-8"), uris)
    print(json.dumps(deploy(cloud, order, put_template(s3, order, body))))
    forget_others(s3, uris)


if __name__ == "__main__":
    main()
