from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer import action
from reviewer.action import Run, Skip, parse, plan
from reviewer.errors import Misuse

EVENTS = Path(__file__).parent / "events"
KEY = {"SEGMIND_API_KEY": "sg-test"}
PULL = "Codertocat/Hello-World#2"
HEAD = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"


def event(name: str) -> dict[str, Any]:
    loaded = parse((EVENTS / f"{name}.json").read_bytes())
    assert isinstance(loaded, dict)
    return loaded


def opened(**pull: Any) -> dict[str, Any]:
    """A pull request that is opened, with some of its fields changed; a dotted one is written with `__`."""
    made = event("pull_request.opened")
    for dotted, value in pull.items():
        *folders, name = dotted.split("__")
        target = made["pull_request"]
        for folder in folders:
            target = target[folder]
        target[name] = value
    return made


def fork() -> dict[str, Any]:
    made = opened()
    made["pull_request"]["head"]["repo"] = {**made["pull_request"]["head"]["repo"], "full_name": "mallory/Hello-World"}
    return made


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize("happened", ["opened", "synchronize", "reopened", "ready_for_review"])
def test_a_pull_request_is_reviewed(name: str, happened: str) -> None:
    assert plan(name, event(f"pull_request.{happened}"), KEY) == Run(("review", PULL, "--post"))


@pytest.mark.parametrize(
    ("name", "file", "says"),
    [
        ("pull_request", "pull_request.closed", f"{PULL} is closed"),
        ("merge_group", "merge_group", "merge queue"),
        ("push", "push", "nothing is audited on a push to refs/tags/simple-tag, only to the default branch"),
        ("issue_comment", "issue_comment.created", "nothing is reviewed on the event 'issue_comment'"),
        ("workflow_run", "workflow_run.completed", "nothing is reviewed on the event 'workflow_run'"),
        ("release", "push", "run this on pull_request, or on schedule for an audit"),
    ],
)
def test_every_other_event_is_a_success_that_says_why(name: str, file: str, says: str) -> None:
    planned = plan(name, event(file), {})
    assert isinstance(planned, Skip)
    assert says in planned.notice


def test_what_else_happens_to_a_pull_request_is_no_reason_to_review_it() -> None:
    planned = plan("pull_request", {**opened(), "action": "labeled"}, KEY)
    assert planned == Skip(
        "nothing is reviewed when a pull request is 'labeled', only when opened, synchronize, reopened,"
        " ready_for_review"
    )
    assert isinstance(plan("pull_request", opened(state="closed"), KEY), Skip)


def test_a_draft_waits_unless_asked_for() -> None:
    waiting = plan("pull_request", opened(draft=True), KEY)
    assert isinstance(waiting, Skip)
    assert "is a draft" in waiting.notice
    assert plan("pull_request", opened(draft=True), {**KEY, "REVIEWER_DRAFTS": "true"}) == Run(
        ("review", PULL, "--post")
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"REVIEWER_POST": "false"}, ("review", PULL)),
        ({"REVIEWER_POST": "", "REVIEWER_FULL": "True"}, ("review", PULL, "--post", "--full")),
        ({"REVIEWER_FULL": "no"}, ("review", PULL, "--post")),
        (
            {"REVIEWER_EVIDENCE": "ruff.sarif\n\n  cov.xml \n"},
            ("review", PULL, "--post", "--evidence", "ruff.sarif", "--evidence", "cov.xml"),
        ),
        ({"REVIEWER_PUBLISH": "out/report.json"}, ("publish", "out/report.json", "--pull", PULL)),
        ({"REVIEWER_PUBLISH": "--post"}, ("publish", "./--post", "--pull", PULL)),
    ],
)
def test_the_steps_own_inputs(said: dict[str, str], words: tuple[str, ...]) -> None:
    assert plan("pull_request", opened(), {**KEY, **said}) == Run(words)


def test_a_switch_is_true_or_false() -> None:
    with pytest.raises(Misuse, match="the input post must be true or false, not 'maybe'"):
        plan("pull_request", opened(), {**KEY, "REVIEWER_POST": "maybe"})


@pytest.mark.parametrize(
    "inputs", [{"pull-request": "7"}, {"pull_request": 7}, {"pull-request": "7", "pull_request": "8"}]
)
def test_a_dispatch_names_its_pull_request(inputs: dict[str, Any]) -> None:
    dispatched = {**event("workflow_dispatch"), "inputs": inputs}
    assert plan("workflow_dispatch", dispatched, KEY) == Run(("review", "octo-org/octo-repo#7", "--post"))


def test_the_steps_input_names_the_pull_request_of_a_dispatch() -> None:
    dispatched = {**event("workflow_dispatch"), "inputs": None}
    planned = plan("workflow_dispatch", dispatched, {**KEY, "REVIEWER_PULL_REQUEST": "9"})
    assert planned == Run(("review", "octo-org/octo-repo#9", "--post"))


