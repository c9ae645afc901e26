"""A plan for people in a terminal, and as JSON (`reviewer-plan/1`)."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from reviewer.model.budget import EXPECTED_ANSWER
from reviewer.text.sanitise import page as safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.findings import Unreviewed
    from reviewer.messages import Message
    from reviewer.planning import Plan, PlannedCall, PlannedItem

SCHEMA = "reviewer-plan/1"
LISTED = 20
"""Files listed for each reason; the JSON has them all."""
_FURTHER = {
    "look_ups": "for what the model looks up",
    "verification": "to verify what is found, 12 findings of a part at a time",
    "overview": "for the view of the whole",
}


def render(plan: Plan) -> str:
    """Call by call, then what is left out, then the sum: that is what stays on the screen."""
    blocks = ["\n".join(_call(call)) for call in plan.calls]
    left_out = "\n".join(_left_out(plan.unreviewed))
    return "\n\n".join([*blocks, *([left_out] if left_out else []), "\n".join(_foot(plan))]) + "\n"


def render_json(plan: Plan) -> str:
    """One JSON object and a line feed, ASCII only."""
    written = json.dumps(document(plan), indent=2, allow_nan=False)
    return written.replace("##[", "#\\u0023[") + "\n"


def render_prompt(messages: Sequence[Message]) -> str:
    """The messages as they would be sent, each under its role."""
    return "".join(f"──── {message.role} ────\n{safe(message.content)}\n" for message in messages)


def document(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values."""
    further = {each.kind: each.requests for each in plan.further}
    return {
        "schema": SCHEMA,
        "provider": plan.provider,
        "model": plan.model,
        "policy_source": plan.policy_source,
        "requests": plan.requests,
        "passes": plan.passes,
        "look_ups": further.get("look_ups", 0),
        "verification_requests": further.get("verification", 0),
        "overview_requests": further.get("overview", 0),
        "prompt_tokens": plan.tokens,
        "cost_usd": plan.cost_usd,
        "at_most": {
            "requests": plan.at_most.requests,
            "prompt_tokens": plan.at_most.tokens,
            "cost_usd": plan.at_most.cost_usd,
        },
        "coverage": {"files": plan.coverage.files, "changed_lines": plan.coverage.changed_lines},
        "calls": [
            {
                "number": call.number,
                "files": [{"path": file.path, "changed_lines": file.lines} for file in call.files],
                "rules": list(call.rules),
                "context": [
                    {"kind": each.kind, "where": each.where, "why": each.why, "tokens": each.tokens, "sent": each.sent}
                    for each in call.items
                ],
                "tokens": call.tokens,
                "diff_tokens": call.diff_tokens,
                "cost_usd": call.cost_usd,
                "price_tier_up_to": call.up_to,
            }
            for call in plan.calls
        ],
        "unreviewed": [
            {"path": each.path, "reason": each.reason, "detail": each.detail, "changed_lines": each.lines}
            for each in plan.unreviewed
        ],
        "notes": [{"code": note.code, "message": note.message, "data": dict(note.data)} for note in plan.notes],
    }


def _call(call: PlannedCall) -> Iterator[str]:
    tier = f", price tier up to {call.up_to:,}" if call.up_to is not None else ""
    of_it = f"{call.diff_tokens:,} of them the change"
    yield f"request {call.number}: {call.tokens:,} tokens, {of_it}{_dollars(call)}{tier}"
    for file in call.files:
        yield f"  {_line(file.path)}  {_counted(file.lines, 'changed line')}"
    if call.rules:
        yield f"  rules: {', '.join(map(_line, call.rules))}"
    for item in call.items:
        yield _item(item)


def _dollars(call: PlannedCall) -> str:
    return "" if call.cost_usd is None else f", ${call.cost_usd:.4f}"


def _item(item: PlannedItem) -> str:
    fits = "" if item.sent else ", does not fit"
    return f"  {item.kind}: {_line(item.where)} ({_line(item.why)}), {item.tokens:,} tokens{fits}"


def _left_out(unreviewed: Sequence[Unreviewed]) -> Iterator[str]:
    by_reason: dict[str, list[Unreviewed]] = defaultdict(list)
    for entry in unreviewed:
        by_reason[entry.reason].append(entry)
    if by_reason:
        yield "left out"
    for reason, entries in by_reason.items():
        for entry in entries[:LISTED]:
            yield f"  {reason}  {_line(entry.path)}: {_line(entry.detail)}"
        if len(entries) > LISTED:
            yield f"  {reason}  and {len(entries) - LISTED} more (--format json lists them all)"


def _foot(plan: Plan) -> Iterator[str]:
    for note in plan.notes:
        yield f"note: {_line(note.message)}"
    covered = plan.coverage
    yield f"{_counted(covered.files, 'file')}, {_counted(covered.changed_lines, 'changed line')}"
    if not plan.calls:
        kept = " to read it; what follows is free where the reply is kept" if plan.further and covered.files else ""
        yield f"nothing would be sent{kept}"
    else:
        whom = f" to {_line(plan.model)} at {plan.provider}" if plan.model else " if a model were set"
        passes = f" in {plan.passes} passes" if plan.passes > 1 else ""
        price = "price unknown" if plan.cost_usd is None else f"about ${plan.cost_usd:.4f}"
        yield f"{_counted(plan.requests, 'request')}{passes}{whom}, {plan.tokens:,} prompt tokens, {price}"
    if plan.further and covered.files:
        yield from _at_most(plan)
    if plan.calls:
        yield "nothing was sent"


def _at_most(plan: Plan) -> Iterator[str]:
    """An upper bound by the same measure: nobody knows what the answers will bring about."""
    for each in plan.further:
        price = "" if each.cost_usd is None else f", ${each.cost_usd:.4f}"
        yield f"and at most {_counted(each.requests, 'request')} more {_FURTHER[each.kind]}{price}"
    most = plan.at_most
    price = "price unknown" if most.cost_usd is None else f"${most.cost_usd:.4f}"
    sums = f"{_counted(most.requests, 'request')}, {most.tokens:,} prompt tokens, {price}"
    yield f"at most {sums} in all: with answers of {EXPECTED_ANSWER:,} tokens, and nothing asked twice"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _line(text: str) -> str:
    """Safe on a terminal and on one line."""
    return safe(text).replace("\n", "⏎").replace("\t", " ")
