from __future__ import annotations

import json
import os
import re
import shutil
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import commit, git, repository
from reports import FULL

from reviewer.commands import action, review
from reviewer.errors import Misuse, Terminated, Undelivered
from reviewer.findings import Note, NoteCode, Report, State, Status
from reviewer.outputs import json as as_json
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EVENTS = Path(__file__).parent.parent / "events"
SHA = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"


class Step:
    """A step of a job: the runner's environment, and what came of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self._folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        self.out = ""
        monkeypatch.chdir(self.workspace)
        monkeypatch.setenv("RUNNER_TEMP", str(folder))
        monkeypatch.setenv("GITHUB_OUTPUT", str(folder / "outputs"))
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary"))

    def on(self, event: str, file: str | Path, **variables: str) -> int:
        self._monkeypatch.setenv("GITHUB_EVENT_NAME", event)
        self._monkeypatch.setenv("GITHUB_EVENT_PATH", str(EVENTS / file))
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        try:
            return action.run([])
        finally:
            self.out = self._capsys.readouterr().out

    @property
    def outputs(self) -> dict[str, str]:
        text = (self._folder / "outputs").read_text()
        return dict(re.findall(r"(?m)^([\w-]+)<<\w+\n(.*)\n", text))

    @property
    def summary(self) -> str:
        path = self._folder / "summary"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Step:
    return Step(tmp_path, monkeypatch, capsys)


@pytest.fixture
def reviewing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Puts a review in the place of the real one: it prints, writes its report, and ends as it is told."""

    def install(report: Report | None, ends: int | BaseException = 0) -> list[list[str]]:
        asked: list[list[str]] = []

        def run(arguments: Sequence[str]) -> int:
            asked.append(list(arguments))
            sys.stdout.write("::error::printed by the change\n")
            if report is not None:
                path = arguments[list(arguments).index("--output") + 1].removeprefix("json=")
                Path(path).write_text(as_json.render(report, Look()))
            if isinstance(ends, BaseException):
                raise ends
            return ends

        monkeypatch.setattr(review, "run", run)
        return asked

    return install


KEY = {"SEGMIND_API_KEY": "sg-test"}
NONE = {"report": "", "sarif": "", "html": ""}


def test_the_command_line_is_printed_run_and_its_outcome_told(step: Step, reviewing: Any) -> None:
    asked = reviewing(FULL, 1)
    assert step.on("pull_request", "pull_request.opened.json", **KEY, REVIEWER_FULL="true") == 1
    (arguments,) = asked
    assert arguments[:4] == ["Codertocat/Hello-World#2", "--post", "--full", "--output"]
    said = f"reviewer review 'Codertocat/Hello-World#2' --post --full {' '.join(arguments[3:])}\n"
    assert said in step.out
    assert arguments[3::2] == ["--output"] * 3
    assert [each.partition("=")[0] for each in arguments[4::2]] == ["json", "sarif", "html"]
    assert step.outputs == {
        "sarif": "",
        "html": "",
        "status": FULL.status,
        "findings": str(len([f for f in FULL.findings if f.state != "fixed"])),
        "exit-code": "1",
        "report": arguments[4].removeprefix("json="),
    }
    assert json.loads(Path(step.outputs["report"]).read_text())["schema"] == "reviewer/1"
    assert step.summary


def test_nothing_that_is_printed_meanwhile_is_obeyed(step: Step, reviewing: Any) -> None:
    reviewing(FULL)
    step.on("pull_request", "pull_request.opened.json", **KEY)
    lines = step.out.splitlines()
    stop = next(n for n, line in enumerate(lines) if line.startswith("::stop-commands::"))
    resume = lines.index(f"::{lines[stop].removeprefix('::stop-commands::')}::")
    assert stop < lines.index("::error::printed by the change") < resume


def test_annotations_stand_in_only_for_what_was_not_posted(step: Step, reviewing: Any) -> None:
    reviewing(FULL)
    step.on("pull_request", "pull_request.opened.json", **KEY)
    assert "file=" not in step.out
    reviewing(replace(FULL, notes=(*FULL.notes, Note(NoteCode.NOT_POSTED, "the token may not write"))))
    step.on("pull_request", "pull_request.opened.json", **KEY)
    assert re.search(r"(?m)^::(error|warning|notice) .*file=", step.out)


