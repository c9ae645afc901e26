"""The names in a diff's headers: unquoted, decoded, without their prefixes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.change.sections import Section

_DEV_NULL = "/dev/null"
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE = re.compile(rb"\\([abtnvfr\"\\]|[0-7]{1,3})")
_CONTROL = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_PREFIXES = frozenset({"ab", "iw", "ci", "cw", "ow", "wi", "ic", "wc", "wo", "12"})
"""a/ b/, git's mnemonic prefixes (commit, index, work tree, object) and the `1/ 2/` of `--no-index`."""
_LONGEST = 10_000
"""Bytes of two names: PATH_MAX twice and some. A longer line is only cut in its middle, so that none takes long."""


def pair(section: Section) -> tuple[str | None, str | None]:
    """The file's path before and after the change; null where there is no file on that side."""
    for verb in (b"rename", b"copy"):
        if verb + b" from" in section.extended and verb + b" to" in section.extended:
            return decode(section.extended[verb + b" from"]), decode(section.extended[verb + b" to"])
    old, new = _labels(section)
    if section.command and _DEV_NULL in (old, new):
        # One side is named by the command line alone, and only both sides together tell what is prefix.
        path = _strip(*_halves(section.command, b" "))[1]
        return (None, path) if old == _DEV_NULL else (path, None)
    if _DEV_NULL in (old, new):
        bare = re.sub(r"\A[ab]/", "", new if old == _DEV_NULL else old)
        return (None, bare) if old == _DEV_NULL else (bare, None)
    return _strip(old, new)


def decode(raw: bytes) -> str:
    """A name as git or diff writes it, quoted like a C string or not; invalid UTF-8 shows as `\\xff`."""
    if raw.startswith(b'"') and _QUOTED.fullmatch(raw):
        raw = _ESCAPE.sub(_unescaped, raw[1:-1])
    return raw.decode("utf-8", "backslashreplace")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if code[:1].isdigit():
        return bytes([int(code, 8) & 0xFF])
    return _CONTROL.get(code, code)


def _labels(section: Section) -> tuple[str, str]:
    """Both names with their prefixes, from the most telling line there is."""
    if section.old or section.new:
        return _label(section.old), _label(section.new)
    if section.pair:
        return _halves(section.pair, b" and ")
    old, new = _halves(section.command, b" ")
    if b"new file mode" in section.extended:
        return _DEV_NULL, new
    if b"deleted file mode" in section.extended:
        return old, _DEV_NULL
    return old, new


def _label(raw: bytes) -> str:
    """What follows `--- `: a tab ends the name (git's after a name with spaces, or diff's before a date)."""
    quoted = _QUOTED.match(raw)
    return decode(quoted[0] if quoted else raw.partition(b"\t")[0])


def _halves(both: bytes, separator: bytes) -> tuple[str, str]:
    """Two names in one line. Spaces in them are not quoted: the cut that leaves the most alike is the right one."""
    quoted = _QUOTED.match(both)
    if quoted:
        return decode(quoted[0]), decode(both[quoted.end() :].removeprefix(separator))
    if both.endswith(b'"') and separator + b'"' in both:
        old, _, new = both.partition(separator + b'"')
        return decode(old), decode(b'"' + new)
    middle = (len(both) - len(separator)) // 2
    cuts = [found.start() for found in re.finditer(re.escape(separator), both)]
    # Prefixes of one length put the cut in the middle: no need to try the others, of which there can be thousands.
    if middle in cuts and both[:middle].partition(b"/")[2] == both[middle + len(separator) :].partition(b"/")[2] != b"":
        cuts = [middle]
    if not cuts or len(both) > _LONGEST:
        cuts = [middle]
    halves = [(decode(both[:cut]), decode(both[cut + len(separator) :])) for cut in cuts]
    return max(halves, key=lambda names: len(_common(*names)))


def _strip(old: str, new: str) -> tuple[str, str]:
    """Without prefixes: they are what differs at the front of two names of one file. Equal names have none."""
    common = _common(old, new)
    if common:
        return common, common
    if old[1:2] == new[1:2] == "/" and old[0] + new[0] in _PREFIXES:
        return old[2:], new[2:]
    return old, new


def _common(old: str, new: str) -> str:
    """The path both end with, in whole components."""
    ours, theirs = old.split("/"), new.split("/")
    alike = 0
    for one, other in zip(reversed(ours), reversed(theirs), strict=False):
        if one != other:
            break
        alike += 1
    return "/".join(ours[len(ours) - alike :])
