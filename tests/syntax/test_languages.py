from __future__ import annotations

import pytest

from reviewer.syntax import languages


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("a.py", "python"),
        ("App.vue", "script"),
        ("x/y.SVELTE", "script"),
        ("a.proto", "proto"),
        ("a.md", None),
        ("", None),
    ],
)
def test_some_files_are_read_by_their_lines_alone(path: str, dialect: str | None) -> None:
    assert languages.dialect_of(path) == dialect


def test_languages_that_use_each_other_s_definitions_are_a_family() -> None:
    assert set(languages.family("tsx")) == {"javascript", "typescript", "tsx", "script"}
    assert languages.family("python") == ("python",)
    assert languages.family("json") == ()  # data defines nothing that code calls


def test_a_family_s_files_are_known_by_how_their_names_end() -> None:
    assert {".ts", ".tsx", ".js", ".vue"} <= set(languages.suffixes(languages.family("javascript")))
    assert languages.suffixes(("go",)) == (".go",)
