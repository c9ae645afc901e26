from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, overload

import pytest
from changed import added, hunk, modified
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.change import chunks, numbered
from reviewer.change.change import FileChange, Hunk, Kind, Line
from reviewer.change.pieces import Chunk, Piece
from reviewer.findings import Reason, Unreviewed
from reviewer.text.tokens import estimate


def as_it_is(lines: Sequence[str]) -> Sequence[str]:
    return lines


def packed(files: Sequence[FileChange | Unreviewed], budget: int = 8_000) -> list[Chunk]:
    return [item for item in chunks.pack(files, budget=budget, show=as_it_is) if isinstance(item, Chunk)]


def names(chunk: Chunk) -> list[str]:
    return list(dict.fromkeys(piece.file.path for piece in chunk.pieces))


def words(count: int, name: str = "word") -> str:
    return "\n".join(f"{name} number {n} of so many words in a text" for n in range(count))


# The invariant


texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30),
    st.builds("x".__mul__, st.integers(0, 300)),
)


@st.composite
def hunks(draw: st.DrawFn) -> tuple[Hunk, ...]:
    made = []
    old = new = 1
    for _ in range(draw(st.integers(0, 4))):
        begin = old, new
        lines = []
        for marker in draw(st.text("+- ", max_size=25)):
            lines.append(Line(marker, None if marker == "+" else old, None if marker == "-" else new, draw(texts)))  # type: ignore[arg-type]
            old += marker != "+"
            new += marker != "-"
        made.append(Hunk(begin[0], old - begin[0], begin[1], new - begin[1], "def f():", tuple(lines)))
        old += 7
        new += 7
    return tuple(made)


paths = st.sampled_from(["a.py", "test_a.py", "src/b.ts", "src/b.spec.ts", "src/c.ts", "go/d_test.go", "é/ü.rs"])
files = st.lists(st.builds(FileChange, paths, st.just(Kind.MODIFIED), hunks()), max_size=8)


def changed_lines(files: Sequence[FileChange]) -> Counter[tuple[int, str, int]]:
    return Counter(place for file in files for line in file.lines() if (place := place_of(file, line)))


def place_of(file: FileChange, line: Line) -> tuple[int, str, int] | None:
    number = line.new if line.marker == "+" else line.old
    return None if line.marker == " " or number is None else (id(file), line.marker, number)


@settings(max_examples=150, deadline=None)
@given(files=files, budget=st.sampled_from([40, 120, 500]), longest=st.sampled_from([100, 4_000]))
def test_every_changed_line_is_in_one_piece_or_named(files: list[FileChange], budget: int, longest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "MAX_LINE", longest)
        items = list(chunks.pack(files, budget=budget, show=lambda lines: [f"{line}!" for line in lines]))

    made = [item for item in items if isinstance(item, Chunk)]
    left = [item for item in items if isinstance(item, Unreviewed)]
    seen = Counter(
        place
        for chunk in made
        for piece in chunk.pieces
        for line in piece.lines
        if (place := place_of(piece.file, line))
    )
    assert set(seen.values()) <= {1}
    missing = changed_lines(files) - seen
    assert sum(missing.values()) == sum(entry.lines for entry in left)
    assert seen.keys() <= changed_lines(files).keys()
    for chunk in made:
        assert chunk.tokens == estimate(numbered.render(chunk))
        assert chunk.tokens <= budget or [len(piece.lines) for piece in chunk.pieces] == [1]
        for piece in chunk.pieces:
            assert piece.changed
            assert piece.shown == tuple(f"{line.text}!" for line in piece.lines)
            assert max(map(len, piece.shown)) <= longest


@settings(max_examples=60, deadline=None)
@given(files=files)
def test_halves_have_everything_and_end_at_one_line(files: list[FileChange]) -> None:
    for chunk in packed(files, 500):
        check_halves(chunk)


