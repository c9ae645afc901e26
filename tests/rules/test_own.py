"""The repository's own packs: what their files define, what wins, and how severe what cites them may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.errors import Misuse
from reviewer.findings import Category, Claim, Confidence, Finding, Origin, Severity, Span
from reviewer.rules import own
from reviewer.rules.caps import capped
from reviewer.rules.packs import SHIPPED, Pack, parse, shipped
from reviewer.rules.standing import State, combined, standings

HOUSE = f"{own.FOLDER}/house.md"


def text(name: str, more: str = "", body: str = "- Money is an integer of cents.") -> str:
    return f'+++\nname = "{name}"\n{more}\n+++\n{body}\n'


def off(name: str) -> str:
    return text(name, "enabled = false", "")


def collected(**files: str) -> tuple[Pack, ...]:
    return own.collect((f"{own.FOLDER}/{name}.md", written) for name, written in files.items())


def names(packs: tuple[Pack, ...]) -> list[str]:
    return [pack.name for pack in packs]


def test_packs_come_in_the_order_of_their_files() -> None:
    found = collected(b=text("money"), a=text("zebra"))
    assert [(pack.name, pack.origin) for pack in found] == [
        ("zebra", f"{own.FOLDER}/a.md"),
        ("money", f"{own.FOLDER}/b.md"),
    ]
    assert own.collect([]) == ()


def test_a_name_is_given_once() -> None:
    with pytest.raises(Misuse) as refused:
        collected(a=text("money"), b="+++\n# ours\nname = 'money'\n+++\n- Rule\n")
    assert str(refused.value).startswith(f"{own.FOLDER}/b.md:3: {own.FOLDER}/a.md is called 'money' too")


@pytest.mark.parametrize("written", [None, text("big", body="x" * own.MAX_BYTES), text("big", body="é" * 8200)])
def test_what_is_no_text_or_too_large_is_refused(written: str | None) -> None:
    with pytest.raises(Misuse, match=r"big\.md:1: a rule pack is a text file of at most 16 KiB, and no symlink"):
        own.collect([(f"{own.FOLDER}/big.md", written)])


def test_so_many_and_no_more() -> None:
    files = {f"p{number:02}": text(f"p{number}") for number in range(own.MAX_FILES)}
    assert len(collected(**files)) == own.MAX_FILES
    with pytest.raises(Misuse, match="more than 50 rule packs"):
        collected(**files, more=text("more"))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("money.md", True), ("MONEY.MD", True), ("README.md", False), ("readme.md", False), ("money.txt", False)],
)
def test_which_files_are_packs(name: str, is_one: bool) -> None:
    assert own.is_pack(name) is is_one


def test_own_packs_add_to_the_shipped_ones() -> None:
    assert names(combined(shipped(), collected(m=text("money")))) == [*names(shipped()), "money"]


def test_an_own_pack_replaces_the_shipped_one_of_its_name() -> None:
    mine = collected(m=text("python"))
    found = combined(shipped(), mine)
    assert names(found) == [*(name for name in names(shipped()) if name != "python"), "python"]
    assert found[-1].origin == f"{own.FOLDER}/m.md"
    both = [each for each in standings(shipped(), mine, ()) if each.pack.name == "python"]
    assert [(each.pack.origin, each.state, each.by) for each in both] == [
        (SHIPPED, State.REPLACED, f"{own.FOLDER}/m.md"),
        (f"{own.FOLDER}/m.md", State.USED, None),
    ]


def test_an_own_pack_switches_the_shipped_one_off() -> None:
    mine = collected(m=off("sql"), d=text("draft", "enabled = false"))
    assert names(combined(shipped(), mine)) == [name for name in names(shipped()) if name != "sql"]
    listed = {(each.pack.name, each.pack.origin): each for each in standings(shipped(), mine, ())}
    assert listed["sql", SHIPPED].state is State.OFF
    assert listed["sql", SHIPPED].by == f"{own.FOLDER}/m.md"
    assert listed["draft", f"{own.FOLDER}/d.md"].state is State.OFF


def test_a_setting_skips_packs_whoever_wrote_them() -> None:
    mine = collected(m=text("money"), p=text("python"))
    assert names(combined(shipped(), mine, ["money", "python", "go"])) == [
        name for name in names(shipped()) if name not in {"python", "go"}
    ]
    skipped = {each.pack.origin for each in standings(shipped(), mine, ["python"]) if each.state is State.SKIPPED}
    assert skipped == {f"{own.FOLDER}/p.md"}


def test_a_name_that_no_pack_has_cannot_be_skipped() -> None:
    with pytest.raises(Misuse, match="skip_rules names 'pyhton', which there is not: choose from api-design, "):
        combined(shipped(), (), ["pyhton"])
    assert combined(shipped(), collected(m=text("money")), ["money"]) == shipped()


def claim(rule: str | None, severity: Severity = Severity.CRITICAL) -> Claim:
    return Claim("a.py", "x", "T", "B", severity=severity, rule=rule)


HOUSE_RULES = (parse(text("house-rules", 'severity = "medium"'), "x", HOUSE), parse(text("free"), "x", HOUSE))


@pytest.mark.parametrize(
    ("rule", "becomes"),
    [
        ("house-rules", "medium"),
        ("House-Rules", "medium"),
        ("## house-rules", "medium"),
        ("`house-rules`", "medium"),
        ("house-rules/money in cents", "medium"),
        ("house-rules: money\nin cents", "medium"),
        ("house-rules and more", "critical"),
        ("house", "critical"),
        ("free", "critical"),
        ("security", "critical"),
        ("", "critical"),
        (None, "critical"),
    ],
)
def test_what_cites_a_pack_is_no_worse_than_it_allows(rule: str | None, becomes: str) -> None:
    assert capped(claim(rule), HOUSE_RULES) == replace(claim(rule), severity=Severity(becomes))


def test_a_cap_makes_nothing_worse() -> None:
    assert capped(claim("house-rules", Severity.LOW), HOUSE_RULES).severity is Severity.LOW
    assert capped(claim("house-rules", Severity.MEDIUM), HOUSE_RULES).severity is Severity.MEDIUM


def test_findings_too_but_not_those_of_checks_and_tools() -> None:
    said = Finding(
        "f" * 16, Span("a.py", 1, 1), "x", Severity.HIGH, Category.BUG, Confidence.HIGH, "T", "B", Origin.MODEL,
        rule="house-rules",
    )  # fmt: skip
    assert capped(said, HOUSE_RULES) == replace(said, severity=Severity.MEDIUM)
    for origin in (Origin.CHECK, Origin.TOOL):
        assert capped(replace(said, origin=origin), HOUSE_RULES).severity is Severity.HIGH


def test_the_example_of_the_documentation_is_a_pack() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
    written = page.split("<!-- pack -->\n```markdown\n")[1].split("```\n<!-- /pack -->")[0]
    (pack,) = own.collect([(f"{own.FOLDER}/money.md", written)])
    assert (pack.name, pack.severity) == ("money", Severity.HIGH)
    assert [pack.concerns(path) for path in ("billing/a.py", "lib/net_price.py", "billing/a.md", "a.py")] == [
        True,
        True,
        False,
        False,
    ]
