"""A model server on a raw socket: it breaks the protocol as a row of model.toml says, until it is healed."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from model_server import reply

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

Act = bytes | float | None
"""Bytes that are sent, seconds of silence, or null: silence until the server is closed."""

TLS = 0x16
"""The first byte of a client that wants to speak it."""
FOUND = {"title": "found by the model", "body": "It fails when …", "severity": "high", "category": "bug"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as it came over the wire: the files it is about, its headers by lower-case name."""

    files: tuple[str, ...]
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def healthy(asked: Asked, headers: Mapping[str, str] | None = None) -> bytes:
    """One finding in each file."""
    findings = [{"path": path, "quote": "value 7 of", "line": 8, **FOUND} for path in asked.files]
    return answer(200, reply(json.dumps({"findings": findings})).content(), headers)


def answer(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer."""
    sent = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


def _packed(body: bytes) -> bytes:
    return answer(200, body, {"Content-Encoding": "gzip", "Connection": "close"})


def _bomb() -> bytes:
    """A gigabyte of zeros in a megabyte: one block of them, again and again."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    block = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(7) + block * 1024


def _drip(text: bytes) -> Iterator[Act]:
    """A byte a second."""
    for place in range(len(text)):
        yield text[place : place + 1]
        yield 1.0


PLAYS: Mapping[str, Callable[[Asked], Iterator[Act]]] = {
    "hang": lambda _: iter((None,)),
    "hang within the headers": lambda asked: iter((healthy(asked)[:30], None)),
    "hang within the body": lambda asked: iter((healthy(asked)[:-20], None)),
    "hang up": lambda _: iter(()),
    "hang up within the body": lambda asked: iter((healthy(asked)[:-20],)),
    "drip the headers": lambda asked: _drip(healthy(asked)),
    "drip the body": lambda asked: iter((healthy(asked)[:-200], *_drip(healthy(asked)[-200:]))),
    "speak another protocol": lambda _: iter((b"220 mail.example.org ESMTP\r\n",)),
    "endless headers": lambda _: iter((b"HTTP/1.1 200 OK\r\n", b"X-Filler: " + b"x" * 200_000, None)),
    "gzip bomb": lambda _: iter((_packed(_bomb()),)),
    "gzip that is none": lambda _: iter((_packed(b"not packed at all"),)),
    "half of a gzip": lambda asked: iter((_packed(gzip.compress(healthy(asked))[:-9]),)),
}


class BrokenServer:
    """Breaks what `breaks` says is to be broken, as `play` says; `heal` ends that, at the same address.

    `refusing`: nobody listens until it is healed. `context`: it speaks TLS.
    """

    def __init__(
        self,
        play: Callable[[Asked], Iterator[Act]],
        breaks: Callable[[Asked], bool] = lambda _: True,
        *,
        refusing: bool = False,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.questions: list[Asked] = []
        self._play, self._breaks, self._context = play, breaks, context
        self._well = False
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._listening = False
        if not refusing:
            self._listen()

    def __enter__(self) -> BrokenServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    @property
    def url(self) -> str:
        """Without a trailing slash."""
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}"

    def heal(self, *, entirely: bool = True) -> None:
        """From now on it is a server like any other, and has forgotten what it was asked; or only the latter."""
        self._well = entirely
        self.forget()
        if not self._listening:
            self._listen()

    def forget(self) -> None:
        """As if nothing had been asked yet."""
        self.questions.clear()

    def _listen(self) -> None:
        self._listening = True
        self._socket.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                while asked := _read(connection):
                    with self._lock:
                        self.questions.append(asked)
                    if self._well or not self._breaks(asked):
                        connection.sendall(healthy(asked))
                    else:
                        self._act(connection, self._play(asked))
                        return

    def _act(self, connection: socket.socket, acts: Iterator[Act]) -> None:
        for act in acts:
            if isinstance(act, bytes):
                connection.sendall(act)
            elif self._closing.wait(act):
                return


def _read(connection: socket.socket) -> Asked | None:
    """One request; null when the client has gone."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            return None
        received += piece
        if received[0] == TLS:
            connection.sendall(answer(400, b"plain words, please"))
            return None
    head, _, content = received.partition(b"\r\n\r\n")
    pairs = (line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
    headers = {name.lower(): value for name, value in pairs}
    missing = int(headers.get("content-length", 0)) - len(content)
    while missing > 0 and (piece := connection.recv(65_536)):
        content += piece
        missing -= len(piece)
    return Asked(_files(content), headers, content)


def _files(content: bytes) -> tuple[str, ...]:
    try:
        body: Any = json.loads(content)
        asked: str = next(said["content"] for said in body["messages"] if said["role"] == "user")
    except (ValueError, KeyError, StopIteration, TypeError):
        return ()
    return tuple(re.findall(r"(?m)^## (\S+)", asked.rpartition("<change-")[2]))
