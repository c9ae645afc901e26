"""What `reviewer audit` takes and refuses, without a model."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from model_server import Answer, ModelServer
from processes import asking, commit, git, repository, reviewer
from reports import CLEAN, SQL, WHOLE_FILE

from reviewer.audit import survey
from reviewer.commands import audit, auditing, baselines, grounds, viewing
from reviewer.commands.auditing import Wanted
from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode, Span
from reviewer.github.failures import GitHubError
from reviewer.messages import Reply, Usage
from reviewer.settings import load
from reviewer.sources import history
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reviewer.commands.reviewing import Ask
    from reviewer.messages import Message

TOKEN = "ghp_" + "x7Kq2LmN9pRs4TuV6wXy8ZaB1cDe3FgH5jK0"
SWALLOWED = "def f():\n    try:\n        g()\n    except Exception:\n        pass\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = repository(
        tmp_path / "shop",
        {
            "src/a.py": SWALLOWED,
            "src/b.py": SWALLOWED,
            "lib/c.py": "def f(x=[]):\n    return x\n",
            "docs/d.md": "# d\n",
        },
    )
    monkeypatch.chdir(root)
    return root


def audited(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    audit.run([*words, "--no-model", "--quiet", "--format", "json"])
    return json.loads(capsys.readouterr().out)


def read(report: Any) -> int:
    files: int = report["coverage"]["files"]
    return files


def test_the_repository_around_here_is_read_and_repeats_are_one(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = audited(capsys)
    assert read(report) == 4
    assert report["head"] == git(shop, "rev-parse", "HEAD")
    twice = next(each for each in report["findings"] if each["rule"] == "python.swallowed-exception")
    assert [twice["path"], *(place["path"] for place in twice["places"])] == ["src/a.py", "src/b.py"]
    assert {each["rule"] for each in report["findings"]} == {"python.swallowed-exception", "python.mutable-default"}


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["src"], 2),
        (["--include", "src/"], 2),
        (["--include", "*.py", "--exclude", "lib/"], 2),
        (["--exclude", "*.py"], 1),
        (["--since", "HEAD"], 0),
        (["--shard", "1/1"], 4),
    ],
)
def test_a_part_of_it(shop: Path, capsys: pytest.CaptureFixture[str], words: list[str], files: int) -> None:
    assert shop.is_dir()
    report = audited(capsys, *words)
    assert read(report) == files
    assert ("scope" in [note["code"] for note in report["notes"]]) is (words[0] != "--shard")


def test_what_is_no_file_is_told_of_where_it_is_in_the_scope(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "src" / "link.py").symlink_to("a.py")
    told = [[each["path"] for each in audited(capsys, *words)["unreviewed"]] for words in (["src"], ["lib"], [])]
    assert told == [["src/link.py"], [], ["src/link.py"]]
    parts = [audited(capsys, "--shard", f"{n}/2")["unreviewed"] for n in (1, 2)]
    assert [[each["path"] for each in part] for part in parts] == [["src/link.py"], []]


def test_since_a_commit_only_what_changed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(shop, {"src/new.py": "x = 1\n"})
    report = audited(capsys, "--since", "HEAD~1")
    assert read(report) == 1
    assert "1 of 5 files" in next(note["message"] for note in report["notes"] if note["code"] == "scope")


def test_exit_codes_and_formats_are_those_of_a_review(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.is_dir()
    words = ["--no-model", "--quiet", "--output", str(tmp_path / "out.sarif"), "--output", str(tmp_path / "out.html")]
    assert audit.run(words) == 0
    assert audit.run([*words, "--fail-on", "medium"]) == 1
    assert audit.run([*words, "--fail-on", "high"]) == 0
    assert len(json.loads((tmp_path / "out.sarif").read_text())["runs"][0]["results"]) == 2
    assert "src/b.py" in (tmp_path / "out.html").read_text()
    assert audited(capsys, "--severity", "high")["findings"] == []


def test_the_limit_on_findings_is_one_that_was_asked_for(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(shop, {f"src/m{n}.py": f"def f(x=[]):\n    return x + [{n}]\n" * 2 for n in range(20)})
    report = audited(capsys)
    assert sum(1 + len(each["places"]) for each in report["findings"]) > 40
    assert len(audited(capsys, "--max-comments", "1")["findings"]) == 1


def test_what_was_read_is_read_again_when_the_rules_are_others(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audited(capsys)["findings"]
    assert {each["rule"] for each in audited(capsys, "--skip-checks", "python.mutable-default")["findings"]} == {
        "python.swallowed-exception"
    }
    (shop / ".github").mkdir()
    (shop / ".github" / "reviewer.toml").write_text('ignore = ["src/"]\n')
    assert {each["rule"] for each in audited(capsys)["findings"]} == {"python.mutable-default"}


def test_what_is_accepted_is_said_no_more_and_what_is_new_is(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accepted = audited(capsys, "--update-baseline")
    assert (accepted["findings"], {drop["reason"] for drop in accepted["dropped"]}) == ([], {"baseline"})
    assert (shop / ".github/reviewer-baseline.toml").read_text().count("[[") == 3
    commit(shop, {"src/new.py": SWALLOWED, "src/b.py": "x = 1\n"})
    later = audited(capsys)
    assert [each["path"] for each in later["findings"]] == ["src/new.py"]
    fixed = next(note for note in later["notes"] if note["code"] == "baseline_fixed")
    assert "src/b.py" in fixed["message"]
    part = audited(capsys, "lib")
    assert "baseline_fixed" not in [note["code"] for note in part["notes"]]
    assert audited(capsys, "--commit", "HEAD")["findings"] == later["findings"]
    assert audited(capsys, "--update-baseline")["findings"] == []
    assert (shop / ".github/reviewer-baseline.toml").read_text().count("[[") == 3


def test_an_interrupted_audit_accepts_nothing(shop: Path) -> None:
    policy, operator = load({}, {}, "x")
    note = Note(NoteCode.INTERRUPTED, "interrupted", {"exit_code": 130})
    with grounds.opened(str(shop), None) as found, auditing.opened(found, policy, operator, Wanted()) as opened:
        baselines.update(shop, opened.matter, replace(CLEAN, findings=(SQL,), notes=(note,)))
    assert not (shop / ".github").exists()


def test_an_audit_that_read_nothing_accepts_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer(Answer(503)) as server:
        done = reviewer("audit", "--quiet", "--update-baseline", cwd=shop, variables=asking(server.url, deadline="2"))
    assert (done.code, (shop / ".github").exists()) == (3, False)
    assert "reviewer-baseline.toml stays as it is: this audit did not get to its end" in done.err
    audited(capsys, "lib", "--update-baseline")
    baseline = (shop / ".github/reviewer-baseline.toml").read_text()
    assert baseline.count("[[") == 1


def test_what_an_audit_writes_is_none_of_what_it_reads(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audited(capsys, "--update-baseline", "--output", "report.json")
    report = audited(capsys, "--output", "docs/../report.json", "--output", str(shop / "docs" / "audit.sarif"))
    assert {each["path"]: (each["reason"], each["detail"]) for each in report["unreviewed"]} == {
        ".github/reviewer-baseline.toml": ("ignored", "the findings that the team accepts"),
        "report.json": ("ignored", "a report of this audit"),
    }
    assert report["coverage"]["reviewed_files"] == 4
    committed = audited(capsys, "--commit", commit(shop, {"x.py": "x = 1\n"}), "--output", "report.json")
    assert {each["path"] for each in committed["unreviewed"]} == {".github/reviewer-baseline.toml"}


def test_a_plain_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.py").write_text(SWALLOWED)
    report = audited(capsys, str(tmp_path / "plain"))
    assert (len(report["findings"]), report["head"]) == (1, None)
    with pytest.raises(Misuse, match="no history here"):
        audited(capsys, str(tmp_path / "plain"), "--since", "HEAD")
    with pytest.raises(Misuse, match="is no git repository"):
        audited(capsys, str(tmp_path / "plain"), "--commit", "HEAD")


def test_settings_of_a_bare_repository_are_those_of_the_commit(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(shop, {".github/reviewer.toml": 'skip_checks = ["python.mutable-default"]\n'})
    git(tmp_path, "clone", "-q", "--bare", str(shop), "bare.git")
    report = audited(capsys, str(tmp_path / "bare.git"))
    assert {each["rule"] for each in report["findings"]} == {"python.swallowed-exception"}
    assert report["policy_source"].startswith(".github/reviewer.toml at ")
    with pytest.raises(Misuse, match="needs the files on disk"):
        audited(capsys, str(tmp_path / "bare.git"), "--update-baseline")
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    with pytest.raises(Misuse, match="has no commit yet"):
        audited(capsys, str(tmp_path / "empty.git"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no-such-folder"], "there is no folder no-such-folder, and it is no repository on GitHub like owner/repo"),
        ([""], "PATH is empty"),
        (["src/a.py"], "is a file"),
        (["--commit", "no-such-rev"], "no commit 'no-such-rev'"),
        (["--commit", "--output=x"], "expected one argument"),
        (["--shard", "9/4"], "3/16"),
        (["--since", "yesterdayish"], "name a revision"),
        (["--rules", "no-such-pack"], "--rules names 'no-such-pack'"),
        (["--matrix"], "--plan --matrix"),
        (["--plan", "--matrix", "--shard", "1/2"], "leave --shard out"),
        (["--org", "octo"], "--plan --matrix --org"),
        (["--plan", "--matrix", "--org", "octo", "src"], "contradict"),
        (["--plan", "--format", "sarif"], "no plan in the format"),
        (["--include", "!"], "--include"),
        (["--post", "octo"], "--post octo: name the repository like owner/repo"),
        (["--post", "octo/shop", "src"], "name its top, not src in it"),
        (["--post", "octo/shop", "--since", "HEAD"], "--post speaks for the whole repository as it is: leave"),
        (["--post", "octo/shop", "--plan"], "--post speaks for the whole repository as it is: leave --plan out"),
        (["--post", "octo/shop", "--rules", "security"], "leave --rules out"),
        (["--post", "octo/shop", "--severity", "high", "--commit", "HEAD"], "leave --commit, --min-severity out"),
        *(
            (["--plan", "--matrix", "--org", "octo", *words], f"--org goes by the sizes .* leave {words[0]} out")
            for words in (["--include", "x"], ["--exclude", "x"], ["--since", "HEAD"], ["--commit", "HEAD"])
        ),
        (["x" * 300 + "/y"], "^PATH x{80} cannot be looked up: File name too long$"),
        (["--post", "octo/shop"], "needs a token: set GITHUB_TOKEN"),
        (["--update-baseline", "--shard", "1/2"], "leave --shard out"),
        (["--update-baseline", "--rules", "security"], "all rules give: leave --rules out"),
    ],
)
def test_wrong_usage_is_one_line(shop: Path, words: list[str], said: str) -> None:
    assert shop.is_dir()
    with pytest.raises(Misuse, match=said):
        audit.run(words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rules", "security,python"], "only these rule packs were applied: security, python"),
        (["--severity", "high"], "for this run nothing below high is shown"),
        (["--commit", "HEAD~1"], "the files are those of [0-9a-f]{12}, and HEAD is another commit"),
        (["--commit", "HEAD"], None),
        ([], None),
    ],
)
def test_what_is_less_than_the_repository_as_it_is_is_said(
    shop: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str | None
) -> None:
    commit(shop, {"src/new.py": "x = 1\n"})
    notes = [each["message"] for each in audited(capsys, *words)["notes"] if each["code"] == "scope"]
    assert len(notes) == (said is not None)
    assert said is None or re.fullmatch(said, notes[0])


def test_only_the_rules_that_were_named(shop: Path) -> None:
    policy, operator = load({}, {}, "x")
    with grounds.opened(str(shop), None) as found:
        with auditing.opened(found, policy, operator, Wanted(rules=("python", "security"))) as opened:
            skipped = set(opened.matter.policy.skip_rules)
        with auditing.opened(found, policy, operator, Wanted()) as every:
            assert every.matter.policy.skip_rules == ()
    assert skipped & {"python", "security"} == set()
    assert {"general", "tests", "go"} <= skipped


def says(findings: Sequence[object]) -> Ask:
    return lambda _: Reply(json.dumps({"findings": findings}), "stop", Usage(calls=1))


def test_a_problem_is_placed_on_the_code_of_its_first_evidence(shop: Path) -> None:
    commit(shop, {"src/key.py": f'key = "{TOKEN}"\n'})
    policy, _ = load({}, {}, "x")
    here = replace(SQL, span=Span("src/key.py", 1, 1))
    there = replace(SQL, fingerprint="f" * 16, span=Span("lib/c.py", 2, 2), title="Another")
    gone = replace(SQL, fingerprint="e" * 16, span=Span("src/gone.py", 1, 1), title="A third")
    told = {"kind": "problem", "title": "They disagree", "body": "About x.", "severity": "high", "category": "bug"}
    asked: list[str] = []

    def ask(messages: Sequence[Message]) -> Reply:
        asked.append(messages[-1].content)
        ids = {path: re.search(rf"\[(f\d)\] {path}", asked[0])[1] for path in ("src/key.py", "lib/c.py", "src/gone.py")}  # type: ignore[index]
        outline = re.search(r"\[(o\d+)\] lib/c.py:1 def f", asked[0])
        assert outline is not None
        evidence = ([ids["src/key.py"], outline[1]], [ids["src/gone.py"], ids["lib/c.py"]])
        return says([{**told, "evidence": each} for each in evidence])(messages)

    with grounds.opened(str(shop), None) as found:
        report = viewing.viewed(found.tree, policy, replace(CLEAN, findings=(here, there, gone)), ask)
    (new,) = (each for each in report.findings if each.title == "They disagree")
    assert (new.span, new.places, new.rule) == (Span("src/key.py", 1, 1), (Span("lib/c.py", 1, 1),), "cross-file")
    assert new.code == f'key = "{PLACEHOLDER}"'
    assert TOKEN not in asked[0]
    assert [drop.detail for drop in report.dropped] == ["its first piece of evidence cannot be read"]


def test_what_was_not_looked_at_for_the_order_is_said(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.is_dir()
    monkeypatch.setattr(survey, "MAX_FILES", 1)
    assert "order" in [note["code"] for note in audited(capsys)["notes"]]
    assert "order" not in [note["code"] for note in audited(capsys)["notes"]]  # there is nothing to be read


def test_a_history_that_was_not_looked_at_in_full_is_said(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(shop, {"src/new.py": "x = 1\n"})
    monkeypatch.setattr(history, "MAX_COMMITS", 1)
    (said,) = [note["message"] for note in audited(capsys)["notes"] if note["code"] == "order"]
    assert said.startswith("there are more commits than were looked at")


def test_an_interrupted_look_at_the_whole_leaves_the_report(shop: Path) -> None:
    policy, _ = load({}, {}, "x")

    def stopped(_: Sequence[Message]) -> Reply:
        raise KeyboardInterrupt

    report = replace(CLEAN, findings=(SQL, WHOLE_FILE))
    with grounds.opened(str(shop), None) as found:
        (note,) = viewing.viewed(found.tree, policy, report, stopped).notes
        assert (note.code, note.data) == (NoteCode.INTERRUPTED, {"exit_code": 130})
        again = viewing.viewed(found.tree, policy, replace(report, notes=(note,)), stopped)
        assert again.notes == (note,)


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("https://github.com/octo/shop.git", "octo/shop"),
        ("git@github.com:octo/shop", "octo/shop"),
        ("ssh://git@example.org:22/octo/shop.git/", "octo/shop"),
        ("/srv/git/shop", "shop"),
        ("", "shop"),
    ],
)
def test_the_matrix_of_a_repository(shop: Path, capsys: pytest.CaptureFixture[str], origin: str, name: str) -> None:
    if origin:
        git(shop, "remote", "add", "origin", origin)
    assert audit.run(["--plan", "--matrix", "--no-model"]) == 0
    (job,) = json.loads(capsys.readouterr().out)["include"]
    assert job == {"repository": name, "shard": "1/1", "commit": git(shop, "rev-parse", "HEAD")}
    (shop / "src" / "a.py").write_text("x = 1\n")
    audit.run(["--plan", "--matrix", "--no-model"])
    assert json.loads(capsys.readouterr().out)["include"][0]["commit"] == ""


def test_in_a_workflow_the_workflow_says_what_it_is(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo/cart")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(shop))
    audit.run(["--plan", "--matrix", "--no-model"])
    assert json.loads(capsys.readouterr().out)["include"][0]["repository"] == "octo/cart"


def row(name: str, size: object, **more: object) -> dict[str, object]:
    return {"full_name": name, "size": size, "archived": False, "fork": False, **more}


def organisation(*rows: object) -> ModelServer:
    return ModelServer(Answer(200, list(rows)))


def test_the_matrix_of_an_organisation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_test")
    rows = (
        row("octo/shop", 25_000),
        row("octo/old", 9, archived=True),
        row("octo/copy", 9, fork=True),
        row("octo/x", 0),
    )
    listed = Answer(200, [*rows, {"odd": 1}, row("octo/odd", "large"), row("octo/closed", 15_000)])
    head = Answer(200, {"sha": "0123456789" * 4})
    with ModelServer([listed, head, Answer(404, {"message": "Not Found"})]) as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        assert audit.run(["--plan", "--matrix", "--org", "octo"]) == 0
        asked = [request.path for request in server.requests]
    assert asked[0].startswith("/orgs/octo/repos?")
    assert "sort=full_name" in asked[0], "a new repository moves no other one"
    assert asked[1:] == ["/repos/octo/shop/commits/HEAD", "/repos/octo/closed/commits/HEAD"]
    jobs = [tuple(each.values()) for each in json.loads(capsys.readouterr().out)["include"]]
    assert jobs == [
        *(("octo/shop", f"{n}/3", "0123456789" * 4) for n in range(1, 4)),
        ("octo/x", "1/1", ""),
        ("octo/odd", "1/1", ""),
        *(("octo/closed", f"{n}/2", "") for n in range(1, 3)),
    ]


def test_an_organisation_is_read_in_pages_and_to_an_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_test")
    pages = [[row(f"octo/r{n}", 1) for n in range(start, start + 100)] for start in range(0, 1_200, 100)]
    links = [{"Link": f'<http://elsewhere/orgs/octo/repos?page={n}>; rel="next"'} for n in range(2, 14)]
    with ModelServer([Answer(200, page, link) for page, link in zip(pages, links, strict=True)]) as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        assert audit.run(["--plan", "--matrix", "--org", "octo"]) == 0
        assert len(server.requests) == 11
    said = capsys.readouterr()
    assert len(json.loads(said.out)["include"]) == 256
    assert "more than 1,000 repositories" in said.err
    assert "256 jobs" in said.err


@pytest.mark.parametrize("name", ["octo/shop", "", "../x", "-octo"])
def test_what_is_no_organisation(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Misuse):
        audit.run(["--plan", "--matrix", f"--org={name}"])


def test_a_token_that_expires_while_a_matrix_is_made_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_test")
    listed = Answer(200, [row("octo/shop", 25_000), row("octo/off", 9, disabled=True)])
    with ModelServer([listed, Answer(401, {"message": "Bad credentials"})]) as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        with pytest.raises(GitHubError, match=r"token"):
            audit.run(["--plan", "--matrix", "--org", "octo"])


def test_an_organisation_without_anything_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_test")
    with organisation(row("octo/old", 9, archived=True)) as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        with pytest.raises(Misuse, match="neither archived nor a fork"):
            audit.run(["--plan", "--matrix", "--org", "octo"])
