"""`reviewer doctor`: what a review needs, tried one by one; a line each, with the way out."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reviewer import action, settings
from reviewer.commands import flags, policyfile
from reviewer.commands.reading import cache_folder, homeless, shared
from reviewer.errors import Misuse, ReviewerError
from reviewer.messages import Message
from reviewer.model.choice import choose
from reviewer.model.connect import connect
from reviewer.model.endpoint import Timing
from reviewer.model.failures import ModelFailure
from reviewer.sources import git
from reviewer.text.sanitise import terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewer.findings import Note
    from reviewer.messages import Reply
    from reviewer.model.dialects import Target
    from reviewer.settings import Operator

PATIENCE = 30.0
"""Seconds one probe may take, with everything that is tried again."""
WORKFLOW = ".github/workflows/reviewer.yml"
_PLACEHOLDER = re.compile(r"^[ \t-]*uses:\s*[\"']?OWNER/", re.MULTILINE)
FINE, TO_MEND, UNKNOWN = 0, 2, 3
QUESTION = (
    Message("system", "You answer with one JSON object and nothing else."),
    Message("user", 'Answer with the JSON object {"ready": true}.'),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a probe found. `unknown`: it could not be tried, so nobody knows."""

    subject: str
    state: Literal["ok", "mend", "unknown"]
    text: str

    def __str__(self) -> str:
        return f"{self.state:<9}{self.subject:<10}{self.text}"


def run(arguments: Sequence[str]) -> int:
    """0 all is fine, 2 something is to be mended, 3 something could not be tried. No key or token is ever printed."""
    given = flags.given(parser().parse_args(arguments))
    states = set()
    for found in _probe(given):
        states.add(found.state)
        sys.stdout.write(terminal(str(found)).replace("\n", " ") + "\n")
        sys.stdout.flush()
    return TO_MEND if "mend" in states else UNKNOWN if "unknown" in states else FINE


def parser() -> flags.Parser:
    """The flags of a review, so that what will be reviewed with can be tried with."""
    made = flags.Parser(
        prog="reviewer doctor",
        usage="reviewer doctor [FLAGS]",
        description="Tries what a review needs: settings, git, key, model, token, cache. Asks the model one question.",
        epilog="exit codes: 0 all is fine; 2 something is to be mended; 3 something could not be tried.",
        allow_abbrev=False,
    )
    flags.add_settings(made)
    return made


def _probe(given: Mapping[str, object]) -> Iterator[Found]:
    yield _git()
    try:
        operator, source = _settings(given)
    except Misuse as error:
        yield Found("settings", "mend", str(error))
        return
    yield Found("settings", "ok", f"valid ({source})")
    yield from _model(operator)
    yield from _github(operator, os.environ)
    yield from _workflow()
    yield _cache(operator)
    yield from _shared(operator)


def _git() -> Found:
    if shutil.which("git"):
        return Found("git", "ok", "installed")
    return Found("git", "mend", "not installed or not on the PATH: without it only diff files can be reviewed")


def _settings(given: Mapping[str, object]) -> tuple[Operator, str]:
    name = settings.REPOSITORY_FILE
    root = git.toplevel(Path.cwd()) if shutil.which("git") else None
    team = policyfile.read(root)
    return settings.load(given, team or {}, name)[1], f"there is no {name} here" if team is None else f"with {name}"


def _model(operator: Operator) -> Iterator[Found]:
    key = operator.api_key.get_secret_value() if operator.api_key else None
    try:
        chosen = choose(operator.provider, operator.base_url, operator.model, key, os.environ)
    except Misuse as error:
        yield Found("key", "mend", str(error))
        return
    if chosen is None and operator.provider == "none":
        yield Found("key", "ok", "none wanted (provider none): built-in checks alone")
    elif chosen is None:
        yield _no_key(operator)
    else:
        target, used = chosen
        where = "REVIEWER_API_KEY" if key else target.dialect.key_variable
        yield Found("key", "ok", f"{where}, for {target.title}" if used else f"none needed for {target.title}")
        yield from _endpoint(target, used, operator)


def _no_key(operator: Operator) -> Found:
    """Whoever names a model wants to be asked for its key; anybody else may do without."""
    way = "set SEGMIND_API_KEY, DASHSCOPE_API_KEY or OPENAI_API_KEY"
    if operator.provider or operator.model:
        return Found("key", "mend", f"there is none, and a provider or model is named: {way}")
    return Found(
        "key", "ok", f"there is none: built-in checks alone; for a model {way}, or REVIEWER_PROVIDER to ollama"
    )


def _endpoint(target: Target, key: str | None, operator: Operator) -> Iterator[Found]:
    timing = Timing(timeout=min(operator.timeout, PATIENCE), deadline=time.monotonic() + PATIENCE)
    try:
        with connect(target, key=key, timing=timing) as connection:
            reply = connection.complete(QUESTION)
            notes = connection.notes()
    except ModelFailure as failure:
        yield Found("model", "mend" if failure.fatal else "unknown", str(failure))
        return
    except Misuse as error:
        yield Found("model", "mend", str(error))
        return
    yield Found("model", "ok", f"{target.model} answers at {target.host}")
    yield _json_mode(reply, notes)
    credits_left = reply.usage.credits_remaining
    if credits_left is not None:
        way = "" if credits_left > 0 else ": top the account up in the provider's console"
        yield Found("credits", "ok" if credits_left > 0 else "mend", f"{credits_left:,.2f} left{way}")


