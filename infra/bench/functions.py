"""What each function costs to start and to keep: size, start to first poll, memory, warm invokes.

usage: python3 infra/bench/functions.py [--invokes N] [--starts N]

Speaks the Lambda Runtime API to the release binaries on this machine, in front of the local cloud
that `cargo up --demo --detach` has started. Prints figures and asserts none. It does not measure
AWS: the ratios to an empty `lambda_runtime` program, taken in the same run, are what carries over.
Needs nothing but Python's own library.
"""

import argparse
import http.server
import io
import json
import os
import queue
import socketserver
import statistics
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ["intake", "classification", "assignment", "escalation", "follow-up", "desk"]


class Runtime(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """The Runtime API for one function: hands out what is put into `events`."""

    daemon_threads = True

    def __init__(self):
        self.events, self.answers, self.polled = queue.Queue(), queue.Queue(), threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A function that was ended in the middle of a poll: that is how each run ends."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.server.polled.set()
        event = self.server.events.get()
        if event is None:
            return
        body = json.dumps(event).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "bench")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 30_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:0:function:bench")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.answers.put((self.path.rsplit("/", 1)[1], body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def environment(cloud, name, port):
    outputs = cloud["outputs"]
    return {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_ENDPOINT_URL": cloud["endpoint"],
        "AWS_REGION": cloud["region"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "TABLE": outputs["TableName"],
        "BUCKET": outputs["BucketName"],
        "CLASSIFICATION_QUEUE_URL": outputs["ClassificationQueueUrl"],
        "ASSIGNMENT_QUEUE_URL": outputs["AssignmentQueueUrl"],
        "FOLLOW_UP_QUEUE_URL": outputs["FollowUpQueueUrl"],
        "PUBLIC_URL": cloud["url"],
        "REDRESS_LOG": "error",
    }


def start(binary, env, server):
    begun = time.perf_counter()
    process = subprocess.Popen([binary], env=env, stdout=subprocess.DEVNULL)
    if not server.polled.wait(30):
        process.kill()
        sys.exit(f"{binary} did not poll within 30 s")
    return process, (time.perf_counter() - begun) * 1000


def started(binary, cloud, name, starts):
    """Median milliseconds from exec to the first poll."""
    times = []
    for _ in range(starts):
        server = Runtime()
        process, took = start(binary, environment(cloud, name, server.server_port), server)
        process.kill()
        process.wait()
        server.events.put(None)
        server.shutdown()
        times.append(took)
    return statistics.median(times)


def request(method, path, key, body=None, number=0):
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json", "host": "bench"}
    headers["idempotency-key"] = f"bench-{os.getpid()}-{number}"
    context = {"http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}}
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
        "requestContext": {"stage": "$default", "timeEpoch": 0, **context},
        "body": body and json.dumps(body, ensure_ascii=False), "isBase64Encoded": False,
    }


def record(kind, subject):
    event = {
        "specversion": "1.0", "id": f"{subject}/{kind}/1", "source": "redress", "type": kind,
        "subject": subject, "time": "2026-11-23T00:00:00Z", "tenant": "tn_shop",
    }
    message = {"messageId": "bench", "body": json.dumps(event), "eventSource": "aws:sqs", "attributes": {}}
    return {"Records": [message]}


def event(name, keys, known, number):
    """What the function does most, on real documents; repeats are the normal case."""
    if name == "intake":
        body = {"channel": "web", "message": "快递三天没有更新 where is my parcel?", "customer": {"ref": "bench"}}
        return request("POST", "/v1/feedback", keys["integrator"], body, number)
    if name == "classification":
        return record("feedback.received.v1", known["feedback"])
    if name == "assignment":
        return record("feedback.classified.v1", known["feedback"])
    if name == "follow-up":
        return request("GET", "/v1/surveys", keys["supervisor"])
    if name == "desk":
        return request("GET", f"/v1/work-orders/{known['order']}", keys["agent"])
    return {"source": "aws.scheduler"}


def resident(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def invoked(binary, cloud, keys, known, name, invokes):
    """Resident megabytes after the invokes, and the warm invokes' p50 and p99 in milliseconds."""
    server = Runtime()
    process, _ = start(binary, environment(cloud, name, server.server_port), server)
    times = []
    for number in range(invokes):
        begun = time.perf_counter()
        server.events.put(event(name, keys, known, number))
        kind, answer = server.answers.get(timeout=30)
        times.append((time.perf_counter() - begun) * 1000)
        if kind != "response":
            sys.exit(f"{name} failed: {answer[:200]}")
    memory = resident(process.pid)
    process.kill()
    process.wait()
    server.events.put(None)
    server.shutdown()
    times = sorted(times[1:])
    return memory, times[len(times) // 2], times[len(times) * 99 // 100]


def zipped(binary):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(binary, "bootstrap")
    return len(held.getvalue()) / 1e6


def known_documents(cloud, keys):
    from urllib.request import Request, urlopen

    def get(path, key):
        return json.load(urlopen(Request(cloud["url"] + path, headers={"Authorization": f"Bearer {key}"})))

    order = get("/v1/work-orders?limit=1", keys["agent"])["items"]
    if not order:
        sys.exit("the local cloud holds no order; start it with `cargo up --demo --detach`")
    return {"order": order[0]["id"], "feedback": order[0]["feedback_ids"][0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invokes", type=int, default=1000)
    parser.add_argument("--starts", type=int, default=15)
    arguments = parser.parse_args()
    state = ROOT / ".local"
    if not (state / "cloud.json").exists():
        sys.exit("nothing runs here; start it with `cargo up --demo --detach`")
    cloud, keys = (json.loads((state / name).read_text()) for name in ("cloud.json", "api-keys.json"))
    known = known_documents(cloud, keys)
    packages = [argument for name in FUNCTIONS for argument in ("-p", f"redress-{name}")]
    subprocess.run(["cargo", "build", "-q", "--release", *packages], cwd=ROOT, check=True)
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "redress-aws", "--example", "empty"], cwd=ROOT, check=True)
    release = ROOT / "target/release"

    empty = release / "examples/empty"
    base = started(empty, cloud, "empty", arguments.starts)
    print(f"on the local cloud, release, {arguments.starts} starts and {arguments.invokes} invokes each\n")
    print("function         zip MB   start ms  x empty   resident MB   warm p50 ms   p99 ms")
    print(f"{'empty':<15} {zipped(empty):7.2f} {base:10.1f} {1:8.2f}")
    for name in FUNCTIONS:
        binary = release / f"redress-{name}"
        took = started(binary, cloud, name, arguments.starts)
        memory, p50, p99 = invoked(binary, cloud, keys, known, name, arguments.invokes)
        row = f"{name:<15} {zipped(binary):7.2f} {took:10.1f} {took / base:8.2f} {memory:13.1f} {p50:13.2f} {p99:8.2f}"
        print(row, flush=True)


if __name__ == "__main__":
    main()
