"""Runs the checks over one file's change. They speak of added lines only, and know exactly which."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

from reviewer.change.change import Kind
from reviewer.checks import lines, touched
from reviewer.checks.newside import new_side
from reviewer.findings import Claim, Origin, Side, Span
from reviewer.syntax import trees
from reviewer.syntax.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reviewer.change.change import FileChange
    from reviewer.checks.catalogue import Check
    from reviewer.checks.newside import NewSide


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What to match in, the number in the file of each of its lines, and which of its lines not to believe."""

    tree: trees.Tree
    numbers: Sequence[int]
    broken: frozenset[int] = frozenset()
    is_fragment: bool = False


def run(file: FileChange, read: Callable[[str, Side], str | None], checks: Iterable[Check]) -> tuple[Claim, ...]:
    """What the checks say about the lines that `file` adds, in their order, and first about the file as a whole:
    of a deleted file only that, of a binary one nothing.

    `read` gives the whole file, so that a syntax rule sees more than the hunk; it is asked at most once a side, only
    when some added line has a keyword of such a rule, or a file must mention what its change does not show. Of a line
    over `lines.SCANNED` characters only those are read.
    """
    if file.binary:
        return ()
    whole = touched.claims(file, read, checks := tuple(checks))
    return whole if file.kind is Kind.DELETED else whole + _of_lines(file, read, checks)


def _of_lines(file: FileChange, read: Callable[[str, Side], str | None], checks: Sequence[Check]) -> tuple[Claim, ...]:
    language = language_of(file.path)
    applicable = [check for check in checks if check.applies_to(file.path, language)]
    if not applicable:
        return ()
    side = new_side(file)
    matches = [*_in_lines(applicable, side)]
    if language is not None:
        matches += _in_syntax(applicable, side, language, read, is_new=file.kind is Kind.ADDED)
    found: dict[tuple[int, str], Claim] = {}
    known: set[int] = set()
    for check, first, last in matches:
        place = side.added_run(first, last)
        if place is not None:
            found.setdefault((place[0], check.id), _claim(check, side, *place))
            if check.secret and not check.general:
                known.update(range(place[0], place[1] + 1))
    general = {check.id for check in applicable if check.general}
    return tuple(found[key] for key in sorted(found) if key[1] not in general or key[0] not in known)


def _in_lines(checks: Iterable[Check], side: NewSide) -> Iterator[tuple[Check, int, int]]:
    for check in checks:
        if check.regex is not None:
            for first, last in lines.find(check, check.regex, side):
                yield check, first, last


def _in_syntax(
    checks: Iterable[Check], side: NewSide, language: str, read: Callable[[str, Side], str | None], *, is_new: bool
) -> Iterator[tuple[Check, int, int]]:
    """A match counts where it begins in an added line: the rest of the file is not what is under review.

    In a fragment it may be prose, so the check is less sure of it. A new file's hunk is the file (`is_new`).
    """
    wanted = [check for check in checks if check.rule is not None and check.may_match(side.added_text)]
    if not wanted:
        return
    for parsed in _trees(side, language, read(side.path, Side.NEW), wanted):
        for check in wanted:
            said = check.doubted() if parsed.is_fragment and not is_new else check
            yield from ((said, first, last) for first, last in _matches(check, side, parsed))


def _matches(check: Check, side: NewSide, parsed: _Parsed) -> Iterator[tuple[int, int]]:
    for match in parsed.tree.matches(check.rule or {}):
        first, last = parsed.numbers[match.first - 1], parsed.numbers[match.last - 1]
        begins = side.added.get(first)
        if begins is not None and check.may_match(begins) and parsed.broken.isdisjoint((match.first, match.last)):
            yield first, last


def _trees(side: NewSide, language: str, whole: str | None, wanted: Sequence[Check]) -> Iterator[_Parsed]:
    """The whole file, else by itself every hunk that can hold a match.

    A hunk can begin within a comment or a string, whose prose then reads as code with an error at every other word:
    `is 'x'` in a docstring is no comparison.
    """
    if whole is not None:
        source = whole.removeprefix("\ufeff")
        count = _line_count_if_it_fits(side, source)
        tree = trees.parse(source, language) if count else None
        if tree is not None:
            yield _Parsed(tree, range(1, count + 1))
            return
    for hunk in side.hunks:
        # A fragment from within a block parses better when its first line is not indented; columns matter to nobody.
        text = "\n".join(hunk.values())
        tree = trees.parse(dedent(text), language) if any(check.may_match(text) for check in wanted) else None
        if tree is not None:
            yield _Parsed(tree, tuple(hunk), tree.broken_lines(), is_fragment=True)


def _line_count_if_it_fits(side: NewSide, source: str) -> int:
    """How many lines the file has; 0 where it does not hold the added lines in their places: it is another version."""
    there = source.split("\n")
    fits = all(
        number <= len(there) and there[number - 1].rstrip("\r") == text.rstrip("\r")
        for number, text in side.added.items()
    )
    return len(there) if fits else 0


def _claim(check: Check, side: NewSide, first: int, last: int) -> Claim:
    return Claim(
        path=side.path,
        quote="\n".join(side.added[number] for number in range(first, last + 1)),
        title=check.title,
        body=check.body,
        line=first,
        severity=check.severity,
        category=check.category,
        confidence=check.confidence,
        rule=check.id,
        origin=Origin.CHECK,
        span=Span(side.path, first, last, Side.NEW),
    )
