"""What the model is told and what people read, as templates: the only module that imports jinja2."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.sandbox import ImmutableSandboxedEnvironment


@cache
def folder() -> Path:
    """Where the templates are: inside the installed package, else in the checkout beside it."""
    package = Path(__file__).parent
    shipped = package / "prompts"
    return shipped if shipped.is_dir() else package.parent / "prompts"


def render(name: str, **values: object) -> str:
    """The template `name` with `values`: these are data, put in once and never read as templates themselves."""
    return _environment().get_template(name).render(values)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        autoescape=False,  # prompts are plain text: an escaped `<` would be another program
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(name: str, **values: object) -> str:
    """The HTML template `name`: every value is escaped unless it is `safe`."""
    return _pages().get_template(name).render(values)


def safe(html: str) -> object:
    """HTML that was made here, not by whoever wrote what it speaks of."""
    from markupsafe import Markup

    return Markup(html)  # noqa: S704 - its callers escape what they put in


@cache
def _pages() -> Environment:
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=PackageLoader("reviewer.outputs", "page"),
        undefined=StrictUndefined,
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
