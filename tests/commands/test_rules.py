"""`reviewer rules` lists the packs, `reviewer rules check` holds the repository's own to the rules for rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from processes import commit, git, repository, reviewer
from risky import TARGET, connection, opened

from reviewer.commands import rules
from reviewer.errors import Misuse
from reviewer.rules import own
from reviewer.rules.packs import shipped

if TYPE_CHECKING:
    from pathlib import Path

F = own.FOLDER
MONEY = '+++\nname = "money"\npaths = ["/shop/"]\nlanguages = ["go"]\nseverity = "high"\n+++\n- Money is cents.\n'
NO_SQL = '+++\nname = "sql"\nenabled = false\n+++\n'
PYTHON = '+++\nname = "python"\npaths = ["*.py"]\n+++\n- Our Python.\n'
FILES = {
    "shop/cart.py": "a = 1\n",
    "shop/cart.sql": "select 1;\n",
    "main.go": "package main\n",
    f"{F}/money.md": MONEY,
    f"{F}/no-sql.md": NO_SQL,
    f"{F}/python.md": PYTHON,
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = repository(tmp_path / "mine", FILES)
    monkeypatch.chdir(made / "shop")
    return made


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str, code: int = 0) -> str:
        assert rules.run(words) == code
        return capsys.readouterr().out

    return run


def rows(text: str) -> dict[str, list[str]]:
    """The lines of the list by the pack's name, of two with one name the last; cells are apart by two blanks."""
    return {
        line.split()[0]: [cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.split("\n")[:-1]
    }


@pytest.mark.usefixtures("root")
def test_the_packs_with_their_origin_cap_and_files(say: Any) -> None:
    text = say()
    listed = rows(text)
    assert listed["pack"] == ["pack", "files", "at most", "from"]
    assert listed["general"] == ["general", "6", "-", "shipped"]
    assert listed["go"] == ["go", "1", "-", "shipped"]
    assert listed["documentation"] == ["documentation", "3", "medium", "shipped"]
    assert listed["money"] == ["money", "3", "high", f"{F}/money.md"]
    assert listed["python"] == ["python", "1", "-", f"{F}/python.md"]
    lines = text.split("\n")
    assert any(line.startswith("python ") and f"shipped (replaced by {F}/python.md)" in line for line in lines)
    assert any(line.startswith("sql ") and f"shipped (switched off by {F}/no-sql.md)" in line for line in lines)
    assert any(line.startswith("sql ") and f"{F}/no-sql.md (switched off)" in line for line in lines)
    used = len(shipped()) - 2 + 2
    assert lines[-2] == f"{used} of {used + 3} packs are used, 6 files"


def test_settings_skip_packs_here_too(root: Path, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".github" / "reviewer.toml").write_text('skip_rules = ["money"]\n')
    assert rows(say())["money"][-1] == f"{F}/money.md (skipped by skip_rules)"
    monkeypatch.setenv("REVIEWER_SKIP_RULES", "go,mony")
    with pytest.raises(Misuse, match=r"'mony', which there is not: choose from .*money"):
        say()


def test_a_targets_packs_and_files_are_those_of_the_change(root: Path, say: Any) -> None:
    base = git(root, "rev-parse", "HEAD")
    git(root, "rm", "-q", f"{F}/no-sql.md")
    commit(root, {"shop/cart.sql": "select 2;\n", f"{F}/money.md": "head's own", "main.go": "package shop\n"})
    listed = rows(say(f"{base}..HEAD"))
    assert listed["general"][1] == "4"
    assert listed["money"] == ["money", "2", "high", f"{F}/money.md"]
    assert listed["sql"][-1] == f"{F}/no-sql.md (switched off)"
    with pytest.raises(Misuse, match=r"money\.md:1: a rule pack starts with"):
        say()


def test_a_diff_has_the_packs_around_it(root: Path, say: Any) -> None:
    (root / "x.diff").write_text("--- a/lib/a.go\n+++ b/lib/a.go\n@@ -1 +1 @@\n-a\n+b\n")
    listed = rows(say(str(root / "x.diff")))
    assert (listed["money"][1], listed["python"][1], listed["general"][1]) == ("1", "0", "1")


@pytest.mark.usefixtures("root")
def test_which_packs_are_about_a_file_and_why(say: Any) -> None:
    text = say("--file", "shop/cart.py", "--file", "x.sql")
    first, second = text.split("x.sql\n")
    assert [line.split("  ")[-1].strip() for line in first.split("\n")[5:-1]] == [
        f"matches /shop/ ({F}/money.md, at most high)",
        f"matches *.py ({F}/python.md)",
    ]
    assert first.startswith("shop/cart.py\n  general         every file (shipped)\n")
    assert "sql" not in second
    assert "\n  performance " in second


@pytest.mark.usefixtures("root")
def test_the_list_for_programs(say: Any) -> None:
    page = json.loads(say("--format", "json", "--file", "main.go"))
    assert (page["schema"], page["files"]) == ("reviewer-rules/1", 6)
    money = next(pack for pack in page["packs"] if pack["name"] == "money")
    assert money == {
        "name": "money", "title": "money", "origin": f"{F}/money.md", "paths": ["/shop/"], "languages": ["go"],
        "severity": "high", "tokens": money["tokens"], "state": "used", "by": None, "files": 3,
    }  # fmt: skip
    off = next(pack for pack in page["packs"] if (pack["name"], pack["origin"]) == ("sql", "shipped"))
    assert (off["state"], off["by"], off["files"]) == ("off", f"{F}/no-sql.md", None)
    (about,) = page["by_file"]
    assert about["path"] == "main.go"
    assert about["packs"][-2:] == [{"name": "go", "why": "matches *.go"}, {"name": "money", "why": "is go"}]


def test_outside_of_a_repository_the_shipped_ones_are_listed(
    tmp_path: Path, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert rows(say())["python"] == ["python", "-", "-", "shipped"]
    assert json.loads(say("--format", "json"))["files"] is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rows(say())["python"] == ["python", "-", "-", "shipped"]
    with pytest.raises(Misuse, match="no git work tree here: name the files"):
        say("check")


@pytest.mark.parametrize("checkout", [True, False])
def test_a_pull_requests_packs_are_its_bases(
    tmp_path: Path, say: Any, monkeypatch: pytest.MonkeyPatch, checkout: bool
) -> None:
    with opened(tmp_path / "shop") as hub:
        hub.commit({f"{F}/money.md": MONEY, ".github/reviewer.toml": 'skip_rules = ["go"]\n'}, "main")
        hub.commit(
            {f"{F}/money.md": "no pack", f"{F}/evil.md": '+++\nname = "security"\nenabled = false\n+++\n'}, "topic"
        )
        monkeypatch.chdir(hub.root if checkout else tmp_path)
        for name, value in connection(hub).items():
            monkeypatch.setenv(name, value)
        listed = rows(say(TARGET))
        assert listed["money"] == ["money", "2", "high", f"{F}/money.md"]
        assert listed["security"] == ["security", "4", "-", "shipped"]
        assert listed["go"][-1] == "shipped (skipped by skip_rules)"
        hub.commit({f"{F}/money.md": "broken"}, "main")
        with pytest.raises(Misuse, match=r"money\.md:1: a rule pack starts"):
            say(TARGET)


@pytest.mark.usefixtures("root")
def test_hostile_names_are_not_printed_raw(say: Any) -> None:
    assert "\x1b" not in say("--file", "a\x1b[2J.py")
    assert "\x1b" not in say("check", "a\x1b[2J.md", code=2)


# check


@pytest.mark.usefixtures("root")
def test_what_is_sound(say: Any) -> None:
    lines = say("check").split("\n")
    assert lines[0].startswith(f"ok     {F}/money.md: money, at most high, ")
    assert lines[0].endswith(" tokens, about 3 of 6 files")
    assert lines[1] == f"ok     {F}/no-sql.md: switches off sql"
    assert lines[2].startswith(f"ok     {F}/python.md: python (replaces the shipped pack), ")
    assert lines[3].startswith("3 files, 0 wrong; ")
    assert lines[3].endswith(" of 2000 tokens")
    assert lines[4:] == [""]


def test_each_file_is_told_what_is_wrong_and_where(root: Path, say: Any) -> None:
    commit(root, {f"{F}/a.md": "---\nname: a\n---\n", f"{F}/z.md": MONEY, f"{F}/big.md": "x" * 20_000})
    lines = say("check", code=2).split("\n")
    assert lines[0].startswith(f"wrong  {F}/a.md:1: the front matter is TOML")
    assert lines[1].startswith(f"wrong  {F}/big.md:1: a rule pack is a text file of at most 16 KiB")
    assert lines[2].startswith(f"ok     {F}/money.md")
    assert lines[5].startswith(f"wrong  {F}/z.md:2: {F}/money.md is called 'money' too")
    assert lines[6].startswith("6 files, 3 wrong; ")


def test_warnings_do_not_fail(root: Path, say: Any) -> None:
    many = "- A rule of many words that says little.\n" * 300
    commit(root, {
        f"{F}/idle.md": '+++\nname = "idle"\npaths = ["*.zig", "*.py", "!gone/"]\nlanguages = ["go", "scala"]'
        "\n+++\n- R\n",
        f"{F}/typo.md": '+++\nname = "pyhton"\nenabled = false\n+++\n',
        f"{F}/draft.md": '+++\nname = "draft"\npaths = ["*.zig"]\nenabled = false\n+++\n- R\n',
        f"{F}/long.md": f'+++\nname = "long"\n+++\n{many}',
    })  # fmt: skip
    text = say("check")
    assert [line for line in text.split("\n") if line.startswith("warning: ")][:4] == [
        f"warning: {F}/idle.md: *.zig matches no file of the repository",
        f"warning: {F}/idle.md: !gone/ matches no file of the repository",
        f"warning: {F}/idle.md: no file of the repository is scala",
        f"warning: {F}/typo.md switches off nothing: no shipped pack is called pyhton",
    ]
    assert "a request has room for 2000" in text
    (root / ".github" / "reviewer.toml").write_text("guide_tokens = 8000\n")
    assert "a request has room" not in say("check")
    assert f"ok     {F}/draft.md: draft, switched off\n" in text


def test_files_by_name_wherever_they_are(tmp_path: Path, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "money.md").write_text(MONEY)
    assert say("check", "money.md").startswith("ok     money.md: money, at most high, ")
    assert "matches no file" not in say("check", "money.md")
    assert say("check", "gone.md", code=2).startswith("wrong  gone.md:1: ")


def test_none_are_fine_and_too_many_are_not(tmp_path: Path, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "mine", {"a.py": "a\n"})
    monkeypatch.chdir(root)
    assert say("check") == f"there are no rule packs in {F}\n"
    commit(root, {f"{F}/{number}.md": "x" for number in range(own.MAX_FILES + 1)})
    with pytest.raises(Misuse, match="more than 50"):
        say("check")


def test_as_a_command(root: Path) -> None:
    assert reviewer("rules", cwd=root).out.startswith("pack ")
    (root / F / "bad.md").write_text("+++\nname = 3\n+++\n- R\n")
    done = reviewer("rules", "check", cwd=root)
    assert (done.code, done.err) == (2, "")
    listed = reviewer("rules", cwd=root)
    assert (listed.code, listed.out) == (2, "")
    assert listed.err.startswith(f"reviewer: {F}/bad.md:2: name must be")
    for words in (["--help"], ["check", "--help"]):
        done = reviewer("rules", *words, cwd=root)
        assert (done.code, "usage: reviewer rules" in done.out) == (0, True)
