"""The client against a GitHub on loopback, PyGithub and all: what it sends, how long it waits, what it says."""

from __future__ import annotations

import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hub as hubs
import pytest

import reviewer
from reviewer.errors import Misuse
from reviewer.github.answers import Answer
from reviewer.github.client import GitHubError, connect
from reviewer.github.waits import after_limit, throttled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fake_github import Exchange
    from hub import Hub

PULL = "/repos/octo/shop/pulls/1"
COMMENTS = "/repos/octo/shop/issues/1/comments"
SHOP = 'query { repository(owner: "octo", name: "shop") { pullRequest(number: 1) { headRefOid } } }'
RESOLVE = 'mutation { resolveReviewThread(input: {threadId: "T"}) { thread { id } } }'


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({"a.py": "a\n"}, "main")
        hub.commit({"a.py": "b\n"}, "topic")
        hub.opened()
        yield hub


def is_write(exchange: Exchange) -> bool:
    return exchange.is_write


def is_read(exchange: Exchange) -> bool:
    return not exchange.is_write


def everything(exchange: Exchange) -> bool:  # noqa: ARG001
    return True


def refused(call: Callable[[], Any]) -> GitHubError:
    with pytest.raises(GitHubError) as caught:
        call()
    return caught.value


def test_says_who_it_is_and_which_interface_it_speaks(hub: Hub) -> None:
    client = hub.client()
    headers, data = client.rest("GET", PULL)
    (exchange,) = hub.fake.traffic
    assert data["number"] == 1
    assert headers["x-ratelimit-limit"] == "1000"
    assert exchange.headers["user-agent"] == f"reviewer/{reviewer.__version__}"
    assert exchange.headers["x-github-api-version"] == "2022-11-28"
    assert exchange.headers["accept"] == "application/vnd.github+json"
    assert exchange.headers["authorization"].endswith(hub.token)
    assert client.requests == 1
    hub.fake.assert_conforming()


def test_nothing_is_imported_or_sent_before_the_first_request() -> None:
    code = (
        "import sys, time; from reviewer.github.client import connect; from reviewer.sources import pull;"
        "connect('t', clock=time.monotonic, sleep=time.sleep); print('github' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_pages_that_go_in_a_circle_are_an_error(hub: Hub) -> None:
    client = hub.client()
    for number in range(4):
        client.rest("POST", COMMENTS, body={"body": f"{number}"})
    back = {"Link": f'<{hub.fake.api_url}{COMMENTS}?per_page=2&page=2>; rel="next"'}
    hub.fake.spoil(is_read, lambda answer: replace(answer, headers=back), times=9)
    error = refused(lambda: list(client.pages(COMMENTS, per_page=2)))
    assert (error.kind, client.requests) == ("server", 6)
    assert "go in a circle: try again later" in str(error)


def test_pages_end_where_github_says_so(hub: Hub) -> None:
    client = hub.client()
    for number in range(5):
        client.rest("POST", COMMENTS, body={"body": f"{number}"})
    pages = list(client.pages(COMMENTS, per_page=2))
    assert [[row["body"] for row in page] for page in pages] == [["0", "1"], ["2", "3"], ["4"]]
    assert [exchange.query["page"] for exchange in hub.fake.traffic[6:]] == ["2", "3"]


def test_a_page_that_is_no_list_is_an_error(hub: Hub) -> None:
    assert refused(lambda: list(hub.client().pages(PULL))).kind == "server"


def test_writes_are_a_second_apart_and_reads_are_not(hub: Hub) -> None:
    client = hub.client()
    client.rest("POST", COMMENTS, body={"body": "1"})
    client.rest("GET", PULL)
    client.graphql(SHOP, {})
    client.graphql(SHOP, {})
    assert hub.clock.slept == []
    client.rest("POST", COMMENTS, body={"body": "2"})
    assert hub.clock.slept == [1.0]
    hub.clock.now += 0.75
    client.rest("POST", COMMENTS, body={"body": "3"})
    assert hub.clock.slept == [1.0, 0.25]
    hub.clock.now += 9
    with pytest.raises(GitHubError):
        client.graphql(RESOLVE, {})
    client.rest("POST", COMMENTS, body={"body": "4"})
    assert hub.clock.slept == [1.0, 0.25, 1.0], "a mutation is a write"


def test_threads_take_turns(hub: Hub) -> None:
    client = hub.client()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.rest("GET", PULL)[1]["number"], range(40)))
    assert answers == [1] * 40
    assert client.requests == 40


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_is_waited_for_and_the_write_done_once(hub: Hub, status: int) -> None:
    hub.fake.fail(is_write, status, headers={"Retry-After": "7"}, body={"message": "You have exceeded a limit"})
    client = hub.client()
    client.rest("POST", COMMENTS, body={"body": "1"})
    assert sum(hub.clock.slept) == 7
    assert [row["body"] for page in client.pages(COMMENTS) for row in page] == ["1"]


