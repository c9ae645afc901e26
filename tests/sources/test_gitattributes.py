"""What .gitattributes say, held against `git check-attr` of the same files."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviewer.findings import Reason
from reviewer.sources import gitattributes, wildmatch

PATHS = (
    "a",
    "a.js",
    "b/a",
    "b/a.js",
    "b/c/a",
    "b/c/a.js",
    "b/c/d/x.min.js",
    "ab/-]",
    "b/[x]",
    "b/sp ace",
    "é.js",
    "B/!a",
)
NAMES = {"linguist-generated": Reason.GENERATED, "linguist-vendored": Reason.VENDORED}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("attributes")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def by_git(root: Path, files: dict[str, str], paths: tuple[str, ...]) -> dict[str, dict[Reason, bool]]:
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            place = Path(folder, gitattributes.file_in(name))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        command = ["git", f"--git-dir={root}/.git", f"--work-tree={folder}", "check-attr", "-z", "--stdin", *NAMES]
        given_paths = "".join(path + "\0" for path in paths).encode()
        out = subprocess.run(command, cwd=folder, input=given_paths, capture_output=True, check=True).stdout.decode()
    answer: dict[str, dict[Reason, bool]] = {}
    fields = out.split("\0")
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        if value in ("set", "true", "unset", "false"):
            answer.setdefault(path, {})[NAMES[name]] = value in ("set", "true")
    return answer


patterns = st.text(alphabet=st.sampled_from(list("ab*?/[]!^-\\.jsx:c1é")), min_size=1, max_size=9)
attributes = st.sampled_from(
    (
        "linguist-generated", "-linguist-generated", "!linguist-generated", "linguist-generated=true",
        "linguist-generated=false", "linguist-generated=maybe", "linguist-vendored", "-linguist-vendored", "made",
        "-made", "-in-valid=x", "=", "-", "text", "linguist-vendored=",
    )
)  # fmt: skip
lines = st.one_of(
    st.tuples(patterns, st.lists(attributes, max_size=3)).map(lambda it: " ".join((it[0], *it[1]))),
    st.sampled_from(
        (
            "# comment linguist-generated", "  a linguist-generated", '"b/sp ace" linguist-vendored',
            "b/ linguist-vendored",
            "[attr]made linguist-generated -linguist-vendored", "[attr] made", "[attr]-x linguist-vendored",
            "!a linguist-vendored",
            '"\\303\\251.js" linguist-vendored', '"unfinished linguist-vendored', "\ta\tlinguist-generated\r", "a",
        )
    ),
)  # fmt: skip
texts = st.lists(lines, max_size=5).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(files=st.dictionaries(st.sampled_from(("", "b", "b/c")), texts, max_size=3))
@example({"": "**/a linguist-generated\nb/** linguist-vendored\n"})
@example({"": "b/**/x.min.js linguist-generated\n/a* linguist-vendored"})
@example({"": "a** linguist-generated\n*.js linguist-generated\n*.min.js -linguist-generated"})
@example({"": "[attr]made linguist-generated\n*.js made\n", "b": "a.js -made !linguist-generated\n"})
@example({"b": "[attr]made linguist-generated\n* made\n", "": "\ufeff* linguist-vendored"})
@example({"": "[!b]* linguist-generated\n[[:alpha:]-]? linguist-vendored\n[]-]* linguist-vendored"})
@example({"": "b/[[:nonsense:]] linguist-generated\n[a linguist-generated\na\\ linguist-generated"})
@example({"": "[[:nonsense:]] linguist-generated\n[z-a] linguist-generated\n[!\\]-] linguist-vendored"})
@example({"": "* linguist-generated" + " " * 2100 + "text"})
def test_says_what_git_says(repository: Path, files: dict[str, str]) -> None:
    assert gitattributes.said(PATHS, files) == by_git(repository, files, PATHS)


@pytest.mark.parametrize(
    "name", ["alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space"]
)
def test_classes_hold_what_git_says(repository: Path, name: str) -> None:
    paths = tuple(chr(code) for code in range(1, 127) if chr(code) not in "/.")
    files = {"": f"[[:{name}:]] linguist-generated\n[[:upper:][:xdigit:]] linguist-vendored\n"}
    assert gitattributes.said(paths, files) == by_git(repository, files, paths)


def test_the_folders_of_a_path() -> None:
    assert list(gitattributes.folders("a/b/c.py")) == ["", "a", "a/b"]
    assert gitattributes.file_in("a/b") == "a/b/.gitattributes"


def test_a_folder_does_not_speak_for_what_is_in_it() -> None:
    assert not wildmatch.compiled(b"vendor").fullmatch(b"vendor/a.py")
    assert wildmatch.compiled(b"vendor/**").fullmatch(b"vendor/a/b.py")
