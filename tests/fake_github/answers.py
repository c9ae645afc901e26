"""What the fake answers: a body with a status, or a refusal in GitHub's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

DOCS = "https://docs.github.com/rest"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body that is neither bytes nor null is sent as JSON; `kind` is the media type of bytes. `cut`: the server hangs
    up in the middle of it."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    cut: bool = False


class Refused(Exception):
    """GitHub says no. `errors` are sentences or objects, as the operation documents them."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: tuple[str | Json, ...] = (),
        headers: Mapping[str, str] | None = None,
        documentation: str = DOCS,
    ) -> None:
        super().__init__(status, message, *errors)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}
        self.documentation = documentation

    def answer(self) -> Answer:
        errors = {"errors": list(self.errors)} if self.errors else {}
        body = {"message": self.message, **errors, "documentation_url": self.documentation, "status": str(self.status)}
        return Answer(body, self.status, self.headers)


def not_found() -> Refused:
    return Refused(404, "Not Found")


def unprocessable(*errors: str) -> Refused:
    """The form of the operations on reviews: sentences."""
    return Refused(422, "Unprocessable Entity", errors)


def invalid(resource: str, field_name: str, message: str) -> Refused:
    """The form of most other operations: objects."""
    error = {"resource": resource, "field": field_name, "code": "custom", "message": message}
    return Refused(422, "Validation Failed", (error,))
