"""`reviewer audit --plan --matrix`: an audit as the jobs of a workflow."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from reviewer.audit.matrix import TOKENS_A_KB, TOKENS_A_SHARD, matrix
from reviewer.audit.shards import MOST as JOBS
from reviewer.errors import Misuse
from reviewer.judgement.verdict import FINE

if TYPE_CHECKING:
    from reviewer.planning import Plan
    from reviewer.settings import Operator
    from reviewer.sources.tree import Tree

_REMOTE = re.compile(r"(?:://[^/]+/|^[^/:]+@[^/:]+:)([\w.-]+/[\w.-]+?)(?:\.git)?/?\s*\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")


def of_tree(tree: Tree, plan: Plan) -> int:
    """Prints the jobs for one repository."""
    name = _name(tree)
    sys.stdout.write(matrix({name: plan.tokens}, {name: tree.head} if tree.head else {}) + "\n")
    return FINE


def of_organisation(name: str, operator: Operator) -> int:
    """Prints the jobs for every repository of an organisation; sizes are GitHub's."""
    from reviewer.commands import hub  # what speaks with GitHub is loaded where it is needed
    from reviewer.github.repositories import MOST, newest, of_organisation

    if not _NAME.fullmatch(name):
        raise Misuse(f"--org {name}: this is no name of an organisation")
    with hub.open_client(operator) as client:
        found = of_organisation(client, name)
        tokens = {each: size * TOKENS_A_KB for each, size in found.sizes.items()}
        large = [each for each, size in tokens.items() if size > TOKENS_A_SHARD]
        commits = {each: commit for each in large[:JOBS] if (commit := newest(client, each))}
    if found.capped:
        sys.stderr.write(f"reviewer: {name} has more than {MOST:,} repositories: the others were left out\n")
    if not found.sizes:
        raise Misuse(f"{name} has no repository that this token may read and that is neither archived nor a fork")
    if len(found.sizes) > JOBS:
        sys.stderr.write(f"reviewer: a matrix holds {JOBS} jobs, and {name} has {len(found.sizes)} repositories\n")
    sys.stdout.write(matrix(tokens, commits) + "\n")
    return FINE


def _name(tree: Tree) -> str:
    """As GitHub calls it: in a workflow as the workflow says, else by its origin, else its folder's name."""
    named = os.environ.get("GITHUB_REPOSITORY")
    if named and str(tree.root.resolve()) == os.path.realpath(os.environ.get("GITHUB_WORKSPACE", "")):
        return named
    origin = tree.git.attempt("remote", "get-url", "origin").stdout.decode("utf-8", "replace") if tree.git else ""
    remote = _REMOTE.search(origin)
    return remote[1] if remote else tree.root.resolve().name
