"""The vocabulary every layer speaks: frozen values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reviewer.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping


class Severity(StrEnum):
    """How much a defect matters; `rank` 0 is the worst."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for critical … 3 for low: sorts the worst first."""
        return list(Severity).index(self)

    def reaches(self, bar: Severity) -> bool:
        """Whether this is at least as bad as `bar`."""
        return self.rank <= bar.rank


class Category(StrEnum):
    """What kind of defect it is."""

    BUG = "bug"
    SECURITY = "security"
    PERFORMANCE = "performance"
    MAINTAINABILITY = "maintainability"
    TESTS = "tests"
    DOCUMENTATION = "documentation"
    STYLE = "style"


class Confidence(StrEnum):
    """How sure the speaker says it is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Side(StrEnum):
    """The file after the change (new) or before it (old)."""

    NEW = "new"
    OLD = "old"


class Origin(StrEnum):
    """Who found it."""

    MODEL = "model"
    CHECK = "check"
    TOOL = "tool"


class State(StrEnum):
    """Where a finding stands between two reviews of the same change."""

    NEW = "new"
    OPEN = "open"
    FIXED = "fixed"


class Reason(StrEnum):
    """Why lines were not reviewed. `is_loss` tells an accident from a decision."""

    IGNORED = "ignored"
    GENERATED = "generated"
    VENDORED = "vendored"
    BINARY = "binary"
    LOCK = "lock"
    CREDENTIALS = "credentials"
    TOO_LARGE = "too_large"
    NO_LINES = "no_lines"
    MODEL_ERROR = "model_error"
    TIMEOUT = "timeout"
    PROVIDER_REFUSED = "provider_refused"
    LENGTH = "length"
    BUDGET = "budget"
    DEADLINE = "deadline"
    UNPARSABLE = "unparsable"
    TRUNCATED_BY_GITHUB = "truncated_by_github"
    INTERRUPTED = "interrupted"

    @property
    def is_loss(self) -> bool:
        """True where something that was to be read was not; a policy reason never changes the status."""
        return self not in _POLICY


_POLICY = frozenset("ignored generated vendored binary lock credentials too_large no_lines".split())  # noqa: SIM905


class DropReason(StrEnum):
    """Why something that was said is not shown."""

    INVALID = "invalid"
    OUTSIDE_CHANGE = "outside_change"
    DUPLICATE = "duplicate"
    BELOW_SEVERITY = "below_severity"
    OVER_CAP = "over_cap"
    DISMISSED = "dismissed"
    REFUTED = "refuted"
    CONTRADICTED = "contradicted"
    BASELINE = "baseline"


class NoteCode(StrEnum):
    """What a reader of the report should know besides its findings."""

    NO_MODEL = "no_model"
    NOTHING_TO_REVIEW = "nothing_to_review"
    ALL_CACHED = "all_cached"
    CACHE_UNAVAILABLE = "cache_unavailable"
    SHARING_LOST = "sharing_lost"
    PARAMETER_DROPPED = "parameter_dropped"
    TEMPERATURE_DROPPED = "temperature_dropped"
    RULES_TRIMMED = "rules_trimmed"
    UNKNOWN_VALUE = "unknown_value"
    REPLY_REPAIRED = "reply_repaired"
    REDACTED = "redacted"
    INTERRUPTED = "interrupted"
    INCREMENTAL = "incremental"
    NOT_POSTED = "not_posted"
    CONTEXT_CAPPED = "context_capped"
    GUIDES_TRIMMED = "guides_trimmed"
    EVIDENCE = "evidence"
    UNCOVERED = "uncovered"
    UNVERIFIED = "unverified"
    TOOLS_LIMITED = "tools_limited"
    PASS_LOST = "pass_lost"  # noqa: S105 - a pass over the change
    FLOOR_RAISED = "floor_raised"
    ADDRESSED = "addressed"
    BASELINE_EXPIRED = "baseline_expired"
    BASELINE_FIXED = "baseline_fixed"
    SCOPE = "scope"
    PART = "part"
    ORDER = "order"
    OVERVIEW = "overview"


class Status(StrEnum):
    """The outcome of a review, the same in every output."""

    CLEAN = "clean"
    FINDINGS = "findings"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Span:
    """Lines `first`…`last` (1-based, inclusive) of `path` on `side`; both null: the file as a whole."""

    path: str
    first: int | None = None
    last: int | None = None
    side: Side = Side.NEW

    def overlaps(self, other: Span) -> bool:
        """Whether both name a common line of the same side (file-wide spans overlap nothing but each other)."""
        if (self.path, self.side) != (other.path, other.side):
            return False
        if self.first is None or self.last is None or other.first is None or other.last is None:
            return self.first is None and other.first is None
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody said about the change. `line` is a hint; only a check or a tool knows its `span` exactly."""

    path: str
    quote: str
    title: str
    body: str
    line: int | None = None
    severity: Severity = Severity.MEDIUM
    category: Category = Category.BUG
    confidence: Confidence = Confidence.MEDIUM
    replacement: str | None = None
    rule: str | None = None
    origin: Origin = Origin.MODEL
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim that was held against the code: made by `judgement.anchor` alone. `code` is the redacted excerpt."""

    fingerprint: str
    span: Span
    code: str
    severity: Severity
    category: Category
    confidence: Confidence
    title: str
    body: str
    origin: Origin
    rule: str | None = None
    suggestion: str | None = None
    state: State = State.NEW
    places: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A claim or finding that is not shown, and why. `fingerprint` is null where it never became a finding."""

    path: str
    title: str
    body: str
    reason: DropReason
    detail: str
    line: int | None = None
    severity: Severity | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Unreviewed:
    """`lines` changed lines nobody read: (first, last) on each side; both null: the whole file."""

    path: str
    reason: Reason
    detail: str
    new: tuple[int, int] | None = None
    old: tuple[int, int] | None = None
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader should know; `data` holds plain JSON values."""

    code: NoteCode
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the change was read; lines are changed lines, added and deleted."""

    files: int = 0
    reviewed_files: int = 0
    changed_lines: int = 0
    reviewed_lines: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a review, complete: what was found, what was dropped and why, what nobody read and why."""

    status: Status
    findings: tuple[Finding, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    unreviewed: tuple[Unreviewed, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    usage: Usage = field(default_factory=Usage)
    notes: tuple[Note, ...] = ()
    head: str | None = None
    base: str | None = None
    policy_source: str = "defaults"
    provider: str | None = None
    model: str | None = None
