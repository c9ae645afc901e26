from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pytest
from evidence_files import FOLDER, log, refusal, result
from hypothesis import given
from hypothesis import strategies as st

from reviewer.commands import evidence
from reviewer.errors import Misuse

LCOV = b"TN:\nSF:src/a.py\nDA:1,0\nend_of_record\n"
CLASS = '<class filename="src/a.py"><line number="1" hits="0"/></class>'
XML = f'<?xml version="1.0"?><coverage><packages>{CLASS}</packages></coverage>'.encode()


def test_the_flag_may_be_repeated() -> None:
    parser = argparse.ArgumentParser()
    evidence.add_flag(parser)
    assert parser.parse_args(["--evidence", "a", "--evidence=b"]).evidence == ["a", "b"]
    assert parser.parse_args([]).evidence == []


def test_every_kind_of_file_at_once() -> None:
    names = ["ruff.sarif", "codeql.sarif", "coverage.xml", "lcov.info", "ruff.sarif"]
    found = evidence.read([str(FOLDER / name) for name in names])
    assert [run.tool for run in found.runs] == ["ruff", "codeql"]
    assert [len(each.files) for each in found.measured] == [3, 3]
    assert found.roots == ()
    assert evidence.read([]).runs == ()


@pytest.mark.parametrize(
    ("data", "runs", "measured"),
    [
        pytest.param(log(result()), 1, 0, id="sarif"),
        pytest.param(b"\xef\xbb\xbf\n " + log(result()), 1, 0, id="sarif after a mark"),
        pytest.param(log(result()).decode().encode("utf-16"), 1, 0, id="sarif from PowerShell"),
        pytest.param(XML, 0, 1, id="cobertura"),
        pytest.param(b"\xef\xbb\xbf" + XML, 0, 1, id="cobertura after a mark"),
        pytest.param(XML.decode().encode("utf-16"), 0, 1, id="cobertura from PowerShell"),
        pytest.param(LCOV, 0, 1, id="lcov"),
        pytest.param(b"# comment\n\n" + LCOV, 0, 1, id="lcov after a comment"),
        pytest.param(LCOV.decode().encode("utf-16"), 0, 1, id="lcov from PowerShell"),
    ],
)
def test_a_file_is_known_by_what_is_in_it(data: bytes, runs: int, measured: int, tmp_path: Path) -> None:
    file = tmp_path / "evidence.txt"
    file.write_bytes(data)
    found = evidence.read([str(file)], tmp_path)
    assert (len(found.runs), len(found.measured)) == (runs, measured)
    assert found.roots == (str(tmp_path.resolve()),)
    if measured:
        assert [names[-1] for names in found.measured[0].files] == ["src/a.py"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty: give SARIF"),
        (b" \n\0", "is empty: give SARIF"),
        (b"all is well", "is no evidence that can be read: give SARIF 2.1.0 (`ruff check --output-format sarif`)"),
        (b"[]", "no SARIF"),
        (b"{", "no JSON"),
        (b"<html></html>", "not Cobertura"),
        (b"TN:x\n", "no lcov file"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(data: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / "evidence.txt"
    file.write_bytes(data)
    with pytest.raises(Misuse) as caught:
        evidence.read([str(file)])
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "--evidence names no file"),
        ("none.sarif", "none.sarif cannot be read: No such file or directory"),
        (".", ". cannot be read: Is a directory"),
        ("a\0b", "cannot be read: embedded null"),
    ],
)
def test_what_cannot_be_read(name: str, says: str) -> None:
    with pytest.raises(Misuse, match=says):
        evidence.read([name])


def test_what_is_too_much(tmp_path: Path) -> None:
    file = tmp_path / "large.info"
    with file.open("wb") as large:  # sparse: takes no room
        large.truncate(evidence.MAX_BYTES + 1)
    with pytest.raises(Misuse, match=r"large\.info is larger than 32 MiB"):
        evidence.read([str(file)])
    with pytest.raises(Misuse, match="51 evidence files: at most 50"):
        evidence.read([f"{number}.sarif" for number in range(51)])


@given(st.sampled_from(["{", "[", "<", "SF:", ""]), st.binary(max_size=60))
def test_any_other_file_is_misuse(start: str, rest: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(start.encode() + rest)
        said = refusal(lambda: evidence.read([file.name]))
    assert "\n" not in said
    assert said or b"SF:" in start.encode() + rest
