from __future__ import annotations

from functools import partial

import pytest
from evidence_files import FOLDER, refusal
from hypothesis import given
from hypothesis import strategies as st

from reviewer.context import coverage
from reviewer.context.coverage import Lines, Measured, cobertura, in_words, lcov, uncovered
from reviewer.errors import Misuse

DOCTYPE = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'


def xml(classes: str = "", *, sources: str = "", doctype: str = "") -> bytes:
    inside = f"<sources>{sources}</sources><packages><package><classes>{classes}</classes></package></packages>"
    return f'<?xml version="1.0"?>{doctype}<coverage line-rate="1">{inside}</coverage>'.encode()


def one(name: str, *lines: tuple[object, object]) -> str:
    rows = "".join(f'<line number="{number}" hits="{hits}"/>' for number, hits in lines)
    return f'<class filename="{name}"><methods/><lines>{rows}</lines></class>'


def by_last(measured: Measured) -> dict[str, tuple[list[int], list[int]]]:
    return {names[-1]: (sorted(lines.covered), sorted(lines.missed)) for names, lines in measured.files.items()}


def test_both_reports_of_coverage_say_the_same() -> None:
    first = cobertura((FOLDER / "coverage.xml").read_bytes(), "coverage.xml")
    second = lcov((FOLDER / "lcov.info").read_bytes(), "lcov.info")
    prices = Lines({1, 2, 4, 6, 9}, {3, 5, 10})
    assert first.files[("shop/prices.py", "/home/ada/work/shop/shop/prices.py")] == prices
    assert second.files[("shop/prices.py",)] == prices
    assert len(first.files) == len(second.files) == 3


def test_a_line_is_told_once_for_each_class_and_method_that_has_it() -> None:
    method = '<method><lines><line number="1" hits="2"/></lines></method>'
    method = f'<class filename="a.java"><methods>{method}</methods></class>'
    found = cobertura(xml(method + one("a.java", (1, 0), (2, 0)) + one("a.java", (2, 1))), "x.xml")
    assert by_last(found) == {"a.java": ([1, 2], [1, 2])}
    assert uncovered([1, 2], list(found.files.values())) == ((), 0)


def test_names_are_relative_to_any_of_the_sources() -> None:
    found = cobertura(xml(one("pkg\\a.cs", (1, 1)), sources="<source>C:\\w\\</source><source>.</source>"), "x.xml")
    assert list(found.files) == [("pkg/a.cs", "/w/pkg/a.cs")]
    found = cobertura(xml(one("/w/a.py", (1, 1)), sources="<source>/v</source>"), "x.xml")
    assert list(found.files) == [("/w/a.py",)]


def test_odd_lines_say_nothing() -> None:
    odd = one("a.py", ("x", 1), (0, 1), (10**25, 1), (3, "many"), (4, ""), (5, -1), (6, 10**29))
    stray = '<line number="9" hits="1"/>'
    assert by_last(cobertura(xml(stray + odd + stray + one("", (1, 1))), "x.xml")) == {"a.py": ([6], [5])}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<coverage>", "no well-formed XML (line 1)"),
        (b"<?xml version='1.0' encoding='none-such'?><coverage/>", "no well-formed XML"),
        (b"<coverage/>", "no <packages>"),
        (b"<coverage><project/></coverage>", "no <packages>"),
        (b"<report><packages/></report>", "its root is no <coverage>"),
        (b"<coverage>" + b"<a>" * 200, "nested too deeply"),
        (xml(doctype='<!DOCTYPE coverage [<!ENTITY a "b">]>'), "declares XML entities"),
        (xml(doctype='<!DOCTYPE coverage [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>'), "declares XML entities"),
        (xml(doctype='<!DOCTYPE coverage [<!ATTLIST line a CDATA "b">]>'), "declares XML entities or defaults"),
        (xml(sources="<source>/a</source>" * 51), "51 source folders: at most 50"),
    ],
)
def test_what_is_no_cobertura_is_said_in_one_line(data: bytes, says: str) -> None:
    with pytest.raises(Misuse) as caught:
        cobertura(data, "x.xml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("x.xml ")
    assert "\n" not in str(caught.value)


def test_the_usual_document_type_is_fine_and_not_fetched() -> None:
    assert by_last(cobertura(xml(one("a.py", (1, 1)), doctype=DOCTYPE), "x.xml")) == {"a.py": ([1], [])}


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "MAX_FILES", 1)
    for read, data in ((cobertura, xml(one("a") + one("b"))), (lcov, b"SF:a\nSF:b\n")):
        with pytest.raises(Misuse, match="x measures 2 files: at most 1 are read; split it"):
            read(data, "x")


