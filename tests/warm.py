"""`reviewer` as a process, forked from one that has loaded everything: a tenth of the time, for tables of many rows.

What happens before the first command is not tested by it: `processes.reviewer` starts one from scratch. Nor does
coverage watch it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from processes import Done

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLE = Path(__file__).parent.parent / "examples" / "change.diff"
PATIENCE = 90.0
"""Seconds until a process that does not end is killed."""
LOADED = (
    "reviewer.pipeline",
    "reviewer.commands.pull",
    "reviewer.commands.review",
    "reviewer.outputs.json",
    "reviewer.outputs.text",
    "reviewer.outputs.sarif",
    "encodings.idna",
    "github.Requester",
    "httpcore",
    "httpx",
    "jinja2.sandbox",
    "platformdirs",
    "rich.console",
    "rich.padding",
    "tenacity",
)


class Warm:
    """Starts processes until the `with` block ends."""

    def __enter__(self) -> Warm:
        self._folder = TemporaryDirectory()
        line = [sys.executable, __file__]
        untraced = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        self._process = subprocess.Popen(line, env=untraced, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def run(self, *arguments: str, cwd: Path, variables: Mapping[str, str]) -> Done:
        """Runs it to its end, with `variables` beside those of this process."""
        assert self._process.stdin is not None
        streams = [str(Path(self._folder.name, name)) for name in ("stdout", "stderr")]
        environment = {**os.environ, **variables}
        order = {"arguments": arguments, "cwd": str(cwd), "environment": environment, "streams": streams}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self._child = int(self._said(PATIENCE))
        try:
            code = int(self._said(PATIENCE))
        except TimeoutError:
            self.send(signal.SIGKILL)
            self._said(PATIENCE)
            raise
        return Done(code, *(Path(name).read_text("utf-8") for name in streams))

    def send(self, number: signal.Signals) -> None:
        """To the process that runs."""
        os.kill(self._child, number)

    def _said(self, seconds: float) -> str:
        assert self._process.stdout is not None
        if not select([self._process.stdout], [], [], seconds)[0]:
            raise TimeoutError("the process does not end")
        return self._process.stdout.readline()


def serve() -> None:
    """Reads orders, a line each, and answers with the process's number and its exit code."""
    from importlib import import_module

    from reviewer.__main__ import main
    from reviewer.cli import run

    for name in LOADED:
        import_module(name)
    with redirect_stdout(StringIO()):  # what is read once a process: rules, checks, templates
        run(["review", str(EXAMPLE), "--no-model", "--quiet"])
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            become(json.loads(line))
            main()
        tell(child)
        tell(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def become(order: Mapping[str, Any]) -> None:
    """Takes the place, the environment and the streams that were ordered."""
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["reviewer", *order["arguments"]]
    for number, name in enumerate((os.devnull, *order["streams"])):
        stream = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(stream, number)
        os.close(stream)


def tell(number: int) -> None:
    """One line."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
