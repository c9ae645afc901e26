from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from changed import added, hunk, modified
from evidence_files import FOLDER, chunk_of, chunked, log, result, shop, show

from reviewer.context import coverage, evidence, telling
from reviewer.context.evidence import Documents, Evidence
from reviewer.context.items import Kind
from reviewer.context.sarif import document
from reviewer.findings import NoteCode, Origin, Severity, Side, Span
from reviewer.judgement import anchor, triage
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.change.change import FileChange
    from reviewer.change.pieces import Chunk
    from reviewer.findings import Claim, Finding

KEY = "AKIA" + "Z7PQ4XN2M5KD3RTW"
TEN = "\n".join(f"line{number} = {number}" for number in range(1, 11))


def documents(*names: str) -> Documents:
    runs = [
        run for name in names if name.endswith("sarif") for run in document.read((FOLDER / name).read_bytes(), name)
    ]
    read = {"coverage.xml": coverage.cobertura, "lcov.info": coverage.lcov}
    measured = [read[name]((FOLDER / name).read_bytes(), name) for name in names if name in read]
    return Documents(tuple(runs), tuple(measured))


def held(*results: dict[str, Any], paths: Iterable[str] = ("src/a.py",), **run: Any) -> Evidence:
    return Evidence(Documents(document.read(log(*results, **run), "x.sarif")), list(paths))


def said(found: Evidence, chunks: Iterable[Chunk]) -> list[Claim]:
    return [claim for chunk in chunks for claim in found.claims(chunk, show())]


def test_results_of_real_tools_become_findings_with_their_place() -> None:
    found = Evidence(documents("ruff.sarif"), [file.path for file in shop()])
    claims = said(found, chunked(shop()))
    assert [(claim.rule, claim.span) for claim in claims][2:4] == [
        ("ruff/F821", Span("shop/basket.py", 9, 9)),
        ("ruff/F841", Span("shop/basket.py", 13, 13)),
    ]
    first = claims[2]
    assert (first.origin, first.severity, first.title) == (Origin.TOOL, Severity.HIGH, "Undefined name `shipping`")
    assert first.body == "Checks for uses of undefined names.\n\nhttps://docs.astral.sh/ruff/rules/undefined-name"
    assert [note.message for note in found.notes()] == ["ruff: 9 results, 9 on changed lines"]


def test_a_fix_becomes_a_suggestion_for_exactly_the_lines() -> None:
    found = Evidence(documents("ruff.sarif"), [file.path for file in shop()])
    offers: dict[int | None, str] = {}
    for chunk in chunked(shop()):
        located = anchor.locate(found.claims(chunk, show()), chunk.pieces)
        offers |= {
            finding.span.first: finding.suggestion for finding in located.findings if finding.suggestion is not None
        }
        assert all(finding.code for finding in located.findings)
    assert offers == {3: "", 8: "", 13: "", 18: "    if name is None:", 19: '        return "nothing"'}


def test_only_added_lines_are_under_review() -> None:
    change = modified("src/a.py", hunk(" one\n-two\n+TWO\n three\n+four\n+five\n six"))
    lines = {1: False, 2: True, 3: False, 4: True, 5: True, 6: False, 7: False}
    for line, counts in lines.items():
        found = held(result(line=line))
        assert bool(said(found, chunked([change]))) is counts, line
        (note,) = found.notes()
        assert note.message == f"tool: 1 result, {int(counts)} on changed lines"
    whole = said(held(result(line=1, region={"endLine": 7})), chunked([change]))
    assert [claim.span for claim in whole] == [Span("src/a.py", 2, 2)]
    assert whole[0].quote == "TWO"


def test_a_long_region_is_told_by_its_first_lines() -> None:
    text = "\n".join(f"x{number}" for number in range(1, 101))
    (claim,) = said(held(result(line=3, region={"endLine": 900_000_000})), [chunk_of("src/a.py", text)])
    assert claim.span == Span("src/a.py", 3, 22)


def test_a_result_is_said_once_however_its_file_is_cut() -> None:
    change = modified("src/a.py", *(hunk(f" a\n+{'b' * 400}\n c", start) for start in (1, 101, 201)))
    pieces = chunked([change], budget=150)
    assert len(pieces) > 1
    found = held(result(line=1, region={"endLine": 300}))
    assert [claim.span for claim in said(found, pieces)] == [Span("src/a.py", 2, 2)]
    assert [len(found.facts(chunk, show())) for chunk in pieces] == [1] * len(pieces)
    assert next(found.notes()).data["on_changed_lines"] == 1


