"""Replies that other runners paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.model.cache import MAX_AGE
from reviewer.model.kept import MOST_BYTES, pack, unpack
from reviewer.model.shared import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis import Redis

    from reviewer.findings import Note
    from reviewer.messages import Reply
    from reviewer.model.cache import Cache
    from reviewer.model.kept import Kept
    from reviewer.model.shared import Shared


class SharedCache:
    """This machine's own cache first, then the Redis; what is paid for here goes to both.

    What others wrote is not copied into the own cache: it is trusted for as long as the Redis is.
    """

    def __init__(self, own: Cache, shared: Shared) -> None:
        self._own, self._shared = own, shared

    def get(self, key: str) -> Kept | None:
        """The reply kept under `key`, marked as cached and free; null where there is none, or something else."""
        kept = self._own.get(key)
        if kept is not None:
            return kept
        value = self._shared.attempt(lambda redis: _read(redis, _named(key)))
        return unpack(value) if value else None

    def put(self, key: str, reply: Reply, dropped: Sequence[str] = ()) -> None:
        """Keeps a reply, here and for the others."""
        self._own.put(key, reply, dropped)
        value = pack(reply, dropped)
        if len(value) <= MOST_BYTES:
            self._shared.attempt(lambda redis: redis.set(_named(key), value, ex=int(MAX_AGE)))

    def notes(self) -> tuple[Note, ...]:
        """Why replies were not kept here, if so."""
        return self._own.notes()

    def close(self) -> None:
        """Lets go of the own file."""
        self._own.close()


def _named(key: str) -> str:
    return f"{NAMESPACE}:reply:{key}"


def _read(redis: Redis, name: str) -> bytes | None:
    """GETRANGE reads no more than asked for, whatever somebody put there; what is no text is nothing."""
    from redis import ResponseError

    try:
        value = redis.getrange(name, 0, MOST_BYTES)
    except ResponseError as error:
        if str(error).startswith("WRONGTYPE"):
            return None
        raise
    return value if isinstance(value, bytes) else None
