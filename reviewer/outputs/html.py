"""The report as one self-contained page: nothing is fetched, and nothing in it runs but the page's own few lines."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from reviewer import __version__, templates
from reviewer.findings import Category, Origin, Severity, Side, State, Status
from reviewer.github.summary import headline, plural, standing
from reviewer.outputs import highlight, prose
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.findings import Finding, Report, Span, Unreviewed
    from reviewer.outputs.look import Look

FOLDED = 6
"""Rows that are shown at once; of more, who wants them unfolds them."""
BARS = 8
"""In one chart; what is left of the folders is summed up in the last one."""
_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_WIDEST = 150
_NAME = 18
"""Characters of a bar's name."""


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    count: int
    width: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Chart:
    title: str
    label: str
    bars: tuple[_Bar, ...]


def render(report: Report, _look: Look) -> str:
    """The worst first, fixed ones last; whatever others wrote is text, with hidden characters made visible."""
    findings = sorted(report.findings, key=lambda each: (each.state is State.FIXED, each.severity.rank))
    style, script = _asset("style.css"), _asset("script.js")
    page = templates.render_page(
        "report.html.j2",
        style=templates.safe(style),
        script=templates.safe(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        headline=reveal(_headline(report)),
        folded=FOLDED,
        report=report,
        facts=list(_facts(report)),
        charts=list(_charts(findings)),
        findings=list(map(_finding, findings)),
        severities=list(Severity),
        categories=[each for each in Category if any(finding.category is each for finding in findings)],
        origins=[each for each in Origin if any(finding.origin is each for finding in findings)],
        losses=[_unreviewed(entry) for entry in report.unreviewed if entry.reason.is_loss],
        loss_reasons=_reasons(report),
        left_out=[_unreviewed(entry) for entry in report.unreviewed if not entry.reason.is_loss],
        dropped=[
            {
                "place": reveal(drop.path) + (f":{drop.line}" if drop.line else ""),
                "title": reveal(drop.title),
                "why": reveal(f"{drop.reason.replace('_', ' ')}: {drop.detail}"),
            }
            for drop in report.dropped
        ],
        notes=[reveal(note.message) for note in report.notes],
        foot=f"Made by reviewer {__version__}. The JSON report has every field.",
    )
    # A CI runner obeys a printed page too: `##[…]` anywhere, `::…::` where a line starts. Our own lines have neither.
    return _COMMAND.sub(r"\1&#58;", page.replace("\r", "").replace("##[", "#&#35;["))


def _headline(report: Report) -> str:
    """What was found besides stands there, too, where something was lost."""
    found = len(standing(report))
    also = f"; {plural(found, 'finding')}" if found and report.status is Status.INCOMPLETE else ""
    return headline(report) + also


def _reasons(report: Report) -> str:
    counts = Counter(entry.reason.replace("_", " ") for entry in report.unreviewed if entry.reason.is_loss)
    return " · ".join(f"{reason}: {count:,}" for reason, count in counts.most_common())


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    covered, usage = report.coverage, report.usage
    if report.head:
        yield "commit", reveal(report.head[:12])
    if report.base:
        yield "since", reveal(report.base[:12])
    yield "read", f"{covered.reviewed_lines:,} of {covered.changed_lines:,} lines"
    yield "files", f"{covered.reviewed_files:,} of {covered.files:,}"
    yield "settings", reveal(report.policy_source)
    if report.model is None:
        yield "model", "none: the built-in checks alone"
        return
    yield "model", reveal(f"{report.model} at {report.provider}")
    yield "calls", f"{usage.calls:,}" + (f", {usage.cached_calls:,} from the cache" if usage.cached_calls else "")
    yield "tokens", f"{usage.prompt_tokens:,} + {usage.completion_tokens:,}"
    yield "cost", "unknown" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"


def _finding(finding: Finding) -> dict[str, Any]:
    span = finding.span
    said_by = [finding.category, f"found by: {finding.origin}", *([f"rule: {finding.rule}"] if finding.rule else [])]
    suggestion = finding.suggestion
    return {
        "id": finding.fingerprint,
        "severity": finding.severity,
        "category": finding.category,
        "origin": finding.origin,
        "state": finding.state,
        "title": reveal(finding.title),
        "place": _place(span),
        "body": templates.safe(prose.html(finding.body)),
        "code": templates.safe(highlight.code(finding.code, span.path, span.first or 1)) if finding.code else "",
        "suggestion": "" if suggestion is None else templates.safe(highlight.code(suggestion, span.path, span.first)),
        "places": [_place(place) for place in finding.places],
        "meta": reveal(" · ".join([*said_by, f"{finding.confidence} confidence"])),
    }


def _unreviewed(entry: Unreviewed) -> dict[str, str]:
    first, last = entry.new or entry.old or (None, None)
    lines = "" if first is None else f":{first}" if first == last else f":{first}-{last}"
    return {
        "place": reveal(entry.path) + lines,
        "reason": entry.reason.replace("_", " "),
        "detail": reveal(entry.detail),
        "lines": f"{entry.lines:,}" if entry.lines else "",
    }


def _place(span: Span) -> str:
    lines = "" if span.first is None else f":{span.first}" if span.first == span.last else f":{span.first}-{span.last}"
    before = " (before the change)" if span.side is Side.OLD else ""
    return reveal(span.path) + lines + before


def _charts(findings: Iterable[Finding]) -> Iterator[_Chart]:
    """What stands, counted three ways."""
    counted = [finding for finding in findings if finding.state is not State.FIXED]
    if not counted:
        return
    severities = Counter(finding.severity for finding in counted)
    categories = Counter(finding.category for finding in counted)
    folders = Counter(_folder(finding.span.path) for finding in counted)
    yield _chart("By severity", [(each, severities[each], each) for each in Severity])
    yield _chart("By category", [(name, count, "") for name, count in categories.most_common()])
    most = folders.most_common(BARS if len(folders) <= BARS else BARS - 1)
    rest = len(counted) - sum(count for _, count in most)
    yield _chart("By folder", [*((name, count, "") for name, count in most), *([("others", rest, "")] if rest else [])])


def _chart(title: str, counts: list[tuple[str, int, str]]) -> _Chart:
    most = max(count for _, count, _ in counts)
    bars = tuple(_Bar(_short(name), count, _width(count, most), kind) for name, count, kind in counts)
    label = f"{title}: " + ", ".join(f"{count} {reveal(name)}" for name, count, _ in counts)
    return _Chart(title, label, bars)


def _width(count: int, most: int) -> int:
    """A bar that stands for something can be seen."""
    return max(2, round(_WIDEST * count / most)) if count else 0


def _folder(path: str) -> str:
    return "/".join(path.split("/")[:-1][:2]) or "(top)"


def _short(name: str) -> str:
    name = reveal(name).replace("\n", " ")
    return name if len(name) <= _NAME else "…" + name[1 - _NAME :]


@cache
def _asset(name: str) -> str:
    return (resources.files("reviewer.outputs") / "page" / name).read_text("utf-8")


def _hash(text: str) -> str:
    """What a content security policy allows: this very text and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
