from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fake_github.shop import BOT, Asker

if TYPE_CHECKING:
    from fake_github import FakeGitHub, Pull
    from fake_github.shop import Work

THREADS = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid state viewerDidAuthor
      reviews(first: 50) { nodes { id body state commit { oid } author { login } } }
      comments(last: 50) { nodes { id body viewerDidAuthor isMinimized } totalCount }
      reviewThreads(first: 2, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          id path line originalLine isOutdated isResolved resolvedBy { login } viewerCanResolve diffSide
          comments(first: 50) {
            nodes {
              id databaseId body author { __typename login } viewerDidAuthor outdated replyTo { id }
              reactionGroups { content reactors(first: 1) { totalCount } }
            }
          }
        }
      }
    }
  }
}
"""


def mutation(name: str, selection: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} }} }}"


RESOLVE = mutation("resolveReviewThread", "thread { isResolved resolvedBy { login } viewerCanUnresolve }")
UNRESOLVE = mutation("unresolveReviewThread", "thread { isResolved }")
MINIMIZE = mutation("minimizeComment", "minimizedComment { isMinimized minimizedReason }")
UPDATE = mutation("updatePullRequestReviewComment", "pullRequestReviewComment { body }")
REPLY = mutation("addPullRequestReviewThreadReply", "comment { replyTo { id } }")
DELETE = mutation("deletePullRequestReviewComment", "pullRequestReviewComment { body }")
ADD_REVIEW = mutation("addPullRequestReview", "pullRequestReview { id state }")
SUBMIT = mutation("submitPullRequestReview", "pullRequestReview { state }")

TOO_DEEP = """
reviewThreads(first: 100) {
  nodes { comments(first: 100) { nodes { reactionGroups { reactors(first: 100) { totalCount } } } } }
}
"""


def at(line: int) -> dict[str, Any]:
    return {"path": "numbers.txt", "line": line, "body": f"About {line}."}


def ask_threads(asker: Asker, **more: Any) -> Any:
    answer = asker.graphql(THREADS, owner="octo", name="shop", number=1, **more)
    assert "errors" not in answer
    return answer["data"]["repository"]["pullRequest"]


def kinds(answer: Any) -> list[str]:
    return [error.get("type") for error in answer["errors"]]


def test_threads_are_paged_and_know_their_viewer(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    bot.review(at(10), at(11), at(38))
    pull.review("alice", "Mine", comments=[at(9)])
    pull.comment("alice", "Hi")
    pull.threads[0].comments[0].react("alice", "-1")
    seen = ask_threads(bot)
    page = seen["reviewThreads"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"], seen["comments"]["totalCount"]) == (4, True, 1)
    rest = ask_threads(bot, after=page["pageInfo"]["endCursor"])["reviewThreads"]
    assert rest["pageInfo"]["hasNextPage"] is False
    comments = [thread["comments"]["nodes"][0] for thread in [*page["nodes"], *rest["nodes"]]]
    assert [it["viewerDidAuthor"] for it in comments] == [True, True, True, False]
    assert comments[0]["author"] == {"__typename": "Bot", "login": "github-actions"}  # REST says github-actions[bot]
    assert {it["content"]: it["reactors"]["totalCount"] for it in comments[0]["reactionGroups"]}["THUMBS_DOWN"] == 1
    alice = ask_threads(Asker(github, github.token("alice")))
    assert alice["reviewThreads"]["nodes"][0]["viewerCanResolve"] is True
    assert bot.graphql("{ viewer { login } rateLimit { remaining } }")["data"]["viewer"]["login"] == BOT
    github.assert_conforming()


def test_a_thread_says_that_it_is_outdated(bot: Asker, work: Work) -> None:
    bot.review(at(10))
    text = (work.root / "numbers.txt").read_text()
    work.commit({"numbers.txt": text.replace("line ten\n", "LINE TEN\n")})
    thread = ask_threads(bot)["reviewThreads"]["nodes"][0]
    assert (thread["line"], thread["originalLine"], thread["isOutdated"]) == (None, 10, True)
    assert thread["comments"]["nodes"][0]["outdated"] is True


def test_resolving_needs_more_than_pull_requests_write(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    bot.review(at(10))
    thread = pull.threads[0]
    refused = bot.graphql(RESOLVE, input={"threadId": thread.node_id})
    assert kinds(refused) == ["FORBIDDEN"]
    assert refused["data"] == {"resolveReviewThread": None}
    assert refused["errors"][0]["message"] == "Resource not accessible by integration"
    assert ask_threads(bot)["reviewThreads"]["nodes"][0]["viewerCanResolve"] is False
    assert thread.resolved_by is None
    strong = Asker(github, github.token(BOT, pull_requests="write", contents="write"))
    assert ask_threads(strong)["reviewThreads"]["nodes"][0]["viewerCanResolve"] is True
    done = strong.graphql(RESOLVE, input={"threadId": thread.node_id})["data"]["resolveReviewThread"]["thread"]
    assert (done["isResolved"], done["viewerCanUnresolve"]) == (True, True)
    assert strong.graphql(UNRESOLVE, input={"threadId": thread.node_id})["data"] is not None
    thread.resolve("alice")
    assert ask_threads(bot)["reviewThreads"]["nodes"][0]["resolvedBy"] == {"login": "alice"}
    thread.unresolve()
    author = Asker(github, github.token("mallory"))
    assert author.graphql(RESOLVE, input={"threadId": thread.node_id})["data"] is not None


def test_comments_are_minimised_edited_answered_and_deleted(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    bot.review(at(10))
    thread = pull.threads[0]
    comment = thread.comments[0]
    done = bot.graphql(MINIMIZE, input={"subjectId": comment.node_id, "classifier": "OUTDATED"})
    assert done["data"]["minimizeComment"]["minimizedComment"]["minimizedReason"] == "outdated"
    for remark in (pull.comment("alice", "Hi"), pull.reviews[0]):
        assert "errors" not in bot.graphql(MINIMIZE, input={"subjectId": remark.node_id, "classifier": "RESOLVED"})
    undone = bot.graphql(
        "mutation($id: ID!) { unminimizeComment(input: {subjectId: $id}) { unminimizedComment { isMinimized } } }",
        id=comment.node_id,
    )
    assert undone["data"]["unminimizeComment"]["unminimizedComment"]["isMinimized"] is False
    edit = {"pullRequestReviewCommentId": comment.node_id, "body": "Fixed."}
    assert "errors" not in bot.graphql(UPDATE, input=edit)
    assert comment.body == "Fixed."
    assert kinds(bot.graphql(UPDATE, input={**edit, "body": ""})) == ["UNPROCESSABLE"]
    answered = bot.graphql(REPLY, input={"pullRequestReviewThreadId": thread.node_id, "body": "Gone."})
    assert answered["data"]["addPullRequestReviewThreadReply"]["comment"]["replyTo"]["id"] == comment.node_id
    other = Asker(github, github.token("other[bot]", pull_requests="write"))
    reader = Asker(github, github.token("reader[bot]", pull_requests="read"))
    assert kinds(other.graphql(UPDATE, input=edit)) == ["FORBIDDEN"]
    assert kinds(reader.graphql(MINIMIZE, input={"subjectId": comment.node_id, "classifier": "SPAM"})) == ["FORBIDDEN"]
    assert "errors" not in bot.graphql(DELETE, input={"id": thread.comments[1].node_id})
    assert len(thread.comments) == 1


def test_reviews_can_be_made_in_graphql_too(bot: Asker, pull: Pull) -> None:
    threads = [
        {"path": "numbers.txt", "line": 11, "startLine": 10, "startSide": "RIGHT", "side": "RIGHT", "body": "Hm."}
    ]
    made = bot.graphql(ADD_REVIEW, input={"pullRequestId": pull.node_id, "threads": threads})
    review = made["data"]["addPullRequestReview"]["pullRequestReview"]
    assert (review["state"], pull.threads) == ("PENDING", [])
    done = bot.graphql(SUBMIT, input={"pullRequestReviewId": review["id"], "event": "COMMENT", "body": "Look"})
    assert done["data"]["submitPullRequestReview"]["pullRequestReview"]["state"] == "COMMENTED"
    bad = [{"path": "numbers.txt", "line": 1, "body": "Hm."}]
    refused = bot.graphql(ADD_REVIEW, input={"pullRequestId": pull.node_id, "threads": bad, "event": "COMMENT"})
    assert kinds(refused) == ["UNPROCESSABLE"]


def test_files_are_read_by_expression(bot: Asker, work: Work, github: FakeGitHub) -> None:
    head = work.commit({"a.py": "a = 1\n", "b.bin": b"\0\1", "ü.txt": "ü"})
    query = (
        'query($a: String!, $b: String!, $c: String!) { repository(owner: "octo", name: "shop") {'
        " a: object(expression: $a) { ...f } b: object(expression: $b) { ...f } c: object(expression: $c) { ...f } } }"
        " fragment f on GitObject { oid ... on Blob { text isBinary byteSize } }"
    )
    seen = bot.graphql(query, a=f"{head}:a.py", b=f"{head}:b.bin", c=f"{head}:nothing")["data"]["repository"]
    assert (seen["a"]["text"], seen["a"]["byteSize"], seen["a"]["isBinary"]) == ("a = 1\n", 6, False)
    assert (seen["b"]["text"], seen["b"]["isBinary"], seen["c"]) == (None, True, None)
    github.limits.blob_text_bytes = 3
    seen = bot.graphql(query, a=f"{head}:a.py", b=head, c=f"{head}:ü.txt")["data"]["repository"]
    assert (seen["a"]["text"], seen["a"]["byteSize"]) == ("a =", 6)
    assert (seen["b"], seen["c"]["text"]) == ({"oid": head}, "ü")


def test_a_folder_is_listed_with_what_is_in_its_files(bot: Asker, work: Work) -> None:
    head = work.commit({"rules/a.md": "a", "rules/b.bin": b"\0", "rules/more/c.md": "c"})
    query = (
        'query($a: String!, $b: String!) { repository(owner: "octo", name: "shop") {'
        " a: object(expression: $a) { ...f } b: object(expression: $b) { ...f } } } fragment f on GitObject { oid"
        " ... on Tree { entries { name mode type object { __typename ... on Blob { text byteSize } } } } }"
    )
    seen = bot.graphql(query, a=f"{head}:rules", b=f"{head}:rules/a.md")["data"]["repository"]
    assert "entries" not in seen["b"]
    assert [(entry["name"], entry["mode"], entry["type"]) for entry in seen["a"]["entries"]] == [
        ("a.md", 0o100644, "blob"), ("b.bin", 0o100644, "blob"), ("more", 0o40000, "tree"),
    ]  # fmt: skip
    assert [entry["object"].get("text") for entry in seen["a"]["entries"]] == ["a", None, None]
    assert [entry["object"].get("byteSize") for entry in seen["a"]["entries"]] == [1, 1, None]


def test_nodes_and_what_is_not_there(bot: Asker, pull: Pull, github: FakeGitHub, work: Work) -> None:
    bot.review(at(10))
    ids = [pull.node_id, pull.threads[0].node_id, pull.threads[0].comments[0].node_id, pull.reviews[0].node_id]
    found = bot.graphql("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)["data"]["nodes"]
    assert [node["id"] for node in found] == ids
    lost = bot.graphql("query($id: ID!) { node(id: $id) { id } }", id="PRRT_unknown")
    assert (lost["data"], kinds(lost)) == ({"node": None}, ["NOT_FOUND"])
    github.repository("octo/secret", work.root, private=True)
    stranger = Asker(github, github.token("mallory"))
    assert kinds(stranger.graphql('{ repository(owner: "octo", name: "secret") { id } }')) == ["NOT_FOUND"]
    missing = bot.graphql('{ repository(owner: "octo", name: "shop") { pullRequest(number: 7) { id } } }')
    assert kinds(missing) == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("reviewThreads { totalCount }", "MISSING_PAGINATION_BOUNDARIES"),
        ("reviewThreads(first: 101) { totalCount }", "EXCESSIVE_PAGINATION"),
        ('reviewThreads(first: 1, after: "x") { totalCount }', "INVALID_CURSOR_ARGUMENTS"),
        (TOO_DEEP, "MAX_NODE_LIMIT_EXCEEDED"),
        ("nonsense", None),
        ("{", None),
    ],
)
def test_queries_that_github_refuses(bot: Asker, field: str, kind: str | None) -> None:
    query = f'{{ repository(owner: "octo", name: "shop") {{ pullRequest(number: 1) {{ {field} }} }} }}'
    assert kinds(bot.graphql(query)) == [kind]
