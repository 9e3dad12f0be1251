"""Runs the fault proxy: between the functions and the emulator, bound to this machine only.

usage: faults.py PORT UPSTREAM

Rules come later, by POST to /_microburst/rules. Standard input is a leash: when it closes, whoever
started us has died, and we end.
"""

import os
import sys
import threading

from aiohttp import web
from microburst import detection
from microburst.app import make_app
from microburst.core.pipeline import Microburst
from microburst.forward import Upstream


def follow_the_starter():
    def watch():
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def keep_the_host():
    """Passes on the host that the caller signed; with another one the emulator refuses the signature."""
    others = Upstream._outbound_headers

    def headers(self, request):
        return {**others(self, request), "host": request.headers["host"]}

    Upstream._outbound_headers = headers


def read_no_host():
    """Ours is a number, which names no service. To find that out, it would read the descriptions of
    all services of AWS: seconds at the first call, and 400 MB from then on."""
    detection.parse_host = lambda host: (None, None, None)


def main():
    follow_the_starter()
    read_no_host()
    keep_the_host()
    port, upstream = int(sys.argv[1]), sys.argv[2]
    # Its own command line logs each call, which is a line for all that the functions ever ask.
    web.run_app(make_app(Microburst(upstream)), host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
