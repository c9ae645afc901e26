"""What another process of ours is told, by variables."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import reviewer
from reviewer.audit.environment import passed

HERE = os.fspath(Path(reviewer.__file__).parents[1])


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "LC_ALL", "TMPDIR", "SUDO_UID", "XDG_CONFIG_HOME", "GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_GLOBAL",
     "GIT_CEILING_DIRECTORIES", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_INDEX_FILE"],
)  # fmt: skip
def test_what_is_needed(name: str) -> None:
    assert passed({name: "x"}) == {name: "x", "PYTHONPATH": HERE}


@pytest.mark.parametrize(
    "name",
    ["GIT_TOKEN", "GIT_PASSWORD", "GIT_ASKPASS", "GIT_CONFIG_PARAMETERS", "GIT_SSH_COMMAND", "GITHUB_TOKEN",
     "HOMEBREW_GITHUB_API_TOKEN", "PATH_TOKEN", "SEGMIND_API_KEY", "TEMPORARY_KEY", "GIT_CONFIG_VALUE_0"],
)  # fmt: skip
def test_what_is_not(name: str) -> None:
    assert passed({name: "x"}) == {"PYTHONPATH": HERE}


def test_where_python_looks_besides() -> None:
    assert passed({"PYTHONPATH": "/more"})["PYTHONPATH"] == os.pathsep.join([HERE, "/more"])


def test_of_git_s_settings_those_that_hold_no_token() -> None:
    told = passed(
        {
            "GIT_CONFIG_COUNT": "4",
            "GIT_CONFIG_KEY_0": "http.https://github.com/.extraHeader",
            "GIT_CONFIG_VALUE_0": "Authorization: Basic secret",
            "GIT_CONFIG_KEY_1": "safe.Directory",
            "GIT_CONFIG_VALUE_1": "/one",
            "GIT_CONFIG_KEY_2": "url.https://secret@github.com/.insteadOf",
            "GIT_CONFIG_VALUE_2": "https://github.com/",
            "GIT_CONFIG_KEY_3": "safe.directory",
            "GIT_CONFIG_VALUE_3": "/two",
            "GIT_CONFIG_KEY_4": "safe.directory",
            "GIT_CONFIG_VALUE_4": "/never",
        }
    )
    assert "secret" not in str(told)
    listed = subprocess.run(
        ["git", "config", "--get-all", "safe.directory"],
        check=True, capture_output=True, text=True, env={"PATH": os.environ["PATH"], **told},
    )  # fmt: skip
    assert listed.stdout == "/one\n/two\n"


@pytest.mark.parametrize("count", ["", "0", "-1", "x", "٣", "9" * 5_000, "2"])
def test_a_count_that_is_wrong(count: str) -> None:
    assert passed({"GIT_CONFIG_COUNT": count}) == {"PYTHONPATH": HERE}