def check_halves(chunk: Chunk) -> None:
    halves = chunks.halve(chunk)
    if halves is None:
        assert sum(piece.changed for piece in chunk.pieces) == 1
        return
    for half in halves:
        assert half.tokens == estimate(numbered.render(half))
        assert all(piece.changed for piece in half.pieces)
    assert [row for half in halves for row in rows(half)] == rows(chunk)
    for half in halves:
        check_halves(half)


def rows(chunk: Chunk) -> list[tuple[int, Line, str]]:
    return [(id(piece.file), *row) for piece in chunk.pieces for row in zip(piece.lines, piece.shown, strict=True)]


@settings(max_examples=40, deadline=None)
@given(files=files, budget=st.sampled_from([40, 500]))
def test_a_chunk_is_made_again_from_where_its_lines_stand(files: list[FileChange], budget: int) -> None:
    def shouted(lines: Sequence[str]) -> Sequence[str]:
        return [line.upper() for line in lines]

    for item in chunks.pack(files, budget=budget, show=shouted):
        if isinstance(item, Chunk):
            parts = []
            for piece in item.pieces:
                first = next(at for at, line in enumerate(piece.hunk.lines) if line is piece.lines[0])
                parts.append((piece.file, piece.hunk, first, first + len(piece.lines)))
            assert chunks.restored(parts, shouted) == item


@settings(max_examples=20, deadline=None)
@given(files=files)
def test_the_same_files_make_the_same_chunks(files: list[FileChange]) -> None:
    assert packed(files, 120) == packed(files, 120)


# What goes together


def test_a_source_and_its_test_share_a_chunk() -> None:
    text = words(40)
    sources = [added(f"src/{name}.py", text) for name in "abcdefgh"]
    tests = [added(f"tests/test_{name}.py", text) for name in "abcdefgh"]

    for chunk in packed([*sources, *tests], estimate(numbered.render(Chunk(piece_of(sources[0]), 0))) * 2 + 20):
        source, test = names(chunk)
        assert test == source.replace("src/", "tests/test_")


def piece_of(file: FileChange) -> tuple[Piece]:
    lines = file.hunks[0].lines
    return (Piece(file, file.hunks[0], lines, tuple(line.text for line in lines)),)


def test_what_fits_into_one_call_is_one_call() -> None:
    (chunk,) = packed([added(f"d{n % 3}/f{n}.py", "x = 1") for n in range(100)])

    assert len(chunk.pieces) == 100


def test_a_gap_is_filled_by_what_comes_later() -> None:
    files = [added("a.py", words(30)), added("b.py", words(30)), added("c.py", words(10)), added("d.py", words(10))]
    room = estimate(numbered.render(Chunk(piece_of(files[0]) + piece_of(files[2]), 0))) + 10

    assert [names(chunk) for chunk in packed(files, room)] == [["a.py", "d.py"], ["b.py", "c.py"]]


def test_a_family_too_large_for_one_chunk_is_parted_between_files() -> None:
    files = [added("a.py", words(30)), added("test_a.py", words(30))]

    assert [names(chunk) for chunk in packed(files, 600)] == [["a.py"], ["test_a.py"]]


def test_a_file_that_fits_is_never_cut() -> None:
    files = [modified(f"{n}.py", hunk("+" + words(9).replace("\n", "\n+")), hunk("-x", 50)) for n in range(40)]

    parts = Counter(name for chunk in packed(files, 500) for name in names(chunk))

    assert set(parts.values()) == {1}
    assert len(parts) == 40


def test_calls_are_few() -> None:
    files = [added(f"d{n % 7}/f{n}.py", words(5 + n * 37 % 60)) for n in range(200)]
    made = packed(files, 2_000)

    assert len(made) <= 1.1 * sum(chunk.tokens for chunk in made) / 2_000 + 1


# Where a hunk is cut


