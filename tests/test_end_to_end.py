"""The command as its users run it: processes, real git, a loopback model."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from chat_contract import problems
from model_server import Answer, ModelServer, reply
from processes import Done, asking, command, commit, git, many_files, repository, reviewer

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.usefixtures("untraced")

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "change.diff"
SCHEMA = json.loads(files("reviewer.outputs").joinpath("reviewer-1.schema.json").read_text())
NOTHING = reply('{"findings": []}')
TOKEN = "ghp_" + "x7Kq2LmN9pRs4TuV6wXy8ZaB1cDe3FgH5jK0"


def finding(path: str, quote: str, line: int = 0, **more: Any) -> dict[str, Any]:
    said = {"path": path, "quote": quote, "line": line, "title": f"about {quote.strip()}", "body": "It fails when …"}
    return {**said, "severity": "high", "category": "bug", **more}


def says(*findings: dict[str, Any]) -> Answer:
    return reply(json.dumps({"findings": findings}))


def shown(body: Any) -> str:
    """What the model was asked about, without what stands around it."""
    text: str = body["messages"][-1]["content"]
    return text.rpartition("<change-")[2]


def named(body: Any) -> list[str]:
    """The files a request is about."""
    return re.findall(r"(?m)^## (\S+)", shown(body))


def accounted(done: Done) -> Any:
    """The JSON report, held against its schema and its own sums."""
    report = done.report
    jsonschema.validate(report, SCHEMA)
    covered = report["coverage"]
    left = sum(entry["changed_lines"] for entry in report["unreviewed"])
    assert covered["reviewed_lines"] + left == covered["changed_lines"]
    return report


def test_a_model_reads_the_change_and_its_words_land_on_the_right_lines() -> None:
    answer = says(
        finding("shop/orders.py", '    ledger.append({"order": order["id"], "amount": -amount})', 3),
        finding(
            "web/deploy.go", "return &http.Client{Transport: &http.Transport{TLSClientConfig: config}}", severity="low"
        ),
        finding("shop/orders.py", "this line is nowhere in the change at all", 2, title="nowhere"),
        finding("other/file.py", "x", title="elsewhere"),
    )
    with ModelServer(answer) as server:
        done = reviewer("review", EXAMPLE, "--format", "json", "--fail-on", "high", variables=asking(server.url))
        assert [problem for request in server.requests for problem in problems(request)] == []
    report = accounted(done)
    assert (done.code, report["status"]) == (1, "findings")
    placed = {(f["path"], f["start_line"], f["side"]) for f in report["findings"] if f["origin"] == "model"}
    assert placed == {("shop/orders.py", 15, "new"), ("web/deploy.go", 11, "new"), ("shop/orders.py", None, "new")}
    assert [(drop["path"], drop["reason"]) for drop in report["dropped"]] == [("other/file.py", "outside_change")]
    assert report["usage"]["calls"] == 1
    assert report["usage"]["model"]
    assert {f["origin"] for f in report["findings"]} == {"model", "check"}


def test_the_same_review_again_asks_nobody_and_says_so() -> None:
    with ModelServer(says(finding("shop/orders.py", "except:"))) as server:
        first = reviewer("review", EXAMPLE, "--format", "json", variables=asking(server.url))
        second = reviewer("review", EXAMPLE, "--format", "json", variables=asking(server.url))
        third = reviewer("review", EXAMPLE, "--format", "json", "--no-cache", variables=asking(server.url))
        assert len(server.requests) == 2
    assert first.report["findings"] == second.report["findings"] == third.report["findings"]
    assert second.report["usage"]["calls"] == 0
    assert second.report["usage"]["cached_calls"] == 1
    assert "all_cached" in [note["code"] for note in second.report["notes"]]


def test_no_key_means_the_checks_alone_said_plainly() -> None:
    done = reviewer("review", EXAMPLE)
    assert done.code == 0
    assert "no model was asked" in done.out
    assert "SEGMIND_API_KEY" in done.out
    assert "shop/orders.py:30-31" in done.out
    assert done.err == "reviewer: reviewing 5 changed files\n"


def test_a_server_that_is_killed_mid_run_costs_only_what_it_did_not_answer(tmp_path: Path) -> None:
    diff = many_files(tmp_path)
    answered: list[str] = []
    gate = threading.Lock()

    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        with gate:
            if len(answered) == 4:
                threading.Thread(target=server.close).start()
                return Answer(hang=True)
            answered.extend(named(body))
        return says(
            *(finding(path, "value_7 = compute(7, 'some text to fill the line with')", 8) for path in named(body))
        )

    with ModelServer(answer) as server:
        done = reviewer(
            "review",
            diff,
            "--format",
            "json",
            "--chunk-tokens",
            "700",
            "--concurrency",
            "2",
            variables=asking(server.url),
        )
    report = accounted(done)
    assert (done.code, report["status"]) == (3, "incomplete")
    assert {f["path"] for f in report["findings"]} == set(answered)
    assert {f["start_line"] for f in report["findings"]} == {9}
    assert {entry["reason"] for entry in report["unreviewed"]} == {"model_error"}
    assert len(report["unreviewed"]) == 12 - len(answered)


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (Answer(401, {"error": "bad key"}), "model_error", "REVIEWER_API_KEY"),
        (Answer(404, {"error": "no such model"}), "model_error", "choose another with REVIEWER_MODEL"),
        (Answer(200, "<html>hello</html>", {"Content-Type": "text/html"}), "model_error", ""),
        (Answer(307, "", {"Location": "http://127.0.0.1:9/"}), "model_error", "redirects"),
        (reply("I would rather not."), "unparsable", "not the JSON it was asked for, twice"),
        (reply("", finish="content_filter"), "provider_refused", "content filter"),
    ],
)
def test_a_server_of_no_use_is_a_failed_review_that_says_what_to_do(answer: Answer, reason: str, words: str) -> None:
    with ModelServer(answer) as server:
        done = reviewer("review", EXAMPLE, "--format", "json", variables=asking(server.url))
    report = accounted(done)
    assert (done.code, report["status"]) == (3, "failed")
    losses = [entry for entry in report["unreviewed"] if entry["class"] == "loss"]
    assert {entry["reason"] for entry in losses} == {reason}
    assert all(words in entry["detail"] for entry in losses)
    assert [f for f in report["findings"] if f["origin"] == "check"]


def test_no_server_at_all() -> None:
    with ModelServer(NOTHING) as server:
        url = server.url
    done = reviewer("review", EXAMPLE, variables=asking(url))
    assert done.code == 3
    assert "failed: " in done.out
    assert url.removeprefix("http://") in done.out


def test_nonsense_for_one_chunk_keeps_the_others(tmp_path: Path) -> None:
    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        return reply("no JSON today") if "## module3/part3.py" in str(body) else NOTHING

    with ModelServer(answer) as server:
        done = reviewer(
            "review", many_files(tmp_path), "--format", "json", "--chunk-tokens", "700", variables=asking(server.url)
        )
    report = accounted(done)
    assert (done.code, report["status"]) == (3, "incomplete")
    assert [(entry["path"], entry["reason"]) for entry in report["unreviewed"]] == [("module3/part3.py", "unparsable")]


def test_broken_json_is_repaired_once() -> None:
    good = json.dumps({"findings": [finding("shop/orders.py", "except:")]})

    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        return reply(good) if len(body["messages"]) > 2 else reply(good[:-3])

    with ModelServer(answer) as server:
        report = accounted(reviewer("review", EXAMPLE, "--format", "json", variables=asking(server.url)))
        assert len(server.requests) == 2
    assert report["status"] == "findings"
    assert "reply_repaired" in [note["code"] for note in report["notes"]]


def test_an_answer_that_is_cut_off_is_asked_for_in_parts(tmp_path: Path) -> None:
    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        long = len(named(body)) > 1
        return reply('{"findings": [', finish="length") if long else says(finding(named(body)[0], "number = "))

    with ModelServer(answer) as server:
        report = accounted(
            reviewer("review", many_files(tmp_path, 4), "--format", "json", variables=asking(server.url))
        )
        assert len(server.requests) == 7
    assert report["status"] == "findings"
    assert len({f["path"] for f in report["findings"]}) == 4


@pytest.mark.parametrize(
    ("flag", "value", "reason"), [("--max-calls", "3", "budget"), ("--max-tokens", "9000", "budget")]
)
def test_a_cap_leaves_the_rest_unreviewed(flag: str, value: str, reason: str, tmp_path: Path) -> None:
    with ModelServer(NOTHING) as server:
        arguments = ["review", str(many_files(tmp_path)), "--format", "json", "--chunk-tokens", "700", flag, value]
        done = reviewer(*arguments, variables=asking(server.url))
        allowed = reviewer(*arguments, "--allow-incomplete", "--no-cache", variables=asking(server.url))
        assert 0 < len(server.requests) <= 6
    report = accounted(done)
    assert (done.code, report["status"]) == (3, "incomplete")
    assert {entry["reason"] for entry in report["unreviewed"]} == {reason}
    assert (allowed.code, allowed.report["status"]) == (0, "incomplete")


def test_the_deadline_ends_a_review_that_hangs(tmp_path: Path) -> None:
    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        return Answer(hang=True) if "## module1/" in str(body) else NOTHING

    with ModelServer(answer) as server:
        done = reviewer(
            "review", many_files(tmp_path), "--format", "json", "--chunk-tokens", "700", "--deadline", "2",
            variables=asking(server.url),
        )  # fmt: skip
    report = accounted(done)
    assert (done.code, report["status"]) == (3, "incomplete")
    assert {entry["reason"] for entry in report["unreviewed"]} <= {"deadline", "timeout"}
    assert report["coverage"]["reviewed_files"] == 11


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_prints_what_was_found(number: signal.Signals, code: int, tmp_path: Path) -> None:
    waiting = threading.Event()

    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        if "## module5/" in str(body):
            waiting.set()
            return Answer(hang=True)
        return says(*(finding(path, "value_7 = compute(7, 'some text to fill the line with')") for path in named(body)))

    with ModelServer(answer) as server:
        process = subprocess.Popen(
            command("review", many_files(tmp_path), "--format", "json", "--chunk-tokens", "700", "--concurrency", "1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **asking(server.url)},
        )
        assert waiting.wait(30)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    report = accounted(Done(process.returncode, out.decode(), err.decode()))
    assert (process.returncode, report["status"]) == (code, "incomplete")
    assert report["findings"]
    assert {entry["reason"] for entry in report["unreviewed"]} == {"interrupted"}
    assert [note["data"] for note in report["notes"] if note["code"] == "interrupted"] == [{"exit_code": code}]


def test_a_secret_reaches_neither_the_server_nor_the_cache_nor_the_report(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a.py": "x = 1\n"})
    commit(root, {"a.py": f'x = 1\nTOKEN = "{TOKEN}"\n'})

    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        return says(finding("a.py", shown(body).split("2+")[1].split("\n")[0], 2))

    with ModelServer(answer) as server:
        done = reviewer("review", "HEAD", cwd=root, variables=asking(server.url))
        as_json = reviewer("review", "HEAD", "--format", "json", cwd=root, variables=asking(server.url))
        sent = str([request.content for request in server.requests])
    assert "[REDACTED" in sent
    cache = b"".join(path.read_bytes() for path in Path(os.environ["HOME"]).rglob("*") if path.is_file())
    assert len(cache) > 1_000
    for place in (sent, done.out, done.err, as_json.out, as_json.err, cache.decode(errors="replace")):
        assert TOKEN not in place
    report = as_json.report
    assert [note["data"] for note in report["notes"] if note["code"] == "redacted"] == [{"count": 1}]
    assert any(f["origin"] == "check" and f["start_line"] == 2 for f in report["findings"])


def test_skipping_a_check_does_not_send_what_it_finds(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a.py": "x = 1\n"})
    commit(root, {"a.py": f'x = 1\nTOKEN = "{TOKEN}"\n'})
    (root / ".github").mkdir()
    skipped = 'skip_checks = ["secrets.github-token", "secrets.assigned-token"]\n'
    (root / ".github" / "reviewer.toml").write_text(skipped)
    with ModelServer(NOTHING) as server:
        done = reviewer("review", "HEAD", "--format", "json", cwd=root, variables=asking(server.url))
        assert TOKEN not in str([request.content for request in server.requests])
    assert (done.code, done.report["findings"]) == (0, [])


def test_an_interrupt_keeps_what_the_checks_found() -> None:
    waiting = threading.Event()

    def answer(_: Any, __: Mapping[str, str]) -> Answer:
        waiting.set()
        return Answer(hang=True)

    with ModelServer(answer) as server:
        line = command("review", EXAMPLE, "--format", "json")
        process = subprocess.Popen(line, stdout=subprocess.PIPE, env={**os.environ, **asking(server.url)})
        assert waiting.wait(30)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    report = accounted(Done(process.returncode, out.decode(), ""))
    assert (process.returncode, report["status"]) == (130, "failed")
    assert len(report["findings"]) == 6


def test_the_key_is_nowhere_but_in_the_header() -> None:
    with ModelServer(Answer(500, {"error": "sk-reviewer-test-0123456789 is not welcome"})) as server:
        done = reviewer("review", EXAMPLE, "--timeout", "5", variables=asking(server.url))
        assert server.requests[0].headers["authorization"] == "Bearer sk-reviewer-test-0123456789"
        assert all(b"sk-reviewer" not in request.content for request in server.requests)
    assert "sk-reviewer" not in done.out + done.err


def test_what_the_model_says_cannot_steer_the_terminal_or_the_log() -> None:
    hostile = "\x1b]0;x\x07\x1b[31m \u202e ::error::pwned ##[error]pwned"
    said = finding("shop/orders.py", "except:", title=hostile, body=f"a\n::error::{hostile}")
    with ModelServer(says(said)) as server:
        done = reviewer("review", EXAMPLE, variables=asking(server.url))
        as_json = reviewer("review", EXAMPLE, "--format", "json", variables=asking(server.url))
    for out in (done.out + done.err, as_json.out + as_json.err):
        assert not set("\x1b\x07\u202e") & set(out)
        assert not re.search(r"(?m)^\s*::|##\[", out)
    assert any("##[error]" in f["title"] for f in as_json.report["findings"])


def test_its_own_reports_are_no_part_of_the_work_tree(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a.py": "x = 1\n"})
    (root / "b.py").write_text("breakpoint()\n")
    (root / "out").mkdir()
    words = ["review", "--format", "json", "--output", "out/é.json", "--output", str(tmp_path / "elsewhere.html")]
    first, second = (accounted(reviewer(*words, cwd=root)) for _ in range(2))
    assert second["findings"] == first["findings"]
    assert second["coverage"]["changed_lines"] == 1
    assert not first["unreviewed"]
    assert [(each["path"], each["reason"]) for each in second["unreviewed"]] == [("out/é.json", "ignored")]


def test_the_work_tree_a_range_a_commit_and_standard_input(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a.py": "x = 1\n"})
    git(root, "checkout", "-q", "-b", "topic")
    first = commit(root, {"a.py": "x = 1\nbreakpoint()\n"})
    commit(root, {"b.py": "breakpoint()\n"})
    (root / "new file.py").write_text("import pdb; pdb.set_trace()\n")

    def places(*arguments: str, stdin: bytes = b"") -> list[str]:
        report = accounted(reviewer("review", *arguments, "--format", "json", cwd=root, stdin=stdin))
        return sorted(f"{f['path']}:{f['start_line']}" for f in report["findings"])

    assert places() == ["a.py:2", "b.py:1", "new file.py:1"]
    assert places("main...HEAD") == ["a.py:2", "b.py:1"]
    assert places("HEAD") == ["b.py:1"]
    assert places(first) == ["a.py:2"]
    assert places("-", stdin=git(root, "diff", "main").encode() + b"\n") == ["a.py:2", "b.py:1"]
    assert reviewer("review", "HEAD", "--format", "json", cwd=root).report["head"] == git(root, "rev-parse", "HEAD")


def test_what_is_staged(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a.py": "x = 1\n", "b.py": "x = 1\n"})
    (root / "a.py").write_text("x = 1\nbreakpoint()\n")
    git(root, "add", "a.py")
    (root / "a.py").write_text("x = 1\n")
    (root / "b.py").write_text("breakpoint()\n")
    done = reviewer("review", "--staged", "--format", "json", "--fail-on", "low", cwd=root)
    report = accounted(done)
    assert (done.code, report["head"]) == (1, None)
    assert [(f["path"], f["start_line"]) for f in report["findings"]] == [("a.py", 2)]
    assert reviewer("review", "--staged", cwd=tmp_path).code == 2


@pytest.mark.parametrize("stdin", [b"", b"\n\n"])
def test_nothing_to_review(stdin: bytes) -> None:
    done = reviewer("review", "-", stdin=stdin)
    assert (done.code, done.err) == (0, "")
    assert "nothing to review" in done.out
    assert "clean: no findings" in done.out


def test_a_clean_work_tree(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a.py": "x = 1\n"})
    done = reviewer("review", cwd=root)
    assert (done.code, "nothing to review" in done.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "stdin", "variables", "message"),
    [
        (["-"], b"hello\n", {}, "is no diff"),
        (["missing.diff"], b"", {}, "there is no file missing.diff"),
        (["o/r#12"], b"", {}, "GitHub needs a token: set GITHUB_TOKEN"),
        (["https://github.com/o/r"], b"", {}, "is no address of a pull request"),
        (["-", "--post"], b"", {}, "--post is for pull requests"),
        (["-", "--full"], b"", {}, "--full is for pull requests"),
        (["-", "--max-cost", "1"], b"", {"SEGMIND_API_KEY": "k"}, "REVIEWER_PRICE_INPUT"),
        (["-", "--price-input", "1"], b"", {"SEGMIND_API_KEY": "k"}, "set both REVIEWER_PRICE_INPUT and"),
        (["-", "--model", "x"], b"", {}, "its key is missing: set SEGMIND_API_KEY"),
        (["-", "--model", "x", "--no-model"], b"", {}, "--no-model and --model contradict each other"),
        (["-", "--ignore", "[z-a"], b"", {}, "ignore: '[z-a' is no valid glob"),
        (["-", "--skip-checks", "nope"], b"", {}, "skip_checks names 'nope', which there is not"),
        (["-", "--skip-rules", "nope"], b"", {}, "skip_rules names 'nope', which there is not"),
        (["-", "--chunk-tokens", "3"], b"", {}, "--chunk-tokens: input should be greater than or equal to 500"),
        (["-"], b"", {"REVIEWER_MAX_COMENTS": "3"}, "did you mean REVIEWER_MAX_COMMENTS"),
        (["-"], b"", {"REVIEWER_BASE_URL": "nonsense"}, "REVIEWER_BASE_URL is no http or https address"),
        (["-", "--output", "x.xml"], b"", {}, "its suffix names no format"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    arguments: list[str], stdin: bytes, variables: dict[str, str], message: str, tmp_path: Path
) -> None:
    done = reviewer("review", *arguments, cwd=tmp_path, stdin=stdin, variables=variables)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_the_repository_file_is_the_teams_word(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a.py": "x = 1\n"})
    commit(root, {"a.py": "breakpoint()\n", "docs/b.py": "breakpoint()\n"})
    file = root / ".github" / "reviewer.toml"
    file.parent.mkdir()
    file.write_text('ignore = ["docs/**"]\nfail_on = "low"\n')
    done = reviewer("review", "HEAD", "--format", "json", cwd=root / ".github")
    report = accounted(done)
    assert (done.code, [f["path"] for f in report["findings"]]) == (1, ["a.py"])
    assert report["policy_source"] == ".github/reviewer.toml in the working copy"
    assert [(entry["path"], entry["reason"]) for entry in report["unreviewed"]] == [("docs/b.py", "ignored")]
    file.write_text('model = "x"\n')
    done = reviewer("review", "HEAD", cwd=root)
    assert (done.code, "sets model, which a repository must not" in done.err) == (2, True)


def test_reports_go_to_files_too(tmp_path: Path) -> None:
    outputs = ["--output", str(tmp_path / "a.json"), "--output", f"text={tmp_path / 'b'}"]
    done = reviewer("review", EXAMPLE, "--quiet", *outputs)
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "b").read_text() == done.out
    jsonschema.validate(json.loads((tmp_path / "a.json").read_text()), SCHEMA)


def test_one_bad_file_does_not_lose_the_others() -> None:
    text = EXAMPLE.read_text().replace("@@ -9,12 +9,23 @@", "@@ -9,12 +9,99 @@")
    report = accounted(reviewer("review", "-", "--format", "json", stdin=text.encode()))
    assert report["status"] == "incomplete"
    losses = [entry for entry in report["unreviewed"] if entry["class"] == "loss"]
    assert [(entry["path"], entry["reason"]) for entry in losses] == [("shop/orders.py", "unparsable")]
    assert "line" in losses[0]["detail"]
    assert {f["path"] for f in report["findings"]} == {"web/deploy.go", "web/test/basket.spec.js"}


def test_two_reviews_at_once_share_one_cache(tmp_path: Path) -> None:
    diff = many_files(tmp_path)
    with ModelServer(NOTHING) as server:
        environ = {**os.environ, **asking(server.url)}
        line = command("review", diff, "--format", "json", "--chunk-tokens", "700")
        both = [subprocess.Popen(line, stdout=subprocess.PIPE, env=environ) for _ in range(2)]
        outs = [process.communicate()[0] for process in both]
    assert [json.loads(out)["status"] for out in outs] == ["clean", "clean"]
    (kept,) = Path(os.environ["HOME"]).rglob("*.sqlite")
    with sqlite3.connect(kept) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
