"""A shop's own server: takes webhooks, and checks them with a published library of Standard Webhooks.

    python3 receiver.py

Prints its port, and then a line of JSON for each call: its path, its id, whether each of the secrets that it knows
verifies it, and the body. Secrets come on standard input, a line each. What it answers stands in the query:

    fail=N   500 to the first N calls of each id        gone=1   410
    wait=S   waits for S seconds before it answers      to=URL   a redirect there
"""

import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

secrets, calls, said = [], Counter(), threading.Lock()


def verified(secret, headers, body):
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


class Shop(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        with said:
            calls[headers["webhook-id"]] += 1
            known = [verified(secret, headers, body) for secret in secrets]
            line = {"path": self.path, "id": headers["webhook-id"], "timestamp": headers["webhook-timestamp"]}
            print(json.dumps(line | {"verified": known, "body": json.loads(body)}), flush=True)
        time.sleep(float(asked.get("wait", 0)))
        status = 410 if "gone" in asked else 307 if "to" in asked else 204
        self.send_response(500 if calls[headers["webhook-id"]] <= int(asked.get("fail", 0)) else status)
        if "to" in asked:
            self.send_header("location", asked["to"])
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Shop)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
for secret in sys.stdin:
    with said:
        secrets.append(secret.strip())
