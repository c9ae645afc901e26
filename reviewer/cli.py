"""The commands, and the one place where an exception becomes an exit code."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import __version__, interrupts
from reviewer.errors import Misuse, ReviewerError, Terminated, Undelivered

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED, TERMINATED, BUG = 130, 143, 70

# Each command is a module in reviewer/commands with `run(arguments) -> exit code`; it is imported when it is asked for,
# so that this page appears at once.
COMMANDS = {
    "review": "review a diff, a git range, the work tree or a pull request",
    "audit": "read a whole repository, what is new in it, or a part of it",
    "plan": "say what a review would send and cost, and send nothing",
    "report": "print a report that was made before in another format",
    "merge": "make one report of the reports on parts of one thing",
    "dismiss": "accept a finding of a report: it is not reported again",
    "publish": "post a report that was made elsewhere on a pull request",
    "rules": "list the rule packs and the files they are about; rules check validates yours",
    "init": "write a workflow and a settings file into this repository",
    "doctor": "check key, endpoint, cache and token",
    "action": "what the GitHub Action runs",
}

HELP = """\
usage: reviewer COMMAND [ARGUMENTS]

Reviews a change before people do: built-in checks always, a language model when a key is set.

commands:
{commands}

try:
  reviewer review                    what you changed, against the default branch
  reviewer review main...HEAD        a git range; one commit: reviewer review HEAD
  git diff | reviewer review -       any diff from anywhere
  reviewer review owner/repo#12      a pull request: prints what --post would say there

without a key only the built-in checks run. With one, a model reads the change too:
  export SEGMIND_API_KEY=…           (or DASHSCOPE_API_KEY, OPENAI_API_KEY; Ollama needs none:
                                      export REVIEWER_PROVIDER=ollama)

exit codes: 0 fine · 1 findings at or above --fail-on · 2 wrong usage · 3 the review is incomplete
`reviewer COMMAND --help` lists a command's flags; every setting is also a REVIEWER_… variable."""


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; prints at most one line for what a user can mend."""
    interrupts.install()
    try:
        return _dispatch(arguments)
    except ReviewerError as error:
        _say(f"reviewer: {error}")
        return error.exit_code
    except Terminated:
        _say("reviewer: terminated before there was anything to report")
        return TERMINATED
    except KeyboardInterrupt:
        _say("reviewer: interrupted before there was anything to report")
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - the one boundary: a bug keeps its traceback and its own exit code
        import traceback

        traceback.print_exc()
        _say(f"reviewer {__version__}: this is a bug in reviewer, not in your change; please report the lines above")
        return BUG


def _dispatch(arguments: Sequence[str]) -> int:
    command, *rest = arguments or ["--help"]
    if command in {"--help", "-h", "help"}:
        width = max(map(len, COMMANDS))
        listed = "\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items())
        return _print(HELP.format(commands=listed))
    if command in {"--version", "-V"}:
        return _print(f"reviewer {__version__}")
    if command not in COMMANDS:
        raise Misuse(f"there is no command {command!r}: choose one of {', '.join(COMMANDS)}, or see reviewer --help")
    try:
        Path.cwd()
    except FileNotFoundError:
        raise Misuse("the current folder is gone: cd into one that is there") from None
    module = importlib.import_module(f"reviewer.commands.{command}")
    code: int = module.run(rest)
    return code


def _print(page: str) -> int:
    try:
        print(page, flush=True)  # noqa: T201 - it is what was asked for
    except BrokenPipeError:
        pass
    except OSError as error:
        raise Undelivered(f"standard output cannot be written to: {error.strerror}; make room") from error
    return 0


def _say(line: str) -> None:
    from reviewer.text.sanitise import page

    sys.stderr.write(page(line.replace("\n", " ")) + "\n")
