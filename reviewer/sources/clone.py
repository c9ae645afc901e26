"""A repository on a server as a bare copy on this machine: git's objects alone. Nothing of it is checked out or run."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewer.errors import Misuse
from reviewer.github.failures import GitHubError
from reviewer.interrupts import held
from reviewer.sources.command import NO_GIT, Git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEPTH = 500
"""Commits of a copy that is not whole: what was changed often and lately is read first."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADER = "REVIEWER_GIT_AUTHORIZATION"
"""A variable of git's alone. On its command line every process of the machine could read the token."""
_ALONE = (
    "protocol.allow=never",  # and so no helper, no ssh, no other repository of this machine
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",  # bytes a second
    "http.lowSpeedTime=60",
    "credential.helper=",  # somebody would have to be there to answer
    "core.askPass=",
    "transfer.bundleURI=false",  # the server would have another one asked
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
_NOBODY_TO_ASK = {"GIT_ASKPASS": "", "SSH_ASKPASS": "", "GIT_TEMPLATE_DIR": ""}
_SECRETS = re.compile(r"REVIEWER_|(?:.*_)?(?:TOKEN|API_KEY)\Z", re.IGNORECASE)
"""Variables that are none of git's business."""
_REFUSED = ("could not read Username", "Authentication failed", "error: 401", "error: 403", "' not found", "error: 404")
_REDIRECTED = re.compile(r"error: 30[1278]\b")
_REWRITTEN = re.compile(r"transport '([^']{1,40})' not allowed")


def bare(address: str, into: Path, *, token: str | None, whole: bool, seconds: float | None = None) -> None:
    """Copies the default branch with its last `DEPTH` commits, or (`whole`) everything, into a folder that is made.

    A bare copy has no work tree: no hook, filter or submodule comes into play. What is not there, or not to be read
    with this token, raises `Misuse`; other trouble, and more than `seconds`, `GitHubError`.
    """
    token, server = (token or "").strip(), urlsplit(address)
    if token and server.scheme == "http" and server.hostname not in _LOOPBACK:
        raise Misuse(f"{address} would have the token sent unencrypted: use https")
    limits = () if whole else (f"--depth={DEPTH}", "--single-branch", "--no-tags")
    words = (
        *(word for setting in (*_ALONE, f"protocol.{server.scheme}.allow=always") for word in ("-c", setting)),
        *((f"--config-env=http.{server.scheme}://{server.netloc}/.extraHeader={_HEADER}",) if token else ()),
        *("clone", "--quiet", "--bare", "--no-local", "--template=", *limits, "--", address, str(into)),
    )
    try:
        code, said = _run(Git(into.parent, _NOBODY_TO_ASK), words, _authorised(token), seconds)
    except subprocess.TimeoutExpired:
        late = f"{address} was not cloned within --deadline {seconds:g} s"
        raise GitHubError(f"{late}: allow more, or clone it and audit its folder", status=0, kind="network") from None
    if code:
        raise _failure(address, said, token)


def _run(git: Git, words: Sequence[str], secret: dict[str, str], seconds: float | None) -> tuple[int, str]:
    """Git's exit code and complaint. What it starts holds the token too, and ends with it, however we end."""
    ours = {name: value for name, value in git.environment().items() if not _SECRETS.match(name)}
    process: subprocess.Popen[bytes] | None = None
    try:
        with held():  # a signal before there is a name for it would leave it running
            process = subprocess.Popen(  # noqa: S603 - no shell, and options end before the address
                git.command(*words),
                cwd=git.root,
                env=ours | secret,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        said = process.communicate(timeout=seconds)[1]
    except FileNotFoundError as error:
        if error.filename != "git":
            raise
        raise Misuse(NO_GIT) from None
    finally:
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()  # until the last of them is gone: they write into a folder that is removed now
    return process.returncode, said.decode("utf-8", "replace")


def _authorised(token: str) -> dict[str, str]:
    """As actions/checkout does it: any kind of token is the password of a user who needs no name."""
    if not token:
        return {}
    given = base64.b64encode(f"x-access-token:{token}".encode()).decode("ascii")
    return {_HEADER: f"Authorization: Basic {given}"}


def _failure(address: str, said: str, token: str) -> Exception:
    """Git's complaint is the server's word: one line, cut, and without what was sent."""
    for secret in (*_authorised(token).values(), token):
        said = said.replace(secret.removeprefix("Authorization: Basic "), "[token]") if secret else said
    words = " ".join(said.split()).rpartition("fatal: ")[2][:300]
    if any(each in said for each in _REFUSED):
        way = "the token may not read it" if token else "it is private: set GITHUB_TOKEN to a token that may read it"
        return Misuse(f"{address} cannot be cloned: there is no such repository, or {way}")
    if rewritten := _REWRITTEN.search(said):
        how = f"url.*.insteadOf in git's configuration has it fetched by {rewritten[1]!r}, which is not allowed"
        return Misuse(f"{address} cannot be cloned: {how}: set GIT_CONFIG_GLOBAL={os.devnull}, or audit your own clone")
    if _REDIRECTED.search(said):
        return Misuse(f"{address} has moved, and nobody is followed: name the repository as it is called now")
    return GitHubError(f"{address} cannot be cloned: {words}", status=0, kind="network")
