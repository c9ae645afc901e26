from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.change import numbered
from reviewer.change.change import FileChange, Hunk, Kind, Line
from reviewer.change.pieces import Chunk, Piece


def hunk(*rows: str, start: int = 1, section: str = "") -> Hunk:
    """A hunk of rows such as `+text`; both sides start at `start`."""
    old = new = start
    lines = []
    for row in rows:
        marker, text = row[0], row[1:]
        assert marker in {"+", "-", " "}
        lines.append(Line(marker, None if marker == "+" else old, None if marker == "-" else new, text))  # type: ignore[arg-type]
        old += marker != "+"
        new += marker != "-"
    return Hunk(start, old - start, start, new - start, section, tuple(lines))


def piece(file: FileChange, number: int = 0, rows: slice = slice(None)) -> Piece:
    whole = file.hunks[number]
    lines = whole.lines[rows]
    return Piece(file, whole, lines, tuple(line.text for line in lines))


def chunk(*pieces: Piece) -> Chunk:
    return Chunk(pieces, 0)


MODIFIED = FileChange(
    "app.py",
    Kind.MODIFIED,
    (
        hunk(" def f():", "-    return 1", "+    return 2", "+", " ", start=9, section="class App(Base):"),
        hunk("-gone", start=40),
    ),
)


def test_numbers_of_the_new_side_and_slim_headers() -> None:
    assert numbered.render(chunk(piece(MODIFIED), piece(MODIFIED, 1))) == (
        "## app.py\n@@ class App(Base):\n9 def f():\n-    return 1\n10+    return 2\n11+\n12 \n@@\n-gone"
    )


def test_a_hunk_in_two_parts_says_so() -> None:
    first, second = piece(MODIFIED, rows=slice(0, 2)), piece(MODIFIED, rows=slice(2, 5))
    assert numbered.render(chunk(first)).split("\n")[1] == "@@ class App(Base):"
    assert numbered.render(chunk(second)).split("\n")[1] == "@@ class App(Base): (continued)"


def test_the_header_comes_again_where_another_file_was_between() -> None:
    other = FileChange("b.py", Kind.ADDED, (hunk("+x"),))
    shown = numbered.render(chunk(piece(MODIFIED), piece(other), piece(MODIFIED, 1)))
    assert re.findall("^## .*", shown, re.MULTILINE) == ["## app.py", "## b.py (new file)", "## app.py"]


@pytest.mark.parametrize(
    ("file", "header"),
    [
        (FileChange("a.py", Kind.MODIFIED), "## a.py"),
        (FileChange("a.py", Kind.ADDED, new_mode="100644"), "## a.py (new file)"),
        (FileChange("run", Kind.ADDED, new_mode="100755"), "## run (new executable file)"),
        (FileChange("link", Kind.ADDED, new_mode="120000"), "## link (new symlink)"),
        (FileChange("a.py", Kind.DELETED, old_mode="100644"), "## a.py (deleted file)"),
        (FileChange("sub", Kind.DELETED, old_mode="160000"), "## sub (deleted submodule)"),
        (FileChange("b.py", Kind.RENAMED, old_path="a.py"), "## b.py (renamed from a.py)"),
        (FileChange("b.py", Kind.COPIED, old_path="a.py"), "## b.py (copied from a.py)"),
        (
            FileChange("b", Kind.RENAMED, old_path="a", old_mode="100644", new_mode="100755"),
            "## b (renamed from a) (mode 100644 -> 100755)",
        ),
        (FileChange("a", Kind.MODIFIED, old_mode="100644", new_mode="100644"), "## a"),
        (FileChange("a.txt", Kind.MODIFIED, (hunk("+x\r", "-y\r"),)), "## a.txt (CRLF)"),
        (FileChange("a.txt", Kind.MODIFIED, (hunk("-x", "+x\r"),)), "## a.txt (CRLF and LF)"),
        (FileChange("a b/é.py", Kind.MODIFIED), "## a b/é.py"),
    ],
)
def test_what_a_header_tells(file: FileChange, header: str) -> None:
    assert numbered.file_header(file) == header


def test_a_path_stays_on_its_line_and_hides_nothing() -> None:
    header = numbered.file_header(FileChange("a\n## b.py\r\t\u202e.py", Kind.RENAMED, old_path="c\n@@"))
    assert header == "## a\\n## b.py<U+000D>\\t<U+202E>.py (renamed from c\\n@@)"
    assert numbered.shown_path("a\r\nb\r") == "a\\r\\nb\\r"


def test_the_carriage_return_is_the_headers_business() -> None:
    assert numbered.line(Line("+", None, 7, "x\r"), "x\r") == "7+x"


def test_a_missing_line_feed_at_the_end_is_shown() -> None:
    assert numbered.line(Line("-", 7, None, "x", ends_file=True), "x") == "-x\n\\ No newline at end of file"


def test_the_model_reads_what_is_shown_not_the_source() -> None:
    secret = hunk("+key = hunter2")
    shown = Piece(FileChange("a", Kind.MODIFIED, (secret,)), secret, secret.lines, ("key = ***",))
    assert numbered.render(chunk(shown)).endswith("\n1+key = ***")


@pytest.mark.parametrize(
    ("section", "shown"),
    [
        ("func (s *Server) Run(ctx context.Context) error {", "@@ func (s *Server) Run(ctx context.Context) error {"),
        ("int main(int argc, char **argv)", "@@ int main(int argc, char **argv)"),
        ("impl<T: Read> Parser<T> {", "@@ impl<T: Read> Parser<T> {"),
        ("CREATE TABLE users (", "@@ CREATE TABLE users ("),
        ("def connect(token='ghp_0000', port=1):", "@@ def connect(token"),
        ("password: hunter2", "@@"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "@@"),
        ("", "@@"),
    ],
)
def test_a_section_shows_a_definition_and_no_values(section: str, shown: str) -> None:
    assert numbered.hunk_header(hunk("+x", section=section), hunk("+x").lines) == shown


rows = st.tuples(st.sampled_from("+- "), st.text(st.characters(exclude_characters="\n\r"))).map("".join)


@given(st.lists(rows, min_size=1), st.integers(1, 99_999))
def test_every_line_can_be_read_back(texts: list[str], start: int) -> None:
    lines = hunk(*texts, start=start).lines
    for source in lines:
        read = re.fullmatch(r"(\d*)([-+ ])(.*)", numbered.line(source, source.text), re.DOTALL)
        assert read is not None
        assert (read[1], read[2], read[3]) == (str(source.new or ""), source.marker, source.text)
