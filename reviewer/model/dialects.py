"""What Segmind, DashScope, OpenAI, Ollama … accept and answer: dialects.toml as frozen values."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from reviewer.errors import Misuse
from reviewer.findings import Reason

DATA = Path(__file__).with_name("dialects.toml")
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Tier:
    """Dollars per million tokens for requests of at most `up_to` prompt tokens (null: of any size)."""

    prompt: float
    cached: float
    completion: float
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request; `models` are the prefixes of those that get it (none: all)."""

    name: str
    value: Any
    optional: bool = False
    models: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    tools: Literal["any", "with", "without"] = "any"

    def goes(self, *, with_tools: bool) -> bool:
        """Whether it belongs into a request that offers tools, or into one that offers none."""
        return self.tools == "any" or (self.tools == "with") is with_tools


@dataclass(frozen=True, slots=True)
class Row:
    """What a status means: see the head of dialects.toml."""

    status: frozenset[int]
    message: str
    contains: tuple[str, ...] = ()
    html: bool | None = None
    reason: Reason = Reason.MODEL_ERROR
    fatal: bool = False
    splittable: bool = False
    retry: bool = False
    drop: Literal["never", "named", "any"] = "never"

    def matches(self, status: int, text: str, html: bool) -> bool:
        """Whether an error of this status and (lower-case) text is meant."""
        if status not in self.status or self.html not in (None, html):
            return False
        return not self.contains or any(fragment in text for fragment in self.contains)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One provider's way of speaking; `failures` ends with everybody's rows."""

    name: str
    title: str
    base_url: str
    model: str
    parameters: tuple[Parameter, ...]
    failures: tuple[Row, ...]
    concurrency: int
    title_elsewhere: str | None = None
    path: str = "/chat/completions"
    key_variable: str | None = None
    key_header: str = "Authorization"
    needs_key: Literal["always", "at_home", "never"] = "always"
    model_in_body: bool = True
    other_models: tuple[str, ...] = ()
    prices: Mapping[str, tuple[Tier, ...]] | None = None
    free: bool = False
    truncates: bool = False
    tools: bool = False

    def wants_key(self, base_url: str) -> bool:
        """Whether a request to `base_url` is pointless without a key."""
        return self.needs_key == "always" or (self.needs_key == "at_home" and base_url == self.base_url)

    def price(self, model: str) -> tuple[Tier, ...] | None:
        """The price of `model`, cheapest tier first; null where it is unknown."""
        return flat_price(0, 0) if self.free else (self.prices or {}).get(model)

    def parameters_for(self, model: str) -> tuple[Parameter, ...]:
        """What goes into a request to `model` besides the messages, in the order in which it may be dropped."""
        return tuple(p for p in self.parameters if not p.models or model.startswith(p.models))


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask for what: build it with `aim`."""

    dialect: Dialect
    base_url: str
    model: str

    @property
    def url(self) -> str:
        """Where a request is posted."""
        return self.base_url + self.dialect.path.format(model=self.model)

    @property
    def host(self) -> str:
        """The server's name and port."""
        return urlsplit(self.base_url).netloc

    @property
    def at_home(self) -> bool:
        """Whether this is the provider's own server."""
        return self.base_url == self.dialect.base_url

    @property
    def title(self) -> str:
        """Who answers, as messages name it."""
        dialect = self.dialect
        return dialect.title if self.at_home else f"{dialect.title_elsewhere or dialect.title} at {self.host}"

    @property
    def other_models(self) -> tuple[str, ...]:
        """Models to try instead, as far as anybody knows what this server has."""
        dialect = self.dialect
        known = () if dialect.title_elsewhere and not self.at_home else (dialect.model, *dialect.other_models)
        return tuple(model for model in known if model != self.model)


