"""What is released is what was merged, built from locked tools, checked, signed; and nobody keeps a key for it."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from processes import git
from ruamel.yaml import YAML

from reviewer import __version__

ROOT = Path(__file__).parent.parent
LOCKS = sorted(ROOT.glob("requirements*.lock"))
RELEASE = YAML(typ="safe").load(ROOT / ".github" / "workflows" / "release.yml")
CI = YAML(typ="safe").load(ROOT / ".github" / "workflows" / "ci.yml")
JOBS: dict[str, Any] = RELEASE["jobs"]


def uses(job: str) -> list[str]:
    return [step["uses"].partition("@")[0] for step in JOBS[job]["steps"] if "uses" in step]


def runs(job: str) -> list[str]:
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def test_only_a_tag_makes_a_release() -> None:
    assert RELEASE["on"] == {"push": {"tags": ["v*"]}}
    assert RELEASE["concurrency"]["cancel-in-progress"] is False


def test_only_the_job_that_publishes_may_sign_and_it_runs_nothing_of_ours() -> None:
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "build": {"contents": "read"},
        "check": {"contents": "read"},
        "publish": {"id-token": "write", "attestations": "write"},
    }
    assert runs("publish") == []
    assert uses("publish") == [
        "actions/download-artifact",
        "actions/attest-build-provenance",
        "pypa/gh-action-pypi-publish",
    ]


def test_it_is_published_after_the_check_from_a_protected_environment_without_a_key() -> None:
    assert set(JOBS["publish"]["needs"]) == set(JOBS) - {"publish"}
    assert JOBS["publish"]["environment"] == "release"
    assert "secrets." not in (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert ".ci/run" in runs("check")
    assert not any("if" in job or "continue-on-error" in job for job in JOBS.values())


def test_what_is_signed_is_all_that_is_published() -> None:
    download, attest, publish = JOBS["publish"]["steps"]
    built = JOBS["build"]["steps"][-1]
    assert built["uses"].startswith("actions/upload-artifact@")
    assert built["with"]["path"] == download["with"]["path"] == "dist/"
    assert built["with"]["name"] == download["with"]["name"]
    assert attest["with"] == {"subject-path": "dist/*"}
    assert "with" not in publish, "it publishes dist/, and attests it to the index, unless told otherwise"


def test_nothing_is_built_from_a_cache_and_nothing_runs_before_the_build_but_its_tools() -> None:
    for job in JOBS.values():
        for step in job["steps"]:
            assert "actions/cache" not in step.get("uses", "")
            assert not {"cache", "enable-cache"} & set(step.get("with", {}))
    assert runs("build") == ['.ci/tag "$GITHUB_REF_NAME" origin/main', "make dist"]
    recipe = re.search(r"^dist: (.*?)(?: *##.*)?$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    assert recipe[1] == "$(VENV)/.build"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_locked_by_its_hash(lock: Path) -> None:
    rows = lock.read_text().replace("\\\n", " ").split("\n")
    pinned = [row for row in rows if row.strip() and not row.lstrip().startswith("#")]
    assert pinned
    assert [row for row in pinned if not re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", row)] == []


def test_ci_asks_for_known_vulnerabilities_of_every_lock() -> None:
    assert "make advisories" in [step.get("run") for step in CI["jobs"]["advisories"]["steps"]]
    assert set(CI["jobs"]["done"]["needs"]) == set(CI["jobs"]) - {"done"}
    recipe = (ROOT / "Makefile").read_text().partition("\nadvisories:")[2].partition("\n\n")[0]
    assert "$(wildcard requirements*.lock)" in recipe
    assert "--strict" in recipe, "a package that cannot be asked about is no package without a vulnerability"


def test_it_asks_every_week_and_nothing_else_runs_then() -> None:
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", CI["on"]["schedule"][0]["cron"])
    idle = {name for name, job in CI["jobs"].items() if "github.event_name != 'schedule'" in job.get("if", "")}
    assert idle == set(CI["jobs"]) - {"advisories"}


def test_every_target_of_make_runs_whatever_files_there_are() -> None:
    text = (ROOT / "Makefile").read_text().replace("\\\n", "")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == set(re.findall(r"^([a-z]+):", text, re.MULTILINE))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="an unpacked archive has no list of what is kept")
def test_the_source_archive_is_the_repository(tmp_path: Path) -> None:
    """Its tests look at all of it."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()}
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(kept.split("\0")) - {""} <= shipped
    assert all((ROOT / name).exists() for name in shipped - {"PKG-INFO"})


def test_the_archives_are_the_same_each_time(tmp_path: Path) -> None:
    made = []
    for name in ("one", "other"):
        command = [sys.executable, "-m", "hatchling", "build", "--directory", str(tmp_path / name)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        made.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / name).iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == {f"reviewer-{__version__}.tar.gz", f"reviewer-{__version__}-py3-none-any.whl"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """As much of the repository as is asked about a tag, with one commit."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "tag", tmp_path / ".ci" / "tag")
    (tmp_path / "reviewer").mkdir()
    (tmp_path / "reviewer" / "__init__.py").write_text('"""Words."""\n\n__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    return tmp_path


def asked(tree: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run([tree / ".ci" / "tag", *words], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_tag_of_the_version_on_main_may_be_released(tree: Path) -> None:
    assert asked(tree, "v1.2.3", "main") == (0, "v1.2.3 may be released\n")


@pytest.mark.parametrize("tag", ["v1.2.4", "1.2.3", "v1.2.3rc1", "v1.2.3 ", "v1x2y3"])
def test_a_tag_says_what_the_code_says(tag: str, tree: Path) -> None:
    code, said = asked(tree, tag)
    assert code == 1
    assert said.startswith(f"the tag is {tag}, but reviewer/__init__.py says 1.2.3")


def test_a_release_is_in_the_changelog(tree: Path) -> None:
    (tree / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [1x2y3]\n")
    code, said = asked(tree, "v1.2.3")
    assert (code, said.count("\n")) == (1, 1)
    assert 'no section "## [1.2.3]"' in said


def test_only_what_is_on_main_is_released(tree: Path) -> None:
    git(tree, "switch", "--quiet", "--create", "aside")
    git(tree, "commit", "--quiet", "--allow-empty", "-m", "not reviewed")
    code, said = asked(tree, "v1.2.3", "main")
    assert code == 1
    assert said.startswith("the commit of v1.2.3 is not on main")


def test_the_code_here_is_the_version_that_would_be_asked_for() -> None:
    code, said = asked(ROOT, "v0")
    assert code == 1
    assert f"says {__version__}: tag v{__version__}" in said
