from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from evidence_files import FOLDER, log, refusal, result
from hypothesis import given
from hypothesis import strategies as st

from reviewer.context.sarif import document
from reviewer.errors import Misuse
from reviewer.findings import Category, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

REAL = sorted(path.name for path in FOLDER.glob("*.sarif"))


def read(*results: object, **run: Any) -> document.Run:
    (found,) = document.read(log(*results, **run), "tool.sarif")
    return found


def test_each_tool_says_what_it_found() -> None:
    said = {
        name: [
            (each.rule, each.severity.value, each.category.value, each.places[0].first)
            for run in document.read((FOLDER / name).read_bytes(), name)
            for each in run.results
        ]
        for name in REAL
    }
    assert said["ruff.sarif"] == [
        ("ruff/F401", "medium", "maintainability", 3),
        ("ruff/F841", "medium", "maintainability", 8),
        ("ruff/F821", "high", "bug", 9),
        ("ruff/F841", "medium", "maintainability", 13),
        ("ruff/S105", "high", "security", 13),
        ("ruff/S602", "high", "security", 15),
        ("ruff/S110", "high", "security", 16),
        ("ruff/E711", "medium", "style", 18),
        ("ruff/F541", "medium", "maintainability", 19),
    ]
    assert said["bandit.sarif"][2] == ("bandit/B602", "high", "security", 15)
    assert said["semgrep.sarif"] == [
        ("semgrep-oss/shell", "high", "security", 15),
        ("semgrep-oss/none-compare", "medium", "bug", 18),
    ]
    assert said["zizmor.sarif"][0] == ("zizmor/artipacked", "medium", "security", 7)
    assert said["codeql.sarif"] == [
        ("codeql/py/command-line-injection", "critical", "security", 15),
        ("codeql/py/empty-except", "low", "maintainability", 16),
    ]
    assert said["eslint.sarif"] == [
        ("eslint/no-unused-vars", "medium", "maintainability", 1),
        ("eslint/no-sparse-arrays", "medium", "bug", 2),
    ]


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({"kind": "pass"}, (0, 0, 0)),
        ({"kind": "notApplicable"}, (0, 0, 0)),
        ({"kind": "informational"}, (0, 0, 0)),
        ({"kind": "fail"}, (1, 0, 0)),
        ({"kind": "review"}, (1, 0, 0)),
        ({"baselineState": "absent"}, (0, 0, 0)),
        ({"baselineState": "unchanged"}, (0, 0, 1)),
        ({"baselineState": "new"}, (1, 0, 0)),
        ({"baselineState": "updated"}, (1, 0, 0)),
        ({"suppressions": []}, (1, 0, 0)),
        ({"suppressions": [{"kind": "inSource"}]}, (0, 1, 0)),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, (0, 1, 0)),
        ({"suppressions": [{"kind": "external", "status": "underReview"}]}, (1, 0, 0)),
        ({"suppressions": [{"status": "accepted"}, {"status": "rejected"}]}, (1, 0, 0)),
    ],
)
def test_what_is_a_defect_of_this_change(more: dict[str, Any], left: tuple[int, int, int]) -> None:
    run = read(result(**more))
    assert (len(run.results), run.suppressed, run.known) == left


def test_each_run_is_a_tool_of_its_own() -> None:
    one, other = json.loads(log(result(), tool="One")), json.loads(log(tool="The Other!"))
    one["runs"] += other["runs"]
    runs = document.read(json.dumps(one).encode(), "both.sarif")
    assert [(run.tool, len(run.results), run.failed) for run in runs] == [("one", 1, False), ("the-other", 0, False)]


@pytest.mark.parametrize(
    "run",
    [
        {"invocations": [{"executionSuccessful": True}, {"executionSuccessful": False}]},
        {"results": None},
        {"externalPropertyFileReferences": {"results": [{"location": {"uri": "more.sarif"}}]}},
    ],
    ids=["says so", "no results at all", "elsewhere"],
)
def test_a_tool_that_did_not_finish(run: dict[str, Any]) -> None:
    written = json.loads(log())
    written["runs"][0] |= run
    (found,) = document.read(json.dumps(written).encode(), "tool.sarif")
    assert found.failed


def test_more_than_can_be_read_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_RESULTS", 3)
    written = json.loads(log(result(), result()))
    written["runs"] *= 2
    first, second = document.read(json.dumps(written).encode(), "tool.sarif")
    assert [(len(run.results), run.beyond) for run in (first, second)] == [(2, 0), (1, 1)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"{", "no JSON (line 1, column 2)"),
        (b'{"a": "\xff"}', "no JSON (it is not UTF-8)"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "no JSON (a number is too long)"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "no SARIF"),
        (b"{}", "no SARIF"),
        (b'{"version": "2.1.0", "runs": null}', "no SARIF"),
        (b'{"version": "1.0.0", "runs": []}', "SARIF 1.0.0: only 2.1.0"),
        (json.dumps({"version": "2.1.0", "runs": [{}] * 201}).encode(), "201 runs: at most 200"),
    ],
)
def test_what_is_no_sarif_is_said_in_one_line(data: bytes, says: str) -> None:
    with pytest.raises(Misuse) as caught:
        document.read(data, "x.sarif")
    assert says in str(caught.value)
    assert str(caught.value).startswith("x.sarif ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_that_json_may_have(encoding: str) -> None:
    (run,) = document.read(log(result("Grün.")).decode().encode(encoding), "x.sarif")
    assert run.results[0].title == "Grün"


def test_a_run_that_describes_nothing() -> None:
    (run,) = document.read(b'{"version": "2.1.0", "runs": [{"results": [{}, null, 7]}]}', "x.sarif")
    assert [(each.rule, each.title, each.places) for each in run.results] == [
        ("tool", "a result without words", ())
    ] * 3
    assert {(each.severity, each.category) for each in run.results} == {(Severity.MEDIUM, Category.BUG)}


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 1e400, 10**30, "", "\ud800", "%%%s{0}", "file:///", "../..", [], {}, [[]], {"text": 1}, "error"]
)


@given(st.sampled_from(REAL), st.data())
def test_whatever_stands_in_its_place_it_is_read_or_refused(name: str, data: st.DataObject) -> None:
    written = json.loads((FOLDER / name).read_text())
    for _ in range(3):
        holder, key = _somewhere(written, data.draw)
        holder[key] = deepcopy(data.draw(ODD))
    try:
        runs = document.read(json.dumps(written).encode(), name)
    except Misuse:
        return
    for run in runs:
        for each in run.results:
            assert 0 < len(each.title) <= 120
            assert len(each.body) <= 4_000
            assert len(each.rule) <= 100


@given(st.sampled_from(REAL), st.integers(0, 5_000), st.binary(max_size=4))
def test_bytes_that_are_wrong_are_misuse_or_nothing(name: str, at: int, instead: bytes) -> None:
    data = (FOLDER / name).read_bytes()
    assert "\n" not in refusal(lambda: document.read(data[:at] + instead + data[at + 1 :], name))


def _somewhere(value: Any, draw: Callable[..., Any]) -> tuple[Any, Any]:
    """A place in a document: what holds it, and under which key."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = draw(st.sampled_from(keys))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 5)) == 0:
            return value, key
        value = inner
