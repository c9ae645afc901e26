"""A pull request's change read from GitHub alone, held against what git says of the same commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import hub as hubs
import pytest

from reviewer.change.change import Kind
from reviewer.context import guides
from reviewer.errors import Misuse
from reviewer.findings import Reason, Side
from reviewer.github.client import GitHubError
from reviewer.sources import git, rows
from reviewer.sources.pull import PullSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fake_github import Exchange
    from hub import Hub

    from reviewer.change.change import Change

LINES = "".join(f"line {number}\n" for number in range(40))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A comparison lists no file there, so that all of them are had from the files API."""
    with hubs.opened(tmp_path / "shop") as hub:
        hub.fake.limits.compare_files = 0
        yield hub


def source(hub: Hub) -> PullSource:
    client = hub.client()
    return PullSource(client, hub.read(client))


def is_files(exchange: Exchange) -> bool:
    return exchange.path.endswith("/files")


def is_graphql(exchange: Exchange) -> bool:
    return exchange.is_graphql


def broken(change: Change) -> list[tuple[str, Reason, int]]:
    return [(entry.path, entry.reason, entry.lines) for entry in change.broken]


def propose(hub: Hub, before: Mapping[str, str | bytes | None], after: Mapping[str, str | bytes | None]) -> None:
    hub.commit(before, "main")
    hub.commit(after, "topic")
    hub.opened()


@pytest.mark.parametrize("compared", [0, 300])
def test_the_change_is_the_one_that_git_sees(hub: Hub, compared: int) -> None:
    hub.fake.limits.compare_files = compared
    before: dict[str, str | bytes | None] = {
        "kept.py": LINES, "moved/old.py": LINES, "pure.py": LINES * 2, "gone.py": "a\nb\n", "crlf.txt": "a\r\nb\r\n",
        "logo.png": b"\x89PNG\0", "swap.sql": "-- x\n++ y\n", "run.sh": "x\n", "odd.txt": "a\u2028b\x0cc\n",
    }  # fmt: skip
    after: dict[str, str | bytes | None] = {
        "kept.py": LINES.replace("line 3\n", "line three\n").replace("line 33\n", "") + "no end",
        "moved/old.py": None, "moved/new.py": LINES + "more\n", "pure.py": None, "renamed.py": LINES * 2,
        "gone.py": None, "crlf.txt": "a\r\nc\r\n", "logo.png": b"\x89PNG\0\1", "swap.sql": "++ y\n", "empty.py": "",
        "ünï \"q\".py": "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n", "new.png": b"\0",
        "odd.txt": "a\u2028d\n",
    }  # fmt: skip
    hub.commit(before, "main")
    hub.commit({}, "topic")
    hub.git("update-index", "--chmod=+x", "run.sh")
    hub.git("config", "core.fileMode", "false")
    hub.commit(after)
    hub.opened()
    ours = source(hub).change()
    with git.revisions(hub.root, "main...topic") as local:
        theirs = local.change()
    mine = {file.path: replace(file, size=0) for file in ours.files}
    assert mine == {file.path: replace(file, size=0, old_mode=None, new_mode=None) for file in theirs.files}
    assert (ours.head, ours.base, ours.broken) == (theirs.head, theirs.base, ())
    assert {path for path, file in mine.items() if file.binary} == {"logo.png", "new.png"}
    assert mine["run.sh"].kind is Kind.MODIFIED
    assert mine["moved/new.py"].old_path == "moved/old.py"
    hub.fake.assert_conforming()


@pytest.mark.parametrize("compared", [0, 300])
def test_no_text_is_hidden_by_calling_it_no_text(hub: Hub, compared: int) -> None:
    hub.fake.limits.compare_files = compared
    before: dict[str, str | bytes | None] = {
        "kept.py": LINES, "gone.py": LINES, "moved.py": LINES * 2, "logo.png": b"\x89PNG\0",
    }  # fmt: skip
    after: dict[str, str | bytes | None] = {
        ".gitattributes": "* -diff\n", "new.py": "evil()\n", "kept.py": LINES + "evil()\n", "gone.py": None,
        "moved.py": None, "there.py": LINES * 2, "empty.py": "", "logo.png": b"\x89PNG\0\1",
    }  # fmt: skip
    propose(hub, before, after)
    change = source(hub).change()
    hidden = {".gitattributes", "gone.py", "kept.py", "new.py"}
    assert {entry.path for entry in change.broken if entry.reason is Reason.TRUNCATED_BY_GITHUB} == hidden
    assert {file.path: file.binary for file in change.files} == {
        "there.py": False, "empty.py": False, "logo.png": True,
    }  # fmt: skip
    with git.revisions(hub.root, "main...topic") as local:
        read = {file.path for file in local.change().files if file.changed_lines()}
    assert read == hidden, "with a checkout all of them are read"


