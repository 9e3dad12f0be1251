"""Starts the local cloud: the pinned emulator, bound to this machine only.

usage: launch.py STATE_DIR PORT [FAULTS_PYTHON FAULTS_PORT]   (the rest comes by environment, see src/emulator.rs)

Standard input is a leash. Whoever starts us writes a line once the cloud is handed over; if the
pipe closes before that, the starter died, and nothing may be left behind.
"""

import fcntl
import json
import os
import re
import signal
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

STATE, PORT, FAULTS = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
LOG_BYTES = 20_000_000


def hold_lock():
    """Holds `emulator.lock` for as long as we live, so that others see a living cloud and its pid."""
    lock = open(STATE / "emulator.lock", "a+")
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def follow_the_starter():
    """Ends us, quickly, if the starter dies before it hands us over."""

    def watch():
        if not sys.stdin.readline():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def start_faults():
    """Starts the fault proxy in our process group; it ends with us, however we end."""
    if not FAULTS:
        return None
    python, port = FAULTS
    script, upstream = Path(__file__).with_name("faults.py"), f"http://127.0.0.1:{PORT}"
    with open(STATE / "logs" / "faults.log", "w", encoding="utf-8") as log:
        command = [python, str(script), port, upstream]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)


def answer_at_once(runtime):
    """Without these two an invocation takes 99 ms instead of 7."""
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    drain = runtime.Worker._drain_stderr_bounded
    runtime.Worker._drain_stderr_bounded = lambda self, *_, **__: drain(self, 0.002, 0.001, 0.05)


def write_logs_to_files(runtime, lambdas):
    """One file a function, a JSON object a line.

    The emulator's own log service keeps a stream per invocation in memory for ever, and loses the
    lines that a function writes after its answer.
    """
    files, guard = {}, threading.Lock()

    def keep(name, line):
        path = STATE / "logs" / f"{name}.jsonl"
        with guard:
            if name not in files or files[name].tell() > LOG_BYTES:
                if name in files:
                    files.pop(name).close()
                    path.replace(path.with_suffix(".old.jsonl"))
                files[name] = open(path, "a", encoding="utf-8")
            record = {"at_ms": int(time.time() * 1000), "message": line}
            files[name].write(json.dumps(record, ensure_ascii=False) + "\n")
            files[name].flush()

    class Tee:
        """The worker's output, line by line, on its way to the emulator."""

        def __init__(self, name, stream):
            self.name, self.stream = name, stream

        def readline(self):
            raw = self.stream.readline()
            if raw:
                keep(self.name, raw.decode("utf-8", "replace").rstrip("\r\n"))
            return raw

        def close(self):
            self.stream.close()

    pump = runtime.ProvidedWorker._pump_output
    runtime.ProvidedWorker._pump_output = lambda self, stream, lines: pump(self, Tee(self.func_name, stream), lines)

    def emit(func, request_id, log_text, error, duration_ms, **_):
        if error:
            name = (func.get("config") or func).get("FunctionName", "unknown")
            keep(name, f"invocation {request_id} failed after {duration_ms} ms")

    lambdas._emit_lambda_logs = emit


def tick_every_second(*modules):
    """Every ten seconds, a rate of one minute drifts to seventy."""
    for module in modules:
        for name in ("_SCHEDULE_TICK_INTERVAL", "_SCHEDULER_TICK_INTERVAL"):
            if hasattr(module, name):
                setattr(module, name, 1)


class Options(str):
    """`OPTIONS`, which the gateway does not recognise as such."""

    def __eq__(self, other):
        return False

    __hash__ = str.__hash__


def pass_preflights_on(gateway):
    """AWS hands OPTIONS to an ANY route when the API itself has no CORS; the emulator answers 403."""
    handle = gateway._handle_execute_in_scope

    async def handle_execute(api_id, stage, path, method, *rest):
        known = gateway._apis.get(api_id) or {}
        if method == "OPTIONS" and not known.get("corsConfiguration"):
            method = Options(method)
        return await handle(api_id, stage, path, method, *rest)

    gateway._handle_execute_in_scope = handle_execute


def rewrite_state(pattern, change):
    for path in (STATE / "data" / "state").glob("*.json"):
        before = path.read_text(encoding="utf-8")
        after = re.sub(pattern, change, before)
        if after != before:
            path.write_text(after, encoding="utf-8")


def move_to_port():
    """Addresses with the port are kept in the emulator's state: rewrites those of another port."""
    known = STATE / "port"
    if known.exists() and known.read_text() != PORT:
        rewrite_state(rf"127\.0\.0\.1:{known.read_text()}\b", f"127.0.0.1:{PORT}")
    known.write_text(PORT)


def settle_stacks():
    """A deployment that was cut off is at work no more; nobody may wait for it."""
    rewrite_state(r'("StackStatus": ")(CREATE|DELETE)_IN_PROGRESS"', r'\1\2_FAILED"')
    rewrite_state(r'("StackStatus": ")[A-Z_]+_IN_PROGRESS"', r'\1UPDATE_ROLLBACK_COMPLETE"')


class Saver:
    """Saves the state when nobody has asked for anything for a while, so that a crash loses little.

    The emulator saves on an orderly end only. Under load it would be slowed by saving, so we wait.
    """

    IDLE_SECONDS = 3

    def __init__(self, app):
        self.asked, self.saved, self.lock = time.monotonic(), 0.0, threading.Lock()
        self.save_all, self.serve, self.states = app.save_all, app.app, app._build_persistence_save_dict
        app.save_all, app.app = self.save, self.notice
        threading.Thread(target=self.run, daemon=True).start()

    async def notice(self, scope, receive, send):
        if scope.get("path") != "/_ministack/health":
            self.asked = time.monotonic()
        await self.serve(scope, receive, send)

    def save(self, states):
        # One at a time: they write to the same temporary files.
        with self.lock:
            self.save_all(states)

    def run(self):
        while True:
            time.sleep(1)
            asked = self.asked
            if self.saved < asked < time.monotonic() - self.IDLE_SECONDS:
                self.save(self.states())
                self.saved = asked


def main():
    lock = hold_lock()
    follow_the_starter()
    # A closed terminal is no reason to end; the functions inherit this.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    move_to_port()
    settle_stacks()
    proxy = start_faults()
    # The emulator's own command line is empty.
    sys.argv = ["ministack"]

    from ministack import app
    from ministack.core import lambda_runtime
    from ministack.services import apigateway, eventbridge, lambda_svc, scheduler

    answer_at_once(lambda_runtime)
    write_logs_to_files(lambda_runtime, lambda_svc)
    tick_every_second(eventbridge, scheduler)
    pass_preflights_on(apigateway)
    Saver(app)
    app.main()
    if proxy:
        proxy.terminate()
    lock.close()


if __name__ == "__main__":
    main()
