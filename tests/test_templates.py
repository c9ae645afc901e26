from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import jinja2
import pytest
from jinja2.exceptions import SecurityError

from reviewer import templates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of templates in the place of the shipped ones."""
    monkeypatch.setattr(templates, "folder", lambda: tmp_path)
    templates._environment.cache_clear()
    yield tmp_path
    templates._environment.cache_clear()


def test_a_value_is_data_and_never_a_template(written: Path) -> None:
    (written / "note.j2").write_text("<{{ value }}>")
    hostile = "{{ 7*7 }} {% raw %} {# not a comment #} & < \r\n"
    assert templates.render("note.j2", value=hostile) == f"<{hostile}>"


def test_a_forgotten_value_is_an_error(written: Path) -> None:
    (written / "note.j2").write_text("{{ missing }}")
    with pytest.raises(jinja2.UndefinedError, match="missing"):
        templates.render("note.j2")


@pytest.mark.parametrize("escape", ["{{ value.__class__.__mro__ }}", "{{ value.append(1) }}"])
def test_a_template_cannot_leave_the_sandbox(written: Path, escape: str) -> None:
    (written / "note.j2").write_text(escape)
    with pytest.raises(SecurityError):
        templates.render("note.j2", value=[])


def test_the_shipped_templates_are_found() -> None:
    assert {file.name for file in templates.folder().glob("*.j2")} == {
        "review.system.md.j2",
        "review.user.md.j2",
        "repair.user.md.j2",
        "verify.system.md.j2",
        "verify.user.md.j2",
        "tools.system.md.j2",
        "tools.closing.md.j2",
        "overview.system.md.j2",
        "overview.user.md.j2",
    }


def test_an_installed_package_brings_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "reviewer"
    (package / "prompts").mkdir(parents=True)
    monkeypatch.setattr(templates, "__file__", str(package / "templates.py"))
    templates.folder.cache_clear()
    try:
        assert templates.folder() == package / "prompts"
    finally:
        templates.folder.cache_clear()


def test_jinja_is_imported_when_the_first_template_is_rendered() -> None:
    program = "import sys, reviewer.templates; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
