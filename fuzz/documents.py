"""JSON made of bytes: most bytes are none, and a fuzzer that only ever meets the parser's refusal learns nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEEPEST = 12


def made(data: bytes, names: Sequence[str]) -> object:
    """A value of which every byte decides something; the `names` are its keys, and often its words."""
    return _value(iter(data), names, 0)


def rows(data: bytes, keys: Sequence[str], names: Sequence[str]) -> list[dict[str, object]]:
    """Objects that have all the keys, mostly with words."""
    left = iter(data)
    return [
        {key: _name(left, names) if next(left, 0) % 4 else _value(left, names, 0) for key in keys}
        for _ in range(next(left, 0) % 8)
    ]


def _value(left: Iterator[int], names: Sequence[str], depth: int) -> object:
    kind = next(left, 0)
    size = next(left, 0) % 8
    if kind < 90 and depth < DEEPEST:
        return {_name(left, names): _value(left, names, depth + 1) for _ in range(size)}
    if kind < 140 and depth < DEEPEST:
        return [_value(left, names, depth + 1) for _ in range(size)]
    if kind < 200:
        return _name(left, names)
    if kind < 215:
        return "".join(chr(next(left, 0) << 8 | next(left, 0)) for _ in range(size))
    odd = (None, True, False, 0, -1, 1e308, float("nan"), 10**20, "", " ", "\n", 7.0)
    return odd[kind % len(odd)] if kind < 235 else kind * size


def _name(left: Iterator[int], names: Sequence[str]) -> str:
    return names[next(left, 0) % len(names)]
