"""`reviewer audit` as its users run it: processes, real git, a loopback model, and SIGKILL."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from audits import SMALL, Stalling, shop
from model_server import ModelServer
from processes import asking, command, commit, git, repository, reviewer

from reviewer.commands import merge

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("untraced")

THREADS = 3


def what_it_says(report: Any) -> Any:
    """All but what was paid for, and what is said of that."""
    told = {key: value for key, value in report.items() if key not in ("usage", "notes")}
    return {**told, "notes": [note for note in report["notes"] if note["code"] != "all_cached"]}


def named(question: str) -> set[str]:
    """The files a question is about."""
    return set(re.findall(r"(?m)^## (\S+\.\w+)", json.loads(question)[-1]["content"]))


def audit(root: Path, server: ModelServer, *more: str, cache: Path) -> Any:
    variables = asking(server.url, concurrency=str(THREADS), cache_dir=str(cache))
    done = reviewer("audit", root, *SMALL, "--format", "json", *more, variables=variables)
    assert done.code in (0, 3), done.err
    return done.report


def killed(root: Path, server: ModelServer, model: Stalling, cache: Path) -> None:
    """Starts an audit, waits until all its requests hang, and kills it."""
    variables = asking(server.url, concurrency=str(THREADS), cache_dir=str(cache))
    process = subprocess.Popen(
        command("audit", root, *SMALL), env={**os.environ, **variables}, stdout=subprocess.DEVNULL
    )
    for _ in range(600):
        if model.hanging >= THREADS or process.poll() is not None:
            break
        time.sleep(0.05)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("files", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_killed_twice_and_resumed_it_says_the_same_and_asks_nothing_twice(tmp_path: Path, files: int) -> None:
    root = shop(tmp_path / "shop", files)
    whole = Stalling()
    with ModelServer(whole) as server:
        uninterrupted = audit(root, server, cache=tmp_path / "one")
    assert len(uninterrupted["findings"]) == len(range(0, files, 9))
    model = Stalling(limit=len(whole.answered) // 3)
    with ModelServer(model) as server:
        killed(root, server, model, tmp_path / "two")
        model.cut(len(whole.answered) // 3)
        killed(root, server, model, tmp_path / "two")
        model.cut(None)
        resumed = audit(root, server, cache=tmp_path / "two")
        again = audit(root, server, cache=tmp_path / "two")
    assert what_it_says(resumed) == what_it_says(uninterrupted)
    assert what_it_says(again) == what_it_says(uninterrupted)
    assert again["usage"]["calls"] == 0
    assert len(model.answered) == len(set(model.answered))
    assert sorted(model.answered) == sorted(whole.answered)


def test_after_a_change_only_what_its_chunk_holds_is_asked_about(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", 40)
    model = Stalling()
    with ModelServer(model) as server:
        before = audit(root, server, cache=tmp_path / "cache")
        asked = len(model.answered)
        path = root / "shop/part1/module1.py"
        commit(root, {"shop/part1/module1.py": path.read_text() + "    boom(1, 1)\n"})
        after = audit(root, server, cache=tmp_path / "cache")
    assert asked > 10
    (held,) = (files for files in map(named, model.answered[:asked]) if "shop/part1/module1.py" in files)
    assert {file for question in model.answered[asked:] for file in named(question)} == held
    assert len(after["findings"]) == len(before["findings"]) + 1
    assert after["coverage"]["changed_lines"] == before["coverage"]["changed_lines"] + 1
    assert after["coverage"]["reviewed_lines"] == after["coverage"]["changed_lines"] - 1  # the lock file


def test_what_a_change_does_to_the_others_has_nobody_read_again(tmp_path: Path) -> None:
    """Their context is another one now, and so is the order: what was said of them stands all the same."""
    files = {f"shop/part{n % 7}/module{n}.py": using(n, (n + 1) % 30) for n in range(30)}
    root = repository(tmp_path / "shop", files)
    model = Stalling()
    few = ("--chunk-tokens", "500", "--guide-tokens", "0", "--context-tokens", "2000")
    with ModelServer(model) as server:
        before = audit(root, server, *few, cache=tmp_path / "cache")
        asked = list(model.answered)
        again = audit(root, server, *few, cache=tmp_path / "other")
        prompts = model.answered[len(asked) :]
        changed = "shop/part1/module1.py"
        text = (root / changed).read_text().replace("def total_1(", "def total_1(first, ")
        for _ in range(3):
            text += "    # again\n"
            commit(root, {changed: text})
        after = audit(root, server, *few, cache=tmp_path / "cache")
        last = audit(root, server, *few, cache=tmp_path / "cache")
    assert sorted(prompts) == sorted(asked)  # the same tree, the same prompts, whoever was quicker
    assert again["findings"] == before["findings"]
    assert all("[definition] shop/" in question for question in asked)
    (held,) = (files for files in map(named, asked) if changed in files)
    assert {file for question in model.answered[2 * len(asked) :] for file in named(question)} == held
    assert after["usage"]["calls"] == 1 < len(asked) // 4
    assert last["usage"]["calls"] == 0


def using(n: int, other: int) -> str:
    """A module that uses what another one defines."""
    body = "".join(f"    total = total + total_{other}(price_{n}_{line}, quantity)\n" for line in range(6))
    head = f"from shop.part{other % 7}.module{other} import total_{other}\n\n\n"
    return f"{head}def total_{n}(total, quantity):\n{body}    return total\n"


def test_four_shards_make_the_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = shop(tmp_path / "shop", 60)
    (root / "link.py").symlink_to("README.md")
    commit(root, {".github/reviewer-baseline.toml": 'schema = "reviewer-baseline/1"\n'})
    with ModelServer(Stalling()) as server:
        whole = audit(root, server, cache=tmp_path / "cache")
        for n in range(1, 5):
            part = audit(root, server, "--shard", f"{n}/4", cache=tmp_path / "cache")
            (tmp_path / f"{n}.json").write_text(json.dumps(part))
            assert part["coverage"]["files"] < whole["coverage"]["files"] / 2
    merge.run([*(str(tmp_path / f"{n}.json") for n in range(1, 5)), "--format", "json", "--group"])
    merged = json.loads(capsys.readouterr().out)
    assert merged["notes"].pop()["message"] == "these are all 4 parts"
    assert what_it_says(merged) == what_it_says(whole)


def test_a_cap_spends_first_where_it_matters_and_lists_the_rest(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", 60)
    for n in range(5):
        commit(root, {"shop/part3/module59.py": f"def hot():\n    boom({n})\n"})
    with ModelServer(Stalling()) as server:
        variables = asking(server.url, concurrency="1", cache_dir=str(tmp_path / "cache"))
        capped = reviewer("audit", root, *SMALL, "--format", "json", "--max-calls", "1", variables=variables)
        forgiven = reviewer("audit", root, *SMALL, "--max-calls", "0", "--allow-incomplete", variables=variables)
        rest = reviewer("audit", root, *SMALL, "--format", "json", variables=variables)
    assert (capped.code, capped.report["status"], forgiven.code) == (3, "incomplete", 0)
    assert "shop/part3/module59.py" in [each["path"] for each in capped.report["findings"]]
    left = [each for each in capped.report["unreviewed"] if each["reason"] == "budget"]
    assert capped.report["usage"]["calls"] == 1
    assert sum(each["changed_lines"] for each in left) > 100
    assert rest.report["status"] == "findings"


def test_a_plan_sends_nothing_and_keeps_nothing(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", 20)
    with ModelServer(Stalling()) as server:
        variables = asking(server.url, cache_dir=str(tmp_path / "cache"), price_input="1", price_output="1")
        planned = reviewer("audit", root, *SMALL, "--plan", "--format", "json", variables=variables)
        assert server.requests == []
        done = reviewer("audit", root, *SMALL, "--format", "json", variables=variables)
        about_the_whole = sum("kind" in body["messages"][0]["content"] for body in server.bodies)
        assert (planned.report["requests"], about_the_whole) == (len(server.requests) - 1, 1)
        bound = planned.report["at_most"]
        assert (planned.report["overview_requests"], bound["requests"]) == (4, planned.report["requests"] + 4)
        assert bound["cost_usd"] > planned.report["cost_usd"]
        assert bound["cost_usd"] >= done.report["usage"]["cost_usd"]
        part = reviewer("audit", root, *SMALL, "--plan", "--shard", "1/2", "--format", "json", variables=variables)
        assert part.report["overview_requests"] == 0
        assert done.report["usage"]["calls"] == len(server.requests)
        over = reviewer("audit", root, *SMALL, "--plan", variables=variables)
    assert "nothing would be sent" in over.out
    assert planned.report["cost_usd"] > 0


def test_a_bare_repository_and_a_commit_of_a_work_tree(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", 12)
    head = git(root, "rev-parse", "HEAD")
    git(tmp_path, "clone", "-q", "--bare", str(root), "bare.git")
    (root / "shop" / "junk.py").write_text("x = 1\n")
    bare = reviewer("audit", tmp_path / "bare.git", "--no-model", "--quiet", "--format", "json").report
    then = reviewer("audit", root, "--commit", "HEAD", "--no-model", "--quiet", "--format", "json").report
    now = reviewer("audit", root, "--no-model", "--quiet", "--format", "json").report
    assert bare == then
    assert bare["head"] == head
    assert now["coverage"]["files"] == then["coverage"]["files"] + 1
