"""A review of three files on a bad day, and the review after it; what every row of the tables must keep to."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema

if TYPE_CHECKING:
    from processes import Done

SCHEMA = json.loads(files("reviewer.outputs").joinpath("reviewer-1.schema.json").read_text())
FILES = ("first/part.txt", "second/part.txt", "third/part.txt")
"""Each a question of its own, asked in this order."""
ASIDE = ("--chunk-tokens", "500", "--concurrency", "1", "--format", "json")
KEY = "sk-reviewer-test-0123456789"


def table(name: str) -> list[dict[str, Any]]:
    """The rows of a table beside this."""
    rows: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / name).read_text("utf-8"))["fault"]
    return rows


def change(folder: Path) -> Path:
    """A diff of `FILES`."""
    text = ""
    for path in FILES:
        added = "".join(f"+{line}\n" for line in _lines(path))
        text += f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
        text += f"@@ -0,0 +1,24 @@\n{added}"
    (folder / "change.diff").write_text(text)
    return folder / "change.diff"


def write(root: Path) -> None:
    """The same as files."""
    for path in FILES:
        (root / path).parent.mkdir()
        (root / path).write_text("".join(f"{line}\n" for line in _lines(path)))


def _lines(path: str) -> list[str]:
    return [f"value {n} of {path}, and some text to fill the line" for n in range(1, 25)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a review ended, its report, and the page for people, in one line."""

    code: int
    report: Any
    text: str

    @property
    def losses(self) -> list[Any]:
        """What was to be read and was not."""
        return [entry for entry in self.report["unreviewed"] if entry["class"] == "loss"]

    @property
    def read(self) -> list[str]:
        """The files of `FILES` that were read."""
        lost = {entry["path"] for entry in self.losses}
        return [path for path in FILES if path not in lost]


def arguments(folder: Path, *flags: str) -> list[str]:
    """Of `reviewer review`."""
    return [str(change(folder)), *outputs(folder), *flags]


def outputs(folder: Path) -> list[str]:
    """How a review is asked for, and where its reports go."""
    return [*ASIDE, "--output", f"text={folder / 'report.txt'}", "--output", f"json={folder / 'report.json'}"]


def discreet(*places: str) -> None:
    """No traceback, and the key nowhere."""
    for place in places:
        assert "Traceback" not in place, place
        assert KEY not in place


def outcome(done: Done, folder: Path) -> Outcome:
    """What holds on every day: the report accounts for each line, and nothing prints a traceback or the key."""
    report = done.report
    jsonschema.validate(report, SCHEMA)
    covered = report["coverage"]
    left = sum(entry["changed_lines"] for entry in report["unreviewed"])
    assert covered["reviewed_lines"] + left == covered["changed_lines"] == 72
    page = (folder / "report.txt").read_text() if (folder / "report.txt").exists() else ""
    discreet(done.out, done.err, page, *(each.read_bytes().decode("latin-1") for each in kept()))
    return Outcome(done.code, report, " ".join(page.split()))


def kept() -> list[Path]:
    """The files of the cache."""
    return [path for path in Path(os.environ["HOME"]).rglob("*") if path.is_file()]