@pytest.mark.parametrize("number", ["0", "-1", "1 --post", "x", "12345678901", "٣"])
def test_a_pull_request_is_a_number(number: str) -> None:
    with pytest.raises(Misuse, match="the input pull-request must be a number"):
        plan("workflow_dispatch", event("workflow_dispatch"), {**KEY, "REVIEWER_PULL_REQUEST": number})


def test_the_inputs_of_a_dispatch_are_an_object() -> None:
    with pytest.raises(Misuse, match="inputs is no object"):
        plan("workflow_dispatch", {**event("workflow_dispatch"), "inputs": "7"}, KEY)


# --- audits

SHOP = {**KEY, "GITHUB_REPOSITORY": "octo/shop"}
AUDIT = ("audit", "--post", "octo-org/octo-repo")


def pushed(ref: str) -> dict[str, Any]:
    return {**event("push"), "ref": ref}


def test_a_schedule_audits_the_repository_that_the_runner_names() -> None:
    cron = {"schedule": "17 4 * * 1"}
    assert plan("schedule", cron, SHOP, checked_out={HEAD}) == Run(("audit", "--post", "octo/shop"))
    assert plan("schedule", event("workflow_dispatch"), SHOP, checked_out={HEAD}) == Run(AUDIT)
    with pytest.raises(Misuse, match="GITHUB_REPOSITORY does not name a repository"):
        plan("schedule", cron, {**SHOP, "GITHUB_REPOSITORY": "../x"}, checked_out={HEAD})


def test_a_push_is_audited_on_the_default_branch_alone() -> None:
    assert plan("push", pushed("refs/heads/master"), KEY, checked_out={HEAD}) == Run(
        ("audit", "--post", "Codertocat/Hello-World")
    )
    for ref in ("refs/heads/topic", "refs/tags/master", "refs/heads/" + "x" * 250):
        planned = plan("push", pushed(ref), {}, checked_out=())
        assert isinstance(planned, Skip)
        assert f"a push to {ref}, only to the default branch (refs/heads/master)" in planned.notice


def test_a_dispatch_without_a_number_is_an_audit_and_elsewhere_it_leaves_the_issue_alone() -> None:
    dispatched = event("workflow_dispatch")
    assert plan("workflow_dispatch", dispatched, KEY, checked_out={HEAD}) == Run(AUDIT)
    elsewhere = plan("workflow_dispatch", {**dispatched, "ref": "refs/heads/topic"}, KEY, checked_out={HEAD})
    assert isinstance(elsewhere, Run)
    assert elsewhere.arguments == ("audit",)
    assert elsewhere.notices[0].startswith("this is refs/heads/topic, not refs/heads/main: what is found stands")
    quiet = {**KEY, "REVIEWER_POST": "false"}
    assert plan("workflow_dispatch", {**dispatched, "ref": "refs/heads/x"}, quiet, checked_out={HEAD}) == Run(
        ("audit",)
    )


def test_what_the_step_says_of_an_audit() -> None:
    said = {**SHOP, "REVIEWER_EVIDENCE": "ruff.sarif\n\ncov.xml", "REVIEWER_POST": "false"}
    planned = plan("schedule", {}, said, checked_out={HEAD})
    assert planned == Run(("audit", "--evidence", "ruff.sarif", "--evidence", "cov.xml"))
    published = Run(("publish", "report.json", "--repository", "octo/shop"))
    assert plan("schedule", {}, {**SHOP, "REVIEWER_PUBLISH": "report.json"}) == published
    with pytest.raises(Misuse, match="there is no key to ask a model with"):
        plan("schedule", {}, {"GITHUB_REPOSITORY": "octo/shop"}, checked_out={HEAD})


@pytest.mark.parametrize("name", ["schedule", "workflow_dispatch"])
def test_an_audit_without_a_checkout_says_which_step_is_missing(name: str) -> None:
    with pytest.raises(Misuse, match=r"^an audit .* put a step with actions/checkout before this one[^\n]*$"):
        plan(name, event("workflow_dispatch"), SHOP)


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize("said", [{}, {"REVIEWER_PROVIDER": "dashscope"}, {"REVIEWER_MODEL": "qwen3-coder-plus"}])
def test_a_fork_without_a_key_gets_the_built_in_checks(name: str, said: dict[str, str]) -> None:
    planned = plan(name, fork(), said)
    assert isinstance(planned, Run)
    assert planned.arguments == ("review", PULL, "--post", "--no-model")
    assert planned.notices == (
        f"{PULL}: it comes from a fork, so there is no key, and only the built-in checks read it",
    )


