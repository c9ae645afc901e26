"""`reviewer action`: a GitHub event becomes the command line a person would type, which is printed and run."""

from __future__ import annotations

import importlib
import os
import shlex
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import action
from reviewer.action import Run
from reviewer.commands import flags, runner
from reviewer.errors import Misuse, ReviewerError, Undelivered
from reviewer.findings import NoteCode, State
from reviewer.sources.command import Git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from reviewer.findings import Report

BUG = 70
FORMATS = ("json", "sarif", "html")
"""What a workflow hands on: to other steps, to code scanning, to people."""


def run(arguments: Sequence[str]) -> int:
    """The exit code of what was run; 0 for an event on which there is nothing to do."""
    parser().parse_args(arguments)
    _promise(status="failed", code=BUG)  # what is true if this process does not live to say more
    try:
        planned = action.plan(*_event(), os.environ, checked_out=_checked_out())
    except ReviewerError as error:
        return _refused(error)
    if isinstance(planned, Run):
        try:
            return _carry_out(planned)
        except Undelivered as error:
            return _refused(error)
    runner.notice(planned.notice)
    _promise(status="skipped", code=0)
    return 0


def parser() -> flags.Parser:
    """It has no flags: the event and the settings' variables say everything."""
    return flags.Parser(
        prog="reviewer action",
        usage="reviewer action",
        description="Runs inside GitHub Actions: a review or an audit, as the event in GITHUB_EVENT_PATH asks for.",
        allow_abbrev=False,
    )


def _carry_out(planned: Run) -> int:
    for notice in planned.notices:
        runner.notice(notice)
    command, *rest = planned.arguments
    report = _new_report()
    for kind in FORMATS:
        rest += ["--output", f"{kind}={report.with_suffix(f'.{kind}')}"]
    for variable in action.OWN:
        os.environ.pop(variable, None)
    runner.say(f"reviewer {shlex.join([command, *rest])}")
    error = None
    with runner.group(f"reviewer {command}"), runner.deaf():
        try:
            code: int = importlib.import_module(f"reviewer.commands.{command}").run(rest)
        except ReviewerError as failure:
            error, code = failure, failure.exit_code
    if error is not None:
        runner.error(str(error))
    taken = {"notice": len(planned.notices), "error": int(error is not None)}
    kind = "audit" if "--repository" in rest else command
    _deliver(_read(report), report, code, kind=kind, taken=taken)
    return code


def _deliver(report: Report | None, path: Path, code: int, *, kind: str, taken: Mapping[str, int]) -> None:
    """The outputs of the step; after a review the job summary, and annotations where nothing else says it.

    Nothing takes the place of an audit's issue but a notice: its findings are too many for annotations.
    `taken`: annotations by level that the step has already.
    No report and no error either: the pull request was closed before anything was read.
    """
    if report is None:
        _promise(status="failed" if code else "skipped", code=code)
        return
    standing = sum(finding.state is not State.FIXED for finding in report.findings)
    _promise(status=report.status, code=code, findings=standing, report=path)
    unsaid = None if kind == "audit" else _unsaid(report)
    if kind == "audit" and not taken["error"]:  # which says the same
        for why in (note.message for note in report.notes if note.code is NoteCode.NOT_POSTED):
            runner.notice(why)
    if kind == "publish" and not unsaid:
        return
    from reviewer.outputs import annotations, summary
    from reviewer.outputs.look import Look

    runner.summary(summary.render(report, Look()))
    if unsaid:
        print(annotations.beside(unsaid, taken), end="", flush=True)  # noqa: T201 - commands, not words for people


def _unsaid(report: Report) -> Report | None:
    """The report without the findings that are on the pull request all the same; null where all of it was posted."""
    notes = [note for note in report.notes if note.code is NoteCode.NOT_POSTED]
    if not notes:
        return None
    said = {finding for note in notes for finding in note.data.get("posted", ())}
    if not said:
        return report
    left = (each for each in report.findings if each.state is State.NEW and each.fingerprint not in said)
    return replace(report, findings=tuple(left))


def _promise(*, status: str, code: int, findings: int = 0, report: Path | None = None) -> None:
    """`report` is the JSON one; the others lie beside it. One that is not there has no name."""
    for name, value in (("status", status), ("findings", findings), ("exit-code", code)):
        runner.output(name, value)
    for name, kind in (("report", "json"), ("sarif", "sarif"), ("html", "html")):
        path = report.with_suffix(f".{kind}") if report is not None else None
        runner.output(name, path if path is not None and path.is_file() else "")


def _refused(error: ReviewerError) -> int:
    runner.error(str(error))
    _promise(status="failed", code=error.exit_code)
    return error.exit_code


def _event() -> tuple[str, Mapping[str, Any]]:
    name, path = os.environ.get("GITHUB_EVENT_NAME"), os.environ.get("GITHUB_EVENT_PATH")
    if not name or not path:
        raise Misuse("this is no run of GitHub Actions (GITHUB_EVENT_PATH is not set): type reviewer review instead")
    try:
        with Path(path).open("rb") as file:
            data = file.read(action.MAX_EVENT_BYTES + 1)
    except OSError as error:
        raise Misuse(f"the event file {path} cannot be read: {error.strerror}") from error
    return name, action.parse(data)


def _checked_out() -> frozenset[str]:
    """The commit in the workspace and its parents; none where there is no checkout. A shallow clone knows them too."""
    # In a container job the workspace belongs to somebody else, and git would not look. Nothing of it is run here.
    git = Git(Path.cwd(), {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"})
    try:
        header = git.attempt("cat-file", "commit", "HEAD").stdout.partition(b"\n\n")[0]
        commit = git.commit("HEAD")
    except Misuse:  # no git: nothing was checked out with it
        return frozenset()
    parents = {line[7:].decode("ascii") for line in header.split(b"\n") if line.startswith(b"parent ")}
    return frozenset(parents | ({commit} if commit else set()))


def _new_report() -> Path:
    """A file of this run's own: two steps of a job must not take each other's report for theirs."""
    try:
        folder = tempfile.mkdtemp(prefix="reviewer-", dir=os.environ.get("RUNNER_TEMP") or None)
    except OSError as error:
        raise Undelivered(f"there is no folder for the report: {error.strerror}; make room in RUNNER_TEMP") from error
    return Path(folder) / "report.json"


def _read(path: Path) -> Report | None:
    """The report, if one was written."""
    from reviewer.outputs import reading

    return reading.read(path.read_bytes()) if path.is_file() else None
