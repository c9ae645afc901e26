"""Which file of the repository a tool means: some write absolute paths, others begin where they ran."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

MAX_NAME, MAX_DEPTH = 1_024, 64
"""Characters of a path, and folders: what is longer names nothing."""

Names = tuple[str, ...]
"""One file's name as `normal` leaves it; several where a tool leaves open which of them it is."""

_DRIVE = re.compile(r"\A/?[A-Za-z]:(?=/)")
_EXACT = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """The repository's path of each file that has one; `open` are those that could be several."""

    paths: Mapping[Names, str]
    open: frozenset[Names] = frozenset()


def normal(path: str) -> str:
    """With `/` alone, without drive, `.` and `..`; absolute ones keep their first `/`. Empty where nothing is named."""
    if len(path) > MAX_NAME:
        return ""
    path = _DRIVE.sub("", path.replace("\\", "/"))
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    if len(parts) > MAX_DEPTH:
        return ""
    return ("/" if path.startswith("/") else "") + "/".join(parts)


def match(wanted: Iterable[Names], paths: Collection[str], roots: Sequence[str] = ()) -> Matched:
    """Matches the files of one run of a tool by the ends of their names, which must all fit into one folder.

    `paths` are the repository's, those of the change at least: with all of them an unchanged namesake deceives nobody.
    What lies in one of `roots`, where the repository is known to be, needs no guess. Nothing is guessed where two
    files or folders fit equally well; a name that is there exactly as it is written fits better.
    """
    distinct = dict.fromkeys(names for names in wanted if any(names))
    longer = _longer({name for names in distinct for name in names if not name.startswith("/")}, paths)
    found: dict[Names, dict[str, str]] = {}
    votes: Counter[str] = Counter()
    for names in distinct:
        inside = [rest for name in names if (rest := _within(name, roots))]
        if inside:
            fits = {"": inside[0]} if inside[0] in paths else {}
        else:
            fits = dict(fit for name in reversed(names) for fit in _fits(name, paths, longer))
        found[names] = fits
        votes.update(list(fits))
    if not votes:
        return Matched({})
    most = max(votes.values())
    best = {base for base, count in votes.items() if count == most}
    if _EXACT in best:
        best = {base for base in best if not base.startswith("+")}
    matched = {names: _one(fits, best) for names, fits in found.items()}
    return Matched(
        {names: path for names, path in matched.items() if path},
        frozenset(names for names, path in matched.items() if path == "" and found[names]),
    )


def _within(name: str, roots: Sequence[str]) -> str:
    """The rest of a path that lies in a root; empty where it lies in none."""
    return next((name.removeprefix(f"{root}/") for root in roots if root and name.startswith(f"{root}/")), "")


def _longer(names: Collection[str], paths: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """For each relative name the paths that end with it."""
    lasts = {name.rpartition("/")[2] for name in names}
    found: dict[str, list[str]] = {}
    for path in paths:
        if path.rpartition("/")[2] in lasts:
            for end in _ends(path):
                if end in names:
                    found.setdefault(end, []).append(path)
    return found


def _ends(path: str) -> Iterator[str]:
    """What is left of a path when folders are taken away from its front, one after the other."""
    while (cut := path.find("/")) >= 0:
        path = path[cut + 1 :]
        yield path


def _fits(name: str, paths: Collection[str], longer: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Each path that may be meant, by what the name has too much (`-`) or too little (`+`) at its front."""
    if name in paths:
        yield _EXACT, name
    for end in _ends(name):
        if end in paths:
            yield f"-{name.removesuffix(end)}", end
    for path in longer.get(name, ()):
        yield f"+{path.removesuffix(name)}", path


def _one(fits: Mapping[str, str], best: Collection[str]) -> str | None:
    """The path on which the best folders agree; empty where they do not, null where they have none."""
    hits = {path for base, path in fits.items() if base in best}
    exact = fits.get(_EXACT, "") if _EXACT in best else ""
    if exact and all(hit == exact or exact.endswith(f"/{hit}") for hit in hits):
        return exact
    return (hits.pop() if len(hits) == 1 else "") if hits else None
