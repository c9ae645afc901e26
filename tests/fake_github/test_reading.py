from __future__ import annotations

import base64
import os
import re
from typing import TYPE_CHECKING

import pytest

from fake_github.shop import BOT, Asker

if TYPE_CHECKING:
    from fake_github import FakeGitHub, Pull, Repository
    from fake_github.shop import Work

PULL = "/repos/octo/shop/pulls/1"


def test_a_pull_request_sums_up_its_diff(bot: Asker, pull: Pull, github: FakeGitHub) -> None:
    seen = bot("GET", PULL).body
    assert (seen["changed_files"], seen["additions"], seen["deletions"], seen["commits"]) == (3, 4, 4, 1)
    assert (seen["head"]["sha"], seen["base"]["sha"]) == (pull.head_sha, pull.base_sha)
    assert seen["base"]["repo"]["full_name"] == seen["head"]["repo"]["full_name"] == "octo/shop"
    assert [it["number"] for it in bot("GET", "/repos/octo/shop/pulls?head=octo:feature").body] == [1]
    assert bot("GET", "/repos/octo/shop/pulls?state=closed").body == []
    assert bot("GET", "/repos/octo/shop/pulls/2").status == 404
    assert bot("GET", PULL + "/commits").body[0]["sha"] == pull.head_sha
    github.assert_conforming()


def test_a_fork_is_another_repository(bot: Asker, repo: Repository) -> None:
    forked = repo.open_pull(base="main", head="feature", author="mallory", fork=True, draft=True)
    seen = bot("GET", f"/repos/octo/shop/pulls/{forked.number}").body
    assert (seen["head"]["repo"]["full_name"], seen["head"]["repo"]["fork"]) == ("mallory/shop", True)
    assert (seen["head"]["label"], seen["draft"]) == ("mallory:feature", True)


def test_files_come_as_git_diffs_them(bot: Asker, work: Work) -> None:
    gone, new, numbers = sorted(bot("GET", PULL + "/files").body, key=lambda it: it["filename"] != "gone.txt")
    if new["filename"] != "new.py":
        new, numbers = numbers, new
    assert (gone["status"], gone["patch"]) == ("removed", "@@ -1,2 +0,0 @@\n-a\n-b")
    assert (new["status"], new["additions"], new["changes"]) == ("added", 2, 2)
    diff = work.git("diff", "main", "feature", "--", "numbers.txt")
    assert numbers["patch"] == diff[diff.index("@@") :]
    assert numbers["sha"] == work.git("rev-parse", "feature:numbers.txt")


def test_what_has_no_patch(bot: Asker, work: Work, github: FakeGitHub) -> None:
    work.git("mv", "README.md", "docs.md")
    os.chmod(work.root / "numbers.txt", 0o755)  # noqa: PTH101, S103
    work.git("checkout", "main", "--", "numbers.txt")
    os.chmod(work.root / "numbers.txt", 0o755)  # noqa: PTH101, S103
    os.symlink("numbers.txt", work.root / "link")  # noqa: PTH211
    work.commit({"picture.png": b"\x89PNG\0\0", "ünï code.txt": "no newline", "big.txt": "x\n" * 50})
    github.limits.file_patch_lines = 40
    files = {it["filename"]: it for it in bot("GET", PULL + "/files").body}
    assert (files["docs.md"]["status"], files["docs.md"]["previous_filename"]) == ("renamed", "README.md")
    assert files["numbers.txt"]["status"] == "changed"
    assert (files["picture.png"]["status"], files["picture.png"]["changes"]) == ("added", 0)
    assert (files["big.txt"]["additions"], "patch" in files["big.txt"]) == (50, False)
    assert not any("patch" in files[name] for name in ("docs.md", "numbers.txt", "picture.png"))
    assert files["ünï code.txt"]["patch"].endswith("+no newline\n\\ No newline at end of file")
    assert files["link"]["patch"].startswith("@@ -0,0 +1 @@\n+numbers.txt")


def test_a_file_that_becomes_a_link_keeps_the_rows_apart(bot: Asker, work: Work) -> None:
    (work.root / "README.md").unlink()
    os.symlink("new.py", work.root / "README.md")  # noqa: PTH211
    work.commit({"z.txt": "z\n"})
    files = {it["filename"]: it for it in bot("GET", PULL + "/files").body}
    assert files["README.md"]["status"] == "changed"
    assert files["z.txt"]["patch"] == "@@ -0,0 +1 @@\n+z"


