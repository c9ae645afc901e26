"""Claims that something is not there, held against what is: undefined, unused, untested, no such file.

A claim is contradicted only where the repository shows the opposite beyond doubt; in doubt it stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.judgement import proofs
from reviewer.judgement.proofs import Lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.findings import Finding

__all__ = ["Lookup", "contradicted"]

_NAME = r"`(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\(\))?`"
_PATH = r"`(?P<name>[\w.-]+(?:/[\w.-]+)+)`"
_END = r"(?=\s*(?:[.,;:!)]|$|\bin this (?:file|module|scope)\b|\bhere\b|\banywhere\b|\bin the (?:file|module)\b))"
_NOT = r"(?:is|are|was|were)(?: not|n't)"
_IS = r"(?:is|was)"
_IDLE = r"(?:unused|not used|never used)"
_THING = r"(?:[Nn]ame|[Ff]unction|[Cc]lass|[Tt]ype|[Ss]ymbol|[Ii]dentifier|[Vv]ariable|[Cc]onstant)"

_UNDEFINED = (
    rf"{_NAME} {_NOT} (?:defined|imported|declared){_END}",
    rf"{_NAME} {_IS} never (?:defined|imported|declared){_END}",
    rf"{_THING} {_NAME} does not exist{_END}",
    rf"{_NAME} {_IS} used without (?:being (?:imported|defined)|an import|a definition){_END}",
    rf"[Mm]issing import (?:of|for) {_NAME}{_END}",
    rf"[Nn]o (?:definition|import) (?:of|for) {_NAME}{_END}",
    rf"[Uu]ndefined (?:{_THING}|reference to) {_NAME}{_END}",
    rf"{_THING} {_NAME} {_IS} (?:undefined|missing){_END}",
)
_UNUSED = (
    rf"(?:[Ii]mport|[Mm]odule|{_THING}) {_NAME} {_IS} {_IDLE}{_END}",
    rf"[Uu]nused (?:import|function|class|constant|type)(?: of)? {_NAME}{_END}",
    rf"{_NAME} {_IS} (?:imported|defined) but {_IDLE}{_END}",
)
_UNCALLED = (rf"{_NAME} (?:{_IS}|{_IS} defined but|{_IS} imported but) (?:never|not) called{_END}",)
_UNTESTED = (
    rf"[Nn]o tests? (?:for|of|covers?|exercises?) {_NAME}{_END}",
    rf"[Mm]issing tests? (?:for|of) {_NAME}{_END}",
    rf"{_NAME} (?:has no tests?|{_NOT} (?:tested|covered by (?:any )?tests?)){_END}",
)
_NO_FILE = (
    rf"[Ff]ile {_PATH} (?:does not exist|{_IS} missing|{_NOT} (?:there|in the repository)){_END}",
    rf"[Nn]o (?:such )?file {_PATH}{_END}",
)

_UNSURE = re.compile(
    r"\b(?:may|might|can|could|should|before|after|until|unless|when|if|conditional(?:ly)?|branch|some|sometimes)\b"
)
_CODE = re.compile(r"`([^`\n]+)`")
_FAULT = re.compile(r"\w*(?:Error|Exception)")


def contradicted(finding: Finding, lookup: Lookup) -> str | None:
    """The proof, in words, that what the finding says is missing is there; null where there is none."""
    for patterns, prove in _KINDS:
        name = _missing(finding, patterns)
        if name is not None:
            return prove(name, finding.span, lookup)
    return None


def _missing(finding: Finding, patterns: Sequence[re.Pattern[str]]) -> str | None:
    """What a finding says is missing, if it speaks of nothing else: by its title, else by its body's first sentence."""
    sentence = re.split(r"(?<=[.!?])\s", finding.body.strip(), maxsplit=1)[0]
    for text in (finding.title, sentence):
        found = next((match for pattern in patterns if (match := pattern.search(text))), None)
        if found is not None:
            spoken_of = {code.removesuffix("()") for code in _CODE.findall(text) if not _FAULT.fullmatch(code)}
            return found["name"] if spoken_of == {found["name"]} and not _UNSURE.search(text) else None
    return None


_KINDS: tuple[tuple[tuple[re.Pattern[str], ...], Callable[..., str | None]], ...] = (
    (tuple(map(re.compile, _UNDEFINED)), proofs.that_it_is_defined),
    (tuple(map(re.compile, _UNUSED)), proofs.that_it_is_used),
    (tuple(map(re.compile, _UNCALLED)), proofs.that_it_is_called),
    (tuple(map(re.compile, _UNTESTED)), proofs.that_it_is_tested),
    (tuple(map(re.compile, _NO_FILE)), proofs.that_it_is_a_file),
)
