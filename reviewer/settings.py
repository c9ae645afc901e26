"""Every setting, declared once: one name for its flag, its variable, its action input and its key in a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, SettingsConfigDict

from reviewer.errors import Misuse
from reviewer.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_settings import PydanticBaseSettingsSource

PREFIX = "REVIEWER_"
REPOSITORY_FILE = ".github/reviewer.toml"
BASELINE_FILE = ".github/reviewer-baseline.toml"
_FLAGS_ALONE = {
    "no_model": f"set {PREFIX}PROVIDER=none",
    "format": "--format is a flag alone",
    "output": "--output is a flag alone",
    "quiet": "--quiet is a flag alone",
}
MAX_FILE_BYTES = 32 * 1024
MAX_LINE_BYTES = 4 * 1024  # a 40 KB dotted TOML key takes tomllib 4.5 s


def _listed(value: object) -> object:
    """A list in a variable or flag is written with commas or new lines between its items."""
    if isinstance(value, str):
        return tuple(item for part in value.splitlines() for item in (p.strip() for p in part.split(",")) if item)
    return value


def _inside(path: str) -> str:
    """A path within the repository: a change must not have any other file read, or written."""
    if not path.isprintable() or not 0 < len(path) <= 200 or "\\" in path or path.startswith("/"):
        raise ValueError("write a path from the top of the repository, such as " + BASELINE_FILE)
    if ".." in path.split("/"):
        raise ValueError("it must not lead out of the repository")
    return path


Inside = Annotated[str, AfterValidator(_inside)]
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class _Settings(BaseSettings):
    """Flags, then the environment, then the repository's file, then the defaults."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base class calls it by keyword
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The repository's file arrives beside the flags as `repository_file` and ranks below the environment."""
        if not isinstance(init_settings, InitSettingsSource):
            raise TypeError(init_settings)
        from_file = init_settings.init_kwargs.pop("repository_file", {})
        return init_settings, env_settings, InitSettingsSource(settings_cls, from_file)


class Policy(_Settings):
    """What the team wants of a review: the repository's own file may set it."""

    ignore: Listed = Field((), description="leave these files out (gitignore syntax)")
    include: Listed = Field((), description="review these although the defaults leave them out (gitignore syntax)")
    skip_rules: Listed = Field((), description="rule packs not to send to the model, by name")
    skip_checks: Listed = Field((), description="built-in checks not to run, by id")
    min_severity: Severity = Field(Severity.LOW, description="show nothing below this severity")
    fail_on: Literal["critical", "high", "medium", "low", "never"] = Field(
        "never", description="exit 1 when a finding is at least this severe"
    )
    max_comments: int | None = Field(
        None, ge=1, le=500, description="show at most this many findings; unset, 10 to 25 by the size of the change"
    )
    max_file_kb: int = Field(1024, ge=1, le=100_000, description="leave out files whose patch is larger (KiB)")
    chunk_tokens: int = Field(8_000, ge=500, le=24_000, description="tokens of diff in one request")
    context_tokens: int = Field(
        2_000, ge=0, le=8_000, description="tokens of context in one request: definitions, callers, the author's words"
    )
    guide_tokens: int = Field(
        2_000, ge=0, le=8_000, description="tokens of the repository's own rules and guides in one request"
    )
    verify: bool = Field(True, description="have the model try to refute what it found")
    calm_after: int = Field(
        2, ge=0, le=100, description="rounds on a pull request until the severity floor rises by one step; 0: never"
    )
    baseline: Inside | None = Field(
        None, description=f"the file of accepted findings, from the top of the repository; unset: {BASELINE_FILE}"
    )
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z -]{1,40}$")] = Field(
        "English", description="the language of the comments"
    )


