"""The parts of the documentation that are written by the program: `make goldens` rewrites them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reviewer.checks.catalogue import load
from reviewer.commands import flags
from reviewer.rules.packs import shipped
from reviewer.settings import Operator, Policy

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

ROOT = Path(__file__).parent.parent


def part(file: Path, name: str, text: str) -> None:
    """The part of `file` between `<!-- name -->` and `<!-- /name -->` is exactly `text`."""
    pattern = re.compile(rf"(?s)(<!-- {name} -->\n).*?(<!-- /{name} -->)")
    written = file.read_text()
    wanted = pattern.sub(lambda found: found[1] + text + found[2], written)
    assert pattern.search(written)
    if os.environ.get("GOLDENS") == "rewrite":
        file.write_text(wanted)
    else:
        assert written == wanted, f"{file.name} is out of date: run `make goldens`"


def row(name: str, field: FieldInfo, kind: str) -> str:
    default = "" if field.default in (None, ()) else f"`{str(field.default).lower()}`"
    if name == "language":
        default = f"`{field.default}`"
    limits = " · ".join(f"`{choice}`" for choice in flags.choices(field)) or flags.limits(field)
    return f"| `{name}` | {default} | {kind} | {limits} | {field.description} |\n"


def test_golden_settings_in_the_readme() -> None:
    rows = [
        row(name, field, kind)
        for kind, settings in (("policy", Policy), ("operator", Operator))
        for name, field in settings.model_fields.items()
    ]
    part(
        ROOT / "README.md",
        "settings",
        "| name | default | class | range | what it does |\n|---|---|---|---|---|\n" + "".join(rows),
    )


def test_golden_example_in_the_readme() -> None:
    command = [sys.executable, "-m", "reviewer", "review", "examples/change.diff", "--quiet"]
    environ = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=environ)
    lines = done.stdout.split("\n")
    part(ROOT / "README.md", "example", "```\n…\n" + "\n".join(lines[-16:]) + "```\n")


def test_golden_workflow_in_the_readme() -> None:
    workflow = (ROOT / "reviewer" / "commands" / "data" / "reviewer.yml").read_text()
    part(ROOT / "README.md", "workflow", f"```yaml\n{workflow}```\n")


def test_golden_checks_and_packs() -> None:
    checks = "".join(
        f"| `{check.id}` | {check.severity} | {check.title} |\n" for check in sorted(load(), key=lambda c: c.id)
    )
    packs = "".join(
        f"| `{pack.name}` | {', '.join(f'`{glob}`' for glob in pack.paths) or 'every file'} |\n" for pack in shipped()
    )
    part(ROOT / "docs" / "checks.md", "checks", "| id | severity | what it finds |\n|---|---|---|\n" + checks)
    part(ROOT / "docs" / "checks.md", "packs", "| name | files |\n|---|---|\n" + packs)


@pytest.mark.parametrize("name", [*Policy.model_fields, *Operator.model_fields])
def test_every_setting_has_its_flag_but_the_key(name: str) -> None:
    from reviewer.commands.review import parser

    written = parser().format_help()
    assert ("--" + name.replace("_", "-") in written) is (name not in flags.SECRET)