def test_the_reset_counts_where_nothing_is_left(hub: Hub) -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 90)}
    hub.fake.fail(is_read, 403, headers=headers, body={"message": "API rate limit exceeded for installation"})
    hub.client().rest("GET", PULL)
    (pause,) = hub.clock.slept
    assert 85 <= pause <= 92


def test_a_limit_that_names_no_time_is_a_minute_and_doubles(hub: Hub) -> None:
    body = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
    headers = {"x-ratelimit-remaining": "57", "x-ratelimit-reset": str(int(time.time()) + 3000)}
    hub.fake.fail(is_read, 403, headers=headers, body=body, times=3)
    hub.client().rest("GET", PULL)
    assert hub.clock.slept == [60, 120, 240]


def test_nobody_waits_beyond_the_deadline(hub: Hub) -> None:
    hub.fake.fail(is_read, 429, headers={"Retry-After": "30", "x-ratelimit-reset": "1767323045"}, body={})
    error = refused(lambda: hub.client(deadline=hub.clock.now + 29).rest("GET", PULL))
    assert (error.kind, error.status, error.exit_code) == ("rate", 429, 3)
    assert str(error) == (
        "GitHub's rate limit: it asks to wait 30 s (its limit starts anew at 03:04:05 UTC), longer than this run may;"
        " run again later"
    )
    assert hub.clock.slept == []


def test_without_a_deadline_patience_ends_after_a_quarter_of_an_hour(hub: Hub) -> None:
    hub.fake.fail(is_read, 429, body={}, times=9)
    error = refused(lambda: hub.client().rest("GET", PULL))
    assert error.kind == "rate"
    assert sum(hub.clock.slept) == 900


def test_a_limit_that_never_ends_is_given_up(hub: Hub) -> None:
    hub.fake.fail(is_read, 429, headers={"Retry-After": "0"}, body={}, times=99)
    client = hub.client()
    assert refused(lambda: client.rest("GET", PULL)).kind == "rate"
    assert client.requests == 7


def test_a_read_is_repeated_after_trouble(hub: Hub) -> None:
    hub.fake.fail(is_read, 502)
    hub.fake.fail(is_read, drop=True)
    assert hub.client().rest("GET", PULL)[1]["number"] == 1
    assert hub.clock.slept == [1, 2]
    hub.fake.fail(is_read, 502, times=3)
    error = refused(lambda: hub.client().rest("GET", PULL))
    assert (error.kind, error.status) == ("server", 502)
    assert "try again later" in str(error)


@pytest.mark.parametrize("drop", [False, True])
def test_a_write_is_never_repeated_blindly(hub: Hub, drop: bool) -> None:
    hub.fake.fail(is_write, 502, after_storing=True, drop=drop)
    client = hub.client()
    error = refused(lambda: client.rest("POST", COMMENTS, body={"body": "1"}))
    assert (error.kind, error.status) == ("server", 0 if drop else 502)
    assert len(next(client.pages(COMMENTS))) == 1


def test_a_write_that_was_never_sent_is_repeated(hub: Hub) -> None:
    client = connect("t", api_url="http://127.0.0.1:9", graphql_url=None, clock=hub.clock, sleep=hub.clock.sleep)
    error = refused(lambda: client.rest("POST", COMMENTS, body={}))
    assert (error.kind, error.status, client.requests) == ("network", 0, 3)
    assert "GITHUB_API_URL" in str(error)


def test_without_a_secure_connection_nothing_is_sent(hub: Hub) -> None:
    url = hub.fake.api_url.replace("http:", "https:")
    with connect("t", api_url=url, clock=hub.clock, sleep=hub.clock.sleep) as client:
        error = refused(lambda: client.rest("GET", PULL))
    assert (error.kind, error.status) == ("network", 0)
    assert "no secure connection" in str(error)