def _json_mode(reply: Reply, notes: Sequence[Note]) -> Found:
    try:
        answered = isinstance(json.loads(reply.text), dict)
    except (ValueError, RecursionError):
        answered = False
    said = "; ".join(note.message for note in notes)
    if answered:
        return Found("json", "ok", said or "answers are JSON")
    way = "a review may lose answers to this: choose another model (--model)"
    return Found("json", "mend", f"the model was asked for JSON and answered something else: {way}")


def _github(operator: Operator, environ: Mapping[str, str]) -> Iterator[Found]:
    own = operator.github_token.get_secret_value() if operator.github_token else None
    token = own or environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN")
    repository = environ.get("GITHUB_REPOSITORY")
    if not token:
        yield Found("github", "ok", "no token, and none is needed but for pull requests: those want GITHUB_TOKEN")
    elif repository and not action.REPOSITORY.fullmatch(repository):
        yield Found("github", "mend", f"GITHUB_REPOSITORY must be owner/repo, not {repository[:100]}")
    else:
        found, answer = _asked(token, repository, environ)
        yield found
        if found.state == "ok":
            yield _rights(answer, repository)


def _asked(token: str, repository: str | None, environ: Mapping[str, str]) -> tuple[Found, object]:
    """Whether GitHub accepts the token, and what it answers."""
    from reviewer.github import client as github

    try:
        with github.connect(
            token,
            api_url=environ.get("GITHUB_API_URL") or "https://api.github.com",
            graphql_url=environ.get("GITHUB_GRAPHQL_URL") or None,
            deadline=time.monotonic() + PATIENCE,
            clock=time.monotonic,
            sleep=time.sleep,
        ) as client:
            _, answer = client.rest("GET", f"/repos/{repository}" if repository else "/rate_limit")
    except github.GitHubError as error:
        passing = error.kind in ("rate", "server", "network")
        return Found("github", "unknown" if passing else "mend", str(error)), None
    except ReviewerError as error:
        return Found("github", "mend", str(error)), None
    return Found("github", "ok", f"the token is accepted{f' in {repository}' if repository else ''}"), answer


def _rights(answer: object, repository: str | None) -> Found:
    """GitHub tells of the role alone: what the token itself may write shows only when it is written."""
    check = "the check, which lets a next push be read from where this one ended, needs checks: write"
    needs = f"comments need pull-requests: write, {check}, reading contents: read"
    if not repository:
        return Found("rights", "unknown", f"set GITHUB_REPOSITORY=owner/repo to see the token's role there; {needs}")
    told = answer.get("permissions") if isinstance(answer, dict) else None
    roles = [str(name) for name, granted in told.items() if granted is True] if isinstance(told, dict) else []
    role = f"its role in {repository} is {', '.join(roles) or 'not told'}"
    return Found("rights", "unknown", f"what the token may write shows only in writing ({role}); {needs}")


def _workflow() -> Iterator[Found]:
    """What `reviewer init` wrote and a person has to complete."""
    root = git.toplevel(Path.cwd()) if shutil.which("git") else None
    path = root / WORKFLOW if root else None
    if path is None or not path.is_file():
        return
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        yield Found("workflow", "mend", f"{WORKFLOW} cannot be read: {error.strerror}")
        return
    if _PLACEHOLDER.search(text):
        way = "put the repository you got reviewer from in the place of OWNER/reviewer"
        yield Found("workflow", "mend", f"{WORKFLOW} still says OWNER: {way}")
    else:
        yield Found("workflow", "ok", f"{WORKFLOW} names where reviewer comes from")


def _cache(operator: Operator) -> Found:
    from reviewer.model.cache import Cache

    for note in homeless(operator):
        return Found("cache", "mend", note.message)
    folder = cache_folder(operator)
    if folder is None:
        return Found("cache", "ok", "off: the same review again asks and costs again")
    cache = Cache(folder, now=time.time)
    trouble = "; ".join(note.message for note in cache.notes())
    cache.close()
    return Found("cache", "mend", trouble) if trouble else Found("cache", "ok", f"replies are kept in {folder}")


def _shared(operator: Operator) -> Iterator[Found]:
    try:
        redis = shared(operator)
    except Misuse as error:
        yield Found("redis", "mend", str(error))
        return
    if redis is None:
        return
    answered = redis.attempt(lambda server: server.ping())
    trouble = redis.trouble
    redis.close()
    if answered and trouble is None:
        yield Found("redis", "ok", "it answers: runners that have its address share replies and pace")
    else:
        yield Found("redis", "mend", f"the Redis at REVIEWER_REDIS_URL is of no use: {trouble or 'a strange answer'}")
