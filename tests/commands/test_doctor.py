from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fake_github import FakeGitHub
from model_server import Answer, ModelServer, reply
from processes import git, repository
from redis_server import PASSWORD, RedisServer

from reviewer.commands import doctor, init

if TYPE_CHECKING:
    from pathlib import Path

KEY, TOKEN_WORDS = "sk-reviewer-test-0123456789", "comments need pull-requests: write"
READY = reply('{"ready": true}')


class Doctor:
    """Asks the doctor, and reads the answer by its subjects."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.out = ""

    def __call__(self, *arguments: str, **variables: str) -> int:
        with self._monkeypatch.context() as patched:
            for name, value in variables.items():
                patched.setenv(name, value)
            code = doctor.run(arguments)
        self.out = self._capsys.readouterr().out
        return code

    def __getitem__(self, subject: str) -> tuple[str, str]:
        (line,) = [line for line in self.out.splitlines() if line.split()[1] == subject]
        state, _, text = line.split(maxsplit=2)
        return state, text


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    root = repository(tmp_path / "mine", {"a.py": "a = 1\n"})
    git(root, "commit", "-q", "--allow-empty", "-m", "start")
    monkeypatch.chdir(root)
    monkeypatch.setattr(doctor, "PATIENCE", 1.0)
    return Doctor(monkeypatch, capsys)


def asking(server: ModelServer) -> dict[str, str]:
    return {"REVIEWER_PROVIDER": "openai", "REVIEWER_BASE_URL": f"{server.url}/v1", "REVIEWER_API_KEY": KEY}


def test_all_is_fine(ask: Doctor) -> None:
    with ModelServer(reply('{"ready": true}', headers={"x-remaining-credits": "12.5"})) as server:
        assert ask(**asking(server)) == 0
        assert len(server.requests) == 1
    assert [line.split()[0] for line in ask.out.splitlines()] == ["ok"] * len(ask.out.splitlines())
    assert ask["key"][1].startswith("REVIEWER_API_KEY, for ")
    assert "answers at 127.0.0.1" in ask["model"][1]
    assert ask["json"] == ("ok", "answers are JSON")
    assert KEY not in ask.out


def test_no_key_at_all_leaves_the_checks_alone_unless_a_model_is_named(ask: Doctor) -> None:
    assert ask() == 0
    assert ask["key"][0] == "ok"
    assert "built-in checks alone" in ask["key"][1]
    assert "set SEGMIND_API_KEY" in ask["key"][1]
    assert ask("--model", "some-model") == 2
    assert ask["key"][0] == "mend"
    assert ask("--provider", "none") == 0
    assert ask["key"] == ("ok", "none wanted (provider none): built-in checks alone")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("      - uses: OWNER/reviewer@v0.1.0 # tag", 2),
        ("  uses: 'OWNER/reviewer@v1'", 2),
        ("- uses: me/x@v1 # OWNER/", 0),
    ],
)
def test_a_workflow_that_nobody_completed(ask: Doctor, tmp_path: Path, line: str, code: int) -> None:
    file = tmp_path / "mine" / ".github" / "workflows" / "reviewer.yml"
    file.parent.mkdir(parents=True)
    file.write_text(f"jobs:\n{line}\n")
    assert ask() == code
    assert ask["workflow"][0] == ("mend" if code else "ok")
    assert ("still says OWNER" in ask["workflow"][1]) == bool(code)


def test_the_workflow_that_init_writes_wants_completing(ask: Doctor, capsys: pytest.CaptureFixture[str]) -> None:
    init.run([])
    capsys.readouterr()
    assert ask() == 2
    assert ask["workflow"][0] == "mend"


def test_a_workflow_that_is_no_text(ask: Doctor, tmp_path: Path) -> None:
    file = tmp_path / "mine" / ".github" / "workflows" / "reviewer.yml"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xff\xfe")
    assert ask() == 0, "bytes that are no text are no placeholder"


def test_a_named_provider_without_its_key(ask: Doctor) -> None:
    assert ask(REVIEWER_PROVIDER="dashscope") == 2
    assert "set DASHSCOPE_API_KEY" in ask["key"][1]


def test_a_wrong_key(ask: Doctor) -> None:
    with ModelServer(Answer(401, {"error": {"message": "bad key"}})) as server:
        assert ask(**asking(server)) == 2
    assert ask["model"][0] == "mend"
    assert KEY not in ask.out


def test_a_key_that_cannot_be_sent(ask: Doctor) -> None:
    with ModelServer(READY) as server:
        assert ask(**{**asking(server), "REVIEWER_API_KEY": "two words"}) == 2
        assert server.requests == []
    assert ask["model"][0] == "mend"
    assert "two words" not in ask.out


def test_a_server_that_cannot_be_reached_is_unknown(ask: Doctor) -> None:
    with ModelServer(READY) as server:
        variables = asking(server)
    assert ask(**variables) == 3
    assert ask["model"][0] == "unknown"


def test_an_address_that_is_none(ask: Doctor) -> None:
    assert ask("--base-url", "ftp://x", REVIEWER_PROVIDER="openai") == 2
    assert ask["key"][0] == "mend"


def test_a_model_without_json(ask: Doctor) -> None:
    with ModelServer(reply("Yes, I am ready!")) as server:
        assert ask(**asking(server)) == 2
    assert ask["json"][0] == "mend"
    assert "choose another model" in ask["json"][1]


def test_a_server_without_json_mode_is_told_of(ask: Doctor) -> None:
    def answer(body: object, _: object) -> Answer:
        if isinstance(body, dict) and "response_format" in body:
            return Answer(400, {"error": {"message": "Unknown parameter: response_format"}})
        return READY

    with ModelServer(answer) as server:
        assert ask(**asking(server)) == 0
    assert ask["json"][0] == "ok"
    assert "response_format" in ask["json"][1]


@pytest.mark.parametrize(("credits_left", "state"), [("0", "mend"), ("7.5", "ok")])
def test_credits_are_told_where_the_provider_tells_them(ask: Doctor, credits_left: str, state: str) -> None:
    with ModelServer(reply('{"ready": true}', headers={"x-remaining-credits": credits_left})) as server:
        ask(REVIEWER_BASE_URL=f"{server.url}/v1", REVIEWER_PROVIDER="segmind", SEGMIND_API_KEY=KEY)
    assert ask["credits"][0] == state


def test_settings_that_are_wrong_end_it(ask: Doctor, tmp_path: Path) -> None:
    assert ask(REVIEWER_MAX_COMMENT="3") == 2
    assert "did you mean REVIEWER_MAX_COMMENTS?" in ask["settings"][1]
    file = tmp_path / "mine" / ".github" / "reviewer.toml"
    file.parent.mkdir()
    file.write_text('api_key = "sk-secret"\n')
    assert ask() == 2
    assert "holds an api_key" in ask["settings"][1]
    assert "sk-secret" not in ask.out
    file.write_bytes(b"\xff\xfe")
    assert ask() == 2
    assert "cannot be read" in ask["settings"][1]
    file.write_text('language = "German"\n')
    assert ask("--provider", "none") == 0
    assert ask["settings"] == ("ok", "valid (with .github/reviewer.toml)")


def test_no_git(ask: Doctor, tmp_path: Path) -> None:
    assert ask("--provider", "none", PATH=str(tmp_path)) == 2
    assert ask["git"][0] == "mend"


def test_a_cache_that_cannot_be_written(ask: Doctor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert ask("--provider", "none", "--cache-dir", str(tmp_path / "file" / "cache")) == 2
    assert "REVIEWER_CACHE_DIR" in ask["cache"][1]
    assert ask("--provider", "none", "--no-cache") == 0
    assert ask["cache"][1].startswith("off")


def test_a_token_and_what_it_may_do(ask: Doctor, tmp_path: Path) -> None:
    with FakeGitHub() as github:
        github.repository("octo/shop", tmp_path / "mine", collaborators={"alice": "write"})
        token = github.token("alice")
        there = {"GITHUB_API_URL": github.api_url, "GITHUB_REPOSITORY": "octo/shop"}
        assert ask("--provider", "none", GITHUB_TOKEN=token, **there) == 3
        assert ask["github"] == ("ok", "the token is accepted in octo/shop")
        assert ask["rights"][0] == "unknown"
        assert "in octo/shop" in ask["rights"][1]
        assert TOKEN_WORDS in ask["rights"][1]
        assert token not in ask.out

        assert ask("--provider", "none", REVIEWER_GITHUB_TOKEN="ghp_wrong", **there) == 2
        assert ask["github"][0] == "mend"
        assert "does not accept the token" in ask["github"][1]

        there["GITHUB_REPOSITORY"] = "octo/shop --post"
        assert ask("--provider", "none", GH_TOKEN=token, **there) == 2
        assert "must be owner/repo" in ask["github"][1]
        github.assert_conforming()


def test_a_github_that_has_trouble_is_unknown(ask: Doctor, tmp_path: Path) -> None:
    with FakeGitHub() as github:
        github.repository("octo/shop", tmp_path / "mine", collaborators={"alice": "write"})
        github.fail(lambda _: True, 502, times=100)
        there = {"GITHUB_API_URL": github.api_url, "GITHUB_REPOSITORY": "octo/shop"}
        assert ask("--provider", "none", GITHUB_TOKEN=github.token("alice"), **there) == 3
    assert ask["github"][0] == "unknown"


def test_an_api_url_that_is_none(ask: Doctor) -> None:
    assert ask("--provider", "none", GITHUB_TOKEN="ghp_x", GITHUB_API_URL="ftp://x", GITHUB_REPOSITORY="o/r") == 2
    assert ask["github"][0] == "mend"


@pytest.mark.parametrize(
    ("answer", "repository_name", "says"),
    [
        ({"permissions": {"pull": True, "push": False}}, "o/r", "its role in o/r is pull"),
        ({"permissions": None}, "o/r", "its role in o/r is not told"),
        ([], "o/r", "its role in o/r is not told"),
        ({}, None, "set GITHUB_REPOSITORY=owner/repo"),
    ],
)
def test_what_github_tells_of_a_token(answer: object, repository_name: str | None, says: str) -> None:
    found = doctor._rights(json.loads(json.dumps(answer)), repository_name)
    assert found.state == "unknown"
    assert says in found.text
    assert TOKEN_WORDS in found.text


def test_the_redis_that_runners_share(ask: Doctor, redis: RedisServer) -> None:
    ask(REVIEWER_PROVIDER="none", REVIEWER_REDIS_URL=redis.url)
    assert ask["redis"] == ("ok", "it answers: runners that have its address share replies and pace")
    redis.kill()
    assert ask(REVIEWER_PROVIDER="none", REVIEWER_REDIS_URL=redis.url) == 2
    assert ask["redis"] == ("mend", "the Redis at REVIEWER_REDIS_URL is of no use: it cannot be reached")
    assert ask(REVIEWER_PROVIDER="none", REVIEWER_REDIS_URL=redis.url.replace("redis:", "http:")) == 2
    assert ask["redis"][1].startswith("REVIEWER_REDIS_URL is no address of a Redis")
    assert PASSWORD not in ask.out
    ask(REVIEWER_PROVIDER="none")
    assert " redis " not in ask.out