def test_a_proxy_that_is_away_is_the_networks_trouble(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with connect("t", api_url="https://github.example", clock=hub.clock, sleep=hub.clock.sleep) as client:
        assert refused(lambda: client.rest("POST", PULL)).kind == "network"


def test_a_body_that_is_cut_off_is_trouble(hub: Hub) -> None:
    hub.fake.fail(is_read, 200, headers={"Content-Encoding": "gzip"}, body={"number": 9})
    assert hub.client().rest("GET", PULL)[1]["number"] == 1
    assert hub.clock.slept == [1]


def test_a_page_of_a_proxy_is_no_answer(hub: Hub) -> None:
    hub.fake.fail(everything, 200, body=b"<html>log in first</html>", times=4)
    client = hub.client()
    error = refused(lambda: client.rest("GET", PULL))
    assert (error.kind, error.status) == ("server", 0)
    assert "no JSON" in str(error)
    error = refused(lambda: client.rest("POST", COMMENTS, body={"body": "1"}))
    assert "it may have been carried out" in str(error)
    hub.fake.fail(everything, 404, body=b"<html>not here</html>")
    assert refused(lambda: client.rest("GET", PULL)).kind == "not_found"


def test_an_answer_without_a_body_is_null(hub: Hub) -> None:
    client = hub.client()
    made = client.rest("POST", COMMENTS, body={"body": "1"})[1]
    assert client.rest("DELETE", f"/repos/octo/shop/issues/comments/{made['id']}")[1] is None


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "words"),
    [
        (
            401,
            {},
            {"message": "Bad credentials"},
            "auth",
            "does not accept the token (401 Bad credentials): set GITHUB",
        ),
        (
            403,
            {"X-Accepted-GitHub-Permissions": "pull_requests=write,contents=read; issues=write"},
            {"message": "Resource not accessible by integration"},
            "forbidden",
            "Resource not accessible by integration: add `pull-requests: write, contents: read` to the job's",
        ),
        (403, {}, {"message": "Resource not accessible by integration"}, "forbidden", "add `pull-requests: write` to"),
        (
            403,
            {},
            {"message": "Resource not accessible by personal access token"},
            "forbidden",
            "give the token this permission: pull-requests: write",
        ),
        (403, {"X-GitHub-SSO": "required; url=…".encode().decode("latin-1")}, {}, "forbidden", "single sign-on"),
        (404, {}, {"message": "Not Found"}, "not_found", "404 Not Found: check the name"),
        (410, {}, {"message": "Gone"}, "not_found", "check the name"),
        (
            422,
            {},
            {"message": "Validation Failed", "errors": [{"code": "invalid"}, {"message": "line is \x1b[1mwrong"}, "x"]},
            "validation",
            "GitHub refuses it (422 Validation Failed; invalid; line is <U+001B>[1mwrong; x)",
        ),
        (409, {}, [], "validation", "GitHub refuses it (409): it was changed at the same time: run again"),
        (422, {}, {"message": "No"}, "validation", "(422 No): run again; if that is refused too, please report this"),
        (422, {}, {"errors": ["was submitted too quickly"]}, "validation", "quickly): run again in a few minutes"),
        (451, {}, {"message": "Repository access blocked"}, "forbidden", "GitHub has taken it down: ask its owners"),
        (403, {}, {"message": "enabled an IP allow list"}, "forbidden", "run from an address that the organisation"),
        (
            403,
            {},
            {"message": "organization SAML enforcement"},
            "forbidden",
            "authorise the token for the organisation",
        ),
        (
            403,
            {},
            {"message": "User is blocked"},
            "forbidden",
            "ask the repository's owners to unblock the token's user",
        ),
        (403, {}, {"message": "issue is locked"}, "forbidden", "unlock the conversation"),
        (403, {}, {"message": "This pull request has been locked"}, "forbidden", "unlock the conversation"),
        (403, {}, {"message": "Conversation is Locked"}, "forbidden", "unlock the conversation"),
        (403, {}, {"message": "Branch is locked"}, "forbidden", "add `pull-requests: write`"),
        (422, {}, {"message": "lock file is locked"}, "validation", "run again; if that is refused too"),
        (403, {}, {"message": "Repository was archived"}, "forbidden", "unarchive the repository"),
        (403, {}, {"message": "account was suspended"}, "forbidden", "an account that is not suspended"),
    ],
)
def test_every_refusal_says_the_way_out(
    hub: Hub, status: int, headers: dict[str, str], body: Any, kind: str, words: str
) -> None:
    hub.fake.fail(is_write, status, headers=headers, body=body)
    error = refused(lambda: hub.client().rest("POST", COMMENTS, body={"body": "1"}))
    assert (error.status, error.kind) == (status, kind)
    assert words in str(error)
    assert "\n" not in str(error)
    assert error.exit_code == (2 if kind == "auth" else 3)


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("GET", COMMENTS, "pull-requests: read"),
        ("POST", "/repos/octo/shop/check-runs", "checks: write"),
        ("GET", "/repos/octo/shop/compare/a...b", "contents: read"),
        ("GET", "/repos/octo/shop", "contents: read"),
    ],
)
def test_a_refusal_names_the_permission_it_takes(hub: Hub, method: str, path: str, permission: str) -> None:
    hub.fake.fail(everything, 403, body={"message": "Resource not accessible by integration"})
    assert f"add `{permission}`" in str(refused(lambda: hub.client().rest(method, path)))


