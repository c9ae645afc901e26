from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from goldens import same
from model_server import ModelServer, reply
from processes import asking, commit, git, repository, reviewer

from reviewer.findings import Coverage, Note, NoteCode, Reason, Unreviewed
from reviewer.outputs import plan as pages
from reviewer.planning import Further, Plan, PlannedCall, PlannedFile, PlannedItem

if TYPE_CHECKING:
    from processes import Done

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parent.parent.parent
CALL = PlannedCall(
    number=1,
    files=(PlannedFile("src/cart.py", 12), PlannedFile("tests/\u202etest_cart.py", 1)),
    rules=("general", "python"),
    items=(
        PlannedItem("definition", "src/money.py:2", "called in cart.py:7", 42, sent=True),
        PlannedItem("pull", "description", "the author's words", 900, sent=False),
    ),
    tokens=2_345,
    diff_tokens=800,
    cost_usd=0.00123,
    up_to=32_000,
)
PLAN = Plan(
    calls=(CALL,),
    passes=2,
    further=(
        Further("look_ups", 16, 512_000, 0.2),
        Further("verification", 1, 4_345, 0.0025),
        Further("overview", 4, 44_000, 0.05),
    ),
    unreviewed=(
        Unreviewed("uv.lock", Reason.LOCK, "matches uv.lock", lines=20),
        *(Unreviewed(f"gen/{n}.py", Reason.GENERATED, "its name", lines=1) for n in range(22)),
    ),
    coverage=Coverage(25, 2, 55, 13),
    notes=(Note(NoteCode.GUIDES_TRIMMED, "guides left out: CONTRIBUTING.md"),),
    provider="dashscope",
    model="qwen3-coder-flash",
)


def test_golden_pages() -> None:
    same(GOLDEN / "plan.txt", pages.render(PLAN))
    same(GOLDEN / "plan.json", pages.render_json(PLAN))


def test_what_a_plan_adds_up_to() -> None:
    assert (PLAN.requests, PLAN.tokens) == (2, 4_690)
    assert PLAN.cost_usd == pytest.approx(0.00246)
    assert (PLAN.at_most.requests, PLAN.at_most.tokens) == (2 + 16 + 1 + 4, 4_690 + 512_000 + 4_345 + 44_000)
    assert PLAN.at_most.cost_usd == pytest.approx(0.00246 + 0.2 + 0.0025 + 0.05)
    unpriced = Plan((CALL, PlannedCall(2, (), (), (), 1, 1, None, None)), 1, (), Coverage(), ())
    assert (unpriced.cost_usd, unpriced.at_most.cost_usd) == (None, None)
    assert "price unknown" in pages.render(unpriced)
    half = replace(PLAN, further=(Further("overview", 4, 44_000, None),))
    assert half.at_most.cost_usd is None
    assert "and at most 4 requests more for the view of the whole\nat most 6 requests" in pages.render(half)
    nothing = Plan((), 1, (), Coverage(), ())
    assert pages.render(nothing).endswith("nothing would be sent\n")
    read = replace(nothing, coverage=Coverage(3, 3, 9, 9), further=(Further("overview", 4, 44_000, 0.05),))
    assert "nothing would be sent to read it; what follows is free where the reply is kept" in pages.render(read)


@pytest.mark.parametrize(("passes", "times"), [(1, 1), (2, 1), (3, 2)])
def test_what_further_passes_find_is_verified_too(shop: Path, passes: int, times: int) -> None:
    flags = ("--passes", str(passes), "--format", "json")
    told = json.loads(plan(shop, *flags, DASHSCOPE_API_KEY="x").out)
    (call,) = told["calls"]
    assert (told["requests"], told["verification_requests"], told["overview_requests"]) == (passes, times, 0)
    prompts = [*[call["tokens"]] * passes, *[call["tokens"] + 2_000] * times]
    assert (told["at_most"]["requests"], told["at_most"]["prompt_tokens"]) == (passes + times, sum(prompts))
    bound = (sum(prompts) * 0.30 + len(prompts) * 1_000 * 1.50) / 1e6
    assert told["at_most"]["cost_usd"] == pytest.approx(bound)


def test_a_judge_of_another_price_is_priced_as_itself(shop: Path) -> None:
    words = ("--format", "json", "--judge-model", "qwen3-coder-plus")
    dear, cheap = (json.loads(plan(shop, *each, DASHSCOPE_API_KEY="x").out) for each in (words, words[:2]))
    assert dear["cost_usd"] == cheap["cost_usd"]
    assert dear["at_most"]["cost_usd"] > cheap["at_most"]["cost_usd"] * 1.5


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = repository(tmp_path / "shop", {"src/a.py": "def compute(x):\n    return x\n", "src/b.py": "x = 1\n"})
    git(root, "checkout", "-q", "-b", "topic")
    text = "".join(f"value_{n} = compute({n})  # some text to fill the line with\n" for n in range(40))
    commit(root, {"src/b.py": f"from src.a import compute\n{text}", "src/c.py": text, "uv.lock": "x\n"}, "More values")
    return root


def plan(root: Path, *flags: str, **variables: str) -> Done:
    return reviewer("plan", "main...topic", *flags, cwd=root, variables=variables)


