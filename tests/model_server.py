"""A loopback model server that answers what a test tells it to, and remembers what it was asked.

    with ModelServer(reply('{"findings": []}')) as server:
        connect(aim("openai", f"{server.url}/v1"))

`answer` is one `Answer` for all requests, a list of them (one a request, the last for all later ones), or a function of
(parsed body, headers by lower-case name). An `Answer` can be late, slow, or hang up halfway.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

DRIP = 16
"""Bytes in one piece of a slow answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server does with a request. A body that is neither str nor bytes is sent as JSON.

    `delay`: seconds before the first byte. `drip`: seconds between pieces of the body. `drop`: hang up `before` any
    byte or within the `body`. `hang`: say nothing until the server is closed.
    """

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float | None = None
    drop: Literal["no", "before", "body"] = "no"
    hang: bool = False

    def content(self) -> bytes:
        """The body's bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass(frozen=True, slots=True)
class Request:
    """What the server was asked; `body` is the parsed JSON, null where it is none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    content: bytes


Script = Answer | Sequence[Answer] | Callable[[Any, Mapping[str, str]], Answer]


def reply(
    text: str,
    *,
    finish: str = "stop",
    prompt_tokens: int = 100,
    completion_tokens: int = 20,
    cached_tokens: int = 0,
    headers: Mapping[str, str] | None = None,
    delay: float = 0.0,
) -> Answer:
    """A chat completion that says `text`."""
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": cached_tokens},
    }
    message = {"role": "assistant", "content": text}
    body = {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    return Answer(body={**body, "usage": usage}, headers=headers or {}, delay=delay)


def calling(*calls: Any, text: str | None = None, finish: str = "tool_calls") -> Answer:
    """A chat completion that calls tools; a call is (name, arguments) or whatever stands in the list instead."""
    made = [function(f"call_{n}", *call) if isinstance(call, tuple) else call for n, call in enumerate(calls)]
    message = {"role": "assistant", "content": text, "tool_calls": made}
    usage = {"prompt_tokens": 1_000, "completion_tokens": 20}
    return Answer(body={"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage})


def function(name_of_call: Any, name: Any, arguments: Any) -> dict[str, Any]:
    """One call; arguments that are a dict are sent as the text of their JSON, as servers do."""
    text = json.dumps(arguments) if isinstance(arguments, dict) else arguments
    return {"id": name_of_call, "type": "function", "function": {"name": name, "arguments": text}}


def error(status: int, message: str = "no", headers: Mapping[str, str] | None = None, **details: Any) -> Answer:
    """An error as OpenAI-compatible servers send it; `details` are `code`, `type`, `param`."""
    return Answer(status, {"error": {"message": message, **details}}, headers or {})


class ModelServer:
    """Answers on 127.0.0.1, a thread a connection, until the `with` block ends or `close` is called."""

    def __init__(self, answer: Script) -> None:
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._answer = answer
        self._lock = threading.Lock()
        self._at_once = 0
        self._connections: set[socket.socket] = set()
        self._closing = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> ModelServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def bodies(self) -> list[Any]:
        """What was asked, in the order of arrival."""
        with self._lock:
            return [request.body for request in self.requests]

    def close(self) -> None:
        """Goes away at once, as a server that is killed does: open connections are cut."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            open_now = list(self._connections)
        for connection in open_now:
            _cut(connection)
        self._thread.join()

    def _serve(self, handler: _Handler) -> None:
        request = _received(handler)
        with self._lock:
            index = len(self.requests)
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            self._send(self._answer_to(request, index), handler)
        finally:
            with self._lock:
                self._at_once -= 1

    def _answer_to(self, request: Request, index: int) -> Answer:
        if isinstance(self._answer, Answer):
            return self._answer
        if callable(self._answer):
            return self._answer(request.body, request.headers)
        return self._answer[min(index, len(self._answer) - 1)]

    def _send(self, answer: Answer, handler: _Handler) -> None:
        if answer.hang:
            self._closing.wait()
        self._closing.wait(answer.delay)
        if answer.hang or answer.drop == "before" or self._closing.is_set():
            _cut(handler.connection)
            return
        content = answer.content()
        kind = {} if any(name.lower() == "content-type" for name in answer.headers) else {"Content-Type": _kind(answer)}
        handler.send_response_only(answer.status)  # no Date: tests have clocks of their own
        for name, value in {**kind, "Content-Length": str(len(content)), **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if answer.drop == "body":
            handler.wfile.write(content[: len(content) // 2])
            _cut(handler.connection)
        elif answer.drip is None:
            handler.wfile.write(content)
        else:
            self._drip(content, answer.drip, handler)

    def _drip(self, content: bytes, pause: float, handler: _Handler) -> None:
        for start in range(0, len(content), DRIP):
            handler.wfile.write(content[start : start + DRIP])
            if self._closing.wait(pause):
                _cut(handler.connection)
                return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, owner: ModelServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is part of many tests; anything else is a bug of the test."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        with self.server.owner._lock:
            self.server.owner._connections.add(self.connection)

    def finish(self) -> None:
        with self.server.owner._lock:
            self.server.owner._connections.discard(self.connection)
        super().finish()

    def do_POST(self) -> None:
        self.server.owner._serve(self)

    do_GET = do_POST  # noqa: N815 - the base class looks the name up

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Says nothing."""


def _received(handler: _Handler) -> Request:
    content = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Request(handler.command, handler.path, headers, body, content)


def _kind(answer: Answer) -> str:
    return "text/html" if answer.content().lstrip()[:1] == b"<" else "application/json"


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