def test_a_result_with_several_places_is_said_at_the_first_that_is_changed() -> None:
    both = result(line=500)
    both["locations"] += result(uri="src/b.py", line=2)["locations"]
    found = held(both, paths=["src/a.py", "src/b.py"])
    claims = said(found, chunked([added("src/a.py", TEN), added("src/b.py", TEN)]))
    assert [claim.span for claim in claims] == [Span("src/b.py", 2, 2)]


def test_a_result_about_a_whole_file_is_about_a_new_one() -> None:
    assert [claim.span for claim in said(held(result(line=None)), [chunk_of("src/a.py", TEN)])] == [Span("src/a.py")]
    (chunk,) = chunked([modified("src/a.py", hunk("+one"))])
    found = held(result(line=None))
    assert said(found, [chunk]) == []
    assert found.facts(chunk, show()) == ()


def test_windows_paths_indexes_and_what_is_suppressed() -> None:
    found = Evidence(documents("eslint.sarif"), ["web/basket.js"])
    claims = said(found, [chunk_of("web/basket.js", "let x = 1\nlet a = [1,,2]\nlet y = 2")])
    assert [(claim.rule, claim.line) for claim in claims] == [
        ("eslint/no-unused-vars", 1),
        ("eslint/no-sparse-arrays", 2),
    ]
    assert [note.message for note in found.notes()] == ["eslint: 2 results, 2 on changed lines; 1 more suppressed"]


def test_what_the_tool_read_is_no_longer_there() -> None:
    stale = result(line=2, region={"snippet": {"text": "import os\n"}})
    part = result(line=3, region={"snippet": {"text": "line3"}})
    more = result(line=4, region={"snippet": {"text": "  line4 = 4\n  line5 = 5"}})
    withheld = result(line=5, region={"snippet": {"text": "requires login"}})
    before = result(line=1, region={"endLine": 9, "snippet": {"text": "def whole():"}})
    found = held(stale, part, more, withheld)
    assert [claim.line for claim in said(found, [chunk_of("src/a.py", TEN)])] == [3, 4, 5]
    (note,) = found.notes()
    assert note.message == "tool: 4 results, 3 on changed lines; 1 about code that reads otherwise now"
    assert len(found.facts(chunk_of("src/a.py", TEN), show())) == 3
    (chunk,) = chunked([modified("src/a.py", hunk(" def whole():\n+one\n two"))])
    assert [claim.line for claim in said(held(before), [chunk])] == [2]


def test_a_file_that_could_be_several_is_said_and_not_guessed() -> None:
    found = held(result(uri="/w/x/a.py"), paths=["a.py", "x/a.py"])
    assert said(found, chunked([added("a.py", TEN), added("x/a.py", TEN)])) == []
    (note,) = found.notes()
    assert note.message == ("tool: 1 result, 0 on changed lines; 1 in files that could be several of the repository's")


def test_everything_else_that_a_note_says() -> None:
    written = json.loads(log({"message": {"text": "x"}}, result(baselineState="unchanged")))
    written["runs"][0]["invocations"] = [{"executionSuccessful": False}]
    found = Evidence(Documents(document.read(json.dumps(written).encode(), "x.sarif")), frozenset())
    (note,) = found.notes()
    assert note.code is NoteCode.EVIDENCE
    assert note.message == (
        "tool: 1 result, 0 on changed lines; 1 more known before; 1 without a place;"
        " the tool says that it did not finish"
    )
    assert json.loads(json.dumps(note.data))["failed"] is True
    assert [each.message for each in held().notes()] == ["tool: 0 results, 0 on changed lines"]
    assert list(Evidence(Documents(), []).notes()) == []


def test_many_tools_share_a_note() -> None:
    written = json.loads(log(result()))
    (run,) = written["runs"]
    written["runs"] = [
        run | {"tool": {"driver": {"name": f"T{number}"}}, "invocations": [{"executionSuccessful": number != 22}]}
        for number in range(23)
    ]
    found = Evidence(Documents(document.read(json.dumps(written).encode(), "x.sarif")), ["src/a.py"])
    notes = list(found.notes())
    assert len(notes) == telling.MAX_TOOLS + 1
    assert notes[-1].message == "3 more tools: 3 results, 0 on changed lines; 1 of them say that they did not finish"


