"""The action and the workflows, as far as they can be tried without GitHub; `make workflows` does the rest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from reviewer import __version__, action
from reviewer.settings import PREFIX, Operator, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "reviewer" / "commands" / "data" / "reviewer.yml"
WORKFLOWS = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("examples/workflows/*.yml"), TEMPLATE])
SETTINGS = {**Policy.model_fields, **Operator.model_fields}
OWN = {name.removeprefix(PREFIX).lower().replace("_", "-") for name in action.OWN}
HOME = os.environ.get("HOME", "")
"""Where this machine says which package index to use; a test's own HOME is empty."""


def loaded(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def steps(path: Path) -> Iterator[Any]:
    document = loaded(path)
    if "runs" in document:
        yield from document["runs"]["steps"]
    for job in document.get("jobs", {}).values():
        yield from job["steps"]


def step(name: str) -> Any:
    return next(found for found in steps(ACTION) if found["name"] == name)


def test_golden_inputs_are_the_settings() -> None:
    inputs, variables = "", ""
    for name, field in SETTINGS.items():
        said = f"{field.description}"
        if field.default not in (None, ()):
            said += f" (default: {field.default if name == 'language' else str(field.default).lower()})"
        default = "${{ github.token }}" if name == "github_token" else ""
        variable, written = PREFIX + name.upper(), name.replace("_", "-")
        quoted = (said[0].upper() + said[1:]).replace("'", "''")
        inputs += f"  {written}:\n    description: '{quoted}'\n    default: '{default}'\n"
        value = f"inputs.{written}" + ("" if default else f" || env.{variable}")
        variables += f"        {variable}: ${{{{ {value} }}}}\n"
    text = ACTION.read_text()
    wanted = text
    for indent, part in (("  ", inputs), ("        ", variables)):
        pattern = re.compile(rf"(?sm)(^{indent}# settings\n).*?(^{indent}# /settings\n)")
        assert pattern.search(wanted)
        wanted = pattern.sub(lambda found, part=part: found[1] + part + found[2], wanted)  # type: ignore[misc]
    if os.environ.get("GOLDENS") == "rewrite":
        ACTION.write_text(wanted)
    else:
        assert text == wanted, "action.yml is out of date: run `make goldens`"


def test_the_inputs_are_the_settings_and_the_actions_own_both_ways() -> None:
    inputs = loaded(ACTION)["inputs"]
    assert set(inputs) == {name.replace("_", "-") for name in SETTINGS} | OWN
    assert inputs["github-token"]["default"] == "${{ github.token }}"
    assert inputs["post"]["default"] == "true"
    assert {name for name, given in inputs.items() if given["default"]} == {"github-token", "post", "full"}


def test_every_input_reaches_the_program_as_its_variable() -> None:
    variables = {name: value for name, value in step("Review")["env"].items() if name.startswith(PREFIX)}
    assert {name.removeprefix(PREFIX).lower().replace("_", "-") for name in variables} == set(loaded(ACTION)["inputs"])
    for variable, value in variables.items():
        name = variable.removeprefix(PREFIX).lower().replace("_", "-")
        assert re.fullmatch(rf"\$\{{\{{ inputs\.{name}(?: \|\| env\.{variable})? \}}\}}", value)


def test_the_action_is_whole() -> None:
    document = loaded(ACTION)
    assert document["branding"] == {"icon": "check-square", "color": "blue"}
    assert set(document["outputs"]) == {"status", "findings", "exit-code", "report", "sarif", "html"}
    for name, output in document["outputs"].items():
        assert output["value"] == f"${{{{ steps.review.outputs.{name} }}}}"
    assert [found for found in steps(ACTION) if "uses" in found] == []
    assert "env" not in step("Install reviewer"), "installing needs no secret"


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_script_holds_an_expression(path: Path) -> None:
    assert [found["run"] for found in steps(path) if "${{" in found.get("run", "")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_workflow_may_do_little_and_not_for_long(path: Path) -> None:
    document = loaded(path)
    assert document["permissions"] == {}
    assert "concurrency" in document
    for job in document["jobs"].values():
        assert "permissions" in job
        assert job["timeout-minutes"] <= 30
    for found in steps(path):
        if str(found.get("uses")).startswith("actions/checkout@"):
            assert found["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_others_wrote_is_pinned_by_its_commit_and_ours_by_its_version(path: Path) -> None:
    pinned = re.compile(
        rf"(?:[\w./-]+@[0-9a-f]{{40}} # v\d+\.\d+\.\d+|OWNER/reviewer@v{re.escape(__version__)} # .+|\./ # .+)"
    )
    used = re.findall(r"(?m)^\s+(?:- )?uses: (.+)$", path.read_text())
    assert len(used) == sum("uses" in found for found in steps(path))
    assert [line for line in used if not pinned.fullmatch(line)] == []


def test_one_commit_stands_behind_one_version() -> None:
    found = {pin for path in WORKFLOWS for pin in re.findall(r"([\w./-]+)@([0-9a-f]{40})", path.read_text())}
    assert len(found) == len({name for name, _ in found})


def test_the_shortest_workflow_has_twelve_lines_and_is_the_example() -> None:
    assert TEMPLATE.read_text().count("\n") == 12
    assert (ROOT / "examples" / "workflows" / "review.yml").read_text() == TEMPLATE.read_text()


def test_the_hook_runs_the_built_in_checks_on_what_is_staged() -> None:
    (hook,) = loaded(ROOT / ".pre-commit-hooks.yaml")
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("reviewer", "python", False)
    assert hook["entry"].split() == ["reviewer", "review", "--staged", "--no-model", "--fail-on", "high", "--quiet"]


def test_nothing_of_a_fork_is_checked_out_and_no_job_holds_both_keys() -> None:
    jobs = loaded(ROOT / "examples" / "workflows" / "fork.yml")["jobs"]
    for job in jobs.values():
        assert not any("checkout" in str(found.get("uses")) for found in job["steps"])
        asks = "secrets." in str(job)
        writes = "write" in job["permissions"].values()
        assert asks is not writes


def test_the_audit_is_weekly_within_a_budget_and_a_planned_cap_is_no_red_run() -> None:
    document = loaded(ROOT / "examples" / "workflows" / "audit.yml")
    (job,) = document["jobs"].values()
    (step,) = (each for each in job["steps"] if "OWNER/reviewer" in str(each.get("uses")))
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", document["on"]["schedule"][0]["cron"])
    assert {"allow-incomplete", "max-tokens", "deadline"} <= set(step["with"])
    assert step["with"]["allow-incomplete"] == "true"
    assert any("steps.reviewer.outputs.html" in str(each.get("with", {}).get("path")) for each in job["steps"])
    assert job["permissions"] == {"contents": "read", "issues": "write", "security-events": "write"}


def test_no_job_of_the_audit_of_many_holds_both_keys_and_all_parts_are_of_one_commit() -> None:
    document = loaded(ROOT / "examples" / "workflows" / "audit-org.yml")
    jobs = document["jobs"]
    assert set(document["on"]) == {"schedule", "workflow_dispatch", "workflow_call"}
    assert [("SEGMIND" in str(job), "ANNOUNCING" in str(job)) for job in jobs.values()] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    (checkout,) = (each for each in jobs["audit"]["steps"] if "checkout@" in str(each.get("uses")))
    assert checkout["with"]["ref"] == "${{ matrix.commit }}"
    assert "--allow-incomplete" in str(jobs["audit"])


def test_what_a_part_remembers_is_its_own_whatever_else_there_is_to_audit() -> None:
    path = ROOT / "examples" / "workflows" / "audit-org.yml"
    (cache,) = (each for each in steps(path) if "cache" in each.get("uses", ""))
    for key in (cache["with"]["key"], cache["with"]["restore-keys"]):
        assert key.startswith("reviewer-audit-${{ matrix.repository }}-${{ matrix.shard }}-")
        assert "job-index" not in key


def script(folder: Path, name: str) -> list[str]:
    """A step's script, run as the runner does it."""
    path = folder / "step.sh"
    path.write_text(step(name)["run"])
    return ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(path)]


def test_a_runner_without_a_recent_python_is_told_so_in_one_line(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("python3", "python3.11", "python"):
        (tools / name).write_text("#!/bin/sh\nexit 1\n")
        (tools / name).chmod(0o755)
    bash, *words = script(tmp_path, "Install reviewer")
    done = subprocess.run(
        [subprocess.check_output(["which", bash], text=True).strip(), *words],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": str(tools), "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("::error title=reviewer::reviewer needs Python 3.11 or newer")
    assert done.stdout.count("\n") == 1


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_action_installs_itself_and_skips_a_merge_queue(tmp_path: Path) -> None:
    workspace, temp = tmp_path / "workspace", tmp_path / "temp"
    workspace.mkdir()
    temp.mkdir()
    for name in ("pip.py", "uv.py", "reviewer.py", "sitecustomize.py", "json.py"):
        (workspace / name).write_text("raise SystemExit('code of the change was run')\n")
    (workspace / "uv.toml").write_text("this is no TOML")
    outputs = tmp_path / "outputs"
    tools = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": HOME}
    runner = {**os.environ, **tools, "RUNNER_TEMP": str(temp), "GITHUB_OUTPUT": str(outputs)}
    installing = {**runner, "GITHUB_ACTION_PATH": str(ROOT)}
    command = script(tmp_path, "Install reviewer")
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=workspace, env=installing)
    assert done.returncode == 0, done.stdout + done.stderr
    python = outputs.read_text().removeprefix("python=").strip()

    event = ROOT / "tests" / "events" / "merge_group.json"
    event_variables = {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_EVENT_PATH": str(event)}
    outputs.write_text("")
    given = {PREFIX + name.upper(): "" for name in SETTINGS} | {"PYTHON_OF_REVIEWER": python, **event_variables}
    command = script(tmp_path, "Review")
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=workspace, env={**runner, **given})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("::notice title=reviewer::a merge queue")
    assert "skipped" in outputs.read_text()
