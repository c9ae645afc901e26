from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from changed import added, unreadable

from reviewer.checks import catalogue, engine
from reviewer.findings import Category, Severity
from reviewer.syntax import languages
from reviewer.text.redact import PLACEHOLDER, Redacted, Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.catalogue import Check
    from reviewer.findings import Claim

CHECKS = catalogue.load()
SUFFIXES = {"python": "py", "javascript": "js", "typescript": "ts", "tsx": "tsx", "go": "go", "yaml": "yml"}
DATA = [Path(str(file)) for file in (resources.files("reviewer.checks") / "data").iterdir()]

TOUCHED = {"reviewer.own-rules": ".github/reviewer.toml", "reviewer.own-workflow": ".github/workflows/a.yml"}

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)


def paths(check: Check) -> Iterator[str]:
    """A file of every language the check is for."""
    if check.touched:
        yield from (TOUCHED[check.id],)
        return
    folder = ".github/workflows/" if check.paths else ""
    yield from (f"{folder}example.{SUFFIXES[language]}" for language in check.languages)
    if not check.languages:
        yield "example.txt"


def claims(check: Check, path: str, example: str, *, whole: bool) -> tuple[Claim, ...]:
    return engine.run(added(path, example), (lambda _path, _side: example) if whole else unreadable, [check])


@each_check
@pytest.mark.parametrize("whole", [True, False], ids=["whole file", "diff only"])
def test_finds_its_examples_once_and_nothing_in_the_others(check: Check, whole: bool) -> None:
    for path in paths(check):
        for example in check.match:
            assert len(claims(check, path, example, whole=whole)) == 1, (path, example)
        for example in check.no_match:
            assert not claims(check, path, example, whole=whole), (path, example)


@each_check
def test_is_complete(check: Check) -> None:
    assert len(check.match) >= 2
    assert len(check.no_match) >= 2 or (check.touched and check.mentions is None)
    assert re.fullmatch(r"[a-z-]+\.[a-z][a-z0-9-]+", check.id)
    assert re.fullmatch(r"\S.{9,78}[^.\s]", check.title)
    assert re.fullmatch(r"\S.{59,399}[.]", check.body)


@each_check
def test_is_a_text_rule_or_a_syntax_rule_or_about_files(check: Check) -> None:
    assert [check.regex is not None, check.rule is not None, check.touched].count(True) == 1
    assert check.touched == bool(check.touched and check.paths)
    assert bool(check.then) == bool(check.within)
    if check.rule is not None:
        assert check.keywords, "without one, every file of the language would be parsed"
        assert check.languages
    if check.regex is not None:
        assert check.keywords or check.non_ascii, "without one, every line would be searched"
    assert set(check.languages) <= languages.LANGUAGES


@each_check
def test_is_named_after_the_file_it_is_in(check: Check) -> None:
    family = check.id.partition(".")[0]
    (file,) = (file for file in DATA if file.stem == family)
    assert check in catalogue.read(file.read_text("utf-8"))


def test_every_key_of_the_data_is_known() -> None:
    known = set(catalogue.Check.__dataclass_fields__)
    for file in DATA:
        data = tomllib.loads(file.read_text("utf-8"))
        assert set(data) <= {"check", "defaults"}
        for table in (*data["check"], data.get("defaults", {})):
            assert set(table) <= known


def test_ids_are_unique_and_there_are_enough_of_them() -> None:
    ids = [check.id for check in CHECKS]
    assert len(ids) == len(set(ids)) >= 24


def test_the_catalogue_is_read_once() -> None:
    assert catalogue.load() is CHECKS


SECRETS = [check for check in CHECKS if check.secret]


@pytest.mark.parametrize("check", SECRETS, ids=lambda check: check.id)
def test_a_credential_never_stands_in_what_is_said_about_it(check: Check) -> None:
    assert check.category is Category.SECURITY
    assert check.severity.reaches(Severity.MEDIUM)
    for example in check.match:
        for claim in claims(check, "example.txt", example, whole=False):
            said = claim.title + claim.body
            assert (said, claim.severity) == (check.title + check.body, check.severity)


@pytest.mark.parametrize("check", SECRETS, ids=lambda check: check.id)
def test_what_is_found_is_redacted_and_then_found_no_more(check: Check) -> None:
    redactor = Redactor(catalogue.secret_patterns(CHECKS))
    for example in check.match:
        redacted = redactor.redact(example)
        assert redacted.count >= 1
        assert PLACEHOLDER in redacted.text
        assert redacted.text.count("\n") == example.count("\n")
        assert redactor.redact(redacted.text) == Redacted(redacted.text, 0)
        assert not claims(check, "example.txt", redacted.text, whole=False)


@pytest.mark.parametrize("check", [c for c in SECRETS if not c.then], ids=lambda check: check.id)
def test_a_secret_s_pattern_starts_with_what_re_can_skip_to(check: Check) -> None:
    # Every prompt is searched with every pattern: with \b or a look-behind in front that takes twenty times as long.
    assert check.regex is not None
    assert re.match(r"[A-Za-z:-]|\[[A-Za-z]{2}\]", check.regex.pattern)


def test_no_pattern_matches_within_the_placeholder() -> None:
    assert not any(pattern.search(PLACEHOLDER) for pattern in catalogue.secret_patterns(CHECKS))


@pytest.mark.parametrize(
    "file", [*DATA, *sorted(Path(__file__).parents[1].glob("*/test_*.py"))], ids=lambda file: file.name
)
def test_no_credential_stands_in_our_own_files_in_one_piece(file: Path) -> None:
    # Other people's scanners read this repository, and one of them would refuse the push.
    assert not engine.run(added(file.name, file.read_text("utf-8")), unreadable, SECRETS)


def test_a_check_may_be_for_some_paths_only() -> None:
    (check,) = catalogue.read(
        """
        [defaults]
        title = "t"
        body = "b"
        severity = "low"
        category = "style"
        confidence = "low"
        [[check]]
        id = "a.b"
        paths = ["docs/*.md", "!docs/old.md"]
        regex = "x"
        """
    )
    assert check.applies_to("docs/a.md", None)
    assert not check.applies_to("docs/old.md", None)
    assert not check.applies_to("a.md", None)
    assert check.may_match("anything")