class Operator(_Settings):
    """Who is asked, with whose money and how hard: flags and environment only, never a repository."""

    provider: Literal["segmind", "dashscope", "openai", "ollama", "none"] | None = Field(
        None, description="whom to ask; unset: the first of SEGMIND_, DASHSCOPE_, OPENAI_API_KEY that is set"
    )
    base_url: str | None = Field(None, description="another server of the provider's kind, without the model")
    model: str | None = Field(None, description="another model than the provider's default")
    api_key: SecretStr | None = Field(None, description="the key; unset: the provider's own variable")
    judge_model: str | None = Field(None, description="the model that tries to refute findings; unset: the same one")
    passes: int = Field(1, ge=1, le=8, description="read everything this often, each time with another focus")
    tools: bool = Field(False, description="let the model read and search the repository while it reviews")
    max_tool_calls: int = Field(8, ge=1, le=100, description="look-ups the model may make for one chunk")
    timeout: float = Field(120, ge=1, le=3_600, description="seconds one request may take")
    deadline: float | None = Field(None, ge=1, description="seconds the whole review may take")
    concurrency: int | None = Field(None, ge=1, le=128, description="requests at once; unset: the provider's own")
    requests_per_minute: int | None = Field(
        None, ge=1, le=100_000, description="requests a minute at most, of all runners together that share a redis_url"
    )
    max_calls: int | None = Field(None, ge=0, description="ask the model at most this often")
    max_tokens: int | None = Field(None, ge=0, description="tokens the review may use, prompts and answers")
    max_cost: float | None = Field(None, ge=0, description="US dollars the review may cost")
    price_input: float | None = Field(None, ge=0, description="US dollars per million prompt tokens")
    price_output: float | None = Field(None, ge=0, description="US dollars per million answer tokens")
    cache: bool = Field(True, description="keep the model's replies, so that the same review is free")
    cache_dir: str | None = Field(None, description="where replies are kept; unset: the user's cache directory")
    redis_url: SecretStr | None = Field(
        None, description="a Redis for replies and one pace for all runners; unset: each has its own"
    )
    github_token: SecretStr | None = Field(None, description="for pull requests; unset: GITHUB_TOKEN, then GH_TOKEN")
    request_changes: bool = Field(False, description="ask for changes when a finding reaches fail_on, not only comment")
    drafts: bool = Field(False, description="in the action: review drafts too")
    allow_incomplete: bool = Field(False, description="an incomplete review is not an error (its status still says so)")

    @property
    def is_capped(self) -> bool:
        """Whether calls, tokens, money or time may run out."""
        return any(cap is not None for cap in (self.max_calls, self.max_tokens, self.max_cost, self.deadline))


def load(flags: Mapping[str, Any], repository_file: Mapping[str, Any], file_name: str) -> tuple[Policy, Operator]:
    """Both classes from all their sources; anything unknown or out of range raises `Misuse` that names its source.

    `flags` holds the given ones only, by setting name; `repository_file` is the parsed file `file_name`.
    """
    _refuse_unknown_variables(os.environ)
    _refuse_unknown_keys(repository_file, file_name)
    policy = {name: value for name, value in flags.items() if name in Policy.model_fields}
    operator = {name: value for name, value in flags.items() if name in Operator.model_fields}
    try:
        return Policy(**policy, repository_file=repository_file), Operator(**operator)  # type: ignore[call-arg]
    except ValidationError as error:
        raise Misuse(_in_words(error, flags, file_name)) from None


def parse_repository_file(text: str, file_name: str) -> Mapping[str, Any]:
    """The repository's settings; not TOML or far too large raises `Misuse`."""
    import tomllib

    if len(text.encode()) > MAX_FILE_BYTES or any(len(line.encode()) > MAX_LINE_BYTES for line in text.split("\n")):
        raise Misuse(f"{file_name} is larger than {MAX_FILE_BYTES // 1024} KiB or has a line over 4 KiB: shorten it")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misuse(f"{file_name} is not valid TOML: {str(error) or 'nested too deeply'}") from None


def _refuse_unknown_variables(environ: Iterable[str]) -> None:
    """pydantic-settings accepts an unknown top-level variable in silence, even with extra="forbid"."""
    known = (*Policy.model_fields, *Operator.model_fields)
    for variable in sorted(environ):
        name = variable.lower().removeprefix(PREFIX.lower())
        if variable.upper().startswith(PREFIX) and name not in known:
            near = _nearest(name, known)
            hint = f"did you mean {PREFIX}{near.upper()}?" if near else "the README lists them all"
            hint = _FLAGS_ALONE.get(name, hint)
            raise Misuse(f"the environment has {variable}, which is no setting; {hint}")


def _refuse_unknown_keys(repository_file: Mapping[str, Any], file_name: str) -> None:
    for key in repository_file:
        if key in Operator.model_fields:
            if SecretStr in get_args(Operator.model_fields[key].annotation):
                thing = f"{'an' if key[0] in 'aeiou' else 'a'} {key}"
                raise Misuse(
                    f"{file_name} holds {thing}: take it out, revoke it, and set {PREFIX}{key.upper()} instead"
                )
            flag = key.replace("_", "-")
            raise Misuse(
                f"{file_name} sets {key}, which a repository must not: use --{flag} or {PREFIX}{key.upper()}"
                " where the review runs"
            )
        if key not in Policy.model_fields:
            near = _nearest(key, Policy.model_fields)
            hint = f"did you mean {near}?" if near else "the README lists them all"
            raise Misuse(f"{file_name} has the key {key}, which is no setting; {hint}")


def _nearest(name: str, known: Iterable[str]) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def _in_words(error: ValidationError, flags: Mapping[str, Any], file_name: str) -> str:
    """One line: the setting as its user wrote it, and what is wrong with it."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0])
    if name in flags:
        written = "--" + name.replace("_", "-")
    elif os.environ.get(PREFIX + name.upper()):
        written = PREFIX + name.upper()
    else:
        written = f"{name} in {file_name}"
    said = first["msg"].removeprefix("Value error, ")
    message = said[:1].lower() + said[1:]
    return f"{written}: {message}"
