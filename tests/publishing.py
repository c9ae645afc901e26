"""A pull request that is reviewed the whole way: read, reconciled, drafted and published, on the fake GitHub."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import hub as hubs
from conversations import found

from reviewer.findings import Side
from reviewer.github import pull as pulls
from reviewer.github.corroboration import corroborated
from reviewer.github.dismissals import dismissals
from reviewer.github.draft import draft
from reviewer.github.publish import Published, publish
from reviewer.github.reconcile import reconcile
from reviewer.github.state import parse
from reviewer.github.threads import Existing, read_existing
from reviewer.judgement.recognition import line_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fake_github import Exchange, Pull
    from hub import Hub

    from reviewer.findings import Finding
    from reviewer.github.client import Client
    from reviewer.github.draft import Draft
    from reviewer.github.pull import PullRequest

PATH = "shop/orders.py"
LINES = 30
OUTSIDE = 200
"""A line that is not on the diff."""
ANYWHERE = {path: {side: [range(1, 1000)] for side in Side} for path in (PATH, "shop/old.py")}


def text(calls: int, first: int = 1) -> str:
    """Lines 1 to `calls` are what `conversations.finding` is about; those before `first` are gone."""
    return "".join(f"call({n}, x)\n" if first <= n <= calls else f"old({n})\n" for n in range(1, 300))


class Desk:
    """Reviews one pull request again and again."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        hub.commit({PATH: text(0)}, "main")
        hub.commit({PATH: text(LINES)}, "topic")
        self.pull: Pull = hub.opened()

    def draft(self, client: Client, *findings: Finding, request_changes: bool = False) -> tuple[Draft, PullRequest]:
        """Of the head as it is now. Anchors are not checked: what GitHub refuses is up to it."""
        pull = pulls.read(client, hubs.NAME, 1)
        existing = corroborated(client, pull, read_existing(client, pull))
        report = reconcile(
            found(*findings, head=pull.head, base=pull.base),
            existing,
            dismissals(client, pull, existing.threads),
            self._lines,
        )
        return (
            draft(
                report,
                pull,
                existing,
                settings_digest="s" * 16,
                request_changes=request_changes,
                fail_on="high",
                anchors=ANYWHERE,
            ),
            pull,
        )

    def review(
        self,
        *findings: Finding,
        token: str | None = None,
        deadline: float | None = None,
        request_changes: bool = False,
        meanwhile: Callable[[], object] = lambda: None,
        change: Callable[[Draft], Draft] = lambda draft: draft,
        **options: Any,
    ) -> Published:
        """`meanwhile` happens between the draft and its publication. Only the traffic of the latter is kept."""
        client = self.hub.client(token=token, deadline=deadline)
        drafted, pull = self.draft(client, *findings, request_changes=request_changes)
        before = corroborated(client, pull, read_existing(client, pull))
        meanwhile()
        self.hub.fake.forget_traffic()
        return publish(
            client,
            change(drafted),
            before=before,
            existing_now=lambda: read_existing(client, pull),
            **options,
        )

    def existing(self) -> Existing:
        client = self.hub.client()
        return read_existing(client, pulls.read(client, hubs.NAME, 1))

    @property
    def writes(self) -> list[str]:
        """What was written since the last review began: method and the end of the path."""
        start = f"/repos/{hubs.NAME}/"
        return [f"{each.method} {each.path.removeprefix(start)}" for each in self.hub.fake.traffic if each.is_write]

    @property
    def comments(self) -> Counter[str]:
        """How many comments there are on each finding."""
        states = [parse(comment.body) for thread in self.pull.threads for comment in thread.comments]
        return Counter(state.findings[0].id for state in states if state)

    @property
    def summaries(self) -> list[str]:
        return [comment.body for comment in self.pull.comments]

    def assert_said_once(self, *findings: Finding, demoted: tuple[Finding, ...] = ()) -> None:
        """Each has one comment, or is in the one summary; the state knows all; saying it again writes nothing."""
        assert self.comments == {each.fingerprint: 1 for each in findings}
        (summary,) = self.summaries
        state = parse(summary)
        assert state is not None
        assert {each.id for each in state.findings} == {each.fingerprint for each in (*findings, *demoted)}
        for each in demoted:
            assert each.title in summary
            assert f"{PATH}:{each.span.last}" in summary
        assert self.hub.fake.most_writers <= 1
        self.hub.fake.assert_conforming()
        self.review(*findings, *demoted)
        assert self.writes == []

    def _lines(self, path: str) -> frozenset[str] | None:
        shown = self.hub.git("show", f"topic:{path}")
        return line_hashes(shown.split("\n"))


@contextmanager
def opened(root: Path) -> Iterator[Desk]:
    with hubs.opened(root) as hub:
        yield Desk(hub)


def to(end: str, method: str = "POST") -> Callable[[Exchange], bool]:
    """Whether it is such a request, for the fake's faults."""
    return lambda exchange: exchange.method == method and exchange.path.endswith(end)
