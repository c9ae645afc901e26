"""The check run, where the token allows one: it is never why a review is not delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviewer.github import attempts
from reviewer.github.conclusion import NAME
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reviewer.github.client import Client
    from reviewer.github.conclusion import Annotation, Check

BATCH = 50
"""Annotations that GitHub takes with one request; they add up."""


@dataclass(frozen=True, slots=True)
class Run:
    """A check run there is. `external_id` is what its maker called it."""

    id: int
    external_id: str


def runs(client: Client, repository: str, commit: str, viewer: str) -> list[Run] | None:
    """The checks that `viewer`, an app, made in our name on the commit, the newest first; null: it may not see any."""
    query = {"check_name": NAME, "filter": "all", "per_page": 100}  # a job may have our name too, and be the latest
    try:
        _, answer = client.rest("GET", f"/repos/{repository}/commits/{commit}/check-runs", query=query)
    except GitHubError as error:
        if error.kind == "forbidden":
            return None
        if error.kind in ("not_found", "validation"):
            return []  # a commit that GitHub has no more
        raise
    told = answer.get("check_runs") if isinstance(answer, dict) else None
    if not isinstance(told, list):
        raise GitHubError("GitHub lists check runs without any list: try again later", status=200, kind="server")
    made = (_run(each, viewer) for each in told if isinstance(each, dict))
    return sorted(filter(None, made), key=lambda run: -run.id)


def post(
    client: Client, repository: str, check: Check, *, viewer: str | None, is_late: Callable[[], bool]
) -> list[str]:
    """What went wrong, in words. A batch whose answer got lost is not repeated: it might be there twice."""
    batches = [check.annotations[at : at + BATCH] for at in range(0, len(check.annotations), BATCH)] or [()]
    path = f"/repos/{repository}/check-runs"
    what = {"name": check.name, "head_sha": check.head, "external_id": check.external_id}
    body = {**what, "status": "completed", "conclusion": check.conclusion, "output": _output(check, batches[0])}

    def send() -> int:
        _, made = client.rest("POST", path, body=body)
        if not isinstance(made, dict) or type(made.get("id")) is not int:
            raise GitHubError("GitHub answers without the check run's id: try again later", status=201, kind="server")
        return int(made["id"])

    def stored() -> int | None:
        made = runs(client, repository, check.head, viewer) if viewer else None
        return next((run.id for run in made or () if run.external_id == check.external_id), None)

    try:
        run = attempts.once(send, stored, is_late=is_late, settle=client.settle)
    except GitHubError as error:
        return [f"no check run ({error})"]
    for number, batch in enumerate(batches[1:], 1):
        try:
            client.rest("PATCH", f"{path}/{run}", body={"output": _output(check, batch)})
        except GitHubError as error:
            missing = len(check.annotations) - number * BATCH
            return [f"the check run may lack {missing} of its {len(check.annotations)} annotations ({error})"]
    return []


def _run(told: Mapping[str, Any], viewer: str) -> Run | None:
    """Null for another app's, for a job of that name (its external id is none of ours, but a string), and for junk."""
    number, external_id, app = told.get("id"), told.get("external_id"), told.get("app")
    maker = app.get("slug") if isinstance(app, dict) else None  # the interface does not promise one
    if maker not in (None, viewer.removesuffix("[bot]")) or told.get("name") != NAME:
        return None
    return Run(number, external_id) if type(number) is int and isinstance(external_id, str) else None


def _output(check: Check, batch: Sequence[Annotation]) -> dict[str, Any]:
    annotations = {"annotations": [_annotation(each) for each in batch]} if batch else {}
    return {"title": check.title, "summary": check.summary, **annotations}


def _annotation(each: Annotation) -> dict[str, Any]:
    return {
        "path": each.path,
        "start_line": each.start_line,
        "end_line": each.end_line,
        "annotation_level": each.level,
        "title": each.title,
        "message": each.message,
    }