def test_the_model_is_told_what_is_known() -> None:
    found = Evidence(documents("ruff.sarif", "coverage.xml"), [file.path for file in shop()])
    (chunk,) = chunked(shop())
    facts = found.facts(chunk, show())
    assert {fact.kind for fact in facts} == {Kind.FACT}
    by_place = {fact.where: fact for fact in facts}
    undefined = by_place["shop/basket.py:9"]
    assert (undefined.text, undefined.why) == ("ruff/F821 line 9: Undefined name `shipping`", "found by ruff")
    assert undefined.value > by_place["shop/basket.py:3"].value > by_place["shop/prices.py"].value
    assert by_place["shop/prices.py"].text == "no test covers lines 3, 5, 10"
    assert facts == found.facts(chunk, show())
    assert next(found.notes()).data["on_changed_lines"] == 0


def test_changed_lines_without_a_test_are_one_note_and_never_a_finding() -> None:
    found = Evidence(documents("coverage.xml", "lcov.info"), [file.path for file in shop()])
    assert said(found, chunked(shop())) == []
    read, uncovered = found.notes()
    assert read.message == "coverage: 2 reports, measured 2 files of this change"
    assert uncovered.code is NoteCode.UNCOVERED
    assert uncovered.message == (
        "no test covers shop/basket.py:3-20; shop/prices.py:3, 5, 10 (2 files, 17 changed lines)"
    )
    assert uncovered.data["files"] == [
        {"path": "shop/basket.py", "lines": [[3, 20]]},
        {"path": "shop/prices.py", "lines": [[3, 3], [5, 5], [10, 10]]},
    ]


def test_a_line_that_any_report_covers_is_covered() -> None:
    def report(*hits: int) -> bytes:
        return ("SF:src/a.py\n" + "".join(f"DA:{line},{hit}\n" for line, hit in enumerate(hits, 1))).encode()

    both = Documents(measured=(coverage.lcov(report(1, 0, 0), "1"), coverage.lcov(report(0, 1, 0), "2")))
    found = Evidence(both, ["src/a.py"])
    said(found, [chunk_of("src/a.py", "a\nb\nc")])
    assert list(found.notes())[1].message == "no test covers src/a.py:3 (1 file, 1 changed line)"
    everything = Evidence(Documents(measured=(coverage.lcov(report(1, 1, 1), "1"),)), ["src/a.py"])
    said(everything, [chunk_of("src/a.py", "a\nb\nc")])
    assert [note.code for note in everything.notes()] == [NoteCode.EVIDENCE]


def test_many_uncovered_files_are_counted_and_some_are_named() -> None:
    names = [f"f{number:03}.py" for number in range(250)]
    data = "".join(f"SF:{name}\n" + "".join(f"DA:{line},{line % 2}\n" for line in range(1, 21)) for name in names)
    found = Evidence(Documents(measured=(coverage.lcov(data.encode(), "x"),)), names)
    said(found, chunked([added(name, TEN + "\n" + TEN) for name in names]))
    (_, note) = found.notes()
    assert note.message == (
        "no test covers f000.py:2, 4, 6, 8, 10, 12, …; f001.py:2, 4, 6, 8, 10, 12, …; f002.py:2, 4, 6, 8, 10, 12, …"
        " and 247 more files (250 files, 2500 changed lines)"
    )
    assert len(note.data["files"]) == telling.MAX_FILES
    assert (note.data["total_files"], note.data["total_lines"]) == (250, 2_500)


def test_nothing_hidden_reaches_the_model_or_the_report() -> None:
    line = f'key = "{KEY}"  # \u202e'
    leaky = result(f"A key \u202e {KEY} is in {{0}}. ##[error]", line=1)
    chunk = chunk_of("src/a.py", f"{line}\npass")
    found = held(leaky)
    (claim,), (fact,) = found.claims(chunk, show()), found.facts(chunk, show())
    for text in (claim.title, claim.body, fact.text):
        assert KEY not in text
        assert "\u202e" not in text
    assert PLACEHOLDER in fact.text
    (finding,) = anchor.locate([claim], chunk.pieces).findings
    assert KEY not in repr(finding)