def test_a_renamed_repository_is_followed_with_its_query(hub: Hub) -> None:
    """PyGithub by itself would follow without the query, so that every page is page 1."""
    where = f"{hub.fake.api_url}{COMMENTS}?page=2&per_page=1"
    client = hub.client()
    for text in "12":
        client.rest("POST", COMMENTS, body={"body": text})
    hub.fake.fail(is_read, 301, headers={"Location": where}, body={"message": "Moved Permanently"})
    rows = client.rest("GET", "/repos/octo/old/issues/1/comments", query={"page": 2, "per_page": 1})[1]
    assert [row["body"] for row in rows] == ["2"]
    hub.fake.fail(is_read, 302, headers={"Location": where.partition("?")[0]}, body={})
    rows = client.rest("GET", "/repos/octo/old/issues/1/comments", query={"per_page": 1})[1]
    assert [row["body"] for row in rows] == ["1"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_elsewhere_is_an_error(hub: Hub, status: int) -> None:
    with hubs.opened(hub.root / "other") as other:
        hub.fake.fail(is_read, status, headers={"Location": f"{other.fake.api_url}{PULL}"}, body={})
        error = refused(lambda: hub.client().rest("GET", PULL))
        assert error.kind == "network"
        assert "redirects to http://127.0.0.1" in str(error)
        assert other.fake.traffic == []


@pytest.mark.parametrize("location", ["http://[", "", "/relative"])
def test_a_redirect_to_nowhere_is_an_error(hub: Hub, location: str) -> None:
    hub.fake.fail(is_read, 307, headers={"Location": location}, body={})
    assert refused(lambda: hub.client().rest("GET", PULL)).kind == "network"


def test_a_write_is_not_redirected(hub: Hub) -> None:
    hub.fake.fail(is_write, 301, headers={"Location": f"{hub.fake.api_url}{COMMENTS}"}, body={})
    client = hub.client()
    assert refused(lambda: client.rest("POST", COMMENTS, body={"body": "1"})).kind == "network"
    assert next(client.pages(COMMENTS)) == []


def test_a_circle_of_redirects_ends(hub: Hub) -> None:
    hub.fake.fail(is_read, 301, headers={"Location": f"{hub.fake.api_url}{PULL}"}, body={}, times=9)
    client = hub.client()
    assert refused(lambda: client.rest("GET", PULL)).kind == "network"
    assert client.requests == 3


def test_graphql_gives_data(hub: Hub) -> None:
    data = hub.client().graphql(SHOP, {})
    assert data["repository"]["pullRequest"]["headRefOid"] == hub.git("rev-parse", "topic")


def test_without_an_address_graphql_is_where_github_has_it(hub: Hub) -> None:
    with connect(hub.token, api_url=hub.fake.api_url, clock=hub.clock, sleep=hub.clock.sleep) as client:
        assert client.graphql(SHOP, {})["repository"]
        client.close()
        assert client.graphql(SHOP, {})["repository"], "it connects again"
        client.close()


@pytest.mark.parametrize(
    ("errors", "kind", "status", "words"),
    [
        (
            [{"type": "NOT_FOUND", "message": "Could not resolve"}],
            "not_found",
            404,
            "Could not resolve: check the name",
        ),
        ([{"type": "FORBIDDEN", "message": "Resource not accessible"}], "forbidden", 403, "add `contents: read and"),
        ([{"message": "Field 'x' doesn't exist"}, {"message": "y"}], "validation", 200, "Field 'x' doesn't exist; y"),
        (["?"], "validation", 200, "no reason given"),
    ],
)
def test_an_error_in_a_graphql_answer_is_one(hub: Hub, errors: list[Any], kind: str, status: int, words: str) -> None:
    hub.fake.fail(everything, 200, body={"data": {"repository": None}, "errors": errors})
    client = hub.client()
    error = refused(lambda: client.graphql(SHOP, {}))
    assert (error.kind, error.status, client.requests) == (kind, status, 1)
    assert words in str(error)


@pytest.mark.parametrize("body", [{}, [], {"data": None}])
def test_graphql_without_data_is_trouble(hub: Hub, body: Any) -> None:
    hub.fake.fail(everything, 200, body=body)
    assert hub.client().graphql(SHOP, {})["repository"], "asked again"
    hub.fake.fail(everything, 200, body=body, times=3)
    assert refused(lambda: hub.client().graphql(SHOP, {})).kind == "server"


def test_a_graphql_query_is_repeated_after_trouble_and_a_mutation_is_not(hub: Hub) -> None:
    trouble = {"errors": [{"message": "Something went wrong while executing your query."}]}
    hub.fake.fail(everything, 200, body=trouble)
    client = hub.client()
    assert client.graphql(SHOP, {})["repository"]
    hub.fake.fail(everything, 200, body=trouble)
    error = refused(lambda: client.graphql(RESOLVE, {}))
    assert (error.kind, error.status, client.requests) == ("server", 502, 3)


def test_a_graphql_limit_comes_with_status_200(hub: Hub) -> None:
    headers = {"Retry-After": "3"}
    hub.fake.fail(
        everything, 200, headers=headers, body={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit"}]}
    )
    hub.client().graphql(SHOP, {})
    assert hub.clock.slept == [3]


def test_errors_in_a_rest_answer_are_its_own_business(hub: Hub) -> None:
    hub.fake.fail(everything, 200, body={"errors": [{"type": "RATE_LIMITED"}]})
    assert "errors" in hub.client().rest("GET", PULL)[1]


@pytest.mark.parametrize("token", ["", "  ", "a b", "a\nb", "schlüssel"])
def test_a_token_that_cannot_be_one_is_refused_unseen(token: str) -> None:
    with pytest.raises(Misuse, match="GITHUB_TOKEN") as caught:
        connect(token, clock=time.monotonic, sleep=time.sleep)
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.github.com",
        "ftp://x",
        "http://[",
        "http://github.example",
        "https://a:b@x",
        "https://x/?a",
        "https://x:q",
    ],
)
def test_an_address_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(Misuse, match="GITHUB_API_URL"):
        connect("t", api_url=url, clock=time.monotonic, sleep=time.sleep)


