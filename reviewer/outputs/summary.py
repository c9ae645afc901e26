"""The report as a job summary: Markdown on the page of a workflow run."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from reviewer.findings import Origin, Severity, Side, Span, State
from reviewer.github.bodies import place
from reviewer.github.summary import headline, plural, standing
from reviewer.text import markdown
from reviewer.text.sanitise import page as printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.findings import DropReason, Finding, Reason, Report, Unreviewed
    from reviewer.messages import Usage
    from reviewer.outputs.look import Look

MAX = 1_000_000
"""Bytes; GitHub drops what a step writes beyond 1 MiB, all of it."""
LISTED = 200
"""Entries of a list of things that are said in one line."""
_LISTS, _FOR_THE_HEAD = (LISTED, 20, 3), 0.9
"""How many entries a list has where there is less room, and the part of the room that all but the findings may take."""
_MORE = 100
"""Bytes for saying how many findings there was no room for."""


def render(report: Report, _look: Look) -> str:
    """As much as GitHub takes of a step."""
    return page(report, MAX)


def page(report: Report, most: int, *, price: bool = True) -> str:
    """The outcome, what it rests on, then every finding in full within `most` bytes; the rest is counted.

    Without its `price` it says the same of two runs that found the same. Whoever prints it in a CI job prints code too:
    none of its lines is a command.
    """
    heads = (printable("\n\n".join(_head(report, listed, price=price))) for listed in _LISTS)
    head = next((head for head in heads if _size(head) <= most * _FOR_THE_HEAD), None)
    if head is None:
        head = f"## {headline(report)}"
    findings = sorted(report.findings, key=lambda each: (each.state is State.FIXED, each.severity.rank))
    room = most - _MORE - _size(head)
    shown: list[str] = []
    for finding in findings:
        written = printable(_finding(finding))
        room -= _size(written) + 2
        if room < 0:
            more = len(findings) - len(shown)
            shown.append(f"… and {plural(more, 'more finding')}: the JSON report has them all.")
            break
        shown.append(written)
    return "\n\n".join([head, *shown]) + "\n"


def _head(report: Report, listed: int, *, price: bool) -> Iterator[str]:
    yield f"## {headline(report)}"
    yield _outcome(report)
    severities = Counter(finding.severity for finding in standing(report))
    if severities:
        names = [each for each in Severity if severities[each]]
        yield "\n".join(_table(names, [[str(severities[each]) for each in names]]))
    yield from _lost([entry for entry in report.unreviewed if entry.reason.is_loss], listed)
    yield from _left_out(report)
    yield from _listed("Notes", [f"- {markdown.inline(note.message)}" for note in report.notes], listed)
    yield _read_by(report, price=price)


def _outcome(report: Report) -> str:
    parts = [f"Commit {markdown.code(report.head[:12])}."] if report.head else []
    covered = report.coverage
    if covered.files:
        parts.append(
            f"Read {covered.reviewed_lines:,} of {covered.changed_lines:,} changed lines"
            f" in {covered.reviewed_files:,} of {plural(covered.files, 'file')}."
        )
    parts.append(f"Settings: {markdown.inline(report.policy_source)}.")
    return " ".join(parts)


def _lost(losses: Sequence[Unreviewed], listed: int) -> Iterator[str]:
    """Why a review is incomplete stands above what it found."""
    if losses:
        rows = [[_where(entry), _words(entry.reason), _cell(entry.detail)] for entry in losses[:listed]]
        yield "### Not reviewed, although it should have been"
        yield "\n".join(_table(["where", "why", "details"], rows))
    if len(losses) > listed:
        yield f"… and {len(losses) - listed:,} more."


def _left_out(report: Report) -> Iterator[str]:
    decided = Counter(entry.reason for entry in report.unreviewed if not entry.reason.is_loss)
    if decided:
        yield f"Left out by the settings: {_counted(decided)}."
    dropped = Counter(drop.reason for drop in report.dropped)
    if dropped:
        yield f"Not shown: {_counted(dropped)}."


def _listed(heading: str, entries: Sequence[str], listed: int) -> Iterator[str]:
    if entries:
        more = [f"- … and {len(entries) - listed:,} more"] if len(entries) > listed else []
        yield "\n".join([f"### {heading}", "", *entries[:listed], *more])


def _read_by(report: Report, *, price: bool) -> str:
    if not report.model:
        return "No model was asked: the built-in checks alone read this change."
    at = f" at {markdown.inline(report.provider)}" if report.provider else ""
    who = f"{markdown.code(report.model)}{at}"
    return f"{who}: {_spent(report.usage)}." if price else f"Read by {who}."


def _spent(usage: Usage) -> str:
    parts = [plural(usage.calls, "call")]
    if usage.cached_calls:
        parts.append(f"{usage.cached_calls:,} from the cache")
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    parts.append(f"{usage.prompt_tokens:,}{cached} + {usage.completion_tokens:,} tokens")
    parts.append("cost unknown" if usage.cost_usd is None else f"${usage.cost_usd:.4f}")
    if usage.credits_remaining is not None:
        parts.append(f"{usage.credits_remaining:,.2f} credits left")
    return ", ".join(parts)


def _finding(finding: Finding) -> str:
    """What is fixed needs no more than a line."""
    title = markdown.inline(finding.title)
    if finding.state is State.FIXED:
        return f"Fixed: {finding.severity} · {place(finding.span)} · {title}"
    language = PurePosixPath(finding.span.path).suffix.removeprefix(".")
    parts = [f"### {finding.severity.capitalize()} · {title}", place(finding.span), markdown.block(finding.body)]
    if finding.code:
        parts.append(markdown.fence(finding.code, language))
    if finding.suggestion is not None:
        parts += ["Suggested code:", markdown.fence(finding.suggestion, language)]
    if finding.places:
        parts.append("Also here: " + ", ".join(map(place, finding.places[:LISTED])))
    return "\n\n".join([*filter(None, parts), _said_by(finding)])


def _said_by(finding: Finding) -> str:
    who = "said by the model" if finding.origin is Origin.MODEL else f"found by a {finding.origin}"
    rule = f" ({markdown.code(finding.rule)})" if finding.rule else ""
    since = ", known from an earlier review" if finding.state is State.OPEN else ""
    said = f"{finding.category}, {who}{rule}, {finding.confidence} confidence{since}"
    return f"*{said}* · {markdown.code(finding.fingerprint)}"


def _where(entry: Unreviewed) -> str:
    first, last = entry.new or entry.old or (None, None)
    side = Side.OLD if entry.old and not entry.new else Side.NEW
    return place(Span(entry.path, first, last, side)).replace("|", "\\|")


def _cell(text: str) -> str:
    """A bar in code ends a cell too, unless it is escaped; the others are already."""
    written = markdown.inline(text)
    return written.replace("\\|", "|").replace("|", "\\|")


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    names = list(heading)
    return [_row(names), _row("---" for _ in names), *map(_row, rows)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _counted(counts: Mapping[Reason, int] | Mapping[DropReason, int]) -> str:
    return ", ".join(f"{count:,} {_words(what)}" for what, count in counts.items())


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
