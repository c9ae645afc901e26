from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_github import Pull
    from fake_github.shop import Asker, Work

COMMENTS = "/repos/octo/shop/pulls/1/comments"


def read(work: Work, name: str = "numbers.txt") -> str:
    return (work.root / name).read_text()


def comment(bot: Asker) -> Any:
    return bot("GET", COMMENTS).body[0]


def test_a_comment_moves_with_its_line(bot: Asker, pull: Pull, work: Work) -> None:
    bot.review({"path": "numbers.txt", "line": 11, "start_line": 10, "body": "Hm."})
    before = comment(bot)
    head = work.commit({"numbers.txt": "first\nsecond\n" + read(work)})
    after = comment(bot)
    assert (before["start_line"], before["line"]) == (10, 11)
    assert (after["start_line"], after["line"]) == (12, 13)
    assert (after["original_start_line"], after["original_line"]) == (10, 11)
    assert (after["id"], after["commit_id"]) == (before["id"], head)
    assert after["position"] > before["position"]
    assert len(pull.threads) == 1


def test_a_comment_is_outdated_when_its_line_changes(bot: Asker, work: Work) -> None:
    bot.review({"path": "numbers.txt", "line": 11, "start_line": 10, "body": "Hm."})
    work.commit({"numbers.txt": read(work).replace("line ten and a half", "line 10.5")})
    after = comment(bot)
    assert after.get("line") is after.get("position") is None
    assert after["original_line"] == 11
    review = bot("GET", "/repos/octo/shop/pulls/1/reviews").body[0]
    assert bot("GET", f"/repos/octo/shop/pulls/1/reviews/{review['id']}/comments").body[0]["position"] is None


def test_a_range_is_outdated_when_its_start_changes(bot: Asker, work: Work) -> None:
    bot.review({"path": "numbers.txt", "line": 11, "start_line": 10, "body": "Hm."})
    work.commit({"numbers.txt": read(work).replace("line ten\n", "line X\n")})
    assert "line" not in comment(bot)


def test_a_comment_is_outdated_when_its_hunk_leaves_the_diff(bot: Asker, work: Work) -> None:
    bot.review({"path": "numbers.txt", "line": 8, "body": "About line 8."})
    work.commit({"numbers.txt": read(work).replace("line ten\nline ten and a half\n", "line 10\n")})
    assert "line" not in comment(bot)


def test_a_comment_is_outdated_when_its_file_leaves_the_diff(bot: Asker, work: Work) -> None:
    bot.review({"path": "new.py", "line": 1, "body": "Hm."})
    work.commit({"new.py": None})
    assert "line" not in comment(bot)


def test_a_comment_on_a_deleted_line_follows_the_base(bot: Asker, work: Work) -> None:
    bot.review({"path": "numbers.txt", "line": 40, "side": "LEFT", "body": "Why?"})
    work.git("checkout", "--quiet", "main")
    work.commit({"numbers.txt": "zero\n" + read(work)})
    work.git("checkout", "--quiet", "feature")
    assert comment(bot)["line"] == 40  # the merge base has not moved
    work.git("rebase", "--quiet", "main")
    assert comment(bot)["line"] == 41


def test_a_rebase_keeps_threads_where_the_code_is(bot: Asker, pull: Pull, work: Work) -> None:
    bot.review({"path": "new.py", "line": 2, "body": "Hm."})
    work.git("checkout", "--quiet", "main")
    work.commit({"README.md": "# The shop\n"})
    work.git("checkout", "--quiet", "feature")
    work.git("rebase", "--quiet", "main")
    assert (comment(bot)["line"], comment(bot)["commit_id"]) == (2, pull.head_sha)


def test_a_closed_pull_request_stays_as_it_was(bot: Asker, pull: Pull, work: Work) -> None:
    head = pull.head_sha
    pull.merge()
    work.commit({"new.py": "later\n"})
    seen = bot("GET", "/repos/octo/shop/pulls/1").body
    assert (seen["head"]["sha"], seen["state"], seen["merged"]) == (head, "closed", True)