def test_a_large_file_is_cut_between_its_hunks() -> None:
    text = words(20).replace("\n", "\n+")
    file = modified("a.py", *(hunk("+" + text, start=1 + 100 * n) for n in range(10)))

    made = packed([file], 900)

    assert all(piece.lines == piece.hunk.lines for chunk in made for piece in chunk.pieces)
    assert {len(chunk.pieces) for chunk in made} == {3, 1} or len({len(chunk.pieces) for chunk in made}) <= 2


def test_a_huge_hunk_is_cut_into_ranges_that_do_not_overlap() -> None:
    made = packed([added("a.py", words(3_000))], 1_000)

    ranges = [piece.new_range for chunk in made for piece in chunk.pieces]
    assert ranges[0] is not None
    assert ranges[0][0] == 1
    assert all(one and other and one[1] + 1 == other[0] for one, other in pairwise(ranges))
    assert ranges[-1] is not None
    assert ranges[-1][1] == 3_000
    assert all(chunk.tokens > 900 for chunk in made[:-1])


def test_deleted_lines_stay_with_what_replaces_them() -> None:
    block = "-old words of a line\n-more old words\n+new words of a line\n+more new words"
    file = modified("a.py", hunk("\n".join([block] * 60)))

    for chunk in packed([file], 300):
        (piece,) = chunk.pieces
        assert piece.lines[0].marker == "-"
        assert piece.lines[-1].marker == "+"


def test_a_cut_prefers_a_blank_line_among_added_ones() -> None:
    text = words(7) + "\n\n"
    file = added("a.py", (text * 40).rstrip("\n"))

    for chunk in packed([file], 400)[:-1]:
        (piece,) = chunk.pieces
        assert not piece.lines[-1].text.strip()


def test_parts_of_nothing_but_context_are_left_away() -> None:
    context = " " + words(200).replace("\n", "\n ")
    made = packed([modified("a.py", hunk(f"{context}\n+x\n{context}"))], 500)

    assert [piece.new_range for chunk in made for piece in chunk.pieces] == [(201, 201)]


def test_a_hunk_without_a_change_is_no_piece() -> None:
    assert packed([modified("a.py", hunk(" x\n y")), FileChange("b.py", Kind.MODIFIED)]) == []


def test_a_line_too_long_to_show_is_named_and_the_hunk_goes_on_around_it() -> None:
    long = "x" * (chunks.MAX_LINE + 1)
    file = modified("a.js", hunk(f"+a\n+{long}\n-{long}\n {long}\n+b"))

    *left, chunk = chunks.pack([file], budget=8_000, show=as_it_is)

    detail = "a line of more than 4000 characters"
    assert left == [
        Unreviewed("a.js", Reason.TOO_LARGE, detail, new=(2, 2), lines=1),
        Unreviewed("a.js", Reason.TOO_LARGE, detail, old=(1, 1), lines=1),
    ]
    assert isinstance(chunk, Chunk)
    assert [piece.shown for piece in chunk.pieces] == [("a",), ("b",)]


def test_a_line_larger_than_the_budget_is_a_chunk_of_its_own() -> None:
    made = packed([added("a.py", f"a\n{'word ' * 700}\nb")], 500)

    assert [len(chunk.pieces[0].lines) for chunk in made] == [1, 1, 1]
    assert [chunk.tokens > 500 for chunk in made].count(True) == 1


def test_a_hunk_is_shown_as_a_whole_before_it_is_cut() -> None:
    seen = []

    def show(lines: Sequence[str]) -> Sequence[str]:
        seen.append(len(lines))
        return lines

    list(chunks.pack([added("a.py", words(500)), modified("b.py", hunk(" x"))], budget=500, show=show))

    assert seen == [500]


def test_a_show_that_loses_lines_is_a_bug() -> None:
    with pytest.raises(ValueError, match=r"2 lines of a\.py were shown as 1"):
        list(chunks.pack([added("a.py", "x\ny")], budget=500, show=lambda lines: lines[1:]))


# Halves, and what is lost


