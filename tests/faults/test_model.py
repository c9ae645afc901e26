"""The model's bad days: each row of model.toml, as a process, and the review after it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from model_server import ModelServer, reply
from processes import Done, asking

from faults import bad_day
from faults.bad_day import FILES, KEY, Outcome
from faults.broken_server import PLAYS, BrokenServer, answer, healthy
from faults.certificates import self_signed
from reviewer.commands import review

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from warm import Warm

    from faults.broken_server import Act, Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One of model.toml; README.md explains the fields."""

    name: str
    play: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = ""
    html: str | None = None
    model_says: str | None = None
    finish: str = "stop"
    refusing: bool = False
    tls: str | None = None
    url: str | None = None
    provider: str = "openai"
    flags: tuple[str, ...] = ()
    whole: bool = False
    above: int = 0
    times: int | None = None
    exit: int | None = None
    reason: str = "model_error"
    read: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    asked: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    mend: Mapping[str, str] = field(default_factory=dict)
    heals: bool = True
    again: int | None = None

    @property
    def lost(self) -> list[str]:
        return [path for path in FILES if path not in self.read_files]

    @property
    def read_files(self) -> list[str]:
        return [f"{name}/part.txt" for name in self.read]

    def plays(self, asked: Asked, words: Mapping[str, str]) -> Iterator[Act]:
        """What the server does with a question that it is to break."""
        if self.play is not None:
            return PLAYS[self.play](asked)
        content = (
            self.html if self.html is not None else self.body if isinstance(self.body, str) else json.dumps(self.body)
        )
        if self.model_says is not None:
            content = reply(self.model_says, finish=self.finish).content().decode()
        kind = {"Content-Type": "text/html"} if self.html is not None else {}
        headers = {
            name: filled(value, words) for name, value in {"Connection": "close", **kind, **self.headers}.items()
        }
        if self.status is None and self.model_says is None:
            return iter((healthy(asked, headers),))
        return iter((answer(self.status or 200, filled(content, words).encode(), headers),))


def filled(text: str, words: Mapping[str, str]) -> str:
    """With the words of this run in the braces."""
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text


def row(entry: Mapping[str, Any]) -> Row:
    """Lists are tuples here."""
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return Row(**fields)


ROWS = [row(entry) for entry in bad_day.table("model.toml")]


@pytest.fixture
def elsewhere() -> Iterator[ModelServer]:
    """Somebody whom nobody was to ask."""
    with ModelServer(reply("stolen")) as server:
        yield server
        assert server.requests == []


def broken(row: Row, words: Mapping[str, str], context: ssl.SSLContext | None) -> BrokenServer:
    """The server of a row: it breaks the questions about the second file, or about everything in one question."""
    left = [row.times]

    def breaks(asked: Asked) -> bool:
        if not row.whole and "second/part.txt" not in asked.files:
            return False
        if row.above and len(asked.files) <= row.above:
            return False
        if left[0] is not None:
            left[0] -= 1
        return left[0] is None or left[0] >= 0

    return BrokenServer(lambda asked: row.plays(asked, words), breaks, refusing=row.refusing, context=context)


def environment(row: Row, server: BrokenServer, words: Mapping[str, str]) -> dict[str, str]:
    url = server.url.replace("http:", "https:") if row.tls else server.url
    asks = {**asking(url, provider=row.provider), **({"REVIEWER_BASE_URL": row.url} if row.url else {})}
    return {**asks, **{name: filled(value, words) for name, value in row.variables.items()}}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_bad_day_of_the_model(
    row: Row,
    warm: Warm,
    elsewhere: ModelServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = {"elsewhere": elsewhere.url, "key": KEY, "folder": str(tmp_path)}
    context = self_signed(tmp_path, row.tls) if row.tls and row.tls != "none" else None
    arguments = bad_day.arguments(tmp_path, *(["--chunk-tokens", "8000"] if row.whole else []), *row.flags)
    with broken(row, words, context) as server:
        variables = environment(row, server, words)
        done = warm.run("review", *arguments, cwd=tmp_path, variables=variables)
        if row.exit == 2:
            misused(done, row)
            return
        held(row, bad_day.outcome(done, tmp_path), words)
        if row.asked is not None:
            assert len(server.questions) == row.asked
        if row.url or (row.tls and not row.mend):
            return
        server.heal(entirely=row.heals)
        for name, value in {**variables, **{name: filled(value, words) for name, value in row.mend.items()}}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        code = review.run(arguments)
        after = bad_day.outcome(Done(code, *capsys.readouterr()), tmp_path)
        if row.again is None:
            assert [path for asked in server.questions for path in asked.files] == row.lost
        else:
            assert len(server.questions) == row.again
    assert (after.code, after.report["status"], after.read) == (0, "findings", list(FILES))
    assert [finding["path"] for finding in after.report["findings"]] == list(FILES)


def misused(done: Done, row: Row) -> None:
    """One line that says what is wrong."""
    said = done.err.removeprefix("reviewer: reviewing 3 changed files\n")
    bad_day.discreet(done.out, done.err)
    assert (done.code, done.out, said.count("\n")) == (2, "", 1)
    assert all(words in said for words in row.says), said


def held(row: Row, day: Outcome, words: Mapping[str, str]) -> None:
    """What was answered is reported, what was not is named, with the cause and the way out in one line."""
    assert day.read == row.read_files
    assert [finding["path"] for finding in day.report["findings"]] == row.read_files
    status = "findings" if not row.lost else "incomplete" if row.read else "failed"
    assert (day.code, day.report["status"]) == (3 if row.lost else 0, status)
    assert {entry["reason"] for entry in day.losses} == ({row.reason} if row.lost else set())
    said = [filled(each, words) for each in row.says]
    assert len(said) == (2 if row.lost else 0)
    for entry in day.losses:
        assert all(each in entry["detail"] for each in said), entry["detail"]
        assert "\n" not in entry["detail"]
    assert all(each in day.text for each in said)
