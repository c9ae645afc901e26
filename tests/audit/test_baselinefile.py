"""The baseline as a file: what is written is read, and what is no baseline is refused with its line."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from goldens import same
from hypothesis import given
from hypothesis import strategies as st

from reviewer.audit.baseline import Baseline, Entry
from reviewer.audit.baselinefile import MAX_BYTES, read, write
from reviewer.errors import Misuse
from reviewer.findings import Origin, Severity, Side

NAME = ".github/reviewer-baseline.toml"
ENTRY = Entry(
    id="0123456789abcdef",
    path="shop/orders.py",
    severity=Severity.CRITICAL,
    title="The order number goes into the statement as text",
    reason="behind the firewall until the rewrite",
    who="ada",
)
FULL = Entry(
    id="00000000000000aa",
    path='web/"odd" \u202e\n.js',
    severity=Severity.LOW,
    title="Tab\tand \\ and \x7f",
    reason="ünïcode stays",
    who="ada & bob",
    rule="js-untested",
    origin=Origin.CHECK,
    side=Side.OLD,
    lines=("ab12cd34", "00000000"),
    added=date(2026, 11, 25),
    expires=date(2027, 1, 31),
)
WRITTEN = write(Baseline((ENTRY,)))

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)
HASHES = st.integers(0, 2**32 - 1).map("{:08x}".format)
DAY = st.none() | st.dates()
ENTRIES = st.builds(
    Entry,
    id=st.integers(0, 2**64 - 1).map("{:016x}".format),
    path=TEXT,
    severity=st.sampled_from(Severity),
    title=TEXT,
    reason=TEXT,
    who=TEXT,
    rule=st.none() | TEXT,
    origin=st.sampled_from(Origin),
    side=st.sampled_from(Side),
    lines=st.lists(HASHES, max_size=5).map(tuple),
    added=DAY,
    expires=DAY,
)
BASELINES = st.lists(ENTRIES, max_size=4, unique_by=lambda entry: entry.id).map(lambda them: Baseline(tuple(them)))


def test_golden() -> None:
    same(Path(__file__).parent / "golden" / "baseline.toml", write(Baseline((ENTRY, FULL))))


@given(BASELINES)
def test_what_is_written_is_read(baseline: Baseline) -> None:
    assert read(write(baseline), NAME) == baseline


@given(BASELINES)
def test_in_windows_line_ends_and_with_a_byte_order_mark_too(baseline: Baseline) -> None:
    assert read("\ufeff" + write(baseline).replace("\n", "\r\n"), NAME) == baseline


@given(BASELINES, st.randoms())
def test_the_order_of_entries_does_not_matter(baseline: Baseline, random: object) -> None:
    shuffled = list(baseline.entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert write(Baseline(tuple(shuffled))) == write(baseline)


def test_one_more_entry_changes_no_line_of_the_others() -> None:
    more = write(Baseline((ENTRY, FULL))).split("\n")
    assert [line for line in WRITTEN.split("\n") if line not in more] == []


def test_nothing_hidden_stands_in_the_file() -> None:
    written = write(Baseline((FULL,)))
    assert "\u202e" not in written
    assert "\x7f" not in written
    assert all(line.isprintable() for line in written.split("\n"))


def test_half_of_a_surrogate_pair_is_written_as_the_mark_of_what_is_no_text() -> None:
    odd = Entry(ENTRY.id, "a\ud800.py", ENTRY.severity, ENTRY.title, ENTRY.reason, ENTRY.who)
    assert read(write(Baseline((odd,))), NAME).entries[0].path == "a\ufffd.py"


def test_an_entry_of_a_person_needs_no_more_than_this() -> None:
    text = WRITTEN + '\n[[known]]\nid = "00000000000000aa"\npath = "a.py"\nseverity = "low"\ntitle = "t"\n'
    text += 'reason = """\nlong\n[[known]]\n"""\nwho = "me"\n'
    assert {entry.path for entry in read(text, NAME).entries} == {"a.py", "shop/orders.py"}


def refused(text: str) -> str:
    with pytest.raises(Misuse) as error:
        read(text, NAME)
    message = str(error.value)
    assert "\n" not in message
    return message.removeprefix(NAME)


FIRST = WRITTEN.split("\n").index("[[known]]") + 1


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('id = "0123456789abcdef"', 'id = "xyz"', 1, "id must be an id of 16 hex digits"),
        ('path = "shop/orders.py"', 'path = ""', 2, "path must be a text of 1 to 1,000 characters"),
        ('severity = "critical"', 'severity = "huge"', 3, "severity must be one of critical, high, medium, low"),
        ('severity = "critical"', 'severity = ["low"]', 3, "severity must be one of"),
        ('reason = "behind', 'reason = 3\nx = "', 5, "reason must be a text"),
        ('who = "ada"', "", 0, "who is missing in this entry"),
        ('who = "ada"', 'who = "ada"\nexpire = 2027-01-31', 7, "expire is nothing that an entry has"),
        ('who = "ada"', 'who = "ada"\nexpires = "soon"', 7, "expires must be a date"),
        ('who = "ada"', 'who = "ada"\nexpires = 2027-01-31T10:00:00Z', 7, "expires must be a date"),
        ('who = "ada"', 'who = "ada"\nexpires = 2027-02-31', 7, "is not valid TOML"),
        ('who = "ada"', 'who = "ada"\nlines = ["zz"]', 7, "lines must be a list"),
        ('who = "ada"', 'who = "ada"\nlines = 3', 7, "lines must be a list"),
        ('who = "ada"', 'who = "ada"\norigin = "me"', 7, "origin must be one of"),
        ('who = "ada"', 'who = "ada"\nside = "left"', 7, "side must be one of"),
        ('who = "ada"', 'who = "ada', 6, "is not valid TOML"),
        ('who = "ada"', "who = " + "1" * 5000, 6, "is not valid TOML"),
    ],
)
def test_a_corrupt_entry_is_named_by_its_line(old: str, new: str, line: int, says: str) -> None:
    message = refused(WRITTEN.replace(old, new))
    assert message.startswith(f":{FIRST + line} {says}"), message


def test_the_second_entry_is_named_by_its_own_lines() -> None:
    both = write(Baseline((ENTRY, FULL)))
    line = both.split("\n").index('who = "ada & bob"') + 1
    assert refused(both.replace('who = "ada & bob"', "who = 1")).startswith(f":{line} who")


def test_an_id_twice_is_refused_with_both_lines() -> None:
    again = WRITTEN + WRITTEN.partition("[[known]]")[1] + WRITTEN.partition("[[known]]")[2]
    assert refused(again) == f":{FIRST + 7} has the id of the entry at line {FIRST}: take one of them out"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ':1 must say schema = "reviewer-baseline/1"'),
        ('\nschema = "reviewer-baseline/2"\n', ":2 must say schema"),
        (WRITTEN + "[other]\n", f":{len(WRITTEN.split(chr(10)))} has 'other' where only [[known]] entries may stand"),
        ('schema = "reviewer-baseline/1"\nknown = 3\n', ":2 has 'known' where"),
        ('schema = "reviewer-baseline/1"\nknown = [1]\n', ":2 has 'known' where"),
        ('schema = "reviewer-baseline/1"\nknown = [{id = "xyz"}]\n', ":1 id must be"),
        ("{}", ":1 is not valid TOML"),
        ("a = " + "[" * 5000, ":1 is nested too deeply"),
        ("<<<<<<< HEAD\n", ":1 is not valid TOML"),
        ("x" * 20_000, ":1 is too long for a baseline"),
    ],
)
def test_what_is_no_baseline_is_refused(text: str, says: str) -> None:
    assert refused(text).startswith(says)


def test_too_large_a_file_is_not_parsed() -> None:
    start = time.monotonic()
    assert "is too long for a baseline" in refused(("#" * 1000 + "\n") * (MAX_BYTES // 1000))
    assert time.monotonic() - start < 2


@given(st.text(max_size=400) | st.text(alphabet="[]known=\" \n#.{}'\\", max_size=200))
def test_whatever_stands_in_the_file_it_is_read_or_refused(text: str) -> None:
    for body in (text, WRITTEN + text, WRITTEN[: len(text)] + text):
        with suppress(Misuse):
            read(body, NAME)


def test_as_many_entries_as_there_are_room_for_are_read() -> None:
    many = [
        Entry(f"{n:016x}", f"src/package/module_{n}.py", Severity.LOW, "t" * 50, "r" * 30, "ada") for n in range(5000)
    ]
    text = write(Baseline(tuple(many)))
    assert len(text.encode()) < MAX_BYTES
    assert len(read(text, NAME).entries) == 5000