def test_a_fork_that_is_gone_is_a_fork() -> None:
    planned = plan("pull_request", opened(head__repo=None), {})
    assert isinstance(planned, Run)
    assert "--no-model" in planned.arguments


def test_dependabot_has_no_secrets_either() -> None:
    made = opened()
    made["sender"]["login"] = "dependabot[bot]"
    planned = plan("pull_request", made, {})
    assert isinstance(planned, Run)
    assert "Dependabot set this off" in planned.notices[0]


def test_a_fork_with_a_key_is_read_by_the_model() -> None:
    assert plan("pull_request_target", fork(), KEY) == Run(("review", PULL, "--post"))
    # A wrong setting is no missing key: it is not hidden.
    with pytest.raises(Misuse, match="DASHSCOPE_API_KEY"):
        plan("pull_request_target", fork(), {**KEY, "REVIEWER_PROVIDER": "dashscope"})


@pytest.mark.parametrize("said", [{}, {"REVIEWER_PROVIDER": "segmind"}, {"SEGMIND_API_KEY": ""}])
def test_no_key_elsewhere_is_a_mistake_that_says_the_way_out(said: dict[str, str]) -> None:
    with pytest.raises(
        Misuse, match=r"key.*`api-key: \$\{\{ secrets.SEGMIND_API_KEY \}\}`.*`provider: none`"
    ) as raised:
        plan("pull_request", opened(), said)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "said",
    [
        {"REVIEWER_PROVIDER": "none"},
        {"REVIEWER_PROVIDER": "ollama"},
        {"REVIEWER_BASE_URL": "http://models.internal:8000/v1"},
        {"REVIEWER_API_KEY": "k"},
        {"REVIEWER_PUBLISH": "report.json"},
    ],
)
def test_no_key_is_needed_where_none_is_asked_for(said: dict[str, str]) -> None:
    for made in (opened(), fork()):
        planned = plan("pull_request", made, said)
        assert isinstance(planned, Run)
        assert "--no-model" not in planned.arguments


def test_the_code_of_a_change_must_not_lie_beside_secrets() -> None:
    with pytest.raises(Misuse, match="has checked out the code of Codertocat/Hello-World#2 itself"):
        plan("pull_request_target", fork(), KEY, checked_out={HEAD})
    assert isinstance(plan("pull_request_target", fork(), KEY, checked_out={"0" * 40}), Run)
    assert isinstance(plan("pull_request", fork(), KEY, checked_out={HEAD}), Run)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "2"),
        ("number", True),
        ("number", 0),
        ("number", 2.0),
        ("head__sha", "HEAD"),
        ("head__sha", HEAD + "\n"),
        ("head__sha", None),
        ("draft", "false"),
        ("state", None),
        ("head", None),
        ("base__repo__full_name", "a/b/c"),
    ],
)
def test_a_field_that_is_not_what_github_sends_is_one_line(field: str, value: Any) -> None:
    with pytest.raises(Misuse, match=r"^the event is malformed: [^\n]+$"):
        plan("pull_request", opened(**{field: value}), KEY)


@pytest.mark.parametrize("name", ["", "o/..", "o/.", "../r", "o/r#1", "o/r --post", "o/r\n", "ö/r", 1, None])
def test_a_repository_is_an_owner_and_a_name(name: Any) -> None:
    made = opened()
    made["repository"]["full_name"] = name
    with pytest.raises(Misuse, match=r"repository\.full_name is not what GitHub sends there"):
        plan("pull_request", made, KEY)


@pytest.mark.parametrize("missing", ["action", "repository", "pull_request", "sender"])
def test_a_field_that_is_missing_is_named(missing: str) -> None:
    made = opened()
    del made[missing]
    with pytest.raises(Misuse, match=f"it has no {missing}"):
        plan("pull_request", made, KEY)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff\xfe", b'"x"', b"[" * 100_000, b'{"a": ' * 100_000])
def test_a_file_that_is_no_event_is_one_line(data: bytes) -> None:
    with pytest.raises(Misuse, match=r"^the event file is not a JSON object[^\n]+$"):
        parse(data)


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    with pytest.raises(Misuse, match="larger than 32 MiB"):
        parse(b" " * (action.MAX_EVENT_BYTES + 1))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PLACES = ["action", "repository", "sender", "number", "pull_request", "inputs", "ref"]


@given(st.sampled_from(PLACES), JSON, st.sampled_from(["pull_request", "workflow_dispatch", "push", "schedule"]))
def test_no_event_is_a_bug(place: str, value: Any, name: str) -> None:
    for made in ({**opened(), place: value}, {**opened(), "pull_request": {**opened()["pull_request"], place: value}}):
        with suppress(Misuse):
            assert isinstance(plan(name, json.loads(json.dumps(made)), KEY, checked_out={HEAD}), Run | Skip)