def test_halves_are_cut_between_files_then_hunks_then_lines() -> None:
    one, two = modified("a.py", hunk("+a"), hunk("-b\n+c", 9)), added("b.py", "d")
    (chunk,) = packed([one, two])

    first, second = halves(chunk)
    assert (names(first), names(second)) == (["a.py"], ["b.py"])
    assert chunks.halve(second) is None
    first, second = halves(first)
    assert [first.pieces[0].hunk, second.pieces[0].hunk] == list(one.hunks)
    first, second = halves(second)
    assert [line.marker for half in (first, second) for line in half.pieces[0].lines] == ["-", "+"]


def halves(chunk: Chunk) -> tuple[Chunk, Chunk]:
    result = chunks.halve(chunk)
    assert result is not None
    return result


def test_halves_are_alike_in_size() -> None:
    (chunk,) = packed([added(f"{n:02}.py", words(3)) for n in range(41)])

    first, second = halves(chunk)

    assert abs(first.tokens - second.tokens) < chunk.tokens / 10


def test_lost_lines_are_named_by_their_ranges() -> None:
    (chunk,) = packed([modified("a.py", hunk(" a\n-b\n-c\n+d\n e", 10), hunk("+x", 30)), added("z.py", "1\n2")])

    assert chunks.lost(chunk, Reason.TIMEOUT, "no answer") == (
        Unreviewed("a.py", Reason.TIMEOUT, "no answer", new=(11, 11), old=(11, 12), lines=3),
        Unreviewed("a.py", Reason.TIMEOUT, "no answer", new=(30, 30), lines=1),
        Unreviewed("z.py", Reason.TIMEOUT, "no answer", new=(1, 2), lines=2),
    )


# A stream stays a stream


class Lazy(Sequence[Hunk]):
    """Hunks made when asked for, as a tree of files has them; counts the files that were read."""

    def __init__(self, tree: Tree, number: int) -> None:
        self.tree, self.number = tree, number

    def __len__(self) -> int:
        return 1

    @overload
    def __getitem__(self, index: int) -> Hunk: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hunk]: ...
    def __getitem__(self, index: Any) -> Any:
        if index:
            raise IndexError(index)
        self.tree.read.add(self.number)
        return added("x", words(20, f"file {self.number}")).hunks[0]


class Tree:
    """A source of many files."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.read: set[int] = set()
        self.alive: weakref.WeakSet[Lazy] = weakref.WeakSet()

    def files(self) -> Iterator[FileChange]:
        for number in range(self.count):
            hunks = Lazy(self, number)
            self.alive.add(hunks)
            yield FileChange(f"d{number // 50}/f{number}.py", Kind.ADDED, hunks)


def test_memory_does_not_follow_the_number_of_files() -> None:
    tree = Tree(3_000)
    stream = chunks.pack(tree.files(), budget=1_000, show=as_it_is)
    first = next(stream)
    assert isinstance(first, Chunk)
    assert len(tree.read) <= 20 * len(names(first))

    most, covered = 0, len(first.pieces)
    del first
    for item in stream:
        assert isinstance(item, Chunk)
        covered += len(item.pieces)
        most = max(most, len(tree.alive))

    assert covered == len(tree.read) == 3_000
    assert most <= chunks.WINDOW_FILES + 4 * chunks.OPEN


def test_many_small_files_do_not_wait_for_all_of_them() -> None:
    asked = []

    def files() -> Iterator[FileChange]:
        for number in range(10 * chunks.WINDOW_FILES):
            asked.append(number)
            yield added(f"{number}.py", "x = 1")

    next(chunks.pack(files(), budget=1_000, show=as_it_is))

    assert len(asked) == chunks.WINDOW_FILES


def test_what_select_left_out_passes_through() -> None:
    left = Unreviewed("go.sum", Reason.LOCK, "matches go.sum", lines=9)

    assert list(chunks.pack([left], budget=500, show=as_it_is)) == [left]
