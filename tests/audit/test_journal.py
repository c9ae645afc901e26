from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from reports import FULL, SQL, WHOLE_FILE

from reviewer.audit.journal import MAX_AGE, Journal, Known, Member, Packed
from reviewer.conversation import Answer
from reviewer.examination import Examined
from reviewer.findings import NoteCode, Reason, Unreviewed
from reviewer.memory import Part
from reviewer.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_000_000_000.0
CHUNK = Packed((Member("a.py", "1" * 40, 1, 9, 1, 20), Member("ü b.py", "2" * 40, 1, 3, 1, 3)), "guides", 2)
OTHER = Packed((Member("a.py", "1" * 40, 10, 20, 1, 20),), "")
FILES = (
    Known("a.py", "1" * 40, 20),
    Known("ü b.py", "2" * 40, 4, (Unreviewed("ü b.py", Reason.TOO_LARGE, "a long line", (4, 4), None, 1),)),
)
TWICE = (replace(SQL, fingerprint="a" * 16), replace(WHOLE_FILE, fingerprint="a" * 16))
CHECKED = Examined(TWICE, FULL.dropped)
READ = Examined((SQL,), (), Answer(notes=FULL.notes, usage=Usage(3, 1, 500, 0, 20, 0.1)))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path, "digest", now=lambda: NOW)
    yield made
    made.close()


def reopened(folder: Path, digest: str = "digest", now: float = NOW) -> tuple[list[Packed], list[Known], bool]:
    """What it knows, and whether it is in trouble."""
    found = Journal(folder, digest, now=lambda: now)
    try:
        return list(found.chunks()), list(found.files()), bool(found.notes())
    finally:
        found.close()


def test_what_was_entered_is_there_again_and_read_when_both_have_read_it(tmp_path: Path, journal: Journal) -> None:
    journal.enter([CHUNK, OTHER], FILES)
    assert reopened(tmp_path) == ([CHUNK, OTHER], list(FILES), False)
    journal.done(CHUNK, Part.CHECKS, CHECKED)
    assert reopened(tmp_path)[0][0].results is None
    journal.done(CHUNK, Part.MODEL, READ)
    first, second = reopened(tmp_path)[0]
    free = replace(READ, answer=Answer(notes=FULL.notes, usage=Usage(cached_calls=4)))
    assert first.results == {Part.CHECKS: CHECKED, Part.MODEL: free}
    assert second.results is None


def test_another_digest_knows_nothing_of_it(tmp_path: Path, journal: Journal) -> None:
    journal.enter([CHUNK], FILES)
    assert reopened(tmp_path, "another") == ([], [], False)


def test_the_same_chunk_twice_is_one_and_keeps_its_results(tmp_path: Path, journal: Journal) -> None:
    journal.enter([CHUNK], FILES)
    journal.done(CHUNK, Part.CHECKS, CHECKED)
    journal.done(CHUNK, Part.MODEL, READ)
    journal.enter([CHUNK], FILES)
    (found,) = reopened(tmp_path)[0]
    assert found.results is not None


def test_what_is_not_come_across_any_more_is_forgotten(tmp_path: Path, journal: Journal) -> None:
    journal.enter([CHUNK, OTHER], FILES)
    later = Journal(tmp_path, "digest", now=lambda: NOW + MAX_AGE - 1)
    later.used([OTHER], FILES[:1])
    later.close()
    assert reopened(tmp_path, now=NOW + MAX_AGE + 1)[:2] == ([OTHER], [FILES[0]])


def test_a_corrupt_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "audits-1.sqlite"
    path.write_bytes(b"no database at all " * 500)
    assert reopened(tmp_path) == ([], [], False)
    assert (tmp_path / "audits-1.corrupt").read_bytes().startswith(b"no database")
    assert path.stat().st_mode & 0o077 == 0


def test_a_page_that_was_damaged_costs_no_more_than_what_was_kept(tmp_path: Path, journal: Journal) -> None:
    journal.enter([replace(CHUNK, around=str(n)) for n in range(500)], FILES)
    journal.close()
    path = tmp_path / "audits-1.sqlite"
    data = bytearray(path.read_bytes())
    data[4_096:] = b"\xff" * (len(data) - 4_096)
    path.write_bytes(data)
    assert reopened(tmp_path)[2] is False
    assert reopened(tmp_path) == ([], [], False)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("members", "{"),
        ("members", "[1, [[2]]]"),
        ("members", "7"),
        ("checks", "[]"),
        ("checks", "[[], 1, 7]"),
        ("checks", '[[], "1", "{}"]'),
        ("model", '[[7], 1, "{}"]'),
        ("model", '[["a"], 1, "{}"]'),
        ("model", "nothing"),
    ],
)
def test_a_row_that_makes_no_sense_counts_as_not_there(
    tmp_path: Path, journal: Journal, column: str, value: str
) -> None:
    journal.enter([CHUNK, OTHER], FILES)
    journal.done(CHUNK, Part.CHECKS, CHECKED)
    journal.done(CHUNK, Part.MODEL, READ)
    with sqlite3.connect(tmp_path / "audits-1.sqlite") as database:
        database.execute(f"UPDATE chunks SET {column} = ? WHERE id = ?", (value, CHUNK.id))  # noqa: S608
        database.execute("UPDATE files SET left_out = '{' WHERE path != 'a.py'")
    database.close()
    chunks, files, _ = reopened(tmp_path)
    assert [packed.results for packed in chunks] == ([None] if column == "members" else [None, None])
    assert files == [FILES[0]]


def test_a_folder_that_cannot_be_written_ends_the_keeping_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "below", "digest", now=lambda: NOW)
    journal.enter([CHUNK], FILES)
    journal.done(CHUNK, Part.CHECKS, CHECKED)
    journal.used([CHUNK], FILES)
    assert (list(journal.chunks()), list(journal.files())) == ([], [])
    (note,) = journal.notes()
    assert note.code is NoteCode.CACHE_UNAVAILABLE
    assert "REVIEWER_CACHE_DIR" in note.message


def test_somebody_else_who_writes_is_no_trouble(
    tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert journal.notes() == ()
    monkeypatch.setattr("reviewer.keptfile.BUSY_SECONDS", 0.05)
    second = Journal(tmp_path, "digest", now=lambda: NOW)
    other = sqlite3.connect(tmp_path / "audits-1.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    second.enter([CHUNK], FILES)
    assert second.notes() == ()
    other.execute("ROLLBACK")
    other.close()
    second.enter([CHUNK], FILES)
    second.close()
    assert reopened(tmp_path)[0] == [CHUNK]