def test_pages_are_linked(bot: Asker, work: Work) -> None:
    work.commit({f"f{n:02}.txt": "x\n" for n in range(10)})
    first = bot("GET", PULL + "/files?per_page=5")
    assert len(first.body) == 5
    links = {kind: address for address, kind in re.findall(r'<(.*?)>; rel="(\w+)"', first.headers["Link"])}
    assert set(links) == {"next", "last"}
    second = bot.at("GET", links["next"])
    assert second.body[0]["filename"] == "f05.txt"
    assert len(bot.at("GET", links["last"]).body) == 3
    assert "Link" not in bot("GET", PULL + "/files?per_page=1000").headers


def test_past_the_budget_of_lines_rows_are_empty_and_smaller_pages_heal_it(
    bot: Asker, work: Work, github: FakeGitHub
) -> None:
    work.commit({f"f{n}.txt": "x\n" * 10 for n in range(6)})
    github.limits.response_patch_lines = 35
    whole = [it for it in bot("GET", PULL + "/files").body if it["filename"].startswith("f")]
    assert [it["changes"] for it in whole] == [10, 10, 10, 0, 0, 0]
    assert all("patch" not in it and it["status"] == "added" for it in whole[3:])
    paged = [bot("GET", f"{PULL}/files?per_page=2&page={page}").body for page in range(1, 6)]
    assert sum(it["additions"] for page in paged for it in page) == bot("GET", PULL).body["additions"]


def test_lists_end_where_github_ends_them(bot: Asker, work: Work, github: FakeGitHub) -> None:
    work.commit({f"f{n}.txt": "x\n" for n in range(6)})
    github.limits.files = 4
    github.limits.compare_files = 2
    assert len(bot("GET", PULL + "/files").body) == 4
    assert bot("GET", PULL).body["changed_files"] == 9
    compared = bot("GET", "/repos/octo/shop/compare/main...feature").body
    assert (len(compared["files"]), compared["status"], compared["ahead_by"]) == (2, "ahead", 2)
    second = bot("GET", "/repos/octo/shop/compare/main...feature?page=2&per_page=1").body
    assert (second["files"], len(second["commits"])) == ([], 1)


def test_the_diff_media_type_has_its_limits(bot: Asker, github: FakeGitHub, work: Work) -> None:
    diff = bot("GET", PULL, accept="application/vnd.github.diff")
    assert diff.body.decode().strip() == work.git("diff", "main", "feature")
    github.limits.diff_files = 2
    assert bot("GET", PULL, accept="application/vnd.github.diff").status == 406


def test_comparing_tells_how_two_commits_relate(bot: Asker, work: Work) -> None:
    work.git("checkout", "--quiet", "main")
    work.commit({"README.md": "# The shop\n"})
    for pair, status in {"main...main": "identical", "main...feature": "diverged", "main...main~1": "behind"}.items():
        assert bot("GET", f"/repos/octo/shop/compare/{pair}").body["status"] == status
    assert bot("GET", "/repos/octo/shop/compare/main...nowhere").status == 404


def test_contents(bot: Asker, work: Work, github: FakeGitHub) -> None:
    os.symlink("src/a.py", work.root / "link")  # noqa: PTH211
    work.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib")
    work.git("commit", "--quiet", "--message", "Add a submodule")
    (work.root / "lib").mkdir()
    head = work.commit({"src/a.py": "a = 1\n", "src/deep/b.py": "b = 2\n"})
    contents = "/repos/octo/shop/contents"
    seen = bot("GET", f"{contents}/src/a.py?ref={head}").body
    assert base64.b64decode(seen["content"]) == b"a = 1\n"
    assert bot("GET", f"{contents}/src/a.py?ref={head}", accept="application/vnd.github.raw").body == b"a = 1\n"
    assert {it["path"]: it["type"] for it in bot("GET", f"{contents}/src?ref=feature").body} == {
        "src/a.py": "file",
        "src/deep": "dir",
    }
    assert bot("GET", f"{contents}/link?ref={head}").body["target"] == "src/a.py"
    assert bot("GET", f"{contents}/lib?ref={head}").body["type"] == "submodule"
    assert bot("GET", f"{contents}/README.md").status == 200
    assert bot("GET", f"{contents}/nothing").status == 404
    assert bot("GET", f"{contents}/README.md?ref=nowhere").status == 404
    github.limits.content_bytes = 3
    large = bot("GET", f"{contents}/src/a.py?ref={head}").body
    assert (large["encoding"], large["content"], large["size"]) == ("none", "", 6)
    blob = bot("GET", f"/repos/octo/shop/git/blobs/{large['sha']}").body
    assert base64.b64decode(blob["content"]) == b"a = 1\n"
    assert bot("GET", f"/repos/octo/shop/git/blobs/{'0' * 40}").status == 404