def aim(provider: str, base_url: str | None = None, model: str | None = None) -> Target:
    """The target for settings as a user writes them; what cannot work raises `Misuse`."""
    if provider not in DIALECTS:
        raise Misuse(f"there is no provider {provider}: choose one of {', '.join(DIALECTS)}")
    dialect = DIALECTS[provider]
    chosen = (model or dialect.model).strip()
    if not chosen.isprintable() or any(c in chosen for c in " ?#\\") or ".." in chosen.split("/"):
        raise Misuse(f"REVIEWER_MODEL is no model's name: {chosen!r}")
    return Target(dialect, _sound(base_url or dialect.base_url), chosen.strip("/"))


def cost(tiers: tuple[Tier, ...], prompt: int, cached: int, completion: int) -> float:
    """Dollars for one request; `prompt` includes the `cached` tokens."""
    tier = next((t for t in tiers if t.up_to is None or prompt <= t.up_to), tiers[-1])
    fresh = max(0, prompt - cached)
    return (fresh * tier.prompt + min(cached, prompt) * tier.cached + completion * tier.completion) / MILLION


def flat_price(prompt: float, completion: float) -> tuple[Tier, ...]:
    """A user's own price, dollars per million tokens, whatever the size and without a discount."""
    return (Tier(prompt, prompt, completion),)


def _sound(base_url: str) -> str:
    """The base URL without its trailing slash; what is no base URL raises `Misuse`."""
    try:
        parts = urlsplit(base_url.strip())
        host = parts.hostname or ""
        bad = parts.scheme not in ("http", "https") or parts.port == 0 or not host.isascii()
        bad = bad or not host.encode("idna")  # which no resolver could: an empty label, or one over 63 letters
    except ValueError:
        bad = True
    if bad or not base_url.strip().isprintable() or " " in base_url.strip():
        raise Misuse("REVIEWER_BASE_URL is no http or https address, like https://api.openai.com/v1")
    if parts.username or parts.password:
        raise Misuse("REVIEWER_BASE_URL contains a user name or password: put the key into REVIEWER_API_KEY instead")
    if parts.query or parts.fragment:
        raise Misuse("REVIEWER_BASE_URL has a query (?…) or fragment (#…): leave it out")
    path = parts.path.rstrip("/")
    if path.endswith("/chat/completions"):
        raise Misuse("REVIEWER_BASE_URL ends in /chat/completions: leave that out, it is added to each request")
    return f"{parts.scheme}://{parts.netloc}{path}"


class _Catalogue(Mapping[str, Dialect]):
    """The dialects by name, read when first asked for: most commands ask no model."""

    def __getitem__(self, name: str) -> Dialect:
        return _load()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_load())

    def __len__(self) -> int:
        return len(_load())


DIALECTS: Final[Mapping[str, Dialect]] = _Catalogue()


@functools.cache
def _load() -> dict[str, Dialect]:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    shared = data.pop("failures")
    return {name: _dialect(name, entry, shared) for name, entry in data.items()}


def _dialect(name: str, entry: dict[str, Any], shared: list[dict[str, Any]]) -> Dialect:
    return Dialect(
        name=name,
        parameters=tuple(_parameter(p) for p in entry.pop("parameters")),
        failures=tuple(_row(r) for r in (*entry.pop("failures", ()), *shared)),
        other_models=tuple(entry.pop("other_models")),
        prices={model: tuple(Tier(**t) for t in tiers) for model, tiers in entry.pop("prices", {}).items()},
        **entry,
    )


def _parameter(entry: dict[str, Any]) -> Parameter:
    lists = {key: tuple(entry.get(key, ())) for key in ("models", "named_by")}
    return Parameter(**{**entry, **lists})


def _row(entry: dict[str, Any]) -> Row:
    status = entry["status"]
    return Row(
        **{
            **entry,
            "status": frozenset(status if isinstance(status, list) else [status]),
            "contains": tuple(entry.get("contains", ())),
            "reason": Reason(entry.get("reason", Reason.MODEL_ERROR)),
        }
    )
