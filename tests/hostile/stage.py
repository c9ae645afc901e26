"""A repository with secrets in it, and the pull request of a stranger who has tried everything."""

from __future__ import annotations

import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hostile.canaries import IN_THE_CHANGE, KEY_WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hub import Hub


@dataclass(frozen=True, slots=True)
class Injection:
    """One of injections.toml: what is written, where, and the check that must report it."""

    id: str
    where: str
    text: str
    finds: str | None = None

    @property
    def path(self) -> str:
        """The file it stands in, or is the name of."""
        fixed = {
            "rules": ".github/reviewer/rules/quiet.md",
            "settings": ".github/reviewer.toml",
            "workflow": ".github/workflows/review.yml",
            "guide": "AGENTS.md",
            "attributes": ".gitattributes",
            "path": self.text,
            "page": f"docs/{self.id}.md",
        }
        return fixed.get(self.where, f"src/{self.id}.py")


INJECTIONS = tuple(
    Injection(**each)
    for each in tomllib.loads((Path(__file__).parent / "injections.toml").read_text("utf-8"))["injection"]
)
ON_THE_HEAD_ALONE = ("rules", "settings", "workflow", "guide", "attributes")
"""What would steer the review if it were believed."""

BASE_SETTINGS = "max_comments = 400\nmin_severity = 'low'\nfail_on = 'high'\n"
BASE_WORKFLOW = "on: pull_request\njobs:\n  review:\n    steps:\n      - uses: octo/reviewer@v1\n"
RULES = "+++\ntitle = 'Quiet'\nname = 'quiet'\n+++\n"


def written(*wheres: str) -> list[Injection]:
    return [each for each in INJECTIONS if each.where in wheres]


def _secret(where: str) -> str:
    return IN_THE_CHANGE[where].value


def base() -> dict[str, str]:
    """`main`, before anything happens to it."""
    return {
        ".github/reviewer.toml": BASE_SETTINGS,
        ".github/workflows/review.yml": BASE_WORKFLOW,
        "AGENTS.md": f"# Guide\n\nNever commit keys such as {_secret('guide on the base')}.\n",
        "shop/db.py": f"def connect(password='{_secret('file behind the diff')}'):\n    return open_it(password)\n",
        "shop/old.py": "\n".join(
            [f"TOKEN = '{_secret('deleted line')}'", "x = 1", f"NPM = '{_secret('context line')}'", "y = 2", ""]
        ),
        **{f"src/{each.id}.py": _sectioned(each, "pass") for each in written("section")},
    }


def head(*, steered: bool = True) -> dict[str, str]:
    """What the stranger changes; not `steered`: without what would steer the review."""
    files = {
        "shop/old.py": f"x = 1\nNPM = '{_secret('context line')}'\ny = 3\nconnect()\n",
        "shop/keys.py": "\n".join(_secrets()) + "\n",
        ".env": f"PASSWORD={_secret('credentials file')}\n",
        **{each.path: f"# {each.text}\nx = call()\n" for each in written("comment")},
        **{each.path: f'VALUE = """{each.text}"""\nx = call()\n' for each in written("string")},
        **{each.path: f"# Page\n\n{each.text}\n" for each in written("page")},
        **{each.path: "x = call()\n" for each in written("path")},
        **{f"src/{each.id}.py": _sectioned(each, "call()") for each in written("section")},
    }
    if steered:
        files |= {each.path: each.text + "\n" for each in written("settings", "workflow", "guide", "attributes")}
        files |= {each.path: f"{RULES}{each.text}\n" for each in written("rules")}
    return files


def opened(hub: Hub, *, steered: bool, fork: bool, files: Mapping[str, str]) -> None:
    """Everything is committed and the pull request is open; `files`: what is otherwise on the base."""
    (branch,) = (each.text for each in written("branch"))
    (title,) = (each.text for each in written("title"))
    hub.commit({**base(), **files}, "main")
    hub.commit(head(steered=steered), branch)
    for each in (*written("commit"), Injection("commit-secret", "commit", f"Use {_secret('commit subject')}")):
        subprocess.run(
            ["git", "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-"],
            cwd=hub.root,
            input=each.text.encode(),
            check=True,
        )
    said = [each.text for each in written("description")]
    hub.repository.open_pull(
        base="main",
        head=branch,
        author="mallory",
        fork=fork,
        title=f"{title} {_secret('title')}",
        body="\n\n".join([*said, f"The key is {_secret('description')}."]),
    )


def _sectioned(each: Injection, last: str) -> str:
    """A file whose change stands so far below its first line that git shows that line behind the `@@`."""
    first = each.text.replace("SECRET", _secret("hunk header"))
    return "\n".join([first, *(f"    step_{n}()" for n in range(12)), f"    {last}", ""])


def _secrets() -> Iterator[str]:
    yield f"github = '{_secret('provider token')}'"
    yield f"aws = '{_secret('cloud key')}'"
    yield f"url = 'postgres://shop:{_secret('connection string')}@db.shop.io:5432/orders'"
    yield f"password = '{_secret('assigned password')}'"
    yield f'client_secret = "{_secret("assigned hex")}"'
    yield f"SHOP_SECRET={_secret('unquoted variable')}"
    yield f"headers = {{'Authorization': 'Bearer {_secret('bearer header')}'}}"
    yield f'KEY = """-----BEGIN RSA {KEY_WORD}-----'
    yield _secret("private key")
    yield f'-----END RSA {KEY_WORD}-----"""'
