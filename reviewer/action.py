"""A GitHub event, as the command line a person would type."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from reviewer.errors import Misuse
from reviewer.model.choice import choose
from reviewer.model.dialects import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

T = TypeVar("T")

MAX_EVENT_BYTES = 32 * 1024 * 1024
"""GitHub itself sends no event above 25 MB."""
REPOSITORY = re.compile(r"[A-Za-z0-9_-]{1,100}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
"""`owner/repo`, in full."""
PULL_REQUEST, POST, FULL, PUBLISH, EVIDENCE = OWN = (
    "REVIEWER_PULL_REQUEST",
    "REVIEWER_POST",
    "REVIEWER_FULL",
    "REVIEWER_PUBLISH",
    "REVIEWER_EVIDENCE",
)
"""What the action's step may say besides the settings: these are no settings, and whoever reads those refuses them."""

_REVIEWED = ("opened", "synchronize", "reopened", "ready_for_review")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_HOW_TO_SET_A_KEY = (
    "store the key as a secret of the repository and give the step `api-key: ${{ secrets.SEGMIND_API_KEY }}`,"
    " or say `provider: none` for the built-in checks alone"
)


@dataclass(frozen=True, slots=True)
class Run:
    """The words after `reviewer`, and what the log should say of them."""

    arguments: tuple[str, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, which is a success; `notice` says why."""

    notice: str


@dataclass(frozen=True, slots=True)
class _Pull:
    """The pull request of an event. `without_secrets`: why GitHub gives such a run none."""

    number: int
    head: str
    draft: bool
    closed: bool
    without_secrets: str | None


def parse(data: bytes) -> Mapping[str, Any]:
    """The event in GITHUB_EVENT_PATH; anything but a JSON object of a bearable size raises `Misuse`."""
    if len(data) > MAX_EVENT_BYTES:
        raise Misuse(f"the event file is larger than {MAX_EVENT_BYTES >> 20} MiB: GitHub sends no such event")
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise Misuse("the event file is not a JSON object: GITHUB_EVENT_PATH must name the file the runner wrote")
    return event


def plan(
    event_name: str, event: Mapping[str, Any], environ: Mapping[str, str], *, checked_out: Collection[str] = ()
) -> Run | Skip:
    """What to run for an event; `Misuse` where it is malformed, unsafe, or nobody can be asked.

    `checked_out`: the commit in the workspace and its parents (the merge commit GitHub makes has the head as one).
    """
    if event_name in ("pull_request", "pull_request_target"):
        return _on_pull_request(event_name, event, environ, checked_out)
    if event_name == "workflow_dispatch":
        return _on_dispatch(event, environ, checked_out)
    if event_name == "push":
        return _on_push(event, environ, checked_out)
    if event_name == "schedule":  # always on the default branch
        return _audit(event, environ, checked_out)
    if event_name == "merge_group":
        return Skip("a merge queue asks about changes that were reviewed as pull requests: nothing to do")
    return Skip(
        f"nothing is reviewed on the event {event_name!r}: run this on pull_request, or on schedule for an audit"
    )


def _on_pull_request(
    event_name: str, event: Mapping[str, Any], environ: Mapping[str, str], checked_out: Collection[str]
) -> Run | Skip:
    action = _field(event, "action", _text)
    pull = _pull(event)
    name = f"{_field(event, 'repository.full_name', _repository)}#{pull.number}"
    if pull.closed or action == "closed":
        return Skip(f"{name} is closed: nothing to review")
    if action not in _REVIEWED:
        return Skip(f"nothing is reviewed when a pull request is {action!r}, only when {', '.join(_REVIEWED)}")
    if pull.draft and not _switch(environ, "REVIEWER_DRAFTS", default=False):
        return Skip(f"{name} is a draft: it is reviewed when it is ready (`drafts: true` reviews drafts too)")
    if event_name == "pull_request_target" and pull.head in checked_out:
        raise Misuse(
            f"this pull_request_target job holds secrets and has checked out the code of {name} itself: take `ref:` out"
            " of its actions/checkout (the change is read from GitHub, no checkout is needed), or run on pull_request"
        )
    return _command(name, environ, without_secrets=pull.without_secrets)


def _on_dispatch(event: Mapping[str, Any], environ: Mapping[str, str], checked_out: Collection[str]) -> Run:
    inputs = event.get("inputs") or {}
    if not isinstance(inputs, dict):
        raise Misuse("the event is malformed: inputs is no object")
    number = environ.get(PULL_REQUEST) or inputs.get("pull-request") or inputs.get("pull_request")
    if not number:
        branch, chosen = _default_branch(event), _field(event, "ref", _reference)
        elsewhere = None if chosen == branch else f"this is {chosen}, not {branch}"
        return _audit(event, environ, checked_out, elsewhere=elsewhere)
    if not _NUMBER.fullmatch(str(number)):
        raise Misuse(f"the input pull-request must be a number, not {str(number)[:40]!r}")
    return _command(f"{_field(event, 'repository.full_name', _repository)}#{number}", environ)


def _on_push(event: Mapping[str, Any], environ: Mapping[str, str], checked_out: Collection[str]) -> Run | Skip:
    branch, pushed = _default_branch(event), _field(event, "ref", _reference)
    if pushed != branch:
        return Skip(
            f"nothing is audited on a push to {pushed}, only to the default branch ({branch}); what is to be merged is"
            " reviewed on pull_request"
        )
    return _audit(event, environ, checked_out)


def _audit(
    event: Mapping[str, Any], environ: Mapping[str, str], checked_out: Collection[str], *, elsewhere: str | None = None
) -> Run:
    """`elsewhere`: why its findings are not those of the repository, whose issue is left as it is."""
    if report := environ.get(PUBLISH):
        return Run(("publish", _file(report), "--repository", _audited(event, environ)))
    if not checked_out:
        raise Misuse(
            "an audit reads the files of the repository, and there is no checkout: put a step with actions/checkout"
            " before this one (a pull request is reviewed without: give the step `pull-request:` with its number)"
        )
    arguments, notices = ["audit"], []
    if _switch(environ, POST, default=True):
        if elsewhere is None:
            arguments += ("--post", _audited(event, environ))
        else:
            notices.append(f"{elsewhere}: what is found stands in the report and the summary alone")
    _somebody_to_ask(environ, without_secrets=None)
    return Run((*arguments, *_evidence(environ)), tuple(notices))


def _audited(event: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The event of a schedule has no repository, or not on every server."""
    if "repository" in event:
        return _field(event, "repository.full_name", _repository)
    name = _repository(environ.get("GITHUB_REPOSITORY"))
    if name is None:
        raise Misuse("GITHUB_REPOSITORY does not name a repository like owner/repo, as the runner sets it")
    return name


def _default_branch(event: Mapping[str, Any]) -> str:
    return f"refs/heads/{_field(event, 'repository.default_branch', _reference)}"


def _evidence(environ: Mapping[str, str]) -> Iterator[str]:
    for file in filter(None, (line.strip() for line in environ.get(EVIDENCE, "").split("\n"))):
        yield from ("--evidence", file)


def _command(name: str, environ: Mapping[str, str], *, without_secrets: str | None = None) -> Run:
    report = environ.get(PUBLISH)
    if report:
        return Run(("publish", _file(report), "--pull", name))
    arguments, notices = ["review", name], []
    if _switch(environ, POST, default=True):
        arguments.append("--post")
    if _switch(environ, FULL, default=False):
        arguments.append("--full")
    arguments += _evidence(environ)
    if not _somebody_to_ask(environ, without_secrets=without_secrets):
        arguments.append("--no-model")
        notices.append(f"{name}: {without_secrets}, so there is no key, and only the built-in checks read it")
    return Run(tuple(arguments), tuple(notices))


def _file(name: str) -> str:
    """That no flag is."""
    return f"./{name}" if name.startswith("-") else name


def _somebody_to_ask(environ: Mapping[str, str], *, without_secrets: str | None) -> bool:
    """False where no key is a matter of course; `Misuse` where it is a mistake. `provider: none` wants nobody."""

    def said(name: str) -> str | None:
        return environ.get(f"REVIEWER_{name}") or None

    keys = ("REVIEWER_API_KEY", *(dialect.key_variable for dialect in DIALECTS.values()))
    excused = without_secrets and not any(environ.get(key) for key in keys if key)
    try:
        chosen = choose(said("PROVIDER"), said("BASE_URL"), said("MODEL"), said("API_KEY"), environ)
    except Misuse as error:
        if excused:
            return False
        raise Misuse(f"{error} (in a workflow: {_HOW_TO_SET_A_KEY})") from error
    if chosen is None and said("PROVIDER") != "none":
        if excused:
            return False
        raise Misuse(f"there is no key to ask a model with: {_HOW_TO_SET_A_KEY}")
    return True


def _pull(event: Mapping[str, Any]) -> _Pull:
    excuse = None
    if _from_a_fork(event):
        excuse = "it comes from a fork"
    elif _field(event, "sender.login", _text) == "dependabot[bot]":
        # https://docs.github.com/en/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions
        excuse = "Dependabot set this off, whose runs get no secrets of Actions"
    return _Pull(
        number=_field(event, "pull_request.number", _positive),
        head=_field(event, "pull_request.head.sha", _commit),
        draft=_field(event, "pull_request.draft", _boolean),
        closed=_field(event, "pull_request.state", _text) == "closed",
        without_secrets=excuse,
    )


def _from_a_fork(event: Mapping[str, Any]) -> bool:
    """A fork that is gone by now is null."""
    if _field(event, "pull_request.head", _object).get("repo", False) is None:
        return True
    source = _field(event, "pull_request.head.repo.full_name", _repository)
    return source.lower() != _field(event, "pull_request.base.repo.full_name", _repository).lower()


def _field(event: Mapping[str, Any], dotted: str, read: Callable[[Any], T | None]) -> T:
    """The value at `dotted` as `read` takes it; `read` gives null for what it does not take."""
    value: Any = event
    for key in dotted.split("."):
        if not isinstance(value, dict) or key not in value:
            raise Misuse(f"the event is malformed: it has no {dotted}")
        value = value[key]
    found = read(value)
    if found is None:
        raise Misuse(f"the event is malformed: {dotted} is not what GitHub sends there")
    return found


def _object(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= 100 else None


def _reference(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= 300 else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _positive(value: Any) -> int | None:
    return value if type(value) is int and 0 < value < 10**10 else None


def _repository(value: Any) -> str | None:
    return value if isinstance(value, str) and REPOSITORY.fullmatch(value) else None


def _commit(value: Any) -> str | None:
    return value if isinstance(value, str) and _COMMIT.fullmatch(value) else None


def _switch(environ: Mapping[str, str], variable: str, *, default: bool) -> bool:
    written = environ.get(variable, "").strip().lower()
    if written and written not in (*_TRUE, *_FALSE):
        name = variable.removeprefix("REVIEWER_").lower().replace("_", "-")
        raise Misuse(f"the input {name} must be true or false, not {written[:40]!r}")
    return written in _TRUE if written else default
