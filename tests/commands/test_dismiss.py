from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from processes import git, repository, reviewer
from reports import CLEAN, FULL, SQL

from reviewer.audit.baselinefile import read
from reviewer.audit.overview import grouped
from reviewer.commands import baselines, dismiss
from reviewer.errors import Misuse
from reviewer.findings import Span
from reviewer.outputs import json as as_json
from reviewer.outputs.look import Look
from reviewer.settings import BASELINE_FILE

if TYPE_CHECKING:
    from reviewer.audit.baseline import Entry

REASON = ("--reason", "behind the firewall")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = repository(tmp_path / "mine", {"src/a.py": "a = 1\n"})
    git(made, "commit", "-q", "--allow-empty", "-m", "start")
    git(made, "config", "user.name", "Ada L")
    monkeypatch.chdir(made / "src")
    (made / "src" / "report.json").write_text(as_json.render(FULL, Look()))
    return made


def entries(root: Path, name: str = BASELINE_FILE) -> tuple[Entry, ...]:
    return read((root / name).read_text(), name).entries


def test_a_finding_of_the_report_becomes_an_entry(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dismiss.run([SQL.fingerprint, *REASON]) == 0
    (entry,) = entries(root)
    assert (entry.id, entry.reason, entry.who, entry.expires) == (SQL.fingerprint, REASON[1], "Ada L", None)
    assert entry.added == baselines.today()
    out = capsys.readouterr().out
    assert out.startswith(f"{BASELINE_FILE}: accepted: shop/orders.py: The order number goes")
    assert out.count("\n") == 1


def test_the_other_places_are_accepted_too_and_counted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twins = [replace(SQL, fingerprint=digit * 16, span=Span(f"web/{digit}.py", 1, 1)) for digit in "12"]
    for count, said in ((1, "and 1 other place of it\n"), (2, "and 2 other places of it\n")):
        report = grouped(replace(FULL, findings=(SQL, *twins[:count])))
        Path("report.json").write_text(as_json.render(report, Look()))
        assert dismiss.run([SQL.fingerprint, *REASON]) == 0
        assert capsys.readouterr().out.endswith(said)
        assert len(entries(root)) == count + 1


def test_without_a_report_it_says_how_to_make_one(root: Path) -> None:
    (root / "src" / "report.json").unlink()
    with pytest.raises(
        Misuse, match=r"there is no report.json here: make it with `reviewer audit --output report.json`"
    ):
        dismiss.run([SQL.fingerprint, *REASON])


def test_another_finding_stands_beside_it_and_the_same_one_in_its_place(root: Path) -> None:
    later = baselines.today() + timedelta(days=30)
    dismiss.run([SQL.fingerprint, *REASON])
    dismiss.run(["00000000000000AA", *REASON, "--who", "bob"])
    dismiss.run([SQL.fingerprint[:6], "--reason", "until the rewrite", "--expires", str(later)])
    first, second = entries(root)
    assert (first.id, first.reason, first.expires) == (SQL.fingerprint, "until the rewrite", later)
    assert (second.id, second.who) == ("00000000000000aa", "bob")


def test_the_file_is_what_the_settings_say(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".github").mkdir()
    (root / ".github" / "reviewer.toml").write_text('baseline = "team/known.toml"\n')
    dismiss.run([SQL.fingerprint, *REASON])
    assert entries(root, "team/known.toml")
    monkeypatch.setenv("REVIEWER_BASELINE", "other.toml")
    dismiss.run([SQL.fingerprint, *REASON])
    assert entries(root, "other.toml")
    dismiss.run([SQL.fingerprint, *REASON, "--baseline", "third.toml"])
    assert entries(root, "third.toml")


def test_outside_of_a_repository_the_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "r.json").write_text(as_json.render(FULL, Look()))
    assert dismiss.run([SQL.fingerprint, *REASON, "--who", "ada", "--report", "r.json"]) == 0
    assert entries(tmp_path)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "required: ID"),
        ([SQL.fingerprint], "--reason"),
        ([SQL.fingerprint, "--reason", "  "], "--reason is empty"),
        (["ffff", *REASON], "no finding 'ffff'"),
        ([SQL.fingerprint, *REASON, "--report", "no.json"], r"no\.json cannot be read"),
        ([SQL.fingerprint, *REASON, "--report", "../report.json"], r"report\.json cannot be read"),
        ([SQL.fingerprint, *REASON, "--expires", "soon"], "--expires soon: write a date"),
        ([SQL.fingerprint, *REASON, "--expires", "2027-02-30"], "write a date"),
        ([SQL.fingerprint, *REASON, "--expires", "20270131"], "write a date"),
        ([SQL.fingerprint, *REASON, "--expires", "2020-01-31"], "that day is over"),
        ([SQL.fingerprint, *REASON, "--baseline", "../x.toml"], "--baseline: it must not lead out"),
        ([SQL.fingerprint, *REASON, "--baseline", "/x.toml"], "--baseline: write a path from the top"),
        ([SQL.fingerprint, *REASON, "--baseline", "src"], "src cannot be"),
    ],
)
def test_wrong_usage_is_one_line_and_writes_nothing(root: Path, words: list[str], says: str) -> None:
    with pytest.raises(Misuse, match=says):
        dismiss.run(words)
    assert not (root / BASELINE_FILE).exists()


def test_nobody_is_nobody(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(root, "config", "--unset", "user.name")
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    with pytest.raises(Misuse, match="say who accepts the finding with --who"):
        dismiss.run([SQL.fingerprint, *REASON])


@pytest.mark.parametrize("broken", [b"<<<<<<< HEAD\n", b"\xff\xfe", b'schema = "x"\n', b"#" * 2_100_000])
def test_a_corrupt_baseline_stays_as_it_is(root: Path, broken: bytes) -> None:
    (root / ".github").mkdir()
    path = root / BASELINE_FILE
    path.write_bytes(broken)
    with pytest.raises(Misuse, match=BASELINE_FILE):
        dismiss.run([SQL.fingerprint, *REASON])
    assert path.read_bytes() == broken


def test_a_link_out_of_the_repository_is_not_followed(root: Path, tmp_path: Path) -> None:
    (root / ".github").mkdir()
    (root / BASELINE_FILE).symlink_to(tmp_path / "elsewhere.toml")
    with pytest.raises(Misuse, match="leads out of the repository"):
        dismiss.run([SQL.fingerprint, *REASON])
    assert not (tmp_path / "elsewhere.toml").exists()


def test_where_it_cannot_be_written_it_says_so(root: Path) -> None:
    (root / ".github").write_text("a file")
    with pytest.raises(Misuse, match="cannot be"):
        dismiss.run([SQL.fingerprint, *REASON])


def test_from_the_report_on_standard_input_to_a_clean_one(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", {"a.py": "a = 1\n"})
    done = reviewer(
        "dismiss", SQL.fingerprint, *REASON, "--who", "ada", "--report", "-",
        cwd=root, stdin=as_json.render(FULL, Look()).encode(),
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert [path.name for path in (root / ".github").iterdir()] == ["reviewer-baseline.toml"]
    done = reviewer("dismiss", "0123", *REASON, "--report", "-", cwd=root, stdin=as_json.render(CLEAN, Look()).encode())
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