def test_thirty_files_are_few_requests(hub: Hub) -> None:
    hub.fake.limits.compare_files = 300
    paths = [f"src/part{number % 7}/m{number}.py" for number in range(30)]
    before = dict.fromkeys(paths, LINES) | {".gitattributes": "src/part1/** linguist-generated\n"}
    propose(hub, before, dict.fromkeys(paths, LINES + "more\n"))
    client = hub.client()
    pulled = PullSource(client, hub.read(client))
    with pulled:
        files = list(pulled.change().files)
        said = pulled.attributes([file.path for file in files])
        texts = {pulled.read(path, side) for path in paths for side in Side}
    assert {path for path in paths if "part1" in path} == set(said)
    assert texts == {LINES, LINES + "more\n"}
    kinds = [line.partition("?")[0].split("/")[-1][:7] for line in hub.asked()]
    assert (kinds[0], kinds[2:]) == ("1", ["graphql"]), hub.asked()
    assert client.requests == 3, hub.asked()
    hub.fake.assert_conforming()


@pytest.mark.parametrize("limit", ["file_patch_lines", "response_patch_lines", "compare_files"])
def test_a_comparison_that_leaves_something_out_is_not_believed(hub: Hub, limit: str) -> None:
    hub.fake.limits.compare_files = 300
    propose(hub, {}, {"a.py": LINES, "b.py": LINES + "more\n"})
    setattr(hub.fake.limits, limit, 1 if limit == "compare_files" else 40)
    source(hub).change()
    assert any(line.partition("?")[0].endswith("/files") for line in hub.asked())


def test_a_file_of_the_base_comes_along(hub: Hub) -> None:
    propose(hub, {"team.toml": "a = 1\n", "logo.png": b"\0"}, {"a.py": "a\n"})
    client = hub.client()
    pulled = PullSource(client, hub.read(client), wanted=["team.toml", "none.toml"])
    pulled.change()
    before = client.requests
    assert (pulled.base_file("team.toml"), pulled.base_file("none.toml")) == ("a = 1\n", None)
    assert client.requests == before
    with pytest.raises(Misuse, match="binary or too large"):
        pulled.base_file("logo.png")


def test_a_file_of_the_base_is_no_context_that_may_be_missed(hub: Hub) -> None:
    propose(hub, {"team.toml": "a = 1\n"}, {"a.py": "a\n"})
    client = hub.client()
    pulled = PullSource(client, hub.read(client), wanted=["team.toml"])
    hub.fake.fail(is_graphql, 403, times=9, body={"message": "No"})
    pulled.change()
    with pytest.raises(GitHubError):
        pulled.base_file("team.toml")


def test_the_old_side_is_read_where_the_head_left_the_base(hub: Hub) -> None:
    hub.commit({"a.py": "parted\n"}, "main")
    hub.commit({"a.py": "changed\n"}, "topic")
    hub.commit({"a.py": "went on\n", ".gitattributes": "a.py linguist-generated\n"}, "main")
    hub.opened()
    pulled = source(hub)
    change = pulled.change()
    assert pulled.read("a.py", Side.OLD) == "parted\n"
    assert pulled.read("a.py", Side.NEW) == "changed\n"
    assert change.base == hub.git("merge-base", "main", "topic")
    assert pulled.attributes(["a.py"]) == {}, "as the base was then"


def test_what_cannot_be_read_is_null(hub: Hub) -> None:
    propose(hub, {"a/b.py": "b\n", "logo.png": b"\0"}, {"c.py": "c\n"})
    pulled = source(hub)
    assert pulled.read("a/b.py", Side.OLD) is None, "nobody knows the merge base yet"
    pulled.prefetch(["a/b.py"], Side.OLD)
    pulled.change()
    pulled.prefetch(["a/b.py", "logo.png"], Side.OLD)
    assert [pulled.read(path, Side.OLD) for path in ("a/b.py", "a", "nowhere", "logo.png")] == ["b\n", None, None, None]


