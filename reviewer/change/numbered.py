"""How a chunk is shown to the model: slim headers, and the new side's number on every line that has one.

`12+code` costs 1 % fewer Qwen tokens than the raw diff (headers included); `12 +code` costs 0.5 % more than that,
`12|+code` 7 %, `+12|code` 10 %: digits are tokens of their own, while a marker merges with what follows it.
It stays unambiguous: digits, one marker, then the text; a deleted line starts with its `-`.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from reviewer.change.change import Kind
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.change.change import FileChange, Hunk, Line
    from reviewer.change.pieces import Chunk

_NOUNS = {"100755": "executable file", "120000": "symlink", "160000": "submodule"}
_DEFINITION = re.compile(
    r"\w\(|\b(class|def|enum|extension|fn|func|function|impl|interface|mod|module|namespace|package|protocol|record"
    r"|resource|service|struct|table|trait|type|union)\b",
    re.IGNORECASE,
)
_VALUE = re.compile("[\"'`=#]|//")
_LINE_END_SAMPLE = 200  # a header is made once a chunk: it must not read a huge file again each time


def shown_path(path: str) -> str:
    """The path as the model reads it, and so as it will repeat it: one line, nothing hidden."""
    return reveal(path).replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")


def file_header(file: FileChange) -> str:
    """`## path`, then what a diff's header would tell besides, in parentheses."""
    return " ".join([f"## {shown_path(file.path)}", *(f"({remark})" for remark in _remarks(file))])


def hunk_header(hunk: Hunk, lines: Sequence[Line]) -> str:
    """`@@ section`; says so when `lines` start in the middle of the hunk."""
    begins = not lines or not hunk.lines or lines[0] == hunk.lines[0]
    return " ".join(part for part in ("@@", _section(hunk), "" if begins else "(continued)") if part)


def line(line: Line, shown: str) -> str:
    """Number, marker, text; the text's carriage return is the file header's business."""
    number = "" if line.new is None else line.new
    numbered = f"{number}{line.marker}{shown.removesuffix(chr(13))}"
    return f"{numbered}\n\\ No newline at end of file" if line.ends_file else numbered


def render(chunk: Chunk) -> str:
    """The chunk as the model reads it: pieces in order, a file's header where the file changes."""
    return "\n".join(_rows(chunk))


def _section(hunk: Hunk) -> str:
    """The definition the hunk is in, without values: git takes any line for a section, and nobody redacts this one."""
    return _VALUE.split(reveal(hunk.section), maxsplit=1)[0].strip() if _DEFINITION.search(hunk.section) else ""


def _rows(chunk: Chunk) -> Iterator[str]:
    previous: FileChange | None = None
    for piece in chunk.pieces:
        if previous is not piece.file:
            yield file_header(piece.file)
            previous = piece.file
        yield hunk_header(piece.hunk, piece.lines)
        yield from map(line, piece.lines, piece.shown)


def _remarks(file: FileChange) -> Iterator[str]:
    noun = _NOUNS.get(file.new_mode or file.old_mode or "", "file")
    if file.kind is Kind.ADDED:
        yield f"new {noun}"
    elif file.kind is Kind.DELETED:
        yield f"deleted {noun}"
    elif file.kind in (Kind.RENAMED, Kind.COPIED) and file.old_path is not None:
        yield f"{file.kind} from {shown_path(file.old_path)}"
    if file.old_mode and file.new_mode and file.old_mode != file.new_mode:
        yield f"mode {file.old_mode} -> {file.new_mode}"
    rows = [row.text for row in islice(file.lines(), _LINE_END_SAMPLE)]
    returns = "\n".join([*rows, ""]).count("\r\n")
    if returns:
        yield "CRLF and LF" if returns < len(rows) else "CRLF"