def test_trees_and_commits(bot: Asker, work: Work, github: FakeGitHub) -> None:
    head = work.commit({"src/a.py": "a = 1\n"}, "Add a\n\nBecause.")
    tree = bot("GET", f"/repos/octo/shop/git/trees/{head}?recursive=1").body
    assert {"src", "src/a.py", "new.py"} <= {it["path"] for it in tree["tree"]}
    github.limits.tree_entries = 1
    assert bot("GET", f"/repos/octo/shop/git/trees/{head}").body["truncated"] is True
    commit = bot("GET", f"/repos/octo/shop/commits/{head}").body
    assert (commit["commit"]["message"], commit["files"][0]["filename"]) == ("Add a\n\nBecause.", "src/a.py")
    assert bot("GET", "/repos/octo/shop/commits/main").body["parents"] == []
    assert bot("GET", "/repos/octo/shop/commits/nowhere").status == 422
    assert [it["sha"] for it in bot("GET", "/repos/octo/shop/commits?sha=feature&per_page=1").body] == [head]


def test_who_is_who(bot: Asker, github: FakeGitHub) -> None:
    assert bot("GET", "/user").status == 403
    alice = Asker(github, github.token("alice"))
    assert alice("GET", "/user").body["login"] == "alice"
    assert bot("GET", "/users/alice").body["login"] == "alice"
    assert bot("GET", "/users/nobody").status == 404
    roles = {
        name: bot("GET", f"/repos/octo/shop/collaborators/{name}/permission").body["permission"]
        for name in ("octo", "alice", "mallory", BOT)
    }
    assert roles == {"octo": "admin", "alice": "write", "mallory": "read", BOT: "read"}
    assert bot("GET", "/repos/octo/shop").body["default_branch"] == "main"
    assert bot("GET", "/repos/octo/nothing").status == 404


@pytest.mark.parametrize("token", [None, "wrong"])
def test_without_a_good_token(token: str | None, github: FakeGitHub, pull: Pull) -> None:
    del pull
    stranger = Asker(github, token)
    assert stranger("GET", PULL).status == (200 if token is None else 401)
    assert stranger("GET", "/user").status == 401
    assert stranger.review().status == 401
    assert stranger("POST", "/graphql", {"query": "{viewer{login}}"}).status == 401


def test_what_a_token_may_not_do(github: FakeGitHub, work: Work, pull: Pull) -> None:
    fork = Asker(github, github.token(BOT, contents="read", pull_requests="read"))
    assert fork.review().body["message"] == "Resource not accessible by integration"
    assert fork("POST", "/repos/octo/shop/issues/1/comments", {"body": "Hi"}).status == 403
    assert fork("POST", "/repos/octo/shop/check-runs", {"name": "r", "head_sha": pull.head_sha}).status == 403
    assert fork("GET", PULL + "/files").status == 200
    person = Asker(github, github.token("alice", pull_requests="read"))
    assert person.review().body["message"] == "Resource not accessible by personal access token"
    assert (
        Asker(github, github.token("alice"))(
            "POST", "/repos/octo/shop/check-runs", {"name": "r", "head_sha": pull.head_sha}
        ).status
        == 403
    )
    secret = github.repository("octo/secret", work.root, private=True, collaborators={"alice": "read"})
    secret.open_pull(base="main", head="feature", author="alice")
    outsider = Asker(github, github.token(BOT, repositories=("octo/shop",), pull_requests="write"))
    assert outsider("GET", "/repos/octo/secret/pulls/1").status == 404
    assert Asker(github, github.token("mallory"))("GET", "/repos/octo/secret").status == 404
    assert Asker(github, None)("GET", "/repos/octo/secret").status == 404
    assert Asker(github, github.token("alice"))("GET", "/repos/octo/secret/pulls/1").status == 200
    blind = Asker(github, github.token(BOT, issues="read"))
    assert blind("GET", "/repos/octo/secret/pulls/1").status == 403
