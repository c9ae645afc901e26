"""`git grep` with an end: so much output and so much time, and it says when either ran out."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from threading import Timer
from typing import IO, TYPE_CHECKING, cast

from reviewer.change.paths import decode
from reviewer.context.snapshot import Hit
from reviewer.syntax.lines import filled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from reviewer.sources.command import Git

SECONDS = 10.0
"""A last resort: what depends on time is not repeatable."""
MAX_OUTPUT = 8_000_000
MAX_WORDS = 400
MAX_HITS = 20_000
MAX_TEXT = 400
"""Characters kept of a line."""
_FLAGS = (
    "grep",
    "--line-number",
    "--full-name",
    "--null",
    "--no-color",
    "--no-column",
    "--no-recurse-submodules",
    "--no-textconv",
    "-I",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one search may take."""

    seconds: float = SECONDS
    output: int = MAX_OUTPUT
    hits: int = MAX_HITS


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Found:
    """`capped` says which bound was hit; empty: none."""

    hits: tuple[Hit, ...]
    capped: str = ""


def grep(
    git: Git,
    tree: str | None,
    words: Collection[str],
    shape: str,
    suffixes: Collection[str],
    limits: Limits,
    *,
    untracked: bool = True,
    indexed: bool = True,
    only: Collection[str] = (),
) -> Found:
    """Searches a commit or tree; null: the work tree, with its untracked files unless told otherwise.

    `indexed` false: whatever lies in the folder, repository or not. `only`: the paths to look into (none: all). Nothing
    is an answer, too.
    """
    asked = searchable(words)
    if not asked:
        return Found(())
    capped = ""
    if len(asked) > MAX_WORDS:
        asked, capped = asked[:MAX_WORDS], f"a search was for {len(asked)} words: only {MAX_WORDS} were looked for"
    where = [f":(literal){path}" for path in sorted(only)] or [f"*{suffix}" for suffix in sorted(suffixes)]
    before = ["--no-index"] if not indexed else ["--untracked"] if untracked and not tree else []
    wanted: re.Pattern[str] | None = None
    output, status, stopped = _run(git, _arguments(tree, [*before, "-P", "-e", filled(shape, asked)], where), limits)
    if status > 1 and not output:  # this git may know nothing of Perl's expressions: whole words it knows
        plain = [option for word in asked for option in ("-e", word)]
        output, status, stopped = _run(git, _arguments(tree, [*before, "-F", "-w", *plain], where), limits)
        wanted = re.compile(filled(shape, asked))
    hits: list[Hit] = []
    for hit in _hits(output, f"{tree}:" if tree else ""):
        if wanted is None or wanted.search(hit.text):
            if len(hits) >= limits.hits:
                stopped = stopped or f"a search found more than {limits.hits} lines: the others were left out"
                break
            hits.append(hit)
    return Found(tuple(hits), stopped or capped)


def searchable(words: Collection[str]) -> list[str]:
    """Those that a line can hold, in order."""
    return sorted(word for word in set(words) if word and "\0" not in word and "\n" not in word)


def _arguments(tree: str | None, pattern: Sequence[str], where: Sequence[str]) -> list[str]:
    """The patterns' `-e` and the `--` keep whatever a word is from being an option."""
    after = [tree] if tree else []
    return ["--no-literal-pathspecs", *_FLAGS, *pattern, *after, "--", *where]


def _run(git: Git, arguments: Sequence[str], limits: Limits) -> tuple[bytes, int, str]:
    """What it printed, its status (a killed one counts as done) and why it was stopped, if it was."""
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell, and options end before anything of a user's
            git.command(*arguments),
            cwd=git.root,
            env=git.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
    except OSError:
        return b"", 0, "git could not be started to search the repository"
    stopped = ""
    late: list[None] = []

    def stop() -> None:
        late.append(None)
        process.kill()

    timer = Timer(limits.seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        with process:
            output = cast("IO[bytes]", process.stdout).read(limits.output + 1)
            if len(output) > limits.output:
                process.kill()
    finally:
        timer.cancel()
    if late:
        stopped = f"a search of the repository was stopped after {limits.seconds:g} s"
    elif len(output) > limits.output:
        stopped = f"a search found more than {limits.output >> 20 or 1} MiB: the rest was left out"
    if stopped:
        output = output[: output.rfind(b"\n") + 1]
    return output, 0 if stopped else process.returncode, stopped


def _hits(output: bytes, prefix: str) -> Iterator[Hit]:
    for row in output.split(b"\n"):
        path, nul, rest = row.partition(b"\0")
        line, nul, text = rest.partition(b"\0")
        if nul and line.isdigit():
            name = decode(path).removeprefix(prefix)
            yield Hit(name, int(line), text[: MAX_TEXT * 4].decode("utf-8", "replace")[:MAX_TEXT].removesuffix("\r"))
