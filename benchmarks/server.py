"""A loopback model server with a fixed latency, as a process of its own: `python -m benchmarks.server SECONDS`."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAID = re.compile(r"^## (?P<path>\S+)|^(?P<line>\d+)\+(?P<text>.*(?:0\.0|, 0\)|item\.Total).*)$", re.MULTILINE)
EVERY = 8
"""One in so many chunks is found fault with."""


def answer(messages: Sequence[str]) -> str:
    """One finding about some chunks, the same each time; of a second look that everything stands."""
    asked = messages[-1]
    if '"verdicts"' in messages[0]:
        ids = re.findall(r"\[(f\d+)\]", asked)
        return json.dumps({"verdicts": [{"id": name, "verdict": "keep", "reason": ""} for name in ids]})
    found, path = [], ""
    if '"kind"' not in messages[0] and hashlib.sha256(asked.encode()).digest()[0] % EVERY == 0:
        for row in _SAID.finditer(asked):
            path = row["path"] or path
            if row["line"] and path:
                said = {"path": path, "line": int(row["line"]), "quote": row["text"], "severity": "high"}
                words = {"title": f"What {path} says of nothing is wrong", "body": "Nothing is not known here."}
                found.append({**said, **words, "category": "bug"})
                break
    return json.dumps({"findings": found})


class Seen:
    """What the server has seen since it was last asked."""

    lock = threading.Lock()
    calls = 0
    prompt_bytes = 0
    first: float | None = None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    latency = 0.0

    def do_POST(self) -> None:
        began = time.time()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        messages = [message["content"] for message in json.loads(body)["messages"]]
        prompt = sum(len(message.encode()) for message in messages)
        with Seen.lock:
            Seen.calls += 1
            Seen.prompt_bytes += prompt
            Seen.first = Seen.first or began
        time.sleep(self.latency)
        usage = {"prompt_tokens": prompt // 3, "completion_tokens": 8}
        choice = {"message": {"role": "assistant", "content": answer(messages)}, "finish_reason": "stop"}
        self._answer({"choices": [choice], "usage": usage})

    def do_GET(self) -> None:
        with Seen.lock:
            self._answer({"calls": Seen.calls, "prompt_bytes": Seen.prompt_bytes, "first": Seen.first})
            Seen.calls, Seen.prompt_bytes, Seen.first = 0, 0, None

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    Handler.latency = float(sys.argv[1])
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