def test_credentials_and_lock_files_are_not_fetched_ahead(hub: Hub) -> None:
    propose(hub, {}, {".env": "KEY=1\n", "uv.lock": "x\n", "a.py": "a\n", "secret.pem": ""})
    pulled = source(hub)
    pulled.change()
    asked = [
        value for exchange in hub.fake.traffic if exchange.is_graphql for value in exchange.body["variables"].values()
    ]
    names = [str(value).partition(":")[2] for value in asked if ":" in str(value)]
    assert names == [".gitattributes", "a.py", *guides.AT_ROOT]
    assert pulled.read("uv.lock", Side.NEW) == "x\n", "but when they are asked for"


def test_many_files_are_read_a_window_at_a_time(hub: Hub) -> None:
    paths = [f"m{number:03}.py" for number in range(150)]
    propose(hub, dict.fromkeys(paths, "a\n"), dict.fromkeys(paths, "b\n"))
    client = hub.client()
    pulled = PullSource(client, hub.read(client))
    pulled.change()
    before = client.requests
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda path: (pulled.read(path, Side.OLD), pulled.read(path, Side.NEW)), paths))
    assert texts == [("a\n", "b\n")] * 150
    assert client.requests - before <= 4


def test_silent_truncation_is_healed(hub: Hub) -> None:
    hub.fake.limits.response_patch_lines = 500
    after: dict[str, str | bytes | None] = {f"m{number:03}.py": LINES for number in range(60)}
    after |= {"b.png": b"\0", "empty.py": ""}
    propose(hub, {"x": "x"}, after)
    client = hub.client()
    pulled = PullSource(client, hub.read(client))
    change = pulled.change()
    assert change.broken == ()
    assert sum(file.changed_lines() for file in change.files) == 60 * 40
    sizes = [exchange.query["per_page"] for exchange in hub.fake.traffic if is_files(exchange)]
    assert sizes[:3] == ["100", "30", "30"]
    assert len(sizes) < 15
    hub.fake.assert_conforming()


def test_what_is_healed_early_is_not_asked_for_again(hub: Hub) -> None:
    """Two pages of thirty have zeros, the first of them all that were missing."""
    hub.fake.limits.response_patch_lines = 1000
    after: dict[str, str | bytes | None] = {f"m{number:02}.py": LINES for number in range(24)}
    after |= {f"n{number:02}.py": "" for number in range(20)}
    hub.fake.meanwhile(lambda it: it.query.get("per_page") == "30", lambda: _lift(hub))
    propose(hub, {"x": "x"}, {**after, "m24.py": LINES, "m25.py": LINES})
    change = source(hub).change()
    assert change.broken == ()
    assert [exchange.query["per_page"] for exchange in hub.fake.traffic if is_files(exchange)] == ["100", "30"]


def _lift(hub: Hub) -> None:
    hub.fake.limits.response_patch_lines = 20_000


def test_a_listing_that_shifts_is_not_mixed(hub: Hub) -> None:
    hub.fake.limits.file_patch_lines = 30
    propose(hub, {}, {"a.py": "a\n", "large.py": LINES})
    other = {**ROW, "filename": "other.py", "patch": "@@ -1 +1,2 @@\n a\n+b"}
    hub.fake.fail(lambda it: is_files(it) and it.query["per_page"] == "1", 200, body=[other])
    change = source(hub).change()
    assert hub.fake.traffic[3].response == [other]
    assert [file.path for file in change.files] == ["a.py"]
    assert broken(change) == [("large.py", Reason.TRUNCATED_BY_GITHUB, 40)]


def test_right_sums_need_no_second_question(hub: Hub) -> None:
    propose(hub, {"pure.py": LINES, "x": "x"}, {"b.png": b"\0", "empty.py": "", "pure.py": None, "moved.py": LINES})
    pulled = source(hub)
    assert len(list(pulled.change().files)) == 3
    assert len([exchange for exchange in hub.fake.traffic if is_files(exchange)]) == 1


