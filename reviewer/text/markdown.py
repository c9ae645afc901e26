"""Text that others wrote as Markdown for GitHub: what it says stays readable, what it could do is gone.

Mentions, references and commit hashes are linked in the *rendered* text, whatever backslash or entity stood in the
source; only code is left alone. So what would be linked is put into a code span, and nothing else is trusted.
"""

from __future__ import annotations

import re
from html import unescape

from reviewer.text.sanitise import terminal

MAX_INLINE = 300
MAX_BLOCK = 6_000
MAX_CODE = 20_000
"""Characters of a line, a text, a piece of code; what is beyond is cut, with an ellipsis."""
MAX_INDENT = 6

# Known to be coloured and nothing more. Not among them: `suggestion`, which is a button; `mermaid`, `math`, `geojson`,
# `topojson` and `stl`, which GitHub draws.
_LANGUAGE = re.compile(
    r"bash|c|c\+\+|console|cpp|cs|csharp|css|diff|dockerfile|elixir|go|graphql|groovy|haskell|hcl|html|ini|java"
    r"|javascript|js|json|jsx|kotlin|lua|makefile|php|proto|py|python|r|ruby|rust|scala|sh|shell|sql|swift|terraform"
    r"|text|toml|ts|tsx|typescript|vue|xml|yaml|yml"
)
_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)")
_BOLD = re.compile(r"\*\*(?=[^\s*])(?P<bold>[^*]*[^\s*])\*\*(?!\*)")
_WORD = re.compile(r"\S+")
_OPEN, _CLOSE = "([{\"'", ")]}\"'.,;:!?…"
# What GitHub links, mentions or draws when it stands in a text: names and e-mail addresses, addresses with a scheme or
# `www.`, issues (#1, o/r#1, GH-1), commits, advisories, and formulas ($x$).
_TRAP = re.compile(
    r"@|\$|://|www\.|#\d|(?<![0-9a-z])(?:GH-\d|CVE-|GHSA-|[0-9a-f]{7,}(?![0-9a-z]))",
    re.IGNORECASE,
)
_SPECIAL = re.compile(r"[\\`*~\[\]|]|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=[#A-Za-z])")
# At the start of a line: a heading or its underline, a list, a quotation, a table, a runner's or a bot's command.
_START = re.compile(r"(?P<number>\d{1,9})(?=[.)](?:\s|$))|(?=[-+=#>/]|:[:-])")
_ITEM = re.compile(r"(?P<indent>\s*)(?:[-*+]|(?P<number>\d{1,9})[.)])\s+(?=\S)")
_FENCE = re.compile(r"(?P<indent>\s*)(?P<fence>`{3,}|~{3,})\s*(?P<language>[^\s`]*)[^`]*")
_COMMENT = re.compile("<(?=!--)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def inline(text: str, limit: int = MAX_INLINE) -> str:
    """One line that renders as the words it was given, `code` as code."""
    return _line(cut(" ".join(terminal(text).split()), limit))


def block(text: str, limit: int = MAX_BLOCK) -> str:
    """Paragraphs, lists, bold words and code of the text given; everything else of it as it is written."""
    lines = cut(terminal(text), limit).split("\n")
    written: list[str] = []
    at = 0
    while at < len(lines):
        opening = _FENCE.fullmatch(lines[at])
        if opening is None:
            written.append(_block_line(lines[at]))
        else:
            end = _closing(lines, at + 1, opening["fence"])
            inside = _outdented(lines[at + 1 : end], len(opening["indent"]))
            written += ["", fence("\n".join(inside), opening["language"]), ""]
            at = end
        at += 1
    spaced = (part for part, before in zip(written, ["", *written], strict=False) if part or before)
    return "\n".join(spaced).strip("\n")


def code(text: str, limit: int = MAX_INLINE) -> str:
    """One line as a code span."""
    return _span(cut(" ".join(terminal(text).split("\n")), limit))


def fence(code: str, language: str = "") -> str:
    """A block of code that nothing in it can close. `<!--` becomes `< !--`: no marker can be forged in it."""
    name = language.lower()
    return _fence(_COMMENT.sub("< ", cut(terminal(code), MAX_CODE)), name if _LANGUAGE.fullmatch(name) else "")


def suggestion(code: str) -> str:
    """What GitHub offers to commit with one click; plain code where the click would not give exactly that."""
    return _fence(code, "suggestion") if can_be_suggested(code) else fence(code)


def can_be_suggested(code: str) -> bool:
    """Whether the code reaches GitHub unchanged: nothing in it is hidden, too long, or the start of a comment."""
    return len(code) <= MAX_CODE and not _COMMENT.search(code) and terminal(code) == code


def plain(text: str) -> str:
    """Roughly the text that `block` was given."""
    return unescape(_ESCAPED.sub(r"\1", text))


def cut(text: str, limit: int) -> str:
    """At most so many characters, an ellipsis for the rest."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _closing(lines: list[str], first: int, fence: str) -> int:
    """The line that closes the fence; the end of the text where nothing does."""
    closing = re.compile(rf"\s*{re.escape(fence[0])}{{{len(fence)},}}\s*")
    return next((at for at in range(first, len(lines)) if closing.fullmatch(lines[at])), len(lines))


def _outdented(lines: list[str], indent: int) -> list[str]:
    """Without as much white space as stood before the fence."""
    return [line[min(indent, len(line) - len(line.lstrip())) :] for line in lines]


def _fence(text: str, language: str) -> str:
    ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return "\n".join([ticks + language, *([text] if text else []), ticks])


def _span(text: str) -> str:
    text = _COMMENT.sub("< ", text) or " "
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    # One space on both sides is taken away again where it is read.
    around = " " if "`" in (text[0], text[-1]) or (text[0] == text[-1] == " " and text.strip(" ")) else ""
    return f"{ticks}{around}{text}{around}{ticks}"


def _block_line(line: str) -> str:
    item = _ITEM.match(line)
    if item is None:
        return _line(line.strip(), bold=True)
    indent = " " * min(len(item["indent"].expandtabs(4)), MAX_INDENT)
    bullet = f"{item['number']}." if item["number"] else "-"
    return f"{indent}{bullet} {_line(line[item.end() :].strip(), bold=True)}"


def _line(text: str, *, bold: bool = False) -> str:
    """The line's code spans as such, the rest word by word, and a start that begins nothing."""
    prose = _with_bold if bold else _prose
    parts: list[str] = []
    at = 0
    for span in _SPAN.finditer(text):
        inside = span["code"]
        padded = inside[0] == inside[-1] == " " and inside.strip(" ")
        parts += [prose(text[at : span.start()]), _span(inside[1:-1] if padded else inside)]
        at = span.end()
    return _begun(_beside([*parts, prose(text[at:])]))


def _beside(parts: list[str]) -> str:
    """Joined, with a space where two runs of backticks would become one."""
    line = ""
    for part in parts:
        line += f" {part}" if line.endswith("`") and part.startswith("`") else part
    return line


def _begun(line: str) -> str:
    start = _START.match(line)
    if start is None:
        return line
    number = start["number"] or ""
    return f"{number}\\{line[len(number) :]}"


def _with_bold(text: str) -> str:
    parts: list[str] = []
    at = 0
    for bold in _BOLD.finditer(text):
        parts += [_prose(text[at : bold.start()]), f"**{_prose(bold['bold'])}**"]
        at = bold.end()
    return "".join([*parts, _prose(text[at:])])


def _prose(text: str) -> str:
    return _WORD.sub(_word, text)


def _word(match: re.Match[str]) -> str:
    word = match[0]
    if not _TRAP.search(word):
        return _escaped(word)
    core = word.lstrip(_OPEN)
    opening = word[: len(word) - len(core)]
    core = core.rstrip(_CLOSE)
    return _escaped(opening) + _span(core) + _escaped(word[len(opening) + len(core) :])


def _escaped(text: str) -> str:
    """The characters of Markdown and HTML, as themselves."""
    return _SPECIAL.sub(r"\\\g<0>", _ENTITY.sub("&amp;", text)).replace("<", "&lt;")
