from __future__ import annotations

from reviewer.change.change import FileChange, Hunk, Kind, Line
from reviewer.change.identity import identities, unseen


def hunk(start: int, *added: str, context: str = "x") -> Hunk:
    lines = (Line(" ", start, start, context), *(Line("+", None, start + n, text) for n, text in enumerate(added, 1)))
    return Hunk(start, 1, start, len(lines), "", lines)


def file(*hunks: Hunk, path: str = "a.py") -> FileChange:
    return FileChange(path, Kind.MODIFIED, hunks)


def test_a_hunk_is_known_wherever_it_stands() -> None:
    seen = identities([file(hunk(1, "a"), hunk(9, "b"))])
    assert unseen(file(hunk(5, "b"), hunk(70, "a")), seen).hunks == ()


def test_another_line_context_path_or_marker_is_another_hunk() -> None:
    seen = identities([file(hunk(1, "a"))])
    for other in (hunk(1, "b"), hunk(1, "a", context="y"), hunk(1, "a", "a")):
        assert unseen(file(other), seen).hunks == (other,)
    assert len(unseen(file(hunk(1, "a"), path="b.py"), seen).hunks) == 1


def test_a_further_copy_is_new() -> None:
    seen = identities([file(hunk(1, "a"))])
    twice = file(hunk(1, "a"), hunk(40, "a"))
    assert unseen(twice, seen).hunks == (twice.hunks[1],)
    assert unseen(twice, identities([twice])).hunks == ()


def test_paths_that_were_lost_are_not_seen() -> None:
    lost = file(hunk(1, "a"))
    assert identities([lost], without=["a.py"]) == frozenset()


def test_an_identity_is_32_hex_digits_of_any_text() -> None:
    odd = file(hunk(1, "half a pair: \ud800"), path="\udcff.py")
    (name,) = identities([odd])
    assert len(name) == 32
    int(name, 16)
    assert unseen(odd, frozenset({name})).hunks == ()
