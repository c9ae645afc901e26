"""What the words of github.toml mean: which request, what is spoilt in its answer, and what people do meanwhile."""

from __future__ import annotations

import json
import time
import tomllib
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from signal import Signals
from typing import TYPE_CHECKING, Any

from risky import TARGET, bad, is_review, is_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fake_github import Exchange
    from fake_github.answers import Answer
    from fake_github.faults import Alter
    from hub import Hub

PLACES = {
    "anything": lambda _: True,
    "reading": lambda it: not it.is_write,
    "writing": lambda it: it.is_write,
    "the pull request": lambda it: it.path.endswith("/pulls/1") and it.method == "GET",
    "the comparison": lambda it: "/compare/" in it.path,
    "the files": lambda it: it.path.endswith("/files"),
    "the second page of the files": lambda it: it.path.endswith("/files") and it.query.get("page") == "2",
    "the question": lambda it: it.is_graphql and not it.is_mutation,
    "the question about comments": lambda it: it.is_graphql and "reviewThreads" in str(it.body),
    "the checks there are": lambda it: it.method == "GET" and it.path.endswith("/check-runs"),
    "the listing": lambda it: "/git/trees/" in it.path,
    "the review": is_review,
    "the summary": is_summary,
    "the edit of the summary": lambda it: it.method == "PATCH" and "/issues/comments/" in it.path,
    "the check": lambda it: it.method == "POST" and it.path.endswith("/check-runs"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One of github.toml; README.md explains the fields."""

    name: str
    at: str = "anything"
    times: int = 99
    status: int | None = None
    message: str = ""
    errors: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    html: bool = False
    json: str | None = None
    stored: bool = False
    drop: bool = False
    cut: bool = False
    alter: str | None = None
    lags: float = 0.0
    meanwhile: str | None = None
    during: str = "the model"
    signal: str | None = None
    earlier: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    target: str = TARGET
    outsider: bool = False
    flags: tuple[str, ...] = ()
    asked: int = 0
    exit: int = 3
    result: str | None = None
    posted: tuple[str, ...] = ()
    summaries: int = 0
    checks: int = 0
    says: tuple[str, ...] = ()
    then: tuple[str, ...] | None = None
    then_exit: int = 1

    def script(self, hub: Hub, elsewhere: str, send: Callable[[Signals], object]) -> Callable[[], object]:
        """Has GitHub do it, and `send` a signal; what comes back is to be called when the model is asked."""
        when: Callable[[Exchange], bool] = PLACES[self.at]
        for name, number in self.limits.items():
            setattr(hub.fake.limits, name, number)
        if self.alter is not None:
            hub.fake.spoil(when, ALTERATIONS[self.alter](elsewhere), times=self.times)
        elif self.status is not None or self.drop:
            headers = {name: value.replace("{elsewhere}", elsewhere) for name, value in self.headers.items()}
            hub.fake.fail(
                when, self.status or 502, after_storing=self.stored, drop=self.drop, cut=self.cut, times=self.times,
                headers=headers, body=self._body(),
            )  # fmt: skip
        if self.lags:
            written: list[float] = []
            hub.fake.meanwhile(when, lambda: written.append(time.monotonic()))
            hub.fake.spoil(PLACES["the question about comments"], _late(written, self.lags), times=99)
        if self.signal is not None:
            hub.fake.spoil(PLACES[self.during], _then(partial(send, Signals[f"SIG{self.signal}"])))
        if self.meanwhile is None:
            return lambda: None
        happens = MEANWHILE[self.meanwhile]
        if self.during == "the model":
            return lambda: happens(hub)
        hub.fake.meanwhile(PLACES[self.during], lambda: happens(hub))
        return lambda: None

    def _body(self) -> Any:
        if self.html:
            return b"<!DOCTYPE html><html><title>Unicorn!</title><p>We had issues producing the response.</html>"
        if self.json is not None:
            return self.json.encode()
        errors = {"errors": list(self.errors)} if self.errors else {}
        return {"message": self.message, **errors, "documentation_url": "https://docs.github.com/rest"}


def table() -> list[Row]:
    """Every row."""
    rows: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "github.toml").read_text("utf-8"))["fault"]
    return [_row({key: tuple(it) if isinstance(it, list) else it for key, it in row.items()}) for row in rows]


def _row(given: dict[str, Any]) -> Row:
    return Row(**given)


def _then(happens: Callable[[], object]) -> Alter:
    """It happens when all is stored, before that is answered."""

    def altered(answer: Answer) -> Answer:
        happens()
        return answer

    return altered


def _link(value: str) -> Alter:
    """The header that leads to the next page says this instead."""
    return lambda answer: replace(answer, headers={**answer.headers, "Link": value})


def _looping(answer: Answer) -> Answer:
    """The last page leads on, to itself."""
    own = answer.headers.get("Link", "")
    return answer if 'rel="next"' in own else replace(answer, headers={**answer.headers, "Link": LOOP})


def _told(change: Callable[[Any], object]) -> Alter:
    """GraphQL's answer about the pull request, changed."""

    def altered(answer: Answer) -> Answer:
        body = json.loads(json.dumps(answer.body))
        change(body)
        return replace(answer, body=body)

    return altered


def _late(written: Sequence[float], seconds: float) -> Alter:
    """Threads are shown so long after they were written."""

    def hide(body: Any) -> None:
        if written and time.monotonic() - written[0] < seconds:
            _pull(body)["reviewThreads"]["nodes"] = []

    return _told(hide)


def _pull(body: Any) -> Any:
    return body["data"]["repository"]["pullRequest"]


def _in_circles(body: Any) -> None:
    _pull(body)["reviewThreads"]["pageInfo"] = {"hasNextPage": True, "endCursor": "Y3Vyc29yOnYyOpK0"}


def _nowhere(body: Any) -> None:
    _pull(body)["reviewThreads"]["pageInfo"] = {"hasNextPage": True, "endCursor": None}


def _partly(body: Any) -> None:
    _pull(body)["reviewThreads"] = None
    path = ["repository", "pullRequest", "reviewThreads"]
    body["errors"] = [{"message": "Something went wrong while executing your query.", "path": path}]


def _another_shape(body: Any) -> None:
    body["data"]["repository"] = [{"pullRequest": _pull(body)}]


def _without_threads(body: Any) -> None:
    del _pull(body)["reviewThreads"]


LOOP = '<https://api.github.com/repositories/1/pulls/1/files?per_page=100&page=1>; rel="next"'
ALTERATIONS: Mapping[str, Callable[[str], Alter]] = {
    "cut off": lambda _: lambda answer: replace(answer, cut=True),
    "a link back to the first page": lambda _: _looping,
    "no link to the next page": lambda _: _link(""),
    "a link elsewhere": lambda elsewhere: _link(f'<{elsewhere}/repos/octo/shop/pulls/1/files?page=2>; rel="next"'),
    "a circle of cursors": lambda _: _told(_in_circles),
    "more without a cursor": lambda _: _told(_nowhere),
    "an error for a part": lambda _: _told(_partly),
    "another shape": lambda _: _told(_another_shape),
    "without the threads": lambda _: _told(_without_threads),
}  # fmt: skip


def _force_push(hub: Hub) -> None:
    hub.git("checkout", "-q", "topic")
    hub.git("commit", "-q", "--amend", "-m", "Once more")


def _rename(hub: Hub) -> None:
    hub.fake.state.rename(hub.repository, "octo/store")


MEANWHILE: Mapping[str, Callable[[Hub], object]] = {
    "a push": lambda hub: hub.commit({"shop/part2.py": bad(2)}, "topic"),
    "a push of an earlier file": lambda hub: hub.commit({"shop/a.py": "x = 1\n"}, "topic"),
    "a force-push": _force_push,
    "it is closed": lambda hub: hub.repository.pulls[1].close(),
    "it is merged": lambda hub: hub.repository.pulls[1].merge(),
    "a comment of ours is deleted": lambda hub: hub.repository.pulls[1].threads[0].comments[0].delete(),
    "a thread of ours is resolved": lambda hub: hub.repository.pulls[1].threads[0].resolve("alice"),
    "the summary is edited": lambda hub: hub.repository.pulls[1].comments[0].edit("Tidied up."),
    "the summary is deleted": lambda hub: hub.repository.pulls[1].comments[0].delete(),
    "it is renamed": _rename,
}
