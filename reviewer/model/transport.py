"""One HTTP request, bounded in time and size, with the key out of sight. The only module that imports httpx."""

from __future__ import annotations

import logging
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from reviewer.errors import Misuse

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    import httpx

CONNECT_SECONDS = 10.0
MARGIN = 1.0
"""Seconds in which an exchange that is late may say itself how far it got."""
MOST_THREADS = 1024
"""Made as they are needed: as many as there are requests at once, and those that were left behind."""
MAX_BODY = 8 * 1024 * 1024
_SHORTEST = 16
"""Characters of a key that can be told from a word: a local server may want `none`, and answers hold such words."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Key:
    """A secret that no repr, format or traceback shows. What cannot be a header's value raises `Misuse`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        value = value.strip()
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            # h11's own error for such a header would print it.
            raise Misuse("the model's API key is empty or has blanks, line breaks or foreign letters: set it again")
        self._value = value

    def __repr__(self) -> str:
        return "Key(…)"

    def header(self, name: str) -> str:
        """The value of the header `name`: the bare key, or after `Bearer` where that is the custom."""
        return f"Bearer {self._value}" if name == "Authorization" else self._value

    def hide(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self._value, "[key]") if len(self._value) >= _SHORTEST else text

    def hide_in(self, body: bytes) -> bytes:
        """The bytes without the key."""
        return body.replace(self._value.encode(), b"[key]") if len(self._value) >= _SHORTEST else body


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sent, without our key: header names are in lower case, the body is unpacked."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Silence:
    """No usable answer, and how far it got.

    `unconnected`: nothing was sent. `crowded`: for we have too many files open. `untrusted`, `plain`: nor will anything
    ever be, for the certificate is wrong, or there is none. `hung_up`: before the first line of an answer. `late`: time
    was up. `cut`: within the body. `unreadable`: too large or badly packed.
    """

    kind: Literal["unconnected", "untrusted", "plain", "crowded", "hung_up", "late", "cut", "unreadable"]
    detail: str


_CONNECTING: Mapping[str, Literal["untrusted", "plain", "crowded"]] = {
    "CERTIFICATE_VERIFY_FAILED": "untrusted",
    "WRONG_VERSION_NUMBER": "plain",
    "RECORD_LAYER_FAILURE": "plain",  # the same in OpenSSL 3.2
    "PACKET_LENGTH_TOO_LONG": "plain",
    "Too many open files": "crowded",
}
"""Words by which OpenSSL and the system tell why there is no connection."""
_BEFORE_WRITING = "http11.send_request_headers.started"
"""httpcore's name for the moment between being connected and the first byte."""


class _Late(Exception):
    """Time was up before anything was sent."""


