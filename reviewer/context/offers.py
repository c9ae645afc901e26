"""What a model is told about the tools it may call. One sentence too many is paid for with every request."""

from __future__ import annotations

from typing import Any

from reviewer.messages import Tool


def _tool(name: str, description: str, required: str, **properties: tuple[str, str]) -> Tool:
    """`properties` are (type, description); those named in `required` must be given."""
    described = {key: {"type": kind, "description": words} for key, (kind, words) in properties.items()}
    schema: dict[str, Any] = {"type": "object", "properties": described, "required": required.split()}
    return Tool(name, description, schema)


OFFERS = (
    _tool(
        "read_file",
        "Numbered lines of a file of the repository, as the change leaves it.",
        "path",
        path=("string", "as in the change, from the root of the repository"),
        start=("integer", "first line; 1 if left out"),
        end=("integer", "last line, included"),
    ),
    _tool(
        "search",
        "Lines that contain a text. Plain text, no regular expression; its words are whole words, in the same case.",
        "pattern",
        pattern=("string", "for example: load_cart("),
        glob=("string", "only in these files, for example src/*.py"),
    ),
    _tool(
        "list_files",
        "Paths of files. `*` stands for anything, `/` too; a glob without `/` is held against the file's name.",
        "",
        glob=("string", "for example *_test.go; all files if left out"),
    ),
    _tool(
        "definition",
        "Where a function, class, type or constant is defined, with its code.",
        "symbol",
        symbol=("string", "its name, for example load_cart"),
    ),
)
