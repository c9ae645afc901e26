"""Settings as command-line flags: one name everywhere, declared in reviewer.settings."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr

from reviewer.errors import Misuse
from reviewer.findings import Severity
from reviewer.settings import PREFIX, Operator, Policy

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic.fields import FieldInfo

SECRET = {name for name, field in Operator.model_fields.items() if SecretStr in get_args(field.annotation)}


class Parser(argparse.ArgumentParser):
    """Wrong usage is one line, like every other mistake."""

    def error(self, message: str) -> NoReturn:
        """Raises `Misuse` where argparse would print the usage and exit."""
        raise Misuse(f"{message} (see {self.prog} --help)")


def add_settings(parser: argparse.ArgumentParser, without: Collection[str] = ()) -> None:
    """A flag for every setting but the secret ones; a flag that is not given leaves no trace in the namespace."""
    for title, settings in (("what the team wants", Policy), ("who is asked, and how hard", Operator)):
        group = parser.add_argument_group(f"{title} (each also as {PREFIX}…)")
        for name, field in settings.model_fields.items():
            if name not in SECRET and name not in without:
                _add(group, name, field)


def add_running(parser: argparse.ArgumentParser) -> None:
    """What every command has that reads something: whether a model does, and whether one sees it."""
    parser.add_argument("--no-model", action="store_true", help="the built-in checks alone (as --provider none)")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def given(namespace: argparse.Namespace) -> dict[str, Any]:
    """The settings among the parsed flags, by setting name; --no-model beside whom to ask raises `Misuse`."""
    names = {**Policy.model_fields, **Operator.model_fields}
    found = {name: value for name, value in vars(namespace).items() if name in names}
    if not getattr(namespace, "no_model", False):
        return found
    for name in ("model", "provider", "base_url"):
        if name in found:
            raise Misuse(f"--no-model and --{name.replace('_', '-')} contradict each other: leave one of them out")
    return {**found, "provider": "none"}


def _add(group: argparse._ArgumentGroup, name: str, field: FieldInfo) -> None:
    flag = "--" + name.replace("_", "-")
    words = f"{field.description}{default_in_words(field)}".replace("%", "%%")
    if field.annotation is bool:
        group.add_argument(flag, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=words)
    elif get_origin(field.annotation) is tuple:
        group.add_argument(
            flag,
            action="extend",
            nargs=1,
            metavar="GLOB" if "gitignore" in words else "NAME",
            default=argparse.SUPPRESS,
            help=words,
        )
    else:
        group.add_argument(flag, metavar=metavar(field), default=argparse.SUPPRESS, help=words)


def metavar(field: FieldInfo) -> str:
    """What to write for a value: the choices where there are few, else a word."""
    found = choices(field)
    if found:
        return "|".join(found)
    kinds = {field.annotation, *get_args(field.annotation)}
    return "N" if kinds & {int, float} else "TEXT"


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The literal values a setting may have; empty where it is open."""
    kinds = (field.annotation, *get_args(field.annotation))
    if Severity in kinds:
        return tuple(Severity)
    for kind in kinds:
        if get_origin(kind) is Literal:
            return get_args(kind)
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def limits(field: FieldInfo) -> str:
    """The range of a number, as `1…500`, `≥ 1` or nothing."""
    low = next((str(m.ge) for m in field.metadata if isinstance(m, Ge)), "")
    high = next((str(m.le) for m in field.metadata if isinstance(m, Le)), "")
    return f"{low}…{high}" if low and high else f"≥ {low}" if low else ""


def default_in_words(field: FieldInfo) -> str:
    """` (default: …)`, or nothing where the description says what an unset value means."""
    if field.default in (None, ()) or isinstance(field.default, bool):
        return ""
    return f" (default: {field.default})"
