from __future__ import annotations

from typing import Any

import pytest
from evidence_files import log, result

from reviewer.context.sarif import document


def said(message: object, rule: dict[str, Any] | None = None, **driver: Any) -> tuple[str, str]:
    import json

    written = json.loads(log(result() | {"message": message, "ruleId": "R1"}, rules=[{"id": "R1", **(rule or {})}]))
    written["runs"][0]["tool"]["driver"] |= driver
    (run,) = document.read(json.dumps(written).encode(), "x.sarif")
    return run.results[0].title, run.results[0].body


@pytest.mark.parametrize(
    ("message", "title", "body"),
    [
        ({"text": "It is wrong."}, "It is wrong", ""),
        ({"markdown": "It is `wrong`"}, "It is `wrong`", ""),
        ({"text": "One thing. And another."}, "One thing", "One thing. And another."),
        ({"text": "One line\r\nand another"}, "One line", "One line\nand another"),
        ({"text": "A [value](1) and a [page](https://x.org)."}, "A value and a [page](https://x.org)", ""),
        ({"text": "See [here](sarif:/runs/0)"}, "See here", ""),
        ({"text": r"A \[list\]"}, "A [list]", ""),
        ({"text": "Use {0}, not {1}.", "arguments": ["`a`", "`b`"]}, "Use `a`, not `b`", ""),
        ({"text": "{{0}} is {0}{7}", "arguments": ["a"]}, "{0} is a{7}", ""),
        ({"text": "Use {{ x }} and {0}"}, "Use {{ x }} and {0}", ""),
        ({"text": "It is {0}", "arguments": [7, "x"]}, "It is", ""),
        ({"text": "..."}, "...", ""),
        ({"text": 7}, "R1", ""),
        (None, "R1", ""),
    ],
)
def test_the_title_is_the_first_sentence(message: object, title: str, body: str) -> None:
    assert said(message) == (title, body)


def test_a_message_by_name() -> None:
    strings = {"default": {"text": "{0} is unused, {{really}}."}}
    message = {"id": "default", "arguments": ["x"]}
    assert said(message, {"messageStrings": strings})[0] == "x is unused, {really}"
    assert said(message, globalMessageStrings=strings)[0] == "x is unused, {really}"
    assert said({"id": "other"}, {"messageStrings": strings})[0] == "R1"


def test_what_the_rule_adds() -> None:
    rule = {
        "shortDescription": {"text": "Short."},
        "fullDescription": {"text": "## What it does\nChecks\nthings.\n\n## Why\nBecause."},
        "helpUri": "https://example.org/r1",
    }
    assert said({"text": "It is wrong."}, rule) == ("It is wrong", "Checks things.\n\nhttps://example.org/r1")
    assert said({"text": "It is wrong. Very."}, rule)[1] == "It is wrong. Very.\n\nhttps://example.org/r1"
    assert said({}, rule) == ("Checks things", "https://example.org/r1")
    assert said({"text": "Short"}, {"shortDescription": {"text": "Short."}}) == ("Short", "")


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "https://a b", "https://a\nb", "https://" + "a" * 300, 7])
def test_no_other_address_is_passed_on(uri: object) -> None:
    assert said({"text": "It is wrong."}, {"helpUri": uri})[1] == ""


def test_nothing_grows_without_a_bound() -> None:
    title, body = said({"text": "{0}" * 3_000, "arguments": ["x" * 10_000]})
    assert (len(title), len(body)) == (120, 4_000)
    title, body = said({"text": "[a](1)" * 5_000})
    assert len(title) == 120
    assert said({"text": "[" * 20_000})[0].startswith("[[[")