def test_the_token_goes_to_one_host() -> None:
    with pytest.raises(Misuse, match="GITHUB_GRAPHQL_URL"):
        connect("t", graphql_url="https://github.example/graphql", clock=time.monotonic, sleep=time.sleep)
    connect("t", graphql_url="https://api.github.com:443/graphql", clock=time.monotonic, sleep=time.sleep)


def test_the_token_is_nowhere_to_be_seen(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    client = hub.client()
    hub.fake.fail(is_write, 422, body={"message": f"{hub.token} is wrong"})
    texts = []
    for spoil in ({}, {"drop": True}):
        hub.fake.fail(is_read, 502, times=3, **spoil)  # type: ignore[arg-type]
        error = refused(lambda: client.rest("GET", PULL))
        texts.append("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
        assert error.__cause__ is None
        assert error.__context__ is None
    error = refused(lambda: client.rest("POST", COMMENTS, body={"body": "1"}))
    hub.fake.fail(is_read, 200, headers={"X-Echo": hub.token}, body={"token": hub.token})
    headers, data = client.rest("GET", PULL)
    texts += [str(error), repr(error), repr(client), repr(vars(client)), str(headers), str(data), caplog.text]
    assert len(texts) == 9
    assert not [text for text in texts if hub.token in text]


def test_waits_are_read_from_headers_of_any_kind() -> None:
    date = {"date": "Fri, 02 Jan 2026 03:04:05 GMT"}
    assert after_limit({"retry-after": "12"}, 3) == 12
    assert after_limit({"retry-after": "Fri, 02 Jan 2026 03:04:25 -0000", **date}, 0) == 20
    assert after_limit({"retry-after": "Fri, 02 Jan 2026 03:00:00 GMT", **date}, 0) == 0
    assert after_limit({"retry-after": "soon", **date}, 1) == 120
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767323055"}
    assert after_limit({**reset, **date}, 0) == 11
    assert after_limit(reset, 0) == 60, "without a date nobody knows how far away it is"
    assert after_limit({**reset, "x-ratelimit-reset": "never", **date}, 0) == 60
    assert not throttled(Answer(403, {}, "text"), graphql=False)
    assert throttled(Answer(403, {}, {"message": "You have triggered an abuse detection mechanism"}), graphql=False)
