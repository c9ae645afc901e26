"""A repository of any number of files, written here: Python, TypeScript and Go that import and call each other."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = 100
"""Of each file, about."""
NEIGHBOURS = 12
"""A file uses what is defined in one of the last so many packages of its language, and what everybody uses."""
COMMON = 20
"""Packages of a language that everybody uses."""
_FOLDER = 10
_VERBS, _NOUNS = (
    words.split()
    for words in (
        "load store apply cancel refund charge notify archive merge split check price reserve release order audit",
        "invoice basket account ledger parcel voucher customer supplier shipment contract tariff batch receipt ticket",
    )
)
_WHO = b"committer bench <bench@localhost> %d +0000\n"
_BEGAN, _DAY = 1_700_000_000, 86_400


def make(root: Path, files: int, commits: int = 4) -> None:
    """`files` files on `main`, checked out; each further commit touches one in a hundred, so that some are risky."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", root], check=True)
    with subprocess.Popen(["git", "-C", root, "fast-import", "--quiet"], stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        for number in range(commits):
            child.stdin.write(b"commit refs/heads/main\n" + _WHO % (_BEGAN + number * _DAY) + _data(b"work"))
            for at in range(0, files, 1 if number == 0 else 100):
                path, text = _file(at)
                later = "" if number == 0 else _remark(path, number)
                child.stdin.write(b"M 100644 inline %s\n" % path.encode() + _data((text + later).encode()))
            child.stdin.write(b"\n")
        child.stdin.write(b"done\n")
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, "git fast-import")
    subprocess.run(["git", "-C", root, "checkout", "--quiet", "--force", "main"], check=True)


def change(root: Path, at: int) -> str:
    """One more function in one file, committed; its path."""
    path, text = _file(at)
    (root / path).write_text(text + _remark(path, 99))
    who = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", root, *who, "commit", "--quiet", "--all", "--message", "change"], check=True)
    return path


