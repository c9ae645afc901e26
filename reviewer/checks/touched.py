"""What is said of a file as a whole: of its name, or because it was changed at all, whatever stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.findings import Claim, Origin, Side, Span

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from reviewer.change.change import FileChange
    from reviewer.checks.catalogue import Check


def claims(file: FileChange, read: Callable[[str, Side], str | None], checks: Iterable[Check]) -> tuple[Claim, ...]:
    """One a check, without lines, so that it is the same whatever else is changed next. A file that was renamed
    counts under both names; what it must mention is looked for in the change first, then in the whole of it."""
    return tuple(
        _claim(check, file)
        for check in checks
        if (_is_named(check, file) if check.names else _is_touched(check, file, read))
    )


def _is_named(check: Check, file: FileChange) -> bool:
    return check.regex is not None and check.regex.search(file.path) is not None


def _is_touched(check: Check, file: FileChange, read: Callable[[str, Side], str | None]) -> bool:
    paths = dict.fromkeys((file.path, file.base_path))
    return (
        check.touched
        and any(check.applies_to(path, None) for path in paths)
        and (check.mentions is None or _mentions(check.mentions, file, read))
    )


def _mentions(wanted: re.Pattern[str], file: FileChange, read: Callable[[str, Side], str | None]) -> bool:
    if any(wanted.search(line.text) for line in file.lines()):
        return True
    wholes = (read(file.path, Side.NEW), read(file.base_path, Side.OLD))
    return any(wanted.search(whole) for whole in wholes if whole is not None)


def _claim(check: Check, file: FileChange) -> Claim:
    return Claim(
        path=file.path,
        quote="",
        title=check.title,
        body=check.body,
        severity=check.severity,
        category=check.category,
        confidence=check.confidence,
        rule=check.id,
        origin=Origin.CHECK,
        span=Span(file.path),
    )