def test_a_file_too_large_to_be_shown_is_asked_for_alone_and_named(hub: Hub) -> None:
    hub.fake.limits.file_patch_lines = 30
    propose(hub, {}, {"a.py": "a\n", "large.py": LINES, "z.py": "z\n"})
    pulled = source(hub)
    change = pulled.change()
    assert [file.path for file in change.files] == ["a.py", "z.py"]
    assert broken(change) == [("large.py", Reason.TRUNCATED_BY_GITHUB, 40)]
    assert "0 of its 40" in change.broken[0].detail
    assert hub.asked()[2:4] == [
        "GET /repos/octo/shop/pulls/1/files?per_page=100",
        "GET /repos/octo/shop/pulls/1/files?page=2&per_page=1",
    ]


def test_what_no_page_shows_is_named(hub: Hub) -> None:
    hub.fake.limits.response_patch_lines = 30
    propose(hub, {}, {"a.py": "a\n", "large.py": LINES, "z.py": "z\n"})
    change = source(hub).change()
    assert [(file.path, file.changed_lines()) for file in change.files] == [("a.py", 1), ("z.py", 1)]
    assert broken(change) == [
        (rows.UNSHOWN, Reason.TRUNCATED_BY_GITHUB, 40),
        ("large.py", Reason.TRUNCATED_BY_GITHUB, 0),
    ]
    assert "40 changed lines more than it shows" in change.broken[0].detail


def test_repairs_are_bounded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.github.files.MOST_REPAIRS", 2)
    hub.fake.limits.response_patch_lines = 50
    propose(hub, {}, {f"m{number:03}.py": LINES for number in range(40)})
    change = source(hub).change()
    shown = [file.path for file in change.files]
    assert 0 < len(shown) < 5
    assert len(shown) + len(change.broken) == 41
    assert {entry.reason for entry in change.broken} == {Reason.TRUNCATED_BY_GITHUB}
    assert sum(entry.lines for entry in change.broken) + 40 * len(shown) == 40 * 40


def test_files_beyond_the_listing_are_counted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.sources.rows.MOST_FILES", 3)
    hub.fake.limits.files = 3
    propose(hub, {}, {f"m{number}.py": "a\nb\n" for number in range(5)})
    change = source(hub).change()
    assert len(list(change.files)) == 3
    assert broken(change) == [(rows.BEYOND, Reason.TRUNCATED_BY_GITHUB, 4)]
    assert "lists 3 of 5 files: 2 are missing" in change.broken[0].detail
    hub.fake.limits.files = 2
    assert broken(source(hub).change()) == [(rows.UNSHOWN, Reason.TRUNCATED_BY_GITHUB, 6)]


def test_a_head_that_moves_is_read_again(hub: Hub) -> None:
    propose(hub, {"a.py": "a\n"}, {"a.py": "b\n"})
    hub.fake.meanwhile(is_files, lambda: hub.commit({"a.py": "c\n", "b.py": "b\n"}, "topic"))
    pulled = source(hub)
    change = pulled.change()
    assert change.head == pulled.pull.head == hub.git("rev-parse", "topic")
    assert [file.path for file in change.files] == ["a.py", "b.py"]
    assert pulled.read("a.py", Side.NEW) == "c\n"


def test_a_head_that_keeps_moving_is_given_up(hub: Hub) -> None:
    propose(hub, {"a.py": "a\n"}, {"a.py": "b\n"})
    hub.fake.meanwhile(is_files, lambda: hub.commit({}, "topic"), times=9)
    with pytest.raises(GitHubError, match="octo/shop#1 keeps changing"):
        source(hub).change()


def test_without_the_files_the_change_is_still_read(hub: Hub) -> None:
    """A token that may not read contents, or a server that stumbles: context is missed, no line is."""
    propose(
        hub, {"a.py": "a\n", "x.sh": "x\n"}, {"a.py": "b\n", "b.png": b"\0", "empty": "", "x.sh": None, "y.sh": "x\n"}
    )
    hub.fake.fail(is_graphql, 403, body={"message": "Resource not accessible by integration"}, times=99)
    client = hub.client()
    pulled = PullSource(client, hub.read(client))
    files = {file.path: file for file in pulled.change().files}
    assert [path for path, file in files.items() if file.binary] == ["b.png"], "by guess"
    assert pulled.read("a.py", Side.NEW) is None
    assert pulled.attributes(["a.py"]) == {}
    assert len([exchange for exchange in hub.fake.traffic if exchange.is_graphql]) == 1