def _file(at: int) -> tuple[str, str]:
    """The file of that number: half Python, the rest TypeScript and Go; the same every time."""
    language = ("python", "typescript", "python", "go")[at % 4]
    chosen = random.Random(at)  # noqa: S311 - believable, not secret
    place = at // 4 * (2 if language == "python" else 1) + (at % 4 == 2)
    used = [chosen.randrange(max(0, place - NEIGHBOURS), place) for _ in range(3)] if place else []
    used += [chosen.randrange(COMMON)] if place > COMMON else []
    rows = _WRITERS[language](place, sorted(set(used)), chosen)
    return _PLACES[language].format(area=place // _FOLDER, place=place), "\n".join(rows) + "\n"


def _name(language: str, place: int, number: int) -> str:
    """Of the definition `number` of a file, which nobody else's has."""
    verb, noun = _VERBS[(place + number * 7) % len(_VERBS)], _NOUNS[(place // len(_VERBS) + number) % len(_NOUNS)]
    if language == "python":
        return f"{verb}_{noun}_{place}"
    return f"{verb}{noun.title()}{place}" if language == "typescript" else f"{verb.title()}{noun.title()}{place}"


def _owner(place: int) -> str:
    return f"{_NOUNS[place % len(_NOUNS)].title()}{_VERBS[place // len(_NOUNS) % len(_VERBS)].title()}{place}"


def _python(place: int, used: list[int], chosen: random.Random) -> Iterator[str]:
    yield f'"""What the shop knows of a {_NOUNS[place % len(_NOUNS)]}."""'
    yield ""
    yield "from dataclasses import dataclass"
    yield ""
    for other in used:
        yield f"from town.area{other // _FOLDER}.part{other} import {_owner(other)}, {_name('python', other, 0)}"
    yield f"\nLIMIT_{place} = {chosen.randrange(10, 900)}\n\n"
    yield "@dataclass(frozen=True)"
    yield f"class {_owner(place)}:"
    yield f'    """One {_NOUNS[place % len(_NOUNS)]}, as it is kept."""\n'
    yield "    name: str"
    yield "    amount: int"
    yield "    paid: bool = False\n"
    yield "    def total(self, rate: float) -> float:"
    yield '        """With tax."""'
    yield f"        return round(self.amount * (1 + rate), 2) if self.amount < LIMIT_{place} else self.amount\n\n"
    for number in range(4):
        yield f"def {_name('python', place, number)}(items: list[{_owner(place)}], rate: float) -> dict[str, float]:"
        yield f'    """{_VERBS[(place + number) % len(_VERBS)].title()} what is not paid yet."""'
        yield "    found: dict[str, float] = {}"
        yield "    for item in items:"
        yield "        if item.paid:"
        yield "            continue"
        for other in used:
            if chosen.random() < 0.6:
                yield f"        known = {_owner(other)}(item.name, item.amount, item.paid)"
                yield f"        found.update({_name('python', other, 0)}([known], rate))"
        yield f"        if item.amount > {chosen.randrange(5, 500)}:"
        yield f"            found[item.name] = item.total(rate) + {chosen.randrange(100)}"
        yield "        else:"
        yield "            found[item.name] = 0.0"
        yield "    return found\n\n"


def _typescript(place: int, used: list[int], chosen: random.Random) -> Iterator[str]:
    for other in used:
        names = f"{_owner(other)}, {_name('typescript', other, 0)}"
        yield f'import {{ {names} }} from "../area{other // _FOLDER}/part{other}";'
    yield f"\nexport const LIMIT_{place} = {chosen.randrange(10, 900)};\n"
    yield f"/** One {_NOUNS[place % len(_NOUNS)]}, as it is shown. */"
    yield f"export class {_owner(place)} {{"
    yield "  constructor(readonly name: string, readonly amount: number, readonly paid = false) {}\n"
    yield "  /** With tax. */"
    yield "  total(rate: number): number {"
    yield f"    return this.amount < LIMIT_{place} ? this.amount * (1 + rate) : this.amount;"
    yield "  }\n}\n"
    for number in range(4):
        yield f"/** {_VERBS[(place + number) % len(_VERBS)].title()} what is not paid yet. */"
        name = _name("typescript", place, number)
        yield f"export function {name}(items: {_owner(place)}[], rate: number): Map<string, number> {{"
        yield "  const found = new Map<string, number>();"
        yield "  for (const item of items) {"
        yield "    if (item.paid) {"
        yield "      continue;"
        yield "    }"
        for other in used:
            if chosen.random() < 0.6:
                yield f"    const known{other} = new {_owner(other)}(item.name, item.amount, item.paid);"
                yield f"    {_name('typescript', other, 0)}([known{other}], rate).forEach((value, key) => "
                yield "      found.set(key, value),"
                yield "    );"
        yield f"    found.set(item.name, item.amount > {chosen.randrange(5, 500)} ? item.total(rate) : 0);"
        yield "  }"
        yield "  return found;"
        yield "}\n"


def _go(place: int, used: list[int], chosen: random.Random) -> Iterator[str]:
    yield f"package part{place}\n"
    if used:
        yield "import ("
        for other in used:
            yield f'\t"example.org/town/area{other // _FOLDER}/part{other}"'
        yield ")\n"
    yield f"const Limit{place} = {chosen.randrange(10, 900)}\n"
    yield f"// {_owner(place)} is one {_NOUNS[place % len(_NOUNS)]}, as it is sent."
    yield f"type {_owner(place)} struct {{"
    yield "\tName   string"
    yield "\tAmount float64"
    yield "\tPaid   bool"
    yield "}\n"
    yield "// Total is with tax."
    yield f"func (one {_owner(place)}) Total(rate float64) float64 {{"
    yield f"\tif one.Amount < Limit{place} {{"
    yield "\t\treturn one.Amount * (1 + rate)"
    yield "\t}"
    yield "\treturn one.Amount"
    yield "}\n"
    for number in range(4):
        name = _name("go", place, number)
        yield f"// {name} handles what is not paid yet."
        yield f"func {name}(items []{_owner(place)}, rate float64) map[string]float64 {{"
        yield "\tfound := map[string]float64{}"
        yield "\tfor _, item := range items {"
        yield "\t\tif item.Paid {"
        yield "\t\t\tcontinue"
        yield "\t\t}"
        for other in used:
            if chosen.random() < 0.5:
                there = f"part{other}"
                yield f"\t\tknown := {there}.{_owner(other)}{{Name: item.Name, Amount: item.Amount}}"
                call = f"{there}.{_name('go', other, 0)}([]{there}.{_owner(other)}{{known}}, rate)"
                yield f"\t\tfor name, amount := range {call} {{"
                yield "\t\t\tfound[name] += amount"
                yield "\t\t}"
        yield f"\t\tif item.Amount > {chosen.randrange(5, 500)} {{"
        yield "\t\t\tfound[item.Name] = item.Total(rate)"
        yield "\t\t}"
        yield "\t}"
        yield "\treturn found"
        yield "}\n"


def _remark(path: str, number: int) -> str:
    sign = "#" if path.endswith(".py") else "//"
    return f"\n{sign} Looked at again in week {number}.\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


_PLACES = {
    "python": "town/area{area}/part{place}.py",
    "typescript": "web/area{area}/part{place}.ts",
    "go": "services/area{area}/part{place}/part{place}.go",
}
_WRITERS = {"python": _python, "typescript": _typescript, "go": _go}