def test_a_secret_that_only_its_surroundings_give_away_is_hidden_too() -> None:
    secret = "x9kq-72mlw-03zzt"
    lines = [f'api_key = "{secret}"', 'token = ""', "go()"]
    (chunk,) = chunked([added("src/a.py", "\n".join(lines))])
    (piece,) = chunk.pieces
    hidden = type(chunk)(
        (type(piece)(piece.file, piece.hunk, piece.lines, (f"api_key = {PLACEHOLDER}", *piece.shown[1:])),),
        chunk.tokens,
    )
    (claim,) = held(result(f"Possible hardcoded key: '{secret}'")).claims(hidden, show())
    assert claim.title == f"Possible hardcoded key: '{PLACEHOLDER}'"
    odd = type(chunk)(
        (type(piece)(piece.file, piece.hunk, piece.lines, (f"other {PLACEHOLDER} text", *piece.shown[1:])),),
        chunk.tokens,
    )
    (claim,) = held(result("Possible hardcoded key")).claims(odd, show())
    assert claim.title == "Possible hardcoded key"


def fixed(text: str, line: int = 1, uri: str = "src/a.py", **region: int) -> dict[str, Any]:
    replacement = {"deletedRegion": {"startLine": line, **region}, "insertedContent": {"text": text}}
    change = {"artifactLocation": {"uri": uri}, "replacements": [replacement]}
    return result(line=line, fixes=[{"artifactChanges": [change]}])


@pytest.mark.parametrize(
    ("written", "replacement"),
    [
        (fixed("good()"), "good()"),
        (fixed("good()", uri="src/b.py"), None),
        (fixed("good()", endLine=2), None),
        (fixed(f'key = "{KEY}"'), None),
        (fixed("good() # \u202e"), None),
    ],
)
def test_what_is_offered_instead(written: dict[str, Any], replacement: str | None) -> None:
    (claim,) = said(held(written, paths=["src/a.py", "src/b.py"]), [chunk_of("src/a.py", "bad()\nmore()")])
    assert claim.replacement == replacement


def test_a_carriage_return_is_no_part_of_the_line() -> None:
    (claim,) = said(held(fixed("good()")), [chunk_of("src/a.py", "bad()\r\nmore()\r")])
    assert (claim.quote, claim.replacement) == ("bad()", "good()")


def test_two_tools_and_the_model_say_it_once() -> None:
    found = Evidence(documents("ruff.sarif", "bandit.sarif", "codeql.sarif"), [file.path for file in shop()])
    findings: list[Finding] = []
    for chunk in chunked(shop()):
        findings += anchor.locate(found.claims(chunk, show()), chunk.pieces).findings
    decision = triage.decide(anchor.distinguish(findings), floor=Severity.LOW, cap=None)
    dropped = [(drop.line, drop.title) for drop in decision.dropped]
    assert (15, "subprocess call with shell=True identified, security issue") in dropped
    assert len(decision.shown) + len(dropped) == len(findings) == 15


def test_deleted_lines_are_nothing_a_tool_speaks_of() -> None:
    gone: list[FileChange] = [modified("src/a.py", hunk(" a\n-b\n-c\n d"))]
    assert said(held(result(line=2), result(line=3)), chunked(gone)) == []
    assert all(
        claim.span and claim.span.side is Side.NEW for claim in said(held(result()), [chunk_of("src/a.py", TEN)])
    )


def test_a_huge_change_is_matched_quickly() -> None:
    paths = {f"pkg{number % 500}/mod{number}/__init__.py" for number in range(100_000)}
    results = [result(uri=f"/w/pkg{number % 500}/mod{number}/__init__.py") for number in range(2_000)]
    found = held(*results, paths=paths)
    claims = said(found, [chunk_of("pkg7/mod1007/__init__.py", TEN)])
    assert [claim.path for claim in claims] == ["pkg7/mod1007/__init__.py"]


def test_a_root_is_where_the_repository_is() -> None:
    runs = document.read(log(result(uri="file:///w/docs/README.md")), "x.sarif")
    paths = ["README.md", "docs/README.md"]
    chunk = chunk_of("docs/README.md", TEN)
    assert Evidence(Documents(runs), paths).claims(chunk, show()) == ()
    assert len(Evidence(Documents(runs, roots=("/w",)), paths).claims(chunk, show())) == 1


def test_the_longest_fact_is_bounded() -> None:
    (fact,) = held(result("x " * 4_000, ruleId="r" * 90)).facts(chunk_of("src/a.py", TEN), show())
    assert len(fact.text) <= evidence.MAX_FACT
    assert "\n" not in fact.text
