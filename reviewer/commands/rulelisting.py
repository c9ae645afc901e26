"""The rule packs as a list, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reviewer.rules.standing import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.rules.packs import Pack
    from reviewer.rules.standing import Standing

SCHEMA = "reviewer-rules/1"
_HEAD = ("pack", "files", "at most", "from")


def as_text(listed: Sequence[Standing], files: Sequence[str] | None) -> str:
    """A line each; files are counted of the packs that are used."""
    rows = [_HEAD, *(_row(each, files) for each in listed)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows]
    used = sum(each.state is State.USED for each in listed)
    known = "" if files is None else f", {len(files)} files"
    return "\n".join([*lines, f"{used} of {len(listed)} packs are used{known}", ""])


def of_files(listed: Sequence[Standing], paths: Sequence[str]) -> str:
    """Under each path the packs that are about it, and why."""
    width = max(len(each.pack.name) for each in listed)
    lines: list[str] = []
    for path in paths:
        lines.append(path)
        for pack, why in _about(listed, path):
            cap = f", at most {pack.severity}" if pack.severity else ""
            lines.append(f"  {pack.name:<{width}}  {why} ({pack.origin}{cap})")
    return "\n".join([*lines, ""])


def as_json(listed: Sequence[Standing], files: Sequence[str] | None, paths: Sequence[str]) -> str:
    """An object: `packs`, and `by_file` for the paths asked about. Counts are null where nobody knows the files."""
    page = {
        "schema": SCHEMA,
        "files": None if files is None else len(files),
        "packs": [_described(each, files) for each in listed],
        "by_file": [
            {"path": path, "packs": [{"name": pack.name, "why": why} for pack, why in _about(listed, path)]}
            for path in paths
        ],
    }
    return json.dumps(page, indent=2) + "\n"


def _row(each: Standing, files: Sequence[str] | None) -> tuple[str, str, str, str]:
    count = _count(each, files)
    state = "" if each.state is State.USED else f" ({_words(each)})"
    return each.pack.name, "-" if count is None else str(count), each.pack.severity or "-", each.pack.origin + state


def _words(each: Standing) -> str:
    return {
        State.REPLACED: f"replaced by {each.by}",
        State.OFF: "switched off" if each.by == each.pack.origin else f"switched off by {each.by}",
        State.SKIPPED: f"skipped by {each.by}",
    }[each.state]


def _described(each: Standing, files: Sequence[str] | None) -> dict[str, Any]:
    pack = each.pack
    return {
        "name": pack.name,
        "title": pack.title,
        "origin": pack.origin,
        "paths": pack.paths,
        "languages": pack.languages,
        "severity": pack.severity,
        "tokens": pack.tokens,
        "state": each.state,
        "by": each.by,
        "files": _count(each, files),
    }


def _count(each: Standing, files: Sequence[str] | None) -> int | None:
    if files is None or each.state is not State.USED:
        return None
    return sum(map(each.pack.concerns, files))


def _about(listed: Sequence[Standing], path: str) -> Iterator[tuple[Pack, str]]:
    for each in listed:
        why = each.pack.why(path) if each.state is State.USED else None
        if why is not None:
            yield each.pack, why