def test_what_was_posted_is_not_annotated_as_well(step: Step, reviewing: Any) -> None:
    first, *others = new = [each for each in FULL.findings if each.state is State.NEW]
    assert others
    note = Note(NoteCode.NOT_POSTED, "the summary could not be written", {"posted": [first.fingerprint]})
    reviewing(replace(FULL, findings=tuple(new), notes=(*FULL.notes, note)))
    step.on("pull_request", "pull_request.opened.json", **KEY)
    assert first.title not in step.out
    assert all(each.title in step.out for each in others)


def test_what_is_no_setting_does_not_reach_whoever_reads_settings(step: Step, reviewing: Any) -> None:
    reviewing(Report(Status.CLEAN))
    own = {"REVIEWER_POST": "true", "REVIEWER_FULL": "", "REVIEWER_PULL_REQUEST": "", "REVIEWER_PUBLISH": ""}
    assert step.on("pull_request", "pull_request.opened.json", **KEY, **own) == 0
    assert not set(own) & set(os.environ)


@pytest.mark.parametrize(
    ("error", "code"), [(Misuse("the settings are wrong\n::error::x"), 2), (Undelivered("not written"), 3)]
)
def test_a_failure_is_one_red_line_and_its_code(step: Step, reviewing: Any, error: Exception, code: int) -> None:
    reviewing(None, error)
    assert step.on("pull_request", "pull_request.opened.json", **KEY) == code
    last = step.out.splitlines()[-1]
    assert last.startswith(f"::error title=reviewer::{str(error).splitlines()[0]}")
    assert step.outputs == {"status": "failed", "findings": "0", "exit-code": str(code), **NONE}
    assert step.summary == ""


def test_what_could_not_be_delivered_is_still_told(step: Step, reviewing: Any) -> None:
    reviewing(FULL, Undelivered("GitHub did not take it"))
    assert step.on("pull_request", "pull_request.opened.json", **KEY) == 3
    assert step.outputs["status"] == FULL.status
    assert step.outputs["exit-code"] == "3"
    assert step.summary


@pytest.mark.parametrize("end", [ZeroDivisionError, KeyboardInterrupt, Terminated])
def test_whoever_does_not_live_to_tell_has_failed(step: Step, reviewing: Any, end: type[BaseException]) -> None:
    reviewing(None, end())
    with pytest.raises(end):
        step.on("pull_request", "pull_request.opened.json", **KEY)
    assert step.outputs == {"status": "failed", "findings": "0", "exit-code": "70", **NONE}
    assert not step.out.endswith("::\n"), "a traceback follows: the runner must stay deaf"


def test_an_event_without_a_review_is_a_notice(step: Step) -> None:
    assert step.on("merge_group", "merge_group.json") == 0
    assert step.out.startswith("::notice title=reviewer::a merge queue")
    assert step.out.count("\n") == 1
    assert step.outputs == {"status": "skipped", "findings": "0", "exit-code": "0", **NONE}


def test_no_key_is_exit_2_and_says_how_to_set_it(step: Step) -> None:
    assert step.on("pull_request", "pull_request.opened.json") == 2
    assert step.out.startswith("::error title=reviewer::there is no key to ask a model with: ")
    assert step.out.count("\n") == 1
    assert step.outputs["exit-code"] == "2"


def forked(folder: Path, head: str = SHA) -> Path:
    event = json.loads((EVENTS / "pull_request.opened.json").read_text())
    event["pull_request"]["head"]["repo"]["full_name"] = "mallory/Hello-World"
    event["pull_request"]["head"]["sha"] = head
    path = folder / "event.json"
    path.write_text(json.dumps(event))
    return path


def test_a_fork_is_told_why_no_model_reads_it(step: Step, reviewing: Any, tmp_path: Path) -> None:
    asked = reviewing(Report(Status.CLEAN))
    assert step.on("pull_request", forked(tmp_path)) == 0
    assert step.out.startswith("::notice title=reviewer::Codertocat/Hello-World#2: it comes from a fork")
    assert "--no-model" in asked[0]


