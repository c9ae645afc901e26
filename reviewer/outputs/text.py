"""The report for people in a terminal."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from reviewer.findings import Reason, Severity, Side, Status
from reviewer.text.sanitise import commandless
from reviewer.text.sanitise import page as safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.findings import Finding, Report, Span, Unreviewed
    from reviewer.messages import Usage
    from reviewer.outputs.look import Look

SEVERITY_STYLE = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold blue",
}
STATUS_STYLE = {
    Status.CLEAN: "bold green",
    Status.FINDINGS: "bold yellow",
    Status.INCOMPLETE: "bold red",
    Status.FAILED: "bold white on red",
}
LISTED = 20
"""Files listed for each reason; how many more there are is said, and the JSON report has them all."""
PLACES = 8
"""Of one finding, likewise."""


def render(report: Report, look: Look) -> str:
    """Findings, then what was not reviewed, then what it took, the outcome last: that is what stays on the screen."""
    written = StringIO()
    page = Console(
        file=written,
        width=max(40, look.width),
        force_terminal=look.colour,
        color_system="standard" if look.colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for finding in report.findings:
        _finding(page, finding)
    _not_reviewed(page, report.unreviewed)
    _foot(page, report)
    # Where a line was wrapped, words stand at the start of another that were safe in the middle of it.
    return commandless("\n".join(line.rstrip() for line in written.getvalue().split("\n")))


def _finding(page: Console, finding: Finding) -> None:
    where = _where(finding.span.path, finding.span.first, finding.span.last)
    if finding.span.side is Side.OLD:
        where += " (before the change)"
    head = Text.assemble(
        (where, "bold"),
        "  ",
        (f" {finding.severity} ", SEVERITY_STYLE[finding.severity]),
        "  ",
        (_line(finding.title), "bold"),
    )
    page.print(head, soft_wrap=True)
    page.print(Padding(Text(safe(finding.body)), (0, 2)))
    if finding.code:
        _code(page, finding.code, finding.span.first or 1, SEVERITY_STYLE[finding.severity])
    if finding.suggestion is not None:
        page.print(Padding(Text("suggestion:", "green"), (0, 2)))
        for line in safe(finding.suggestion).split("\n"):
            page.print(Text(f"      + {line}", "green"), soft_wrap=True)
    if finding.places:
        page.print(Padding(Text(f"also here: {_places(finding.places)}"), (0, 2)))
    said_by = f"{finding.category}, {finding.origin}" + (f" {_line(finding.rule)}" if finding.rule else "")
    if finding.confidence != "high":
        said_by += f", {finding.confidence} confidence"
    page.print(Padding(Text(f"{said_by} · {finding.fingerprint}", "dim"), (0, 2)))
    page.print()


def _code(page: Console, code: str, first: int, mark: str) -> None:
    lines = safe(code).split("\n")
    width = max(4, len(str(first + len(lines))))
    for number, line in enumerate(lines, first):
        page.print(Text.assemble((f"{number:>{width}} ", "dim"), ("▌", mark), " ", line), soft_wrap=True)


def _not_reviewed(page: Console, unreviewed: Sequence[Unreviewed]) -> None:
    """Losses first: they are why a review is incomplete."""
    for is_loss, heading in ((True, "NOT REVIEWED, although it should have been"), (False, "left out")):
        reasons = dict.fromkeys(entry.reason for entry in unreviewed if entry.reason.is_loss is is_loss)
        if not reasons:
            continue
        page.print(Text(heading, "bold red" if is_loss else "bold"))
        for reason in reasons:
            _reason(page, reason, [entry for entry in unreviewed if entry.reason is reason])
        page.print()


def _reason(page: Console, reason: Reason, entries: Sequence[Unreviewed]) -> None:
    """A detail that several places share is said once, above them."""
    style = "red" if reason.is_loss else "dim"
    shared: dict[str, list[str]] = {}
    for entry in entries[:LISTED]:
        shared.setdefault(_line(entry.detail), []).append(_where(entry.path, *(entry.new or entry.old or (None, None))))
    for detail, places in shared.items():
        if len(places) == 1:
            page.print(Text.assemble("  ", (str(reason), style), f"  {places[0]}: {detail}"), soft_wrap=True)
            continue
        page.print(Text.assemble("  ", (str(reason), style), f"  {detail}:"), soft_wrap=True)
        for place in places:
            page.print(Text(f"      {place}"), soft_wrap=True)
    if len(entries) > LISTED:
        page.print(Text(f"  {reason}  and {len(entries) - LISTED} more (--format json lists them all)", style))


def _foot(page: Console, report: Report) -> None:
    for note in report.notes:
        page.print(Text.assemble(("note: ", "cyan"), _line(note.message)))
    dropped = Counter(drop.reason for drop in report.dropped)
    if dropped:
        page.print(Text("not shown: " + _counted(dropped.items()), "dim"))
    covered = report.coverage
    if covered.files:
        page.print(
            f"read {covered.reviewed_lines:,} of {covered.changed_lines:,} changed lines"
            f" in {covered.reviewed_files:,} of {_plural(covered.files, 'file')}"
        )
    if report.model:
        page.print(
            Text(f"{_line(report.model)} at {report.provider}: {', '.join(_spent(report.usage))}"), soft_wrap=True
        )
    severities = Counter(finding.severity for finding in report.findings)
    found = _counted((severity, severities[severity]) for severity in Severity if severities[severity])
    page.print(Text.assemble((str(report.status), STATUS_STYLE[report.status]), f": {found or 'no findings'}"))


def _spent(usage: Usage) -> Iterator[str]:
    yield _plural(usage.calls, "call")
    if usage.cached_calls:
        yield f"{usage.cached_calls:,} from the cache"
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    yield f"{usage.prompt_tokens:,}{cached} + {usage.completion_tokens:,} tokens"
    yield "cost unknown" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
    if usage.credits_remaining is not None:
        yield f"{usage.credits_remaining:,.2f} credits left"


def _where(path: str, first: int | None, last: int | None) -> str:
    lines = "" if first is None else f":{first}" if first == last else f":{first}-{last}"
    return _line(path) + lines


def _places(spans: Sequence[Span]) -> str:
    more = f" and {len(spans) - PLACES:,} more (--format json lists them all)" if len(spans) > PLACES else ""
    return ", ".join(_where(each.path, each.first, each.last) for each in spans[:PLACES]) + more


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts)


def _plural(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _line(text: str) -> str:
    """Safe on a terminal and on one line."""
    return safe(text).replace("\n", "⏎").replace("\t", " ")