def test_it_says_what_would_be_sent_and_left_out_and_sends_nothing(shop: Path) -> None:
    with ModelServer(reply("{}")) as server:
        told = json.loads(plan(shop, "--format", "json", "--chunk-tokens", "500", **asking(server.url)).out)
        assert server.requests == []
    assert told["schema"] == "reviewer-plan/1"
    assert len(told["calls"]) == told["requests"] > 1
    assert {file["path"] for call in told["calls"] for file in call["files"]} == {"src/b.py", "src/c.py"}
    lines = sum(file["changed_lines"] for call in told["calls"] for file in call["files"])
    assert lines + sum(entry["changed_lines"] for entry in told["unreviewed"]) == told["coverage"]["changed_lines"]
    assert [(entry["path"], entry["reason"]) for entry in told["unreviewed"]] == [("uv.lock", "lock")]
    assert all(call["rules"] for call in told["calls"])
    assert any(item["where"] == "src/a.py:1" for call in told["calls"] for item in call["context"])


def test_the_prompt_it_shows_is_the_one_that_is_sent(shop: Path) -> None:
    flags = ("--chunk-tokens", "500")
    with ModelServer(reply('{"findings": []}')) as server:
        variables = asking(server.url)
        count = json.loads(plan(shop, "--format", "json", *flags, **variables).out)["requests"]
        shown = {plan(shop, "--show-prompt", str(n), *flags, **variables).out for n in range(1, count + 1)}
        reviewer("review", "main...topic", *flags, cwd=shop, variables=variables)
        sent = {_page(request.body) for request in server.requests}
    assert len(sent) == count
    assert shown == sent


def _page(body: Any) -> str:
    return "".join(f"──── {message['role']} ────\n{message['content']}\n" for message in body["messages"])


def test_the_price_is_the_dialects_or_ones_own(shop: Path) -> None:
    known = json.loads(plan(shop, "--format", "json", DASHSCOPE_API_KEY="x").out)
    (call,) = known["calls"]
    assert (call["price_tier_up_to"], known["verification_requests"], known["look_ups"]) == (32_000, 1, 0)
    assert known["cost_usd"] == pytest.approx((call["tokens"] * 0.30 + 1_000 * 1.50) / 1e6)
    assert json.loads(plan(shop, "--format", "json", SEGMIND_API_KEY="x").out)["cost_usd"] is None
    own = plan(shop, "--format", "json", "--price-input", "2", "--price-output", "0", SEGMIND_API_KEY="x")
    assert json.loads(own.out)["cost_usd"] == pytest.approx(call["tokens"] * 2 / 1e6)


def test_the_requests_that_tools_bring_are_told(shop: Path) -> None:
    flags = ("--tools", "--max-tool-calls", "3", "--passes", "2")
    told = json.loads(plan(shop, *flags, "--format", "json", DASHSCOPE_API_KEY="x").out)
    assert (told["requests"], told["look_ups"]) == (2, 6)
    assert "and at most 6 requests more for what the model looks up" in plan(shop, *flags, DASHSCOPE_API_KEY="x").out


def test_what_is_too_long_for_a_request_is_planned_in_halves_as_it_is_sent(tmp_path: Path) -> None:
    names = [f"value_{n}_of_the_shop" for n in range(400)]
    root = repository(tmp_path / "shop", {"src/a.py": "".join(f"def {name}(x): return x\n" for name in names)})
    rules = {
        f".github/reviewer/rules/r{n}.md": f'+++\nname = "r{n}"\n+++\n{"- Name the units. " * 900}\n' for n in "12"
    }
    commit(root, rules)
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"src/b.py": "".join(f"total_{n} = {names[n % 400]}(total_{n}, 1)\n" for n in range(1_600))})
    flags = ("--chunk-tokens", "24000", "--guide-tokens", "8000", "--context-tokens", "8000")
    with ModelServer(reply('{"findings": []}')) as server:
        variables = asking(server.url)
        told = json.loads(plan(root, *flags, "--format", "json", **variables).out)
        reviewer("review", "main...topic", *flags, cwd=root, variables=variables)
    assert max(call["tokens"] for call in told["calls"]) <= 32_000
    assert told["requests"] == len(server.requests)
    assert sum(file["changed_lines"] for call in told["calls"] for file in call["files"]) == 1_600


def test_the_plan_of_the_work_tree_and_of_nothing(shop: Path) -> None:
    (shop / "src" / "new.py").write_text("x = 1\n")
    assert "src/new.py" in reviewer("plan", cwd=shop).out
    git(shop, "checkout", "-q", "main")
    assert "nothing would be sent" in reviewer("plan", "main...main", cwd=shop).out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--format", "sarif"), "choose text or json"),
        (("--show-prompt", "0"), "counts from 1"),
        (("--show-prompt", "99"), "the plan has 1"),
        (("--nope",), "--nope"),
    ],
)
def test_wrong_usage_is_one_line(shop: Path, flags: tuple[str, ...], message: str) -> None:
    done = plan(shop, *flags)
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1


def test_what_a_review_would_refuse_is_refused(shop: Path) -> None:
    done = plan(shop, "--max-cost", "1", SEGMIND_API_KEY="x")
    assert done.code == 2
    assert "REVIEWER_MAX_COST needs a price" in done.err
    assert plan(shop, "--tools", SEGMIND_API_KEY="x").code == 2


def test_what_tools_add_to_a_request_is_counted(shop: Path) -> None:
    plain, equipped = (
        json.loads(plan(shop, "--format", "json", *flags, DASHSCOPE_API_KEY="x").out)["prompt_tokens"]
        for flags in ((), ("--tools",))
    )
    assert 400 < equipped - plain < 800
