"""The comment that speaks of the pull request as a whole: how it stands, what was found, what nobody read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.findings import DropReason, NoteCode, Severity, State, Status
from reviewer.github import bodies
from reviewer.text import markdown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from reviewer.findings import Finding, Report, Unreviewed

_FOOT = (
    "Not a problem? Resolve its thread, or react with 👎 to its comment: it is not raised again, and no longer counts"
    " where you may write to this repository and are not the author of the change."
)
MOST_FIXED = 10
"""That are listed; the others are counted."""
_UNPLACED = "**Without a comment on the diff**"
_REFUSED = "**Not accepted by GitHub as a comment on the diff**"


@dataclass(frozen=True, slots=True)
class _Room:
    """How many entries each list gets, and how many characters what is said in full."""

    entries: int
    body: int


_ROOMS = (_Room(200, 1_500), _Room(100, 400), _Room(50, 0), _Room(20, 0), _Room(5, 0), _Room(0, 0))
"""Tried one after the other, until the comment fits."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """How the posting went. `head`: what the pull request has moved on to (null: it has not); the rest are findings
    by their ids. `stale`: what has no place on that head's diff. `refused`: what GitHub took no comment for.
    """

    head: str | None = None
    stale: Collection[str] = ()
    refused: Collection[str] = ()


def text(report: Report, commented: Collection[str], room: int = bodies.MAX, aftermath: Aftermath | None = None) -> str:
    """At most `room` characters and bytes; what had to be left out is counted. `commented`: findings with a comment."""
    written, known = "", aftermath or Aftermath()
    for each in _ROOMS:
        written = "\n\n".join(_parts(report, commented, each, known))
        if len(written.encode("utf-8", "surrogatepass")) <= room:
            break
    return written


def headline(report: Report) -> str:
    """The outcome in words: never good news where something was lost."""
    if report.status is Status.FAILED:
        return "Failed: nothing was reviewed"
    if report.status is Status.INCOMPLETE:
        files = len({entry.path for entry in report.unreviewed if entry.reason.is_loss})
        return f"Incomplete: {plural(files, 'file')} not reviewed as {'it' if files == 1 else 'they'} should have been"
    if report.status is Status.FINDINGS:
        return counted(report)
    return "No findings" if report.coverage.files else "Nothing to review"


def counted(report: Report) -> str:
    """How many stand, and how many more there are than are shown."""
    shown, more = len(standing(report)), not_shown(report)
    if not more:
        return plural(shown, "finding")
    return f"{plural(shown, 'finding')}, {more:,} more not shown (max_comments)"


def not_shown(report: Report) -> int:
    """How many findings there were too many."""
    return sum(drop.reason is DropReason.OVER_CAP for drop in report.dropped)


def standing(report: Report) -> list[Finding]:
    """What is not fixed."""
    return [finding for finding in report.findings if finding.state is not State.FIXED]


def plural(count: int, what: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _parts(report: Report, commented: Collection[str], room: _Room, aftermath: Aftermath) -> Iterator[str]:
    yield f"### {headline(report)}"
    if aftermath.head is not None:
        yield _moved(report.head, aftermath.head)
    yield _outcome(report)
    apart = {*aftermath.stale, *aftermath.refused}
    shown = [each for each in standing(report) if each.fingerprint in commented and each.fingerprint not in apart]
    yield from _listed("**New**", [_entry(each) for each in shown if each.state is State.NEW], room)
    yield from _in_full(report, room, _stale(aftermath.head), aftermath.stale)
    yield from _in_full(report, room, _REFUSED, aftermath.refused)
    without = {each.fingerprint for each in standing(report)}.difference(commented, apart)
    yield from _in_full(report, room, _UNPLACED, without)
    yield from _listed("**Still open**", [_entry(each) for each in shown if each.state is State.OPEN], room)
    if more := not_shown(report):
        yield f"{more:,} more not shown (max_comments)."
    yield from _fixed([each for each in report.findings if each.state is State.FIXED], room)
    yield from _unreviewed(report.unreviewed, room)
    notes = [f"- {markdown.inline(note.message)}" for note in report.notes if note.code is not NoteCode.NO_MODEL]
    yield from _listed("**Notes**", notes, _Room(min(room.entries, 20), 0))
    yield _spent(report)
    if report.findings:
        yield _FOOT
    if report.status in (Status.INCOMPLETE, Status.FAILED):
        yield "Run again: only what was lost is asked again."


def _outcome(report: Report) -> str:
    severities = Counter(finding.severity for finding in standing(report))
    states = Counter(finding.state for finding in report.findings)
    found = [f"{severities[each]} {each}" for each in Severity if severities[each]]
    since = [f"{states[each]} {each}" for each in State if states[each]]
    counts = f" {', '.join(found) or 'No findings'} ({', '.join(since)})." if since else ""
    commit = f"Reviewed {markdown.code(report.head[:12])}." if report.head else ""
    covered = report.coverage
    read = (
        f" Read {covered.reviewed_lines:,} of {covered.changed_lines:,} changed lines in "
        f"{covered.reviewed_files:,} of {plural(covered.files, 'file')}."
        if covered.files
        else ""
    )
    return f"{commit}{counts}{read}".strip() or "Nothing was read."


def _entry(finding: Finding) -> str:
    return f"- {finding.severity} · {bodies.place(finding.span)} · {markdown.inline(finding.title)}"


def _moved(commit: str | None, head: str) -> str:
    was, now = markdown.code((commit or "")[:12]), markdown.code(head[:12])
    return f"**The pull request moved on meanwhile**: this speaks of {was}, its head is {now} now."


def _stale(head: str | None) -> str:
    return f"**No longer on the diff of {markdown.code((head or '')[:12])}**"


def _in_full(report: Report, room: _Room, heading: str, ids: Collection[str]) -> Iterator[str]:
    """What has no comment of its own is said here, with its words while there is room."""
    findings = [each for each in standing(report) if each.fingerprint in ids]
    if not room.body:
        yield from _listed(heading, [_entry(each) for each in findings], room)
        return
    for number, finding in enumerate(findings[: room.entries]):
        above = f"{heading}\n\n" if number == 0 else ""
        yield f"{above}{_entry(finding)}"
        if finding.body not in ("", finding.title):
            yield markdown.block(finding.body, room.body)
    yield from _more(findings, room)


def _fixed(findings: Sequence[Finding], room: _Room) -> Iterator[str]:
    """Some of them, and how many more."""
    listed = [_entry(each) for each in findings[:MOST_FIXED]]
    if len(findings) > MOST_FIXED:
        listed.append(f"- … and {len(findings) - MOST_FIXED:,} more")
    yield from _listed("**Fixed**", listed, room)


def _listed(heading: str, entries: Sequence[str], room: _Room) -> Iterator[str]:
    if entries:
        yield "\n".join([heading, "", *entries[: room.entries], *_more(entries, room)])


def _more(entries: Sequence[object], room: _Room) -> list[str]:
    surplus = len(entries) - room.entries
    return [f"- … and {surplus:,} more, left out here for their length"] if surplus > 0 else []


def _unreviewed(unreviewed: Sequence[Unreviewed], room: _Room) -> Iterator[str]:
    """Losses one by one; decisions as counts."""
    losses = [f"- {_where(entry)}: {_why(entry)}" for entry in unreviewed if entry.reason.is_loss]
    yield from _listed("**Not reviewed, although it should have been**", losses, room)
    decided = Counter(entry.reason for entry in unreviewed if not entry.reason.is_loss)
    if decided:
        yield (
            "Left out by the settings: "
            + ", ".join(f"{count} {_spoken(each)}" for each, count in decided.items())
            + "."
        )


def _where(entry: Unreviewed) -> str:
    from reviewer.findings import Side, Span

    first, last = entry.new or entry.old or (None, None)
    return bodies.place(Span(entry.path, first, last, Side.OLD if entry.old and not entry.new else Side.NEW))


def _why(entry: Unreviewed) -> str:
    return f"{_spoken(entry.reason)} ({markdown.inline(entry.detail, 200)})" if entry.detail else _spoken(entry.reason)


def _spoken(reason: str) -> str:
    return str(reason).replace("_", " ")


def _spent(report: Report) -> str:
    if not report.model:
        return "Built-in checks only; no model was asked."
    usage = report.usage
    again = any(note.code is NoteCode.INCREMENTAL for note in report.notes)
    if again and not (usage.calls or usage.cached_calls or any(entry.reason.is_loss for entry in report.unreviewed)):
        return "Nothing new to read; nothing was asked."
    parts = [plural(usage.calls, "call")]
    if usage.cached_calls:
        parts.append(f"{usage.cached_calls:,} from the cache")
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    parts.append(f"{usage.prompt_tokens:,}{cached} + {usage.completion_tokens:,} tokens")
    parts.append("cost unknown" if usage.cost_usd is None else f"${usage.cost_usd:.4f}")
    at = f" at {markdown.inline(report.provider)}" if report.provider else ""
    return f"{markdown.code(report.model)}{at}: {', '.join(parts)}."
