from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from processes import git, repository

from reviewer import settings
from reviewer.commands import init
from reviewer.errors import Misuse, Undelivered
from reviewer.settings import Policy

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW, TEAM = ".github/workflows/reviewer.yml", ".github/reviewer.toml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = repository(tmp_path / "mine", {"src/a.py": "a = 1\n"})
    git(made, "commit", "-q", "--allow-empty", "-m", "start")
    monkeypatch.chdir(made / "src")
    return made


def test_it_writes_both_files_into_the_top_folder(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init.run([]) == 0
    assert (root / WORKFLOW).read_bytes() == (init.DATA / "reviewer.yml").read_bytes()
    assert (root / TEAM).read_bytes() == (init.DATA / "reviewer.toml").read_bytes()
    written = capsys.readouterr().out
    for words in (f"{WORKFLOW} written", f"{TEAM} written", "OWNER/reviewer", "SEGMIND_API_KEY", "provider: none"):
        assert words in written


def test_it_never_overwrites(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / ".github").mkdir()
    (root / TEAM).write_text('language = "German"\n')
    assert init.run([]) == 0
    assert (root / TEAM).read_text() == 'language = "German"\n'
    assert (root / WORKFLOW).is_file()
    assert f"{TEAM} is there already" in capsys.readouterr().out

    before = (root / WORKFLOW).stat().st_mtime_ns
    assert init.run([]) == 0
    assert (root / WORKFLOW).stat().st_mtime_ns == before
    assert capsys.readouterr().out == "".join(f"{name} is there already: left as it is\n" for name in (WORKFLOW, TEAM))


def test_a_link_that_leads_nowhere_is_not_written_through(root: Path, tmp_path: Path) -> None:
    (root / ".github").mkdir()
    (root / TEAM).symlink_to(tmp_path / "elsewhere.toml")
    assert init.run([]) == 0
    assert not (tmp_path / "elsewhere.toml").exists()


def test_what_cannot_be_written_is_said(root: Path) -> None:
    (root / ".github").write_text("a file")
    with pytest.raises(Undelivered, match=r"\.github/workflows/reviewer\.yml could not be written"):
        init.run([])


def test_outside_of_a_repository_it_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.chdir(outside)
    with pytest.raises(Misuse, match="there is no git repository here"):
        init.run([])
    assert list(outside.iterdir()) == []


def test_the_teams_file_holds_every_setting_it_may_hold_at_its_default() -> None:
    text = (init.DATA / "reviewer.toml").read_text()
    assert settings.parse_repository_file(text, TEAM) == {}
    lines = [line[1:] for line in text.splitlines() if line.startswith("#") and not line.startswith("# ")]
    shown = tomllib.loads("\n".join(lines))
    assert list(shown) == list(Policy.model_fields)
    policy, _ = settings.load({}, shown, TEAM)
    default, _ = settings.load({}, {}, TEAM)
    unset = {name for name, field in Policy.model_fields.items() if field.default is None}
    assert policy.model_dump(exclude=unset) == default.model_dump(exclude=unset)
