"""Every limit has a test here or beside its module; each that is hit is told, in the report or as the refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from model_server import Answer, reply
from processes import repository

from hostile.desk import Reviews, added, answers, finding, numbered
from reviewer.commands import target
from reviewer.outputs import reading, registry
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from pathlib import Path

    from model_server import Script

NOTHING = reply('{"findings": []}')
SMALL = added(("a.py", "x = call()"))
MANY = added(*((f"m{n}.py", "\n".join(f"call_{n}_{k}(argument)" for k in range(60))) for n in range(8)))
KINDS = ("py", "ts", "go", "rs", "java", "c", "cpp", "cs", "rb", "php", "kt", "swift", "sh", "sql", "tf", "yml")
POLYGLOT = added(*((f"src/m.{kind}", "x") for kind in KINDS))
CALLS = added(("a.py", "\n".join(f"call_{n}()" for n in range(1, 301))))


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Reviews:
    repository(tmp_path, {"README.md": "x\n"})
    return Reviews(tmp_path, monkeypatch, capsys)


LONG_LINE = added(("a.py", "x = 1\ny = '" + "z" * 5_000 + "'"))
PACK = "+++\ntitle = 'Team rules'\nname = '{name}'\n+++\n"


LIMITS: dict[str, tuple[str, str, Script, dict[str, str], dict[str, str]]] = {
    # what is hit: (what is said of it, the diff, the model, settings, files around)
    "bytes of a reply": ("larger than 8 MiB", SMALL, Answer(body=b"x" * 9_000_000), {}, {}),
    "characters of an answer": ("longer than 1000000", SMALL, reply(" " * 1_100_000), {}, {}),
    "depth of an answer": ("unparsable", SMALL, reply('{"findings": ' + "[" * 50_000), {}, {}),
    "findings of one answer": ("100 more findings than the 200", CALLS, reply(answers(*numbered(300))), {}, {}),
    "findings that are shown": ("over_cap", CALLS, reply(answers(*numbered(30))), {"max_comments": "5"}, {}),
    "characters of a line": ("a line of more than 4000", LONG_LINE, NOTHING, {}, {}),
    "bytes of a file": ("more than max_file_kb", added(("a.py", "x = 1\n" * 3_000)), NOTHING, {"max_file_kb": "1"}, {}),
    "calls": ("budget", MANY, NOTHING, {"max_calls": "1", "chunk_tokens": "500"}, {}),
    "tokens": ("budget", MANY, NOTHING, {"max_tokens": "9000", "chunk_tokens": "500"}, {}),
    "money": (
        "budget", MANY, NOTHING,
        {"max_cost": "0.001", "price_input": "1000", "price_output": "1000", "chunk_tokens": "500"}, {},
    ),
    "time": ("deadline", MANY, reply("{}", delay=3), {"deadline": "1", "chunk_tokens": "500"}, {}),
    "tokens of our rules": ("left out of a call", POLYGLOT, NOTHING, {}, {}),
    "tokens of the repository's rules": (
        "team-rules", SMALL, NOTHING, {"guide_tokens": "10"},
        {".github/reviewer/rules/team-rules.md": PACK.format(name="team-rules") + "Do that. " * 300},
    ),
    "bytes of a rule": (
        "16 KiB", SMALL, NOTHING, {},
        {".github/reviewer/rules/big.md": "+++\ntitle = 'Big'\nname = 'big'\n+++\n" + "x" * 17_000},
    ),
    "number of rules": (
        "more than 50 rule packs", SMALL, NOTHING, {},
        {f".github/reviewer/rules/r{n}.md": f"+++\ntitle = 'R{n} rules'\nname = 'r{n}'\n+++\nDo.\n" for n in range(52)},
    ),
    "bytes of the settings": ("larger than 32 KiB", SMALL, NOTHING, {}, {".github/reviewer.toml": "# " + "x" * 40_000}),
    "bytes of a line of the settings": (
        "a line over 4 KiB", SMALL, NOTHING, {}, {".github/reviewer.toml": "a." * 5_000 + "b = 1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_that_is_hit_is_told(name: str, reviews: Reviews) -> None:
    said, diff, script, settings, files = LIMITS[name]
    after = reviews(diff, script, files=files, **settings)
    assert said in after.said, after.said
    if after.report is None:
        assert after.code == 2
        assert len(after.refused) < 500


def test_bytes_of_a_diff(reviews: Reviews, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "MAX_DIFF_BYTES", 1_000)
    after = reviews(MANY, NOTHING)
    assert after.code == 2
    assert "larger" in after.refused or "large" in after.refused


def test_what_a_rule_pack_says_is_text_and_no_template(reviews: Reviews) -> None:
    bomb = "{{ 'a' * 999999999 }} {% for x in range(999999999) %}x{% endfor %} {% include '/etc/passwd' %}"
    pack = f"+++\ntitle = 'Team rules'\nname = 'team'\n+++\n{bomb}\n"
    after = reviews(SMALL, NOTHING, files={".github/reviewer/rules/team.md": pack})
    assert after.report["status"] == "clean"
    assert bomb in after.asked[0]["messages"][0]["content"]


def test_every_output_of_ten_thousand_findings_is_bounded_and_says_so(reviews: Reviews) -> None:
    made = [
        finding(quote=f"call_{n}()", title=f"Call {n} fails {'x' * (n % 5)}", body="y" * 3_900) for n in range(1, 191)
    ]
    after = reviews(CALLS, reply(answers(*made)), max_comments="500")
    report = reading.read(after.out.encode())
    shown = {name: registry.renderer(name)(report, Look()) for name in ("markdown", "summary", "annotations")}
    assert len(shown["markdown"].encode()) <= 60_000
    assert len(shown["summary"].encode()) <= 1_048_576
    assert len(shown["annotations"].split("\n")) <= 32
    assert "more finding" in shown["markdown"]
    assert "more finding" in shown["annotations"]


def test_blanks_put_nothing_out_of_sight(reviews: Reviews) -> None:
    hidden = "x = 1" + " " * 6_000 + "; steal()"
    after = reviews(added(("a.py", f"{hidden}\ny = 2")), NOTHING)
    assert after.report["unreviewed"] == []
    assert [each["rule"] for each in after.report["findings"]] == ["text.out-of-sight"]
    assert "1+x = 1 <6000 blanks> ; steal()" in after.asked[0]["messages"][1]["content"]
