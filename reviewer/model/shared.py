"""The Redis that runners share. It never fails a review: once it is lost, this run goes on alone, and says so."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

Result = TypeVar("Result")

NAMESPACE = "reviewer:1"
"""Before every key; another number where keys or values mean something else."""
PATIENCE = 2.0
"""Seconds to wait for a connection or an answer; each is tried twice, for a connection that was closed while idle."""
_IN_THE_ADDRESS = {"db", "ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"}


class Shared:
    """A Redis, for many threads; once there is `trouble`, this run is on its own.

    Nothing is sent before the first `attempt`; an address that is none raises `Misuse`. Nothing of the address is in
    any message: what is taken for a host may be half a password.
    """

    def __init__(self, address: str) -> None:
        from redis import ConnectionPool, Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        try:
            _check(address)
            pool = ConnectionPool.from_url(
                address,
                protocol=2,
                socket_timeout=PATIENCE,
                socket_connect_timeout=PATIENCE,
                retry=Retry(NoBackoff(), 1),
            )
        except ValueError:
            raise Misuse(
                "REVIEWER_REDIS_URL is no address of a Redis: write redis://[[user]:password@]host[:port][/number],"
                " rediss:// for TLS, or unix:///path, with %-escapes for odd characters of the password"
            ) from None
        self._redis: Redis = Redis(connection_pool=pool)
        self._lock = threading.Lock()
        self.trouble: str | None = None

    def attempt(self, work: Callable[[Redis], Result]) -> Result | None:
        """What `work` gives; null where the Redis is lost, before or by it."""
        if self.trouble is not None:
            return None
        from redis import RedisError

        try:
            return work(self._redis)
        except (RedisError, OSError, UnicodeError) as error:  # a host name no resolver takes is a UnicodeError
            self.lose(_in_words(error))
        return None

    def lose(self, why: str) -> None:
        """Gives up sharing for the rest of the run; the first reason is the one that is told."""
        with self._lock:
            self.trouble = self.trouble or why

    def notes(self) -> tuple[Note, ...]:
        """That nothing is shared any more, if so."""
        if self.trouble is None:
            return ()
        said = (
            f"the Redis at REVIEWER_REDIS_URL is lost: {self.trouble}; from then on this run kept replies and paced"
            " itself alone, and several runners together may ask more often than REVIEWER_REQUESTS_PER_MINUTE"
        )
        return (Note(NoteCode.SHARING_LOST, said),)

    def close(self) -> None:
        """Hangs up."""
        self._redis.connection_pool.disconnect()


def _check(address: str) -> None:
    """Raises `ValueError` for what the client would misread in silence, such as a password with a bare `/` or `#`."""
    parts = urlsplit(address)
    local = parts.scheme == "unix"
    names = {name.partition("=")[0] for name in parts.query.split("&") if name}
    well_formed = (
        parts.scheme in ("redis", "rediss", "unix")
        and not parts.fragment
        and names <= _IN_THE_ADDRESS
        and (local or bool(parts.hostname and parts.port != 0 and re.fullmatch(r"/?\d{0,5}", parts.path)))
    )
    if not well_formed:
        raise ValueError


def _in_words(error: Exception) -> str:
    """What happened and what to look at, in words of our own: the client's may quote the address."""
    from redis import exceptions

    said = {
        exceptions.AuthenticationError: "it does not accept the user or the password",
        exceptions.NoPermissionError: "its user may not do what is asked (get, set, pttl, time, evalsha, script load)",
        exceptions.OutOfMemoryError: "it is full: let it forget what is old (maxmemory-policy allkeys-lru)",
        exceptions.ReadOnlyError: "it may only be read: name the one that may be written",
        exceptions.ResponseError: "it refuses what it is asked: is it a Redis of at least version 3?",
        exceptions.TimeoutError: f"it had not answered after {PATIENCE:g} s",
    }
    words = next((words for kind, words in said.items() if isinstance(error, kind)), None)
    if words is None and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted (ssl_ca_certs in the address names another authority)"
    return words or "it cannot be reached"
