from __future__ import annotations

from typing import Any

import pytest

from reviewer.context.sarif.locations import Edit, Locations, Place


def places(location: dict[str, Any], **run: Any) -> tuple[Place, ...]:
    return Locations(run).places({"locations": [{"physicalLocation": location}]})


def names(artifact: dict[str, Any], **run: Any) -> tuple[str, ...]:
    found = places({"artifactLocation": artifact}, **run)
    return found[0].names if found else ()


@pytest.mark.parametrize(
    ("uri", "wanted"),
    [
        ("src/a.py", ("src/a.py",)),
        ("./src//a.py", ("src/a.py",)),
        ("../src/a.py", ("src/a.py",)),
        ("src/x/../a.py", ("src/a.py",)),
        ("src\\a.py", ("src/a.py",)),
        ("C:\\build\\src\\a.py", ("/build/src/a.py",)),
        ("file:///build/src/a.py", ("/build/src/a.py",)),
        ("FILE:///C:/build/a%20b/c.py", ("/build/a b/c.py", "/build/a%20b/c.py")),
        ("file:///c%3A/build/a.py", ("/build/a.py", "/c%3A/build/a.py")),
        ("file://C:/build/a.py", ("/build/a.py",)),
        ("file://host/share/a.py", ("/share/a.py",)),
        ("file:src/a.py", ("src/a.py",)),
        ("gr%C3%BCn.py", ("grün.py", "gr%C3%BCn.py")),
        ("%FF.py", ("\\xff.py".replace("\\", "/"), "%FF.py")),
        ("100%.py", ("100%.py",)),
        ("https://example.org/src/a.py", ()),
        ("untitled:a.py", ()),
        ("//[", ("/[",)),
        ("..", ()),
        ("", ()),
        ("x" * 5_000, ()),
        (7, ()),
    ],
)
def test_what_a_uri_may_mean(uri: object, wanted: tuple[str, ...]) -> None:
    assert names({"uri": uri}) == wanted


def test_a_base_may_have_a_base() -> None:
    bases = {
        "ROOT": {"uri": "file:///build/shop/"},
        "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
        "BARE": {"description": {"text": "the sources"}},
        "LOOP": {"uri": "x/", "uriBaseId": "LOOP"},
    }
    run = {"originalUriBaseIds": bases}
    assert names({"uri": "a.py", "uriBaseId": "SRC"}, **run) == ("/build/shop/src/a.py", "a.py")
    assert names({"uri": "a.py", "uriBaseId": "BARE"}, **run) == ("a.py",)
    assert names({"uri": "a.py", "uriBaseId": "MISSING"}, **run) == ("a.py",)
    assert names({"uri": "/w/a.py", "uriBaseId": "ROOT"}, **run) == ("/w/a.py",)
    assert names({"uri": "file:///w/a.py", "uriBaseId": "ROOT"}, **run) == ("/w/a.py",)
    assert names({"uri": "a.py", "uriBaseId": "LOOP"}, **run) == ("x/" * 10 + "a.py", "a.py")
    assert names({"uri": "a.py", "uriBaseId": "LONG"}, originalUriBaseIds={"LONG": {"uri": "y" * 2_000}}) == ("a.py",)


def test_a_file_by_its_index() -> None:
    run = {"artifacts": [{"location": {"uri": "a.py"}}, {}]}
    assert names({"index": 0}, **run) == ("a.py",)
    assert names({"index": 0, "uri": "b.py"}, **run) == ("b.py",)
    for index in (1, 2, -1, True, "0", 10**30):
        assert names({"index": index}, **run) == ()


@pytest.mark.parametrize(
    ("region", "lines"),
    [
        (None, (None, None)),
        ({}, (None, None)),
        ({"charOffset": 7, "charLength": 2}, (None, None)),
        ({"startLine": 0}, (None, None)),
        ({"startLine": "3"}, (None, None)),
        ({"startLine": 3}, (3, 3)),
        ({"startLine": 3, "endLine": 5}, (3, 5)),
        ({"startLine": 3, "endLine": 5, "endColumn": 1}, (3, 4)),
        ({"startLine": 3, "endLine": 3, "endColumn": 1}, (3, 3)),
        ({"startLine": 5, "endLine": 3}, (5, 5)),
        ({"startLine": 3, "endLine": 10**40}, (3, 3)),
    ],
)
def test_the_lines_of_a_region(region: object, lines: tuple[int | None, int | None]) -> None:
    (place,) = places({"artifactLocation": {"uri": "a.py"}, "region": region})
    assert (place.first, place.last) == lines


def test_several_places_are_bounded() -> None:
    locations = [{"physicalLocation": {"artifactLocation": {"uri": f"{n}.py"}}} for n in range(50)]
    assert len(Locations({}).places({"locations": locations})) == 5
    assert Locations({}).places({"locations": {"uri": "a.py"}}) == ()


def fix(*replacements: Any, files: int = 1) -> tuple[Edit, ...] | None:
    change = {"artifactLocation": {"uri": "a.py"}, "replacements": list(replacements)}
    found = Locations({}).fix({"fixes": [{"artifactChanges": [change] * files}]})
    return found.edits if found else None


def test_what_a_fix_replaces() -> None:
    region = {"startLine": 3, "startColumn": 2, "endLine": 4, "endColumn": 1}
    assert fix({"deletedRegion": region}) == (Edit(3, 2, 4, 1, ""),)
    assert fix({"deletedRegion": {"startLine": 3}, "insertedContent": {"text": "x"}}) == (Edit(3, 1, 3, None, "x"),)


def test_a_fix_that_is_not_understood_is_none() -> None:
    assert fix({"deletedRegion": {"byteOffset": 3}}) is None
    assert fix({"deletedRegion": {"startLine": 3}, "insertedContent": {"binary": "aGk=", "text": 7}}) is None
    assert fix({"deletedRegion": {"startLine": 3}, "insertedContent": {"text": "x" * 9_000}}) is None
    assert fix({"deletedRegion": {"startLine": 3}, "insertedContent": {"text": "\ud800"}}) is None
    assert fix(*[{"deletedRegion": {"startLine": 3}}] * 51) is None
    assert fix({"deletedRegion": {"startLine": 3}}, files=2) is None
    assert fix() is None
    assert Locations({}).fix({"fixes": [None, {"artifactChanges": "x"}]}) is None