def test_without_a_merge_base_the_old_side_is_unknown(hub: Hub) -> None:
    propose(hub, {"a.py": "a\n", "b.png": b"\0"}, {"a.py": "b\n", "b.png": None})
    hub.fake.fail(lambda it: "/compare/" in it.path, 404, body={})
    pulled = source(hub)
    change = pulled.change()
    assert change.base == pulled.pull.base
    assert pulled.read("a.py", Side.OLD) is None
    assert pulled.read("a.py", Side.NEW) == "b\n"
    assert pulled.attributes(["a.py"]) == {}


def test_a_head_is_asked_for_plainly_where_graphql_does_not_tell(hub: Hub) -> None:
    propose(hub, {"a.py": "a\n"}, {"a.py": "b\n"})
    hub.fake.fail(is_graphql, 200, body={"data": {"repository": None}})
    assert source(hub).change().head == hub.git("rev-parse", "topic")
    assert hub.asked()[-1] == "GET /repos/octo/shop/pulls/1"


ROW = {"filename": "a.py", "status": "modified", "additions": 1, "deletions": 0, "changes": 1, "sha": "1"}


def changed(hub: Hub, *listed: dict[str, object]) -> Change:
    propose(hub, {"a.py": "a\n"}, {"a.py": "a\nb\n"})
    hub.fake.fail(is_files, 200, body=list(listed), times=9)
    return source(hub).change()


def test_a_patch_that_is_cut_is_reviewed_as_far_as_it_goes(hub: Hub) -> None:
    change = changed(hub, {**ROW, "additions": 3, "patch": "@@ -1 +1,2 @@\n a\n+b"})
    assert [file.changed_lines() for file in change.files] == [1]
    assert broken(change) == [("a.py", Reason.TRUNCATED_BY_GITHUB, 2)]


@pytest.mark.parametrize(
    "patch",
    [
        "@@ -1 +1,2 @@\n a\n+b\n+c\n",
        "+b",
        "@@ -1 +1,9 @@\n a\n+b",
        "@@ -1 +1,2 @@\n a\n+b\ndiff --git a/x b/x\nnew file mode 100644",
    ],
)
def test_a_patch_that_is_none_is_named(hub: Hub, patch: str) -> None:
    change = changed(hub, {**ROW, "patch": patch})
    assert list(change.files) == []
    assert [(path, reason) for path, reason, _ in broken(change)] == [("a.py", Reason.UNPARSABLE)]


def test_halves_of_surrogate_pairs_do_not_stop_the_review(hub: Hub) -> None:
    change = changed(hub, {**ROW, "patch": "@@ -1 +1,2 @@\n a\n+\ud800"})
    assert [line.text for file in change.files for line in file.lines()] == ["a", "?"]


def test_statuses_have_their_kinds(hub: Hub) -> None:
    patch = "@@ -1 +1 @@\n+b"
    listed = [
        {**ROW, "filename": status, "status": status, "previous_filename": "old", "additions": 0, "changes": 0}
        for status in ("added", "removed", "modified", "renamed", "copied", "changed", "unchanged", "new word")
    ]
    change = changed(hub, {**ROW, "patch": patch.replace("+1 @@", "+1,2 @@\n a")}, *listed)
    kinds = [(file.kind, file.old_path) for file in change.files]
    assert kinds == [
        (Kind.MODIFIED, None),
        (Kind.ADDED, None),
        (Kind.DELETED, None),
        (Kind.MODIFIED, None),
        (Kind.RENAMED, "old"),
        (Kind.COPIED, "old"),
        (Kind.MODIFIED, None),
        (Kind.MODIFIED, None),
        (Kind.MODIFIED, None),
    ]


@pytest.mark.parametrize("row", [{}, "text", None, {**ROW, "patch": 1}])
def test_a_row_that_is_none_is_an_error(hub: Hub, row: dict[str, object]) -> None:
    with pytest.raises(GitHubError, match="lists a changed file without"):
        changed(hub, row)
