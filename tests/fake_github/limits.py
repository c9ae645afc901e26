"""How much GitHub gives and takes: sizes, and how often one may ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_github.answers import SECONDARY, Refused


@dataclass(slots=True)
class Limits:
    """GitHub's own numbers; a test lowers them. The secondary limits are off until a test sets them."""

    page: int = 100
    files: int = 3_000
    compare_files: int = 300
    commits: int = 250
    file_patch_lines: int = 20_000
    file_patch_characters: int = 512_000
    response_patch_lines: int = 20_000
    diff_files: int = 300
    diff_lines: int = 20_000
    content_bytes: int = 1_048_576
    blob_text_bytes: int = 512_000
    tree_entries: int = 100_000
    review_comments: int | None = None
    """More comments in one review are refused."""

    hourly: int = 1_000
    """Requests of one token; past it 403 until x-ratelimit-reset."""

    writes: int | None = None
    """Secondary: writes of one token within `window` seconds."""
    window: float = 60.0
    write_gap: float | None = None
    """Secondary: seconds from one write to the next."""
    secondary_status: int = 403
    retry_after: int | None = 60
    """Seconds that a secondary limit lasts; null: as long, but no header says so."""


@dataclass(slots=True)
class _Meter:
    """What one token has used."""

    since: float
    used: int = 0
    writes: list[float] = field(default_factory=list)
    blocked_until: float = 0.0


class Gate:
    """Counts requests and refuses those that are too many. Times are the fake's clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._meters: dict[str, _Meter] = {}

    def admit(self, who: str, now: float, *, is_write: bool) -> None:
        """Counts one request, or refuses it."""
        meter = self._meter(who, now)
        if meter.used >= self._limits.hourly:
            raise Refused(403, "API rate limit exceeded for installation ID 1.")
        meter.used += 1
        if is_write:
            self._admit_write(meter, now)

    def state(self, who: str, now: float) -> dict[str, int]:
        """As GET /rate_limit gives it."""
        meter, limit = self._meter(who, now), self._limits.hourly
        return {
            "limit": limit,
            "remaining": max(0, limit - meter.used),
            "used": meter.used,
            "reset": int(meter.since) + 3600,
        }

    def headers(self, who: str, now: float) -> dict[str, str]:
        state = {f"X-RateLimit-{name.title()}": str(value) for name, value in self.state(who, now).items()}
        return {**state, "X-RateLimit-Resource": "core"}

    def _meter(self, who: str, now: float) -> _Meter:
        meter = self._meters.get(who)
        if meter is None or now >= meter.since + 3600:
            meter = self._meters[who] = _Meter(int(now))  # whole, as the header that names its end
        return meter

    def _admit_write(self, meter: _Meter, now: float) -> None:
        limits = self._limits
        last = meter.writes[-1] if meter.writes else float("-inf")
        recent = [moment for moment in meter.writes if moment > now - limits.window]
        too_fast = limits.write_gap is not None and now - last < limits.write_gap
        too_many = limits.writes is not None and len(recent) >= limits.writes
        if too_fast or too_many:
            meter.blocked_until = now + (limits.retry_after or 60)
        if now < meter.blocked_until:
            headers = {} if limits.retry_after is None else {"Retry-After": str(limits.retry_after)}
            raise Refused(limits.secondary_status, SECONDARY, headers=headers)
        meter.writes.append(now)
