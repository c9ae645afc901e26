"""`reviewer review` in this process, of a diff, with a model that answers what a test tells it to."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from model_server import ModelServer
from processes import asking

from reviewer.commands import review
from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pytest
    from model_server import Script


@dataclass
class Reviewed:
    """`refused`: what a `Misuse` said, where there is no report."""

    report: Any
    code: int
    out: str = ""
    err: str = ""
    refused: str = ""
    asked: list[Any] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Whatever is in the report besides what was found: notes, what was left out, what was dropped and why."""
        if self.report is None:
            return self.refused
        left = [f"{each['reason']}: {each['detail']}" for each in self.report["unreviewed"]]
        dropped = [f"{each['reason']}: {each['detail']}" for each in self.report["dropped"]]
        return "\n".join([*(note["message"] for note in self.report["notes"]), *left, *dropped])


class Reviews:
    """Made by a fixture; knows its folder."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._patch, self._capsys = folder, patch, capsys
        patch.chdir(folder)

    def __call__(
        self, diff: bytes | str, script: Script, *flags: str, files: Mapping[str, str] | None = None, **settings: str
    ) -> Reviewed:
        """`files` are written around the diff first; `settings` are variables without their prefix."""
        for name, text in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.folder / "change.diff").write_bytes(diff.encode() if isinstance(diff, str) else diff)
        with ExitStack() as stack:
            server = stack.enter_context(ModelServer(script))
            for name, value in asking(server.url, **settings).items():
                self._patch.setenv(name, value)
            refused, code = "", 2
            try:
                code = review.run(["change.diff", "--quiet", "--no-cache", "--format", "json", *flags])
            except Misuse as misuse:
                refused = str(misuse)
            out, err = self._capsys.readouterr()
            return Reviewed(json.loads(out) if out else None, code, out, err, refused, server.bodies)


def added(*files: tuple[str, str]) -> str:
    """A diff that adds these files."""
    return "".join(_added(path, text) for path, text in files)


def _added(path: str, text: str) -> str:
    lines = text.split("\n")
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return head + f"@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)


def finding(**fields: Any) -> dict[str, Any]:
    """As a model writes one."""
    return {
        "path": "a.py",
        "quote": "x = call()",
        "title": "It fails",
        "body": "It does.",
        "severity": "high",
        **fields,
    }


def answers(*findings: Mapping[str, Any]) -> str:
    return json.dumps({"findings": list(findings)})


def numbered(count: int) -> Iterator[dict[str, Any]]:
    """So many different findings."""
    for number in range(1, count + 1):
        yield finding(quote=f"call_{number}()", title=f"Call {number} fails so that {'x' * (number % 7)} is lost")
