"""The diff reader, and the way of what it read to the chunks: no line may be lost or appear twice."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from fuzz import bounds
from reviewer.change import chunks, diff, select
from reviewer.change.change import Kind
from reviewer.change.pieces import Chunk
from reviewer.checks import catalogue
from reviewer.errors import Misuse
from reviewer.findings import Unreviewed
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.change.change import FileChange, Hunk

LARGEST = 16_384
REDACTOR = Redactor(catalogue.secret_patterns(catalogue.load()))


def seeds() -> Iterator[bytes]:
    for path in sorted((bounds.TESTS / "diffs").glob("*.diff")):
        yield path.read_bytes()


def check(data: bytes) -> None:
    """Any bytes are a diff of which everything is accounted for, or `Misuse`."""
    bounds.grown(read, data)
    parsed = read(data)
    if parsed is None:
        return
    for entry in parsed.broken:
        assert entry.path
        assert entry.detail
    for file in parsed.files:
        _is_sound(file)
    assert sum(file.size for file in parsed.files) <= len(_as_utf8(data)) + 1
    _comes_back(parsed.files)
    _is_accounted_for(parsed)


def read(data: bytes) -> diff.Parsed | None:
    """The diff; null where it is none."""
    try:
        return diff.parse(data)
    except Misuse:
        return None


def _as_utf8(data: bytes) -> bytes:
    """A diff in UTF-16 has other sizes."""
    return data.decode("utf-16", "replace").encode() if data.startswith((b"\xff\xfe", b"\xfe\xff")) else data


def _is_sound(file: FileChange) -> None:
    assert file.path
    file.path.encode()
    assert (file.old_path is not None) == (file.kind in (Kind.RENAMED, Kind.COPIED))
    for hunk in file.hunks:
        old, new = hunk.old_start, hunk.new_start
        for line in hunk.lines:
            assert line.old == (None if line.marker == "+" else old)
            assert line.new == (None if line.marker == "-" else new)
            assert "\n" not in line.text
            line.text.encode()
            old += line.marker != "+"
            new += line.marker != "-"
        assert (old - hunk.old_start, new - hunk.new_start) == (hunk.old_count, hunk.new_count)
    for one, other in pairwise(file.hunks):
        assert one.old_start + one.old_count <= other.old_start + (not other.old_count)
        assert one.new_start + one.new_count <= other.new_start + (not other.new_count)


def _comes_back(files: tuple[FileChange, ...]) -> None:
    """Written as git writes it and read again, it is the same."""
    if not files:
        return
    again = diff.parse("".join(map(written, files)).encode())
    assert again.broken == ()
    assert list(map(_what, again.files)) == list(map(_what, files))


def _what(file: FileChange) -> tuple[object, ...]:
    return file.path, file.kind, file.old_path, tuple(file.hunks), file.binary


def written(file: FileChange) -> str:
    """The file's part of a diff, with every name in quotes."""
    old, new = _quoted("a/" + file.base_path), _quoted("b/" + file.path)
    rows = [f"diff --git {old} {new}"]
    if file.kind is Kind.ADDED:
        rows.append(f"new file mode {file.new_mode or 100644}")
        old = "/dev/null"
    elif file.kind is Kind.DELETED:
        rows.append(f"deleted file mode {file.old_mode or 100644}")
        new = "/dev/null"
    elif file.old_path is not None:
        verb = "rename" if file.kind is Kind.RENAMED else "copy"
        rows += [f"{verb} from {_quoted(file.old_path)}", f"{verb} to {_quoted(file.path)}"]
    if file.binary:
        rows.append(f"Binary files {old} and {new} differ")
    elif file.hunks:
        rows += [f"--- {old}", f"+++ {new}", *(row for hunk in file.hunks for row in _rows(hunk))]
    return "\n".join(rows) + "\n"


def _quoted(path: str) -> str:
    return '"' + "".join(f"\\{byte:03o}" for byte in path.encode()) + '"'


def _rows(hunk: Hunk) -> Iterator[str]:
    numbers = f"-{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count}"
    yield f"@@ {numbers} @@" + (f" {hunk.section}" if hunk.section else "")
    for line in hunk.lines:
        yield line.marker + line.text
        if line.ends_file:
            yield "\\ No newline at end of file"


def _is_accounted_for(parsed: diff.Parsed) -> None:
    """Every changed line is in exactly one chunk or named with a reason."""
    policy = select.Selection(max_file_kb=4)
    chosen = select.select([*parsed.files, *parsed.broken], policy, attributes=None, read=lambda *_: None)
    seen = left = 0
    for item in chunks.pack(chosen, budget=300, show=Show(REDACTOR)):
        if isinstance(item, Chunk):
            seen += sum(piece.changed for piece in item.pieces)
        else:
            assert isinstance(item, Unreviewed)
            left += item.lines
    changed = sum(file.changed_lines() for file in parsed.files) + sum(entry.lines for entry in parsed.broken)
    assert seen + left == changed
