"""One request over PyGithub's requester, with the token out of sight. The only module that imports PyGithub."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from reviewer import __version__
from reviewer.errors import Misuse
from reviewer.github.answers import Answer, Silence
from reviewer.github.failures import LOCATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests
    from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

    Connection = HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass

API_VERSION = "2022-11-28"
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
"""GitHub gives up on a request after 10 s itself; an upload of 60 000 characters or a slow proxy may take longer."""
_SHORTEST = 16
_LONGEST = 200
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Transport:
    """Sends to one host and to no other; PyGithub is imported at the first request. One request at a time."""

    def __init__(self, token: str, api_url: str, graphql_url: str | None) -> None:
        self._token = _checked(token)
        self._api = _address("GITHUB_API_URL", api_url)
        self._base_url = api_url.rstrip("/")
        if graphql_url is not None and _origin(_address("GITHUB_GRAPHQL_URL", graphql_url)) != _origin(self._api):
            raise Misuse(f"GITHUB_GRAPHQL_URL {graphql_url} is not on the host of GITHUB_API_URL {api_url}: set both")
        self._graphql_url = graphql_url
        self._made: tuple[Requester, Connection] | None = None

    def send(self, method: str, url: str, query: Mapping[str, Any], body: Any) -> Answer | Silence:
        """One request, never repeated and never redirected."""
        requester, connection = self._opened()
        import requests

        headers = {"Accept": "application/vnd.github+json"}
        # What requests raises holds the request with its headers: it ends here, and no traceback leads back to it.
        try:
            status, got, text = requester.requestJson(method, url, dict(query), headers, body, connection)
        except requests.exceptions.SSLError as error:
            return Silence(sent=False, detail=self._hide(f"no secure connection: {_cause(error)}"))
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            return Silence(sent=False, detail=self._hide(_cause(error)))
        except requests.exceptions.ConnectionError as error:
            return Silence(sent=not _unconnected(error), detail=self._hide(_cause(error)))
        except requests.exceptions.RequestException as error:
            return Silence(sent=True, detail=self._hide(f"{type(error).__name__}: {_cause(error)}"))
        return self._read(status, got, text)

    def graphql_url(self) -> str:
        """Where GraphQL is asked: as given, or by GitHub's own rule."""
        return self._graphql_url or self._opened()[0].graphql_url

    def is_ours(self, url: str) -> bool:
        """Whether an absolute URL is on the very host that has the token already."""
        try:
            return _origin(urlsplit(url)) == _origin(self._api)
        except ValueError:
            return False

    def close(self) -> None:
        """Hangs up."""
        if self._made is not None:
            self._made[1].close()
            self._made = None

    def _read(self, status: int, headers: Mapping[str, str], text: str) -> Answer | Silence:
        text = self._hide(text)
        try:
            data = json.loads(text) if text.strip() else None
        except (ValueError, RecursionError):
            if status < 400:
                return Silence(sent=True, detail=f"the body of its answer ({status}) is no JSON")
            data = None  # a proxy's page: the status tells enough
        return Answer(status, {name.lower(): self._hide(value) for name, value in headers.items()}, data)

    def _hide(self, text: str) -> str:
        """Some servers repeat the token. What is too short to be one stands in many a word."""
        return text.replace(self._token, "[token]") if len(self._token) >= _SHORTEST else text

    def _opened(self) -> tuple[Requester, Connection]:
        if self._made is None:
            self._made = self._open()
        return self._made

    def _open(self) -> tuple[Requester, Connection]:
        """PyGithub's pacing is off: it sleeps by its own clock, and before GraphQL queries too, which write nothing."""
        from github import Auth, Github
        from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass

        for name in ("github", "urllib3"):  # DEBUG prints every body
            logging.getLogger(name).setLevel(logging.WARNING)
        requester = Github(
            auth=Auth.Token(self._token),
            base_url=self._base_url,
            user_agent=f"reviewer/{__version__}",
            per_page=100,
            retry=None,  # GithubRetry repeats a POST after a 5xx: the comment may be there already
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
            api_version=API_VERSION,
        ).requester
        kind = HTTPSRequestsConnectionClass if self._api.scheme == "https" else HTTPRequestsConnectionClass
        connection = kind(self._api.hostname or "", self._api.port)
        connection.timeout = (CONNECT_SECONDS, READ_SECONDS)  # type: ignore[assignment]  # requests takes a pair too
        connection.session.hooks["response"].append(_received)
        connection.session.trust_env = self._api.hostname not in _LOOPBACK  # no proxy reaches this machine
        return requester, connection


def _received(response: requests.Response, **_: Any) -> None:
    """GitHub speaks UTF-8 (requests would guess), and no redirect is followed before our eyes.

    PyGithub follows a 301 by itself, with a POST too, and loses its query on the way: every page would be page 1.
    """
    response.encoding = "utf-8"
    if response.is_redirect:
        response.headers[LOCATION] = response.headers.pop("location")


def _unconnected(error: requests.exceptions.ConnectionError) -> bool:
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _cause(error: requests.exceptions.RequestException) -> str:
    """What happened, without the words that urllib3 wraps around it."""
    wrapped = error.args[0] if error.args else error
    return " ".join(str(getattr(wrapped, "reason", None) or wrapped).split())[:_LONGEST]


def _checked(token: str) -> str:
    """A token that can be a header's value: requests' own error for another would print it."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Misuse("GITHUB_TOKEN is empty or has blanks, line breaks or foreign letters: set it again")
    return token


def _address(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or "@" in parts.netloc or parts.query or parts.fragment:
        raise Misuse(f"{name} is no web address: set it to something like https://api.github.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Misuse(f"{name} {url} would send the token unencrypted: use https")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