def test_lcov_as_others_write_it() -> None:
    data = (
        b"# made by hand\r\nTN:unit\r\nSF:/w/src/a.c\r\nFN:1,f\r\nDA:1,2,d41d8cd9\r\nDA:2,0\r\nDA:3,-1\r\n"
        b"BRDA:2,0,0,-\r\nDA:9999999999,1\nDA:x,1\nDA:4\nend_of_record\nDA:7,1\nSF:/w/src/a.c\nDA:2,1\nend_of_record\nSF:\xff.c\nDA:1,1\n"
    )
    assert by_last(lcov(data, "x.info")) == {"/w/src/a.c": ([1, 2], [2, 3]), "/xff.c": ([1], [])}


def test_what_is_no_lcov() -> None:
    with pytest.raises(Misuse, match=r"x\.info is no lcov file"):
        lcov(b"TN:\nDA:1,1\n", "x.info")


@pytest.mark.parametrize(
    ("added", "covered", "missed", "ranges", "count"),
    [
        ([1, 2, 3], [1], [2, 3], ((2, 3),), 2),
        ([1, 2, 3, 4], [], [1, 4], ((1, 4),), 2),
        ([1, 2, 3], [2], [1, 3], ((1, 1), (3, 3)), 2),
        ([1, 3], [], [1, 3], ((1, 1), (3, 3)), 2),
        ([1, 2, 4, 5], [], [1, 5], ((1, 1), (5, 5)), 2),
        ([2, 3], [], [1, 3, 4], ((3, 3),), 1),
        ([1, 2], [], [], (), 0),
        ([1], [1], [1], (), 0),
        ([], [], [1], (), 0),
    ],
)
def test_ranges_go_on_over_lines_that_cannot_be_run(
    added: list[int], covered: list[int], missed: list[int], ranges: object, count: int
) -> None:
    assert uncovered(added, [Lines(set(covered), set(missed))]) == (ranges, count)


def test_a_line_is_covered_if_any_report_covers_it() -> None:
    assert uncovered([1, 2, 3], [Lines({1}, {2, 3}), Lines({2}, {1, 3})]) == (((3, 3),), 1)
    assert uncovered([1], []) == ((), 0)


def test_ranges_in_words() -> None:
    assert in_words([(10, 14), (20, 20)]) == "10-14, 20"


numbers = st.sets(st.integers(1, 12))


@given(st.sets(st.integers(1, 12)).map(sorted), numbers, numbers)
def test_exactly_the_uncovered_lines_are_in_ranges_of_added_ones(
    added: list[int], covered: set[int], missed: set[int]
) -> None:
    ranges, count = uncovered(added, [Lines(covered, missed)])
    inside = [number for first, last in ranges for number in range(first, last + 1)]
    wanted = [number for number in added if number in missed - covered]
    assert count == len(wanted)
    assert set(wanted) <= set(inside) <= set(added) - covered
    assert inside == sorted(set(inside))


@given(st.sampled_from(["coverage.xml", "lcov.info"]), st.integers(0, 2_000), st.binary(max_size=4), st.booleans())
def test_bytes_that_are_wrong_are_misuse_or_nothing(name: str, at: int, instead: bytes, cut: bool) -> None:
    data = (FOLDER / name).read_bytes()
    data = data[:at] + instead + (b"" if cut else data[at + 1 :])
    for read in (cobertura, lcov):
        assert "\n" not in refusal(partial(read, data, name))
