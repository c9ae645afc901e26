from __future__ import annotations

from entries import entry
from hypothesis import given
from hypothesis import strategies as st

from reviewer.audit import order
from reviewer.audit.order import Risks
from reviewer.change.families import is_test

PATHS = st.lists(
    st.from_regex(r"\A(src|lib|tests)/[ab]/(test_)?[a-d]\.(py|ts|md)\Z"), min_size=1, max_size=40, unique=True
)


def paths(risks: Risks, *names: str, size: int = 1_000) -> list[str]:
    found = order.grouped([entry(name, size) for name in sorted(names)])
    return [each.path for family in order.by_risk(found, risks) for each in family]


@given(PATHS, st.dictionaries(st.sampled_from(["src/a/a.py", "lib/b/c.ts"]), st.floats(0, 100)))
def test_every_file_once_families_in_one_piece_and_always_the_same(names: list[str], heat: dict[str, float]) -> None:
    found = order.grouped([entry(name) for name in names])
    ordered = order.by_risk(found, Risks(heat))
    assert sorted(each.path for family in ordered for each in family) == sorted(names)
    assert sorted(map(repr, ordered)) == sorted(map(repr, found))
    assert order.by_risk(found, Risks(heat)) == ordered


MANY = tuple(f"src/m{n:03}.py" for n in range(100))


def test_what_changes_often_what_many_need_and_where_programs_begin_come_first() -> None:
    hot = Risks(heat={"src/m050.py": 9.0, "src/m060.py": 1.0})
    assert paths(hot, *MANY)[0] == "src/m050.py"
    assert "src/m060.py" in paths(hot, *MANY)[:4]
    assert paths(Risks(dependents={"src/m070.py": 40, "src/m010.py": 1}), *MANY)[:4].count("src/m070.py") == 1
    assert "src/m099.py" in paths(Risks(entry_points=frozenset({"src/m099.py"})), *MANY)[:4]


def test_tests_and_prose_wait_however_often_they_change() -> None:
    names = (*MANY, "docs/guide.md", "tests/test_other.py")
    heat = {**dict.fromkeys(MANY, 5.0), "docs/guide.md": 6.0, "tests/test_other.py": 6.0}
    assert {*paths(Risks(heat=heat), *names)[45:]} >= {"docs/guide.md", "tests/test_other.py"}
    assert is_test("tests/test_other.py")


def test_a_test_goes_with_its_source() -> None:
    ordered = paths(Risks(heat={"src/m050.py": 9.0}), *MANY, "tests/test_m050.py")
    assert ordered[:2] == ["src/m050.py", "tests/test_m050.py"]


def test_neighbours_stay_neighbours_within_a_band() -> None:
    ordered = paths(Risks(heat={name: n / 100 for n, name in enumerate(MANY)}), *MANY)
    last = ordered[-50:]
    assert last == sorted(last)
    assert ordered[0] == "src/m096.py"


def test_nothing_is_no_trouble() -> None:
    assert order.by_risk([], Risks()) == []