@pytest.mark.parametrize("how", ["head", "merge", "shallow"])
def test_a_checkout_of_the_change_beside_secrets_is_refused(
    step: Step, reviewing: Any, tmp_path: Path, how: str
) -> None:
    asked = reviewing(Report(Status.CLEAN))
    root = repository(step.workspace, {"a.txt": "a\n"})
    commit(root, {"a.txt": "a\n"})
    git(root, "checkout", "-q", "-b", "theirs")
    head = commit(root, {"b.txt": "b\n"})
    if how != "head":
        git(root, "checkout", "-q", "main")
        commit(root, {"c.txt": "c\n"})
        git(root, "merge", "-q", "--no-ff", "-m", "as GitHub merges it", "theirs")
    if how == "shallow":
        (root / ".git" / "shallow").write_text(git(root, "rev-parse", "HEAD") + "\n")
    assert step.on("pull_request_target", forked(tmp_path, head), **KEY) == 2
    assert "has checked out the code of Codertocat/Hello-World#2 itself" in step.out
    assert asked == []


def test_a_checkout_of_the_base_is_welcome(step: Step, reviewing: Any, tmp_path: Path) -> None:
    reviewing(Report(Status.CLEAN))
    repository(step.workspace, {"a.txt": "a\n"})
    git(step.workspace, "commit", "-q", "--allow-empty", "-m", "the base")
    assert step.on("pull_request_target", forked(tmp_path), **KEY) == 0


def test_no_git_is_no_checkout(step: Step, reviewing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewing(Report(Status.CLEAN))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("git") is None
    assert step.on("pull_request_target", forked(tmp_path), **KEY) == 0


@pytest.fixture
def publishing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Puts a command in the place of `reviewer publish`."""

    def install(ends: int | Exception, report: Report | None = None) -> list[list[str]]:
        asked: list[list[str]] = []

        def run(arguments: Sequence[str]) -> int:
            asked.append(list(arguments))
            if report is not None:
                Path(arguments[4].removeprefix("json=")).write_text(as_json.render(report, Look()))
            if isinstance(ends, Exception):
                raise ends
            return ends

        module = types.ModuleType("reviewer.commands.publish")
        module.run = run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "reviewer.commands.publish", module)
        return asked

    return install


def test_a_report_from_elsewhere_is_published(step: Step, publishing: Any, tmp_path: Path) -> None:
    asked = publishing(0, FULL)
    assert step.on("pull_request_target", forked(tmp_path), REVIEWER_PUBLISH="report.json") == 0
    ((report, *pull, _, written),) = (words[:5] for words in asked)
    assert [report, *pull] == ["report.json", "--pull", "Codertocat/Hello-World#2"]
    assert step.outputs["status"] == FULL.status
    assert f"json={step.outputs['report']}" == written
    assert step.summary == "", "the job that reviewed has written it"
    assert "file=" not in step.out


def test_a_report_that_may_not_be_published_is_told_otherwise(step: Step, publishing: Any, tmp_path: Path) -> None:
    publishing(0, replace(FULL, notes=(Note(NoteCode.NOT_POSTED, "the token may not write"),)))
    assert step.on("pull_request_target", forked(tmp_path), REVIEWER_PUBLISH="report.json") == 0
    assert "file=" in step.out
    assert "the token may not write" in step.summary


def test_a_pull_request_that_is_closed_meanwhile_is_skipped(step: Step, publishing: Any, tmp_path: Path) -> None:
    publishing(0)
    assert step.on("pull_request_target", forked(tmp_path), REVIEWER_PUBLISH="report.json") == 0
    assert step.outputs == {"status": "skipped", "findings": "0", "exit-code": "0", **NONE}


def test_a_report_that_cannot_be_published_is_not_believed(step: Step, publishing: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("hostile")
    publishing(Misuse("the report is not reviewer/1"))
    assert step.on("pull_request_target", forked(tmp_path), REVIEWER_PUBLISH=str(report)) == 2
    assert step.outputs["status"] == "failed"


def test_outside_of_actions_it_says_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert action.run([]) == 2
    assert "type reviewer review instead" in capsys.readouterr().out


def test_an_event_file_that_is_not_there(step: Step, tmp_path: Path) -> None:
    assert step.on("pull_request", tmp_path / "missing.json") == 2
    assert "cannot be read" in step.out


def test_it_takes_no_words() -> None:
    with pytest.raises(Misuse, match="unrecognized arguments"):
        action.run(["--post"])


def test_no_room_for_the_report_is_a_failure_that_says_so(step: Step) -> None:
    gone = step.workspace / "gone"
    assert step.on("pull_request", "pull_request.opened.json", RUNNER_TEMP=str(gone), REVIEWER_PROVIDER="none") == 3
    assert "::error title=reviewer::there is no folder for the report: No such file or directory" in step.out
    assert (step.outputs["status"], step.outputs["exit-code"]) == ("failed", "3")
