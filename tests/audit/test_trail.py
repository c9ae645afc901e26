"""The memory of an audit, with a real tree, a real journal and the real packing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.audit import order, trail
from reviewer.audit.journal import Journal
from reviewer.audit.order import Risks
from reviewer.audit.trail import Trail
from reviewer.change.numbered import render
from reviewer.change.pieces import Chunk
from reviewer.change.select import Selection
from reviewer.checks import catalogue
from reviewer.conversation import Answer
from reviewer.examination import Examined
from reviewer.findings import Note, NoteCode, Reason, Unreviewed
from reviewer.ledger import Ledger
from reviewer.memory import Forgetful, Part, Recalled
from reviewer.messages import Usage
from reviewer.preparation import prepared
from reviewer.sources import tree
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TOKEN = "ghp_" + "x7Kq2LmN9pRs4TuV6wXy8ZaB1cDe3FgH5jK0"
SHOWN = partial(Redactor, catalogue.secret_patterns(catalogue.load()))


class Run:
    """One audit of a folder: what it was given to read, and what it was told of before."""

    def __init__(
        self, root: Path, cache: Path | None, *, writes: bool = True, only: str = "", heat: object = None
    ) -> None:
        self.show, self.aside = Show(SHOWN()), Show(SHOWN())
        self.tree = tree.folder(root)
        self.journal = Journal(cache, "digest", now=lambda: 1e9) if cache else None
        taken = [each for each in self.tree.listing.entries if each.path.startswith(only)]
        risks = Risks(heat=heat if isinstance(heat, dict) else {})
        self.trail = Trail(
            self.tree,
            taken,
            lambda entries: order.by_risk(order.grouped(entries), risks),
            self.journal,
            aside=self.aside,
            writes=writes,
        )
        self.chunks: list[Chunk] = []
        self.recalled: list[Recalled] = []
        self.left_out: list[Unreviewed] = []

    def read(self, most: int | None = None, result: Examined = Examined()) -> Run:  # noqa: B008 - frozen
        """Reads so many chunks, then stops in its tracks."""
        pack = partial(
            prepared,
            selection=Selection(),
            attributes=None,
            read=self.tree.read,
            chunk_tokens=500,
            show=self.show,
            ledger=Ledger(),
        )
        for item in self.trail.packed((), pack):
            if isinstance(item, Recalled):
                self.recalled.append(item)
            elif isinstance(item, Unreviewed):
                self.left_out.append(item)
            elif most is None or len(self.chunks) < most:
                self.chunks.append(item)
                self.trail.keep(item, Part.MODEL, result)
                self.trail.keep(item, Part.CHECKS, Examined())
            else:
                break
        if self.journal:
            self.journal.close()
        return self

    @property
    def texts(self) -> list[str]:
        return [render(chunk) for chunk in self.chunks]

    @property
    def lines(self) -> dict[str, int]:
        """Of each path, those that were read now, before, or left out."""
        counted: dict[str, int] = {}
        now = [(piece.file.path, piece.changed) for chunk in self.chunks for piece in chunk.pieces]
        before = [row for each in self.recalled for row in each.lines]
        left = [(each.path, each.lines) for each in self.left_out]
        for path, count in (*now, *before, *left):
            counted[path] = counted.get(path, 0) + count
        return counted


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def source(name: str, lines: int) -> str:
    return "".join(f"value_{name}_{n} = compute({n}, other=value_{n - 1})\n" for n in range(lines))


SHOP = {
    **{f"src/m{n}.py": source(str(n), 4 + n * 7 % 30) for n in range(12)},
    "src/large.py": source("large", 160),
    "src/key.py": f'token = "{TOKEN}"\nother = "{TOKEN[:-1]}Z"\n',
    "src/wide.py": f"a = 1\nb = '{'x' * 5000}'\nc = 3\n",
    "package-lock.json": "{}\n",
    "binary.bin": "\0",
    "empty.py": "",
}
LINES = {path: text.count("\n") for path, text in SHOP.items()} | {"binary.bin": 0}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write(tmp_path / "shop", SHOP)


def test_every_line_is_read_once_left_out_or_recalled(shop: Path, tmp_path: Path) -> None:
    first = Run(shop, tmp_path / "cache").read()
    assert first.lines == LINES
    assert first.recalled == []
    again = Run(shop, tmp_path / "cache").read()
    assert (again.chunks, again.lines) == ([], LINES)
    assert len(again.recalled) == len(first.chunks)
    assert sorted(map(repr, again.left_out)) == sorted(map(repr, first.left_out))
    assert (first.show.secrets + first.trail.secrets, again.show.secrets + again.trail.secrets) == (2, 2)


def test_nothing_is_opened_that_was_read_before(shop: Path, tmp_path: Path) -> None:
    Run(shop, tmp_path / "cache").read()
    again = Run(shop, tmp_path / "cache")
    for path in shop.rglob("*.py"):
        path.unlink()
    again.read()
    assert (again.chunks, again.lines) == ([], LINES)


@pytest.mark.parametrize("most", [0, 1, 5, 11])
def test_what_was_packed_and_not_read_is_asked_about_in_the_same_words(shop: Path, tmp_path: Path, most: int) -> None:
    whole = Run(shop, tmp_path / "one").read()
    Run(shop, tmp_path / "two").read(most)
    rest = Run(shop, tmp_path / "two", heat={"src/m11.py": 3.0}).read()
    assert len(rest.recalled) == most
    assert sorted(rest.texts) == sorted(whole.texts[most:])
    assert rest.lines == whole.lines
    assert rest.show.secrets + rest.trail.secrets == 2


def test_bundles_are_packed_apart_so_that_a_run_may_end_between_them(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "BUNDLE_BYTES", 3_000)
    whole = Run(shop, tmp_path / "one").read()
    for most in range(len(whole.chunks)):
        Run(shop, tmp_path / f"cache{most}").read(most)
        rest = Run(shop, tmp_path / f"cache{most}").read()
        assert sorted(rest.texts) == sorted(whole.texts[most:])
        assert rest.lines == whole.lines


def test_a_changed_file_takes_along_what_its_chunks_hold_and_no_more(shop: Path, tmp_path: Path) -> None:
    first = Run(shop, tmp_path / "cache").read()
    write(shop, {"src/m3.py": source("three", 20)})
    again = Run(shop, tmp_path / "cache").read()
    held = {
        (piece.file.path, line.new)
        for chunk in first.chunks
        if any(piece.file.path == "src/m3.py" for piece in chunk.pieces)
        for piece in chunk.pieces
        for line in piece.lines
        if piece.file.path != "src/m3.py"
    }
    asked = {(piece.file.path, line.new) for chunk in again.chunks for piece in chunk.pieces for line in piece.lines}
    assert asked == held | {("src/m3.py", n) for n in range(1, 21)}
    assert again.lines == {**LINES, "src/m3.py": 20}
    third = Run(shop, tmp_path / "cache").read()
    assert (third.chunks, third.lines) == ([], again.lines)


def test_a_part_of_a_file_is_asked_about_in_the_same_words_when_that_is_cut_short(shop: Path, tmp_path: Path) -> None:
    for cache in ("one", "two"):
        Run(shop, tmp_path / cache).read()
    edges = [f"src/m{n}.py" for n in range(12)]
    write(shop, {path: source("new", 9) for path in edges})
    whole = Run(shop, tmp_path / "one").read()
    Run(shop, tmp_path / "two").read(1)
    rest = Run(shop, tmp_path / "two").read()
    assert sorted(rest.texts) == sorted(whole.texts[1:])


def test_a_removed_file_and_a_new_one(shop: Path, tmp_path: Path) -> None:
    Run(shop, tmp_path / "cache").read()
    (shop / "src/m4.py").unlink()
    write(shop, {"src/new.py": "x = 1\n"})
    again = Run(shop, tmp_path / "cache").read()
    assert again.lines == {path: count for path, count in {**LINES, "src/new.py": 1}.items() if path != "src/m4.py"}


def test_another_guide_around_a_file_and_it_is_read_again(shop: Path, tmp_path: Path) -> None:
    Run(shop, tmp_path / "cache").read()
    write(shop, {"AGENTS.md": "Mind the gap.\n"})
    again = Run(shop, tmp_path / "cache").read()
    assert again.recalled == []
    assert again.lines == {**LINES, "AGENTS.md": 1}


def test_parts_and_the_whole_in_one_journal_count_no_line_twice(shop: Path, tmp_path: Path) -> None:
    Run(shop, tmp_path / "cache").read()
    for part in ("src/l", "src/m1", "src/m"):
        Run(shop, tmp_path / "cache", only=part).read()
    again = Run(shop, tmp_path / "cache").read()
    assert (again.chunks, again.lines) == ([], LINES)


LOST = Answer(lost=(Unreviewed("a.py", Reason.TIMEOUT, "late"),))
UNJUDGED = Answer(notes=(Note(NoteCode.UNVERIFIED, "not judged"),))


@pytest.mark.parametrize(("answer", "kept"), [(LOST, False), (UNJUDGED, False), (Answer(usage=Usage(2)), True)])
def test_what_was_read_by_halves_is_read_again(shop: Path, tmp_path: Path, answer: Answer, kept: bool) -> None:
    first = Run(shop, tmp_path / "cache").read(result=Examined(answer=answer))
    again = Run(shop, tmp_path / "cache").read()
    assert len(again.recalled) == (len(first.chunks) if kept else 0)
    assert sorted(again.texts) == ([] if kept else sorted(first.texts))
    if kept:
        assert {sum((each.answer.usage.cached_calls) for each in one.results) for one in again.recalled} == {2}


def test_a_plan_reads_the_journal_and_writes_nothing(shop: Path, tmp_path: Path) -> None:
    planned = Run(shop, tmp_path / "cache", writes=False).read()
    assert sorted(Run(shop, tmp_path / "cache").read().texts) == sorted(planned.texts)
    assert Run(shop, tmp_path / "cache", writes=False).read().chunks == []


def test_without_a_journal_nothing_is_remembered(shop: Path) -> None:
    assert Run(shop, None).read().texts == Run(shop, None).read().texts


def test_a_file_that_changes_under_the_reader_is_lost_and_not_fatal(shop: Path, tmp_path: Path) -> None:
    Run(shop, tmp_path / "cache").read(0)
    again = Run(shop, tmp_path / "cache")
    write(shop, {"src/large.py": "x\n"})
    (shop / "src/m2.py").unlink()
    again.read()
    lost = [each for each in again.left_out if each.reason.is_loss]
    assert {"src/large.py", "src/m2.py"} <= {each.path for each in lost}
    assert again.lines == LINES


def test_riskier_files_are_handed_out_first(shop: Path, tmp_path: Path) -> None:
    write(shop, {f"src/m{n}.py": source(str(n), 12) for n in range(12)})
    heated = Run(shop, tmp_path / "cache", heat={"src/m9.py": 5.0}).read(1)
    assert next(piece.file.path for piece in heated.chunks[0].pieces) == "src/m9.py"
    again = Run(shop, tmp_path / "cache", heat={"src/m7.py": 5.0}).read(1)
    assert "src/m7.py" in [piece.file.path for piece in again.chunks[0].pieces]


TREES = st.dictionaries(st.from_regex(r"\A[ab]/(test_)?[a-e]\.py\Z"), st.integers(0, 90), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=TREES, after=TREES, most=st.integers(0, 4))
def test_whatever_changes_and_wherever_it_ends_every_line_counts_once(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, int], after: dict[str, int], most: int
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    write(folder / "shop", {path: source(path[0], lines) for path, lines in before.items()})
    Run(folder / "shop", folder / "cache").read(most)
    write(folder / "shop", {path: source(path[0], lines) for path, lines in after.items()})
    for _ in range(2):
        assert Run(folder / "shop", folder / "cache").read(most=None).lines == {**before, **after}


def test_forgetful_packs_everything() -> None:
    def pack(files: object, *, in_order: bool = False) -> Iterator[Chunk | Unreviewed]:
        assert (files, in_order) == ((), False)
        return iter(())

    forgetful = Forgetful()
    assert list(forgetful.packed((), pack)) == []
    forgetful.keep(Chunk((), 0), Part.MODEL, Examined())
