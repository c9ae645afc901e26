"""Replies are kept by what was asked, for many threads and processes, and never in the way of a review."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from asking import QUESTION
from model_server import ModelServer, error, reply

from reviewer.findings import NoteCode
from reviewer.messages import Message, Reply, Usage
from reviewer.model.cache import MAX_AGE, Cache, key
from reviewer.model.connect import connect
from reviewer.model.dialects import aim

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TARGET = aim("openai", "http://127.0.0.1:1/v1")
NAME = "replies-1.sqlite"


def opened(directory: Path, now: float = 1_000.0, **options: Any) -> Cache:
    return Cache(directory, now=lambda: now, **options)


def test_the_second_time_is_free(ask: Callable[..., Any], tmp_path: Path) -> None:
    connection, server = ask(reply("yes", prompt_tokens=900), cache=tmp_path / "new" / "cache")
    first, second = connection.complete(QUESTION), connection.complete(QUESTION)
    assert (first.cached, second.cached) == (False, True)
    assert (second.text, second.finish) == ("yes", "stop")
    assert second.usage == Usage(cached_calls=1)
    assert connection.notes() == ()
    assert len(server.requests) == 1


def test_only_whole_and_good_replies_are_kept(ask: Callable[..., Any], tmp_path: Path) -> None:
    script = [reply("cut", finish="length"), reply("filtered", finish="content_filter"), reply("bad"), reply("good")]
    connection, server = ask(script, cache=tmp_path, worth_keeping=lambda text: text == "good")
    assert [connection.complete(QUESTION).text for _ in range(5)] == ["cut", "filtered", "bad", "good", "good"]
    assert len(server.requests) == 4


def test_the_key_is_everything_a_reply_depends_on() -> None:
    other = (QUESTION[0], Message("user", "+ x = 2"))
    keys = {
        key(TARGET, QUESTION),
        key(TARGET, other),
        key(TARGET, tuple(reversed(QUESTION))),
        key(aim("openai", "http://127.0.0.1:2/v1"), QUESTION),
        key(aim("openai", "http://127.0.0.1:1/v1", "other"), QUESTION),
        key(aim("ollama", "http://127.0.0.1:1/v1"), QUESTION),
    }
    assert len(keys) == 6
    assert key(TARGET, QUESTION) == key(aim("openai", "http://127.0.0.1:1/v1/"), list(QUESTION))
    assert len(key(TARGET, (Message("user", "\ud800"),))) == 64


def test_nobody_else_may_read(tmp_path: Path) -> None:
    directory = tmp_path / "cache"
    cache = opened(directory)
    cache.put("k", Reply("private"))
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o600}
    cache.close()


def test_a_run_without_temperature_says_so_also_from_the_cache(ask: Callable[..., Any], tmp_path: Path) -> None:
    connection, server = ask([error(400, "temperature"), reply("yes")], cache=tmp_path)
    connection.complete(QUESTION)
    (note,) = connection.notes()
    assert note.code is NoteCode.TEMPERATURE_DROPPED
    with connect(connection._target, cache=tmp_path) as again:
        assert again.complete(QUESTION).cached
        assert again.notes() == (note,)
    assert len(server.requests) == 2


@pytest.mark.parametrize("damage", ["garbage", "truncated", "header"])
def test_a_corrupt_file_is_made_anew(damage: str, tmp_path: Path) -> None:
    cache = opened(tmp_path)
    for number in range(200):
        cache.put(f"k{number}", Reply("x" * 500))
    cache.close()
    path = tmp_path / NAME
    whole = path.read_bytes()
    path.write_bytes(
        {"garbage": b"no database " * 1_000, "truncated": whole[: len(whole) // 3], "header": whole[:100]}[damage]
    )
    cache = opened(tmp_path)
    for number in range(200):  # some damage shows only where it is read
        cache.get(f"k{number}")
    cache.put("k", Reply("new"))
    cache.put("k", Reply("new"))
    kept = cache.get("k")
    assert kept is not None
    assert kept.reply.text == "new"
    assert cache.notes() == ()
    cache.close()
    assert [file.name for file in tmp_path.glob("*.corrupt")] == ["replies-1.corrupt"]


def test_a_value_that_is_no_reply_is_a_miss(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    with sqlite3.connect(tmp_path / NAME) as database:
        for name, value in (("a", "no json"), ("b", "{}"), ("c", "[]")):
            database.execute("INSERT INTO replies VALUES (?, ?, 1, 1e12)", (name, value))
    database.close()
    assert [cache.get(name) for name in "abc"] == [None] * 3
    cache.close()


def test_no_directory_no_cache_but_a_note(ask: Callable[..., Any], tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    connection, server = ask(reply("yes"), cache=in_the_way / "cache")
    assert [connection.complete(QUESTION).text for _ in range(2)] == ["yes", "yes"]
    assert len(server.requests) == 2
    (note,) = connection.notes()
    assert note.code is NoteCode.CACHE_UNAVAILABLE
    assert "REVIEWER_CACHE_DIR" in note.message


def test_a_directory_in_the_file_s_place(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    cache = opened(tmp_path)
    cache.put("k", Reply("x"))
    assert cache.get("k") is None
    assert len(cache.notes()) == 1
    cache.close()


def test_a_file_of_another_make_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as database:
        database.execute("CREATE TABLE replies (other TEXT)")
    database.close()
    cache = opened(tmp_path)
    assert cache.get("k") is None
    assert len(cache.notes()) == 1


def test_a_corrupt_file_that_cannot_be_moved(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database " * 1_000)
    (tmp_path / "replies-1.corrupt").mkdir()
    cache = opened(tmp_path)
    assert cache.get("k") is None
    assert len(cache.notes()) == 1


def test_a_busy_file_is_a_miss_and_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.keptfile.BUSY_SECONDS", 0.01)
    cache = opened(tmp_path)
    other = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    cache.put("k", Reply("x"))
    other.execute("ROLLBACK")
    other.close()
    assert cache.get("k") is None
    cache.put("k", Reply("x"))
    assert cache.get("k") is not None
    assert cache.notes() == ()
    cache.close()
    cache.put("k", Reply("x"))
    assert cache.get("k") is None


def test_old_replies_go(tmp_path: Path) -> None:
    cache = opened(tmp_path, now=1_000.0)
    cache.put("old", Reply("x"))
    cache.close()
    cache = opened(tmp_path, now=1_000.0 + MAX_AGE - 1)
    cache.put("new", Reply("x"))
    assert cache.get("old") is not None
    cache.close()
    cache = opened(tmp_path, now=1_000.0 + MAX_AGE + 1)
    assert cache.get("old") is None
    assert cache.get("new") is not None
    cache.close()


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    for minute in range(100):
        cache = opened(tmp_path, now=60.0 * minute)
        cache.put(f"k{minute:02}", Reply("x" * 10_000))
        cache.close()
    small = opened(tmp_path, now=6_000.0, max_bytes=400_000)
    kept = [minute for minute in range(100) if small.get(f"k{minute:02}")]
    assert 25 <= len(kept) <= 30  # three quarters of 40
    assert kept == list(range(100))[-len(kept) :]
    small.close()
    again = opened(tmp_path, now=6_000.0, max_bytes=400_000)
    assert [minute for minute in range(100) if again.get(f"k{minute:02}")] == kept
    again.close()


def test_sixteen_threads(tmp_path: Path) -> None:
    cache = opened(tmp_path)

    def work(name: str) -> None:
        for number in range(20):
            cache.put(f"{name}{number}", Reply(name))
            kept = cache.get(f"{name}{number}")
            assert kept is not None
            assert kept.reply.text == name

    threads = [threading.Thread(target=work, args=(f"t{n}-",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.notes() == ()
    assert sum(cache.get(f"t{n}-{number}") is not None for n in range(16) for number in range(20)) == 320
    cache.close()


PROGRAM = """
import sys
from pathlib import Path
from reviewer.messages import Message
from reviewer.model.connect import connect
from reviewer.model.dialects import aim
with connect(aim("openai", sys.argv[1]), cache=Path(sys.argv[2])) as model:
    replies = [model.complete((Message("user", f"question {n}"),)) for n in range(40)]
print(sum(r.cached for r in replies), len(model.notes()))
"""


def test_two_processes_at_once(tmp_path: Path) -> None:
    with ModelServer(reply("yes")) as server:
        command = [sys.executable, "-c", PROGRAM, f"{server.url}/v1", str(tmp_path)]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [process.communicate(timeout=60)[0].split() for process in both]
        assert [process.returncode for process in both] == [0, 0]
        cached = sum(int(words[0]) for words in said)
        assert [words[1] for words in said] == ["0", "0"]
        assert len(server.requests) + cached == 80
        third = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        assert third.stdout.split() == ["40", "0"]
