"""Claims that something is not there, held against what is: undefined, unused, untested.

A claim is contradicted only where the repository shows the opposite beyond doubt; in doubt it stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from reviewer.change.families import is_test

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.findings import Finding


class Place(Protocol):
    """A line of the repository as the change leaves it."""

    @property
    def path(self) -> str:
        """Its file."""
        ...

    @property
    def line(self) -> int:
        """Its number."""
        ...

    @property
    def text(self) -> str:
        """What it says."""
        ...


class Lookup(Protocol):
    """What the repository holds; both lists may be cut."""

    def definitions(self, name: str) -> Sequence[Place]:
        """Where something of this name is defined."""
        ...

    def uses(self, name: str) -> Sequence[Place]:
        """Where the name stands as a word of its own, definitions included."""
        ...


_NAME = r"`(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\(\))?`"
_END = r"(?=\s*(?:[.,;:!)]|$|\bin this (?:file|module|scope)\b|\bhere\b|\banywhere\b|\bin the (?:file|module)\b))"
_NOT = r"(?:is|are|was|were)(?: not|n't)"

_UNDEFINED = (
    rf"{_NAME} {_NOT} (?:defined|imported|declared){_END}",
    rf"{_NAME} (?:is|was) never (?:defined|imported|declared){_END}",
    rf"{_NAME} does not exist{_END}",
    rf"{_NAME} (?:is|was) used without (?:being imported|an import|a definition){_END}",
    rf"[Mm]issing import (?:of|for) {_NAME}{_END}",
    rf"[Nn]o (?:definition|import) (?:of|for) {_NAME}{_END}",
    rf"[Uu]ndefined (?:name|function|class|type|symbol|identifier|reference to) {_NAME}{_END}",
)
_UNUSED = (
    rf"(?:[Ii]mport|[Ff]unction|[Cc]lass|[Cc]onstant|[Mm]odule|[Tt]ype) {_NAME} (?:is|was) (?:unused|not used|never used|never called){_END}",  # noqa: E501 - one pattern
    rf"[Uu]nused (?:import|function|class|constant|type)(?: of)? {_NAME}{_END}",
    rf"{_NAME} (?:is|was) (?:imported|defined) but (?:unused|not used|never used|never called){_END}",
    rf"{_NAME} (?:is|was) never called{_END}",
)
_UNTESTED = (
    rf"[Nn]o tests? (?:for|of|covers?|exercises?) {_NAME}{_END}",
    rf"[Mm]issing tests? (?:for|of) {_NAME}{_END}",
    rf"{_NAME} (?:has no tests?|{_NOT} (?:tested|covered by (?:any )?tests?)){_END}",
)
_UNSURE = re.compile(r"\b(?:may|might|can|could|before|until|unless|when|if|conditional(?:ly)?|branch)\b")
_IMPORT = re.compile(r"^\s*(?:import|from|use|using|#\s*include|require|const\s.*\brequire|export\b.*\bfrom)\b")
_COMMENT = re.compile(r"^\s*(?:#|//|/?\*|--|;|<!--|\"\"\"|''')")


def contradicted(finding: Finding, lookup: Lookup) -> str | None:
    """The proof, in words, that what the finding says is missing is there; null where there is none."""
    for patterns, prove in _KINDS:
        name = _named(finding, patterns)
        if name is not None:
            return prove(name, finding, lookup)
    return None


def _named(finding: Finding, patterns: Sequence[re.Pattern[str]]) -> str | None:
    """What a finding says is missing, if that is all it says: by its title, else by the first sentence of its body."""
    sentence = re.split(r"(?<=[.!?])\s", finding.body.strip(), maxsplit=1)[0]
    for text in (finding.title, sentence):
        found = next((match for pattern in patterns if (match := pattern.search(text))), None)
        if found is not None:
            return None if _UNSURE.search(text) else found["name"]
    return None


def _is_defined(name: str, finding: Finding, lookup: Lookup) -> str | None:
    """Defined or imported in the very file, on another line than the one that is complained about."""
    path = finding.span.path
    for place in lookup.definitions(name):
        if place.path == path and not _inside(place, finding) and not place.text[:1].isspace():
            return f"`{name}` is defined at {place.path}:{place.line}"
    for place in lookup.uses(name):
        if place.path == path and not _inside(place, finding) and _IMPORT.match(place.text):
            return f"`{name}` is imported at {place.path}:{place.line}"
    return None


def _is_used(name: str, finding: Finding, lookup: Lookup) -> str | None:
    """Called somewhere, or named on a line that neither defines, imports nor comments it; by one definition at most."""
    defined = [(place.path, place.line) for place in lookup.definitions(name)]
    if len(defined) > 1:
        return None
    for place in lookup.uses(name):
        here = place.path == finding.span.path
        if (place.path, place.line) in defined or _inside(place, finding) or _COMMENT.match(place.text):
            continue
        only_tests = is_test(place.path) and not is_test(finding.span.path)
        if _IMPORT.match(place.text) or only_tests or not (here or defined):
            continue
        if re.search(rf"(?<![\w.\"'`]){re.escape(name)}(?:\(|\b(?=\s*[.\[(,)]))", place.text):
            return f"`{name}` is used at {place.path}:{place.line}"
    return None


def _is_tested(name: str, _: Finding, lookup: Lookup) -> str | None:
    """Called in a test."""
    for place in lookup.uses(name):
        called = re.search(rf"\b{re.escape(name)}\(", place.text)
        if is_test(place.path) and called and not _COMMENT.match(place.text):
            return f"`{name}` is called in a test at {place.path}:{place.line}"
    return None


def _inside(place: Place, finding: Finding) -> bool:
    span = finding.span
    return place.path == span.path and span.first is not None and span.first <= place.line <= (span.last or span.first)


_KINDS: tuple[tuple[tuple[re.Pattern[str], ...], Callable[[str, Finding, Lookup], str | None]], ...] = (
    (tuple(map(re.compile, _UNDEFINED)), _is_defined),
    (tuple(map(re.compile, _UNUSED)), _is_used),
    (tuple(map(re.compile, _UNTESTED)), _is_tested),
)