class Transport:
    """Posts JSON to one URL. The client is made at the first request: httpx costs more time than the rest together."""

    def __init__(self, url: str, key: Key | None, key_header: str, clock: Callable[[], float]) -> None:
        self._url, self._key, self._key_header, self._clock = url, key, key_header, clock
        self._lock = threading.Lock()
        self._made: httpx.Client | None = None
        self._threads = ThreadPoolExecutor(MOST_THREADS)

    def post(self, content: bytes, seconds: float) -> Answer | Silence:
        """One request, never repeated and never redirected, given up after `seconds`.

        httpx bounds each step and nobody their sum: a resolver may think for a minute, headers may come letter by
        letter. So the exchange has a thread of its own, which is left behind when it is late. What was given up before
        it was sent is never sent: it would be billed, and nobody would read the bill.
        """
        until = self._clock() + seconds
        with self._lock:
            exchange = self._threads.submit(self._exchange, content, until)
        try:
            return exchange.result(seconds + MARGIN)
        except TimeoutError:
            exchange.cancel()
            return Silence("late", "")

    def _exchange(self, content: bytes, until: float) -> Answer | Silence:
        """The clock is read before the first byte and after every piece of the body; a piece may take as long again."""
        client = self.client()
        import httpx

        left = until - self._clock()
        if left <= 0:
            return Silence("late", "")

        def trace(event: str, _: object) -> None:
            if event == _BEFORE_WRITING and self._clock() > until:
                raise _Late

        timeout = httpx.Timeout(left, connect=min(CONNECT_SECONDS, left), pool=None)
        started = False
        # What httpx raises holds the request with its headers: it ends here, and no traceback leads back to it.
        try:
            with client.stream(
                "POST", self._url, content=content, timeout=timeout, extensions={"trace": trace}
            ) as response:
                started = True
                return self._read(response, until)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            said = str(error) or "no connection within 10 s"
            return Silence(next((kind for words, kind in _CONNECTING.items() if words in said), "unconnected"), said)
        except (httpx.TimeoutException, _Late):
            return Silence("late", "")
        except httpx.TransportError as error:
            return Silence("cut" if started else "hung_up", str(error))

    def client(self) -> httpx.Client:
        """The client, made when first asked for; a thread may ask early so that nobody waits for the import."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def close(self) -> None:
        """Hangs up."""
        with self._lock:
            if self._made is not None:
                self._made.close()
                self._made = None
                self._threads.shutdown(wait=False)
                self._threads = ThreadPoolExecutor(MOST_THREADS)

    def _make(self) -> httpx.Client:
        # Where click is installed, httpx imports its own command line, with pygments and rich: 0.15 s for nothing.
        sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
        import httpx

        for name in ("httpx", "httpcore"):  # INFO prints the URL of every request, DEBUG its headers
            logging.getLogger(name).setLevel(logging.WARNING)
        parts = urlsplit(self._url)
        trusted = _trust() if parts.scheme == "https" else _no_trust()
        try:
            return httpx.Client(
                verify=trusted,
                trust_env=parts.hostname not in LOOPBACK,  # a proxy cannot reach a server on this machine
                follow_redirects=False,
                headers={"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "gzip"},
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=128),
                event_hooks={"request": [self._sign]},
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            # Its words may hold the proxy's password.
            which = "the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or NO_PROXY,"
            raise Misuse(f"{which} cannot be used: set an http:// or https:// one, or unset it") from None

    def _sign(self, request: httpx.Request) -> None:
        if self._key is not None:
            request.headers[self._key_header] = self._key.header(self._key_header)

    def _read(self, response: httpx.Response, until: float) -> Answer | Silence:
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_raw():
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BODY:
                return Silence("unreadable", f"it is larger than {MAX_BODY // 1024**2} MiB")
            if self._clock() > until:
                return Silence("late", "")
        body = _unpack(b"".join(pieces), response.headers.get("content-encoding", ""))
        return body if isinstance(body, Silence) else self._without_key(response, body)

    def _without_key(self, response: httpx.Response, body: bytes) -> Answer:
        """Some servers repeat the key in their errors: from here on nothing has it."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        if self._key is not None:
            headers = {name: self._key.hide(value) for name, value in headers.items()}
            body = self._key.hide_in(body)
        return Answer(response.status_code, headers, body)


def _unpack(packed: bytes, encoding: str) -> bytes | Silence:
    """The body as it was before compression, never more than `MAX_BODY` of it: httpx itself unpacks without a bound."""
    if encoding.strip().lower() in ("", "identity"):
        return packed
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return Silence("unreadable", "it is packed in a way that was not asked for")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        body = unpacker.decompress(packed, MAX_BODY + 1)
    except zlib.error:
        return Silence("unreadable", "it does not unpack")
    if len(body) > MAX_BODY:
        return Silence("unreadable", f"it is larger than {MAX_BODY // 1024**2} MiB unpacked")
    return body if unpacker.eof else Silence("cut", "the compressed body ends early")


def _trust() -> ssl.SSLContext:
    """Whom SSL_CERT_FILE or SSL_CERT_DIR names, else the usual authorities; what holds none raises `Misuse`."""
    import httpx

    try:
        return httpx.create_ssl_context()
    except OSError as error:
        said = f"no certificates can be read from SSL_CERT_FILE or SSL_CERT_DIR ({error.strerror or error})"
        raise Misuse(f"{said}: set it to a file of PEM certificates, or unset it") from None


def _no_trust() -> ssl.SSLContext:
    """A context that trusts nobody, for plain http: it costs nothing, loading certificates takes 0.06 s."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
