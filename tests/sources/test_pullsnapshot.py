"""The head of a pull request from GitHub alone: what is fetched, with how many requests, and what is said of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import hub as hubs
import pytest
from snapshots import chunk, plainly

from reviewer.context.definitions import remembered
from reviewer.context.outline import outline
from reviewer.sources import pullsnapshot
from reviewer.sources.pull import PullSource
from reviewer.sources.pullsnapshot import PullSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hub import Hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit(
            {
                "shop/cart.py": "class Cart:\n    def total(self, rate): return 1\n",
                "shop/far/away.py": "def away(): pass\n",
                "else/where.py": "def total(): pass\n",
                "app/pay.py": "x = 1\n",
                "app/logo.py": b"\0",
            },
            "main",
        )
        hub.commit({"app/pay.py": "from shop.cart import Cart\nx = Cart().total(1)\n"}, "topic")
        hub.opened()
        yield hub


def fetched(hub: Hub) -> PullSnapshot:
    """A snapshot, and nothing but its requests in the traffic from here on."""
    client = hub.client()
    source = PullSource(client, hub.read(client))
    files = tuple(source.change().files)
    hub.fake.forget_traffic()
    return PullSnapshot(source, files)


def test_what_a_change_uses_is_found_with_two_requests(hub: Hub) -> None:
    snapshot = fetched(hub)
    assert [(hit.path, hit.line) for hit in snapshot.grep(["Cart"])] == [
        ("app/pay.py", 1), ("app/pay.py", 2), ("shop/cart.py", 1)
    ]  # fmt: skip
    assert snapshot.grep(["Cart"], suffixes=[".ts"]) == snapshot.grep([]) == ()
    assert snapshot.read("shop/cart.py") is not None
    assert snapshot.read("else/where.py") is None  # not likely, so not fetched
    assert snapshot.read("app/logo.py") is None
    assert "shop/far/away.py" in snapshot.paths()
    assert len(hub.fake.traffic) <= 3
    assert snapshot.capped == ("without a checkout 3 of 5 files were searched for definitions",)


def test_an_outline_is_made_without_a_checkout(hub: Hub) -> None:
    client = hub.client()
    source = PullSource(client, hub.read(client))
    files = tuple(source.change().files)
    found = outline(chunk(*files), remembered(PullSnapshot(source, files)), plainly())
    assert [item.where for item in found.items] == ["shop/cart.py"]


def test_several_threads_fetch_once(hub: Hub) -> None:
    snapshot = fetched(hub)
    with ThreadPoolExecutor(4) as pool:
        assert len({len(hits) for hits in pool.map(snapshot.grep, [["Cart"]] * 8)}) == 1
    assert len(hub.fake.traffic) <= 2


def test_requests_are_bounded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pullsnapshot, "BATCH", 2)
    hub.commit({f"app/m{n}.py": "x = 1\n" for n in range(20)})
    snapshot = fetched(hub)
    snapshot.grep(["x"])
    assert len(hub.fake.traffic) <= 1 + pullsnapshot.BATCHES
    assert snapshot.capped[0].startswith("without a checkout")


def test_a_listing_that_github_cuts_is_told(hub: Hub) -> None:
    hub.fake.limits.tree_entries = 3
    snapshot = fetched(hub)
    snapshot.paths()
    assert snapshot.capped == ("GitHub lists only part of this repository's files",)


def test_without_a_listing_only_the_change_is_searched(hub: Hub) -> None:
    snapshot = fetched(hub)
    hub.fake.fail(lambda exchange: "/git/trees/" in exchange.path, status=404, times=9)
    assert {hit.path for hit in snapshot.grep(["Cart"])} == {"app/pay.py"}
    assert snapshot.capped == ("GitHub did not list the repository's files: no definition was looked up",)
    asked = len(hub.fake.traffic)
    snapshot.paths()
    assert len(hub.fake.traffic) == asked, "a listing that failed is not asked for again"


def test_many_changed_files_bring_no_fourth_request(tmp_path: Path) -> None:
    with hubs.opened(tmp_path / "many") as hub:
        old = {f"shop/new{n}.py": "pass\n" for n in range(90)}
        hub.commit(old | {f"shop/part{n}.py": f"def part{n}():\n    return {n}\n" for n in range(320)}, "main")
        hub.commit({f"shop/new{n}.py": f"part{n}()\n" for n in range(90)}, "topic")
        hub.opened()
        snapshot = fetched(hub)
        hub.fake.forget_traffic()
        assert snapshot.read("shop/new0.py") == "part0()\n"
        assert snapshot.read("shop/part1.py") == "def part1():\n    return 1\n"
        assert len(hub.fake.traffic) <= 1 + pullsnapshot.BATCHES, hub.asked()
