"""An SMS gateway that remembers what it was sent, and can be away, slow or watched."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

# Seconds: more than the sender waits (candidates/gateways.py), and less than it does on the busiest machine.
LATE, SURELY_IN_TIME = 6.0, 2.0


class Gateway:
    """``taken``: how often each id was taken; ``late``: those that it took and answered too late."""

    def __init__(self) -> None:
        self.taken: Counter[int] = Counter()
        self.words: dict[int, set[str]] = {}
        self.late: set[int] = set()
        self.last = 0
        self.refused = 0
        self.is_away = False
        self.slow_next = 0  # so many of the next are answered late
        self.when_taken: Callable[[int], None] | None = None  # called once, before the answer
        self.changed = Condition()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                began = time.monotonic()
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = gateway.take(sent)
                try:
                    self.send_response(status)
                    self.end_headers()
                except OSError:
                    pass  # whoever asked is gone
                if time.monotonic() - began > SURELY_IN_TIME:
                    gateway.late.add(sent["id"])

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def settings(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self._server.server_port}/"
        return {"SMS_BACKEND": "http", "SMS_URL": url, "SMS_TOKEN": "of-the-drill"}

    def take(self, sent: dict[str, Any]) -> int:
        number: int = sent["id"]
        with self.changed:
            if self.is_away:
                self.refused += 1
                self.changed.notify_all()
                return 503
            self.taken[number] += 1
            self.words.setdefault(number, set()).add(f"{sent['to']} {sent['text']}")
            self.last = number
            is_late = self.slow_next > 0
            if is_late:
                self.slow_next -= 1
                self.late.add(number)
            watcher, self.when_taken = self.when_taken, None
            if watcher:
                watcher(number)
            self.changed.notify_all()
        if is_late:
            time.sleep(LATE)
        return 200

    def wait_for(self, what: Callable[[], bool], patience: float) -> bool:
        with self.changed:
            return self.changed.wait_for(what, patience)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
