from __future__ import annotations

from typing import Any

import pytest

from reviewer.commands import flags
from reviewer.errors import Misuse
from reviewer.findings import Severity
from reviewer.settings import MAX_FILE_BYTES, Operator, Policy, load, parse_repository_file

FILE = ".github/reviewer.toml"


def policy(flags: dict[str, Any] | None = None, file: dict[str, Any] | None = None) -> Policy:
    return load(flags or {}, file or {}, FILE)[0]


def test_flags_rank_above_the_environment_above_the_file_above_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert policy().max_file_kb == 1024
    assert policy(file={"max_file_kb": 2}).max_file_kb == 2
    monkeypatch.setenv("REVIEWER_MAX_FILE_KB", "3")
    assert policy(file={"max_file_kb": 2}).max_file_kb == 3
    assert policy({"max_file_kb": "4"}, {"max_file_kb": 2}).max_file_kb == 4


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWER_MAX_FILE_KB", "")
    assert policy(file={"max_file_kb": 2}).max_file_kb == 2


def test_lists_are_written_with_commas_or_new_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWER_IGNORE", "docs/**, *.svg\n!docs/api/**\n")
    assert policy().ignore == ("docs/**", "*.svg", "!docs/api/**")
    assert policy({"ignore": ["a b", "c"]}).ignore == ("a b", "c")
    assert policy(file={"include": ["x", "y"]}).include == ("x", "y")


def test_a_number_in_the_file_is_no_list() -> None:
    with pytest.raises(Misuse, match=r"ignore in \.github/reviewer\.toml: input should be a valid tuple"):
        policy(file={"ignore": 3})


@pytest.mark.parametrize(
    ("flags", "variables", "file", "message"),
    [
        ({"max_comments": "0"}, {}, {}, r"--max-comments: input should be greater than or equal to 1"),
        ({"fail_on": "bad"}, {}, {}, r"--fail-on: input should be 'critical', 'high'"),
        ({}, {"REVIEWER_TIMEOUT": "soon"}, {}, r"REVIEWER_TIMEOUT: input should be a valid number"),
        ({}, {}, {"min_severity": "huge"}, r"min_severity in \.github/reviewer\.toml: input should be 'critical'"),
        (
            {},
            {"REVIEWER_MAX_COMENTS": "3"},
            {},
            r"REVIEWER_MAX_COMENTS, which is no setting; did you mean REVIEWER_MAX",
        ),
        ({}, {"REVIEWER_NO_MODEL": "1"}, {}, r"REVIEWER_NO_MODEL, which is no setting; set REVIEWER_PROVIDER=none"),
        ({}, {"REVIEWER_ZZZ": "3"}, {}, r"REVIEWER_ZZZ, which is no setting; the README lists them all"),
        ({}, {}, {"max_coments": 3}, r"the key max_coments, which is no setting; did you mean max_comments"),
        (
            {},
            {},
            {"base_url": "https://evil.example"},
            r"sets base_url, which a repository must not: use --base-url",
        ),
        ({}, {}, {"api_key": "k"}, r"holds an api_key: take it out, revoke it, and set REVIEWER_API_KEY"),
        ({}, {}, {"redis_url": "redis://"}, r"holds a redis_url: take it out, revoke it, and set REVIEWER_REDIS_URL"),
        ({}, {"REVIEWER_REQUESTS_PER_MINUTE": "0"}, {}, r"REVIEWER_REQUESTS_PER_MINUTE: input should be greater than"),
    ],
)
def test_what_is_wrong_is_named_as_its_user_wrote_it(
    flags: dict[str, Any],
    variables: dict[str, str],
    file: dict[str, Any],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misuse, match=message) as caught:
        load(flags, file, FILE)
    assert "\n" not in str(caught.value)


def test_no_operator_setting_may_come_from_a_repository() -> None:
    for name in Operator.model_fields:
        with pytest.raises(Misuse, match=FILE):
            load({}, {name: "1"}, FILE)


def test_the_classes_share_no_name() -> None:
    assert not set(Policy.model_fields) & set(Operator.model_fields)


def test_the_key_shows_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWER_API_KEY", "very-secret")
    operator = load({}, {}, FILE)[1]
    assert operator.api_key is not None
    assert operator.api_key.get_secret_value() == "very-secret"
    assert "very-secret" not in repr(operator) + str(operator)


def test_the_redis_has_no_flag_and_shows_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWER_REDIS_URL", "redis://:very-secret@cache.example")
    operator = load({}, {}, FILE)[1]
    assert "very-secret" not in repr(operator) + str(operator)
    assert "redis_url" in flags.SECRET


def test_a_secret_value_shows_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWER_PROVIDER", "sk-oops-the-key-went-here")
    with pytest.raises(Misuse) as caught:
        load({}, {}, FILE)
    assert "sk-oops" not in str(caught.value)


def test_the_repository_file_is_toml() -> None:
    parsed = parse_repository_file('min_severity = "high"\nignore = ["a"]\n', FILE)
    assert policy(file=dict(parsed)).min_severity is Severity.HIGH


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("min_severity = high", "is not valid TOML"),
        ("x = " + "[" * 2_000, "is not valid TOML"),
        ("a" + ".a" * 3_000 + " = 1", "has a line over 4 KiB"),
        ("# x\n" * MAX_FILE_BYTES, "is larger than 32 KiB"),
    ],
)
def test_a_file_that_cannot_be_settings_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        parse_repository_file(text, FILE)
