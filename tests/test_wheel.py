from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CACHE = os.environ.get("UV_CACHE_DIR") or str(Path(os.environ.get("HOME", "~")).expanduser() / ".cache" / "uv")
"""Where `make setup` has put the packages; a test's own HOME is empty."""


def built_wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(python: Path, *what: str) -> None:
    """From the cache that setup filled; an emptied one is filled again."""
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--cache-dir",
        CACHE,
        "--python",
        str(python),
        *what,
    ]
    if subprocess.run([*command, "--offline"], check=False, capture_output=True).returncode:
        subprocess.run(command, check=True)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_built_wheel_works_in_a_clean_environment_away_from_the_tree(tmp_path: Path) -> None:
    wheel = built_wheel(tmp_path)
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if "/prompts/" in name}
    for source in [path for path in (ROOT / "prompts").rglob("*") if path.is_file()]:
        assert f"reviewer/prompts/{source.relative_to(ROOT / 'prompts').as_posix()}" in shipped

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install(python, "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    install(python, "--no-deps", str(wheel))

    away = tmp_path / "away"
    away.mkdir()
    (away / "my.diff").write_bytes((ROOT / "examples" / "change.diff").read_bytes())
    reviewer = python.parent / "reviewer"
    done = subprocess.run([reviewer, "review", "my.diff"], cwd=away, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "no model was asked" in done.stdout
    listing = "from reviewer.rules.packs import shipped; import reviewer; print(len(shipped()), reviewer.__file__)"
    told = subprocess.run([python, "-c", listing], cwd=away, check=True, capture_output=True, text=True).stdout.split()
    assert int(told[0]) >= 13
    assert str(tmp_path) in told[1]
