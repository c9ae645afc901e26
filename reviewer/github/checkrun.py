"""The check run, where the token allows one: it is never why a review is not delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.github.client import Client
    from reviewer.github.conclusion import Annotation, Check

BATCH = 50
"""Annotations that GitHub takes with one request; they add up."""


def post(client: Client, repository: str, check: Check) -> list[str]:
    """What went wrong, in words. A batch whose answer got lost is not repeated: it might be there twice."""
    batches = [check.annotations[at : at + BATCH] for at in range(0, len(check.annotations), BATCH)] or [()]
    path = f"/repos/{repository}/check-runs"
    body = {"name": check.name, "head_sha": check.head, "status": "completed", "conclusion": check.conclusion}
    try:
        _, run = client.rest("POST", path, body={**body, "output": _output(check, batches[0])})
    except GitHubError as error:
        return [f"no check run ({error})"]
    for number, batch in enumerate(batches[1:], 1):
        try:
            client.rest("PATCH", f"{path}/{run['id']}", body={"output": _output(check, batch)})
        except GitHubError as error:
            missing = len(check.annotations) - number * BATCH
            return [f"the check run may lack {missing} of its {len(check.annotations)} annotations ({error})"]
    return []


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
