"""A loopback server of repositories, as GitHub serves them: git's own backend, and some for a token alone."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from processes import git

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "ghs_" + "T0k3n" * 8


def _open() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


@dataclass
class GitServer:
    """`private` is for whoever shows `token`, and to others as if it were not there; `moved`: where to."""

    folder: Path
    private: frozenset[str] = frozenset()
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and Authorization of every request."""
    status: int = 0
    """Of every answer; 0: what is true."""
    token: str = TOKEN
    gate: threading.Event = field(default_factory=_open)
    """Nobody is answered while it is closed."""

    def __enter__(self) -> GitServer:
        made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        made.daemon_threads = True
        made.here = self  # type: ignore[attr-defined]
        self._server = made
        self._thread = threading.Thread(target=made.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def variables(self) -> dict[str, str]:
        """What has a program look here."""
        return {"GITHUB_SERVER_URL": self.url, "GITHUB_API_URL": f"{self.url}/api/v3"}

    def serve(self, root: Path, name: str = "octo/shop") -> None:
        """A repository under its name."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        git(self.folder, "clone", "-q", "--bare", str(root), str(place))
        git(place, "config", "uploadpack.allowFilter", "true")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        here: GitServer = self.server.here  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        name = "/".join(parts.path.split("/")[1:3])
        given = self.headers.get("Authorization", "")
        here.asked.append((self.path, given))
        body = self._body()
        here.gate.wait(60)
        if here.status:
            self._send(here.status, {}, b"out of order")
        elif name in here.moved:
            self._send(301, {"Location": here.moved[name] + self.path.removeprefix(f"/{name}")}, b"")
        elif given and given != _basic(here.token):
            self._send(401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"")
        elif (name in here.private or not (here.folder / name).is_dir()) and not given:
            self._send(401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"")  # as GitHub does
        elif not (here.folder / name).is_dir():
            self._send(404, {}, b"Repository not found.")
        else:
            self._backend(here, parts.path, parts.query, body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            found = b""
            while size := int(self.rfile.readline(), 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return found
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _backend(self, here: GitServer, path: str, query: str, body: bytes) -> None:
        variables = {
            "GIT_PROJECT_ROOT": str(here.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env={**os.environ, **variables}, capture_output=True, check=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        self._send(status, headers, content)

    def _send(self, status: int, headers: dict[str, Any], content: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content)
            sys.stdout.flush()


def _basic(token: str) -> str:
    return "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
