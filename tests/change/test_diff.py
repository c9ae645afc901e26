"""What git, diff and svn really print, one file a peculiarity in tests/diffs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.change import diff
from reviewer.change.change import Kind, Line
from reviewer.errors import Misuse
from reviewer.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.change.change import FileChange

DIFFS = Path(__file__).parents[1] / "diffs"

# file → path, kind, old path, added, deleted
EXPECTED: dict[str, list[tuple[str, str, str | None, int, int]]] = {
    "added": [("src/new.py", "added", None, 2, 0)],
    "binary": [("logo.png", "modified", None, 0, 0)],
    "binary_patch": [("logo.png", "modified", None, 0, 0), ("z.py", "modified", None, 1, 1)],
    "byte_order_mark": [("x.py", "modified", None, 1, 1)],
    "copied": [("b.py", "copied", "a.py", 1, 1)],
    "crlf_content": [("win.txt", "modified", None, 1, 1)],
    "crlf_transport": [("x.py", "modified", None, 1, 1)],
    "custom_prefix": [("a/x.py", "modified", None, 1, 1), ("y.py", "deleted", None, 0, 1)],
    "dashes": [("q.sql", "modified", None, 1, 2)],
    "deleted": [("src/old.py", "deleted", None, 0, 2)],
    "diff_without_final_newline": [("x.py", "modified", None, 1, 1)],
    "empty_files": [("fresh.py", "added", None, 0, 0), ("gone.py", "deleted", None, 0, 0)],
    "format_patch": [
        ("x.py", "modified", None, 2, 1),
        ("new.py", "renamed", "old.py", 0, 0),
        ("x.py", "modified", None, 1, 1),
    ],
    "invalid_utf8": [("latin.txt", "modified", None, 1, 1)],
    "invalid_utf8_path": [("caf\\xe9.py", "modified", None, 1, 1)],
    "line_separators": [("x.txt", "modified", None, 2, 1)],
    "log": [
        ("new.py", "renamed", "old.py", 0, 0),
        ("x.py", "modified", None, 1, 1),
        ("x.py", "modified", None, 2, 1),
    ],
    "mnemonic_prefix": [
        ("a/x.py", "modified", None, 1, 1),
        ("y.py", "deleted", None, 0, 1),
        ("z.py", "added", None, 1, 0),
    ],
    "mode_only": [("run.sh", "modified", None, 0, 0)],
    "modified": [("src/app.py", "modified", None, 2, 1)],
    "no_index": [("b.py", "modified", None, 1, 1)],
    "no_newline_at_end": [("x.txt", "modified", None, 1, 1)],
    "no_prefix": [
        ("a/new.py", "added", None, 1, 0),
        ("b/a/x.py", "modified", None, 1, 1),
        ("top.py", "deleted", None, 0, 1),
    ],
    "nul_as_text": [("x.bin", "modified", None, 1, 1)],
    "plain_labels": [
        ("x.py", "modified", None, 1, 1),
        ("y.py", "added", None, 1, 0),
        ("z.py", "deleted", None, 0, 1),
    ],
    "plain_ru": [
        ("bin", "modified", None, 0, 0),
        ("sp ace.c", "modified", None, 1, 1),
        ("src/a.c", "modified", None, 1, 1),
    ],
    "plain_ruN": [
        ("bin", "modified", None, 0, 0),
        ("gone.c", "deleted", None, 0, 1),
        ("sp ace.c", "modified", None, 1, 1),
        ("src/a.c", "modified", None, 1, 1),
        ("sub/extra.c", "added", None, 1, 0),
    ],
    "plain_u": [("src/a.c", "modified", None, 1, 1)],
    "quoted_paths": [
        ("back\\slash.py", "modified", None, 1, 1),
        ("new\nline.py", "modified", None, 1, 1),
        ('tab\there "q".py', "modified", None, 1, 1),
        ("é.py", "modified", None, 1, 1),
    ],
    "quoted_paths_mode_only": [("é.sh", "modified", None, 0, 0)],
    "quoted_rename": [("ü b.py", "renamed", "é.py", 0, 0)],
    "renamed": [("pkg/b.py", "renamed", "a.py", 0, 0)],
    "renamed_edited": [("pkg/b.py", "renamed", "a.py", 1, 1)],
    "spaces": [
        ("b b/b", "modified", None, 0, 0),
        ("empty one", "added", None, 0, 0),
        ("my dir/a file.py", "modified", None, 1, 1),
        ("new file", "added", None, 1, 0),
    ],
    "submodule": [("lib/dep", "modified", None, 1, 1)],
    "submodule_log": [("lib/dep", "modified", None, 0, 0)],
    "suppressed_blank": [("x.py", "modified", None, 1, 1)],
    "svn": [("src/x.c", "modified", None, 1, 1), ("logo.png", "modified", None, 0, 0)],
    "symlink": [("link", "added", None, 1, 0)],
    "translated_no_newline": [("x.txt", "modified", None, 2, 2)],
    "type_change": [("link", "deleted", None, 0, 1), ("link", "added", None, 1, 0)],
    "unified_0": [("x.py", "modified", None, 1, 1)],
    "unmerged": [("x.py", "modified", None, 4, 0)],
    "unquoted_utf8": [("é.py", "modified", None, 1, 1)],
    "utf16": [("x.py", "modified", None, 1, 1)],
}

OK = [("ok.py", "modified", None, 1, 1)]
# file → the files that survive, and of what does not: path, lines, what the message says
BROKEN: dict[str, tuple[Sequence[tuple[str, str, str | None, int, int]], str, int, str]] = {
    "broken_garbage": (OK, "bad.py", 4, "line 7 of the diff: this is no line of a hunk"),
    "broken_hunk_header": (OK, "bad.py", 2, "line 5 of the diff: this is no hunk header"),
    "broken_no_hunk": (OK, "bad.py", 0, "line 5 of the diff: no hunk follows"),
    "broken_no_names": (OK, "(unknown file)", 2, "line 1 of the diff: a hunk without a file header"),
    "broken_plain": ([("b.c", "modified", None, 1, 1)], "a.c", 2, "line 9 of the diff: this hunk begins before"),
    "broken_short": (OK, "bad.py", 2, "line 9 of the diff: this is no line of a hunk"),
    "broken_too_long": (OK, "bad.py", 3, "line 8 of the diff: the hunk above goes on"),
    "broken_truncated": (OK, "bad.py", 2, "line 15 of the diff: the diff ends before this hunk does: 2 old and 2 new"),
    "broken_wrong_count": (OK, "bad.py", 3, "line 9 of the diff: the hunk above goes on"),
    "combined": ([], "x.py", 3, "line 1 of the diff: a combined diff of a merge"),
    "combined_long": ([], "x.py", 3, "line 1 of the diff: a combined diff of a merge"),
}


def parsed(name: str) -> diff.Parsed:
    return diff.parse((DIFFS / f"{name}.diff").read_bytes(), name)


def summary(file: FileChange) -> tuple[str, str, str | None, int, int]:
    markers = [line.marker for line in file.lines()]
    return file.path, str(file.kind), file.old_path, markers.count("+"), markers.count("-")


def only(name: str) -> FileChange:
    (file,) = parsed(name).files
    return file


def test_every_peculiarity_is_expected_here() -> None:
    assert {path.stem for path in DIFFS.glob("*.diff")} == {*EXPECTED, *BROKEN}


@pytest.mark.parametrize("name", EXPECTED)
def test_files_kinds_and_counts(name: str) -> None:
    result = parsed(name)

    assert [summary(file) for file in result.files] == EXPECTED[name]
    assert all(entry.reason is Reason.NO_LINES for entry in result.broken)


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_parsed_is_named_and_the_rest_survives(name: str) -> None:
    files, path, lines, words = BROKEN[name]

    result = parsed(name)

    assert [summary(file) for file in result.files] == files
    (entry,) = result.broken
    assert (entry.path, entry.reason, entry.lines) == (path, Reason.UNPARSABLE, lines)
    assert entry.detail.startswith(words)
    assert "`git diff" in entry.detail, "it says how to mend it"


def test_a_file_on_one_side_only_is_named() -> None:
    assert [entry.path for entry in parsed("plain_ru").broken] == ["old/gone.c", "new/sub"]


def test_modes() -> None:
    assert [(f.old_mode, f.new_mode) for f in parsed("type_change").files] == [("100644", None), (None, "120000")]
    assert [(f.old_mode, f.new_mode) for f in parsed("mode_only").files] == [("100644", "100755")]
    assert [(f.old_mode, f.new_mode) for f in parsed("submodule").files] == [("160000", "160000")]
    assert [(f.old_mode, f.new_mode) for f in parsed("submodule_log").files] == [("160000", "160000")]


def test_binary() -> None:
    assert [file.binary for file in parsed("binary_patch").files] == [True, False]
    assert [file.binary for file in parsed("plain_ru").files] == [True, False, False]
    assert [file.binary for file in parsed("svn").files] == [False, True]


def test_size_is_the_patch_in_bytes() -> None:
    assert only("added").size == (DIFFS / "added.diff").stat().st_size


def test_changed_lines_are_counted() -> None:
    assert only("modified").changed_lines() == 3


def test_notices_in_a_row_are_a_file_each() -> None:
    data = (
        b"Only in a: x\nOnly in b/c: y\nBinary files a/p and b/p differ\nBinary files a/q and b/q differ\n"
        b"Submodule lib 0000000...1234567 (new submodule)\nSubmodule dep 1234567...0000000 (submodule deleted)\n"
        b"Submodule same 1234567..7654321:\n"
    )
    result = diff.parse(data)
    assert [entry.path for entry in result.broken] == ["a/x", "b/c/y"]
    assert [(file.path, file.old_mode, file.new_mode) for file in result.files] == [
        ("p", None, None),
        ("q", None, None),
        ("lib", None, "160000"),
        ("dep", "160000", None),
        ("same", "160000", "160000"),
    ]


def test_what_svn_says_of_a_binary_file_belongs_to_the_index_line_two_above() -> None:
    said = b"Cannot display: file marked as a binary type.\n"
    rule = b"=" * 67 + b"\n"
    (file,) = diff.parse(b"Index: logo.png\r\n" + rule + said).files
    assert (file.path, file.binary) == ("logo.png", True)
    for data in (b"x\n" + said + b"Index: logo.png\n", b"Index: logo.png\n" + rule + b"words\n", said):
        with pytest.raises(Misuse):
            diff.parse(data)


def test_the_changed_lines_of_a_broken_file_are_counted_by_their_first_character() -> None:
    (entry,) = diff.parse(b"--- a/x\n+++ \n@@ -1,3 +1,3 @@\n a - b\n c + d\n-a\n").broken
    assert (entry.path, entry.lines) == ("a/x", 1)


def test_a_combined_diff_says_how_to_make_another_and_nothing_else() -> None:
    (entry,) = parsed("combined").broken
    assert entry.detail.endswith("a combined diff of a merge; make a two-way one with `git diff PARENT MERGE`")


@pytest.mark.parametrize(
    ("after", "files", "broken"),
    [
        (b"diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n", ["run.sh"], ["x"]),
        (b"diff --cc y\nindex 1,2..3\n--- a/y\n+++ b/y\n@@@ -1,1 -1,1 +1,1 @@@\n++a\n", [], ["x", "y"]),
    ],
)
def test_what_follows_a_broken_file_is_found(after: bytes, files: list[str], broken: list[str]) -> None:
    result = diff.parse(b"--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n-a\n+b\n" + after)
    assert [file.path for file in result.files] == files
    assert [entry.path for entry in result.broken] == broken


def test_numbers_and_section() -> None:
    (first, second) = only("modified").hunks

    assert (first.old_start, first.old_count, first.new_start, first.new_count) == (6, 7, 6, 7)
    assert first.lines[3:5] == (Line("-", 9, None, "line 9"), Line("+", None, 9, "line nine"))
    assert second.section == "line 17"
    assert second.lines[-1] == Line("+", None, 21, "line 21")


def test_a_carriage_return_stays_in_the_text_but_not_one_that_came_on_the_way() -> None:
    assert [line.text for line in only("crlf_content").lines()] == ["a\r", "b\r", "B\r", "c\r"]
    assert [line.text for line in only("crlf_transport").lines()] == ["a", "b", "c"]


def test_headers_alone_may_have_carriage_returns() -> None:
    data = b"--- a/x y\t\r\n+++ b/x y\t\r\n@@ -1 +1 @@ f()\r\n-a\n+b\n"

    (file,) = diff.parse(data).files

    assert (file.path, file.hunks[0].section) == ("x y", "f()")


def test_only_a_line_feed_ends_a_line() -> None:
    added = [line.text for line in only("line_separators").lines() if line.marker == "+"]

    assert added == ["one\u2028uno\x0cff\x0bvt\x85nel\x1cfs\rcr", "three"]


def test_no_newline_at_end() -> None:
    assert [(line.text, line.ends_file) for line in only("no_newline_at_end").lines()] == [
        ("a", False),
        ("b", True),
        ("c", True),
    ]
    assert [line.ends_file for line in only("translated_no_newline").lines()] == [True, True, False, False]


def test_invalid_utf8_is_replaced() -> None:
    assert [line.text for line in only("invalid_utf8").lines()] == ["caf\ufffd", "th\ufffd", "x"]


def test_dashes_and_pluses_are_no_headers() -> None:
    assert [line.text for line in only("dashes").lines()] == ["-- one", "-- two", "select 1", "++ three"]


def test_utf16_as_powershell_writes_it() -> None:
    assert [line.text for line in only("utf16").lines()] == ["a", "é"]


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\t\n"])
def test_nothing_is_no_files(data: bytes) -> None:
    assert diff.parse(data) == diff.Parsed((), ())


@pytest.mark.parametrize(
    "data", [b"hello\n", b"--- a\n+++ b\n", b"Only in prose", b"\x00\xff", b"From me\n\n---\n x | 2 +-\n"]
)
def test_text_that_is_no_diff_is_misuse(data: bytes) -> None:
    with pytest.raises(Misuse, match=r"notes\.txt is no diff: no hunk and no git header"):
        diff.parse(data, "notes.txt")


def test_a_sentence_in_a_log_message_is_no_notice() -> None:
    data = b"Only in tests: do this\n" + (DIFFS / "added.diff").read_bytes()

    assert diff.parse(data).broken == ()


def test_no_name_at_all() -> None:
    (entry,) = diff.parse(b"--- \n+++ \n@@ -1 +1 @@\n-a\n+b\n").broken

    assert (entry.path, entry.lines) == ("(unknown file)", 2)
    assert "the header names no file" in entry.detail


def test_a_hunk_of_nothing_is_broken_not_a_crash() -> None:
    (entry,) = diff.parse(b"--- a/x\n+++ b/x\n@@ -0,0 +0,0 @@\n").broken

    assert entry.reason is Reason.UNPARSABLE


def test_a_submodule_that_is_new_or_gone() -> None:
    data = b"Submodule lib 0000000...1234567 (new submodule)\nSubmodule dep 1234567...0000000 (submodule deleted)\n"

    assert [(file.path, file.kind) for file in diff.parse(data).files] == [("lib", Kind.ADDED), ("dep", Kind.DELETED)]


def test_a_mail_after_a_broken_file_is_not_counted_as_its_lines() -> None:
    mail = (DIFFS / "format_patch.diff").read_bytes()
    broken = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n-a\n+b\n"

    (entry,) = diff.parse(broken + mail).broken

    assert entry.lines == 2


def test_names_of_absurd_length_are_read_in_no_time() -> None:
    name = b" ".join([b"a"] * 50_000)

    (file,) = diff.parse(b"diff --git a/%b b/%b\nold mode 100644\nnew mode 100755\n" % (name, name)).files

    assert file.path == name.decode()


def test_a_custom_prefix_and_many_spaces() -> None:
    data = b"diff --git old/v1/a b new/a b c/a b\nold mode 100644\nnew mode 100755\n"

    assert diff.parse(data).files[0].path == "a b"


def test_quoted_on_one_side_only() -> None:
    head = b"diff --git %b\nsimilarity index 100%%\n"

    def paths(both: bytes) -> tuple[str, str | None]:
        (file,) = diff.parse(head % both).files
        return file.path, file.old_path

    assert paths(b'a/x.py "b/\\303\\251.py"') == ("é.py", None)
    assert paths(b'"a/\\303\\251.py" b/x.py') == ("x.py", None)


def apply(file: FileChange | None, old: str) -> str:
    """The old text with the hunks applied, as `patch` would."""
    if file is None:
        return old
    ours = old.split("\n")
    result: list[str] = []
    done = 0
    ends_file: bool | None = None
    for hunk in file.hunks:
        begin = hunk.old_start - 1 if hunk.old_count else hunk.old_start
        result += ours[done:begin]
        done = begin
        for line in hunk.lines:
            if line.marker != "+":
                assert (ours[done], done + 1) == (line.text, line.old)
                done += 1
            if line.marker != "-":
                result.append(line.text)
                assert len(result) == line.new
                ends_file = line.ends_file
    if done < len(ours):
        rest = ours[done:]
        if rest == [""] and ends_file:
            rest = []
        return "\n".join(result + rest)
    return "\n".join(result) + ("" if ends_file or not result else "\n")


line = st.sampled_from(
    ["", "a", "b", "-- c", "++ d", "@@ -1 +1 @@", "\\ e", "diff --git a/x b/x", "f\r", "\u2028g", " h"]
)
text = st.builds(lambda lines, end: "\n".join(lines) + end, st.lists(line, max_size=12), st.sampled_from(["", "\n"]))


@settings(max_examples=60, deadline=None)
@given(old=text, new=text, context=st.integers(0, 3))
def test_what_git_prints_turns_old_into_new(
    tmp_path_factory: pytest.TempPathFactory, old: str, new: str, context: int
) -> None:
    folder = tmp_path_factory.mktemp("pair")
    (folder / "old").write_bytes(old.encode())
    (folder / "new").write_bytes(new.encode())
    command = ["git", "diff", "--no-index", f"-U{context}", "--text", "old", "new"]
    printed = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout

    result = diff.parse(printed)

    assert result.broken == ()
    assert apply(next(iter(result.files), None), old) == new


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_git_would_apply_is_read_or_named(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    names = st.sampled_from(sorted({*EXPECTED} - {"utf16", "svn"}))
    lines = (DIFFS / f"{data.draw(names)}.diff").read_bytes().split(b"\n")
    more = (DIFFS / f"{data.draw(names)}.diff").read_bytes().split(b"\n")
    at, start = data.draw(st.integers(0, len(lines))), data.draw(st.integers(0, len(more)))
    damaged = b"\n".join(lines[:at] + more[start : start + data.draw(st.integers(0, 9))] + lines[at:])
    command = ["git", "apply", "--numstat", "-"]
    told = subprocess.run(command, cwd=tmp_path_factory.getbasetemp(), input=damaged, capture_output=True, check=False)
    if told.returncode:
        return
    wanted = sum(int(n) for row in told.stdout.split(b"\n") for n in row.split(b"\t")[:2] if n.isdigit())
    result = diff.parse(damaged)
    found = sum(file.changed_lines() for file in result.files)
    assert found >= wanted or any(entry.reason is Reason.UNPARSABLE for entry in result.broken)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_raises_anything_but_misuse(data: st.DataObject) -> None:
    names = st.sampled_from([*EXPECTED, *BROKEN])
    lines = (DIFFS / f"{data.draw(names)}.diff").read_bytes().split(b"\n")
    more = (DIFFS / f"{data.draw(names)}.diff").read_bytes().split(b"\n")
    cut = data.draw(st.integers(0, len(lines)))
    drop = data.draw(st.integers(0, 3))
    damaged = b"\n".join(lines[:cut] + more[: data.draw(st.integers(0, 8))] + lines[cut + drop :])
    try:
        result = diff.parse(damaged)
    except Misuse:
        return
    for file in result.files:
        for hunk in file.hunks:
            assert sum(line.marker != "+" for line in hunk.lines) == hunk.old_count
            assert sum(line.marker != "-" for line in hunk.lines) == hunk.new_count
