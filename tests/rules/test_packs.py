from __future__ import annotations

import pytest

from reviewer.errors import Misuse
from reviewer.rules.packs import Pack, applying, parse, shipped
from reviewer.text.tokens import estimate

EVERY_FILE = ("general", "security", "tests", "performance")
LANGUAGES = ("dockerfile", "github-actions", "go", "java", "python", "rust", "shell", "sql", "typescript")


def names(packs: tuple[Pack, ...]) -> tuple[str, ...]:
    return tuple(pack.name for pack in packs)


def test_what_is_shipped_in_the_order_of_the_prompt() -> None:
    assert names(shipped()) == EVERY_FILE + LANGUAGES


@pytest.mark.parametrize("pack", shipped(), ids=names(shipped()))
def test_a_shipped_pack_is_short_and_says_what_not_to_report(pack: Pack) -> None:
    rows = pack.body.split("\n")
    assert 10 <= len(rows) <= 25
    assert "Do not report:" in rows
    assert estimate(pack.body) <= 260
    assert pack.title
    assert pack.origin == "shipped"


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("main.py", "python"),
        ("src/app/types.pyi", "python"),
        ("web/src/App.tsx", "typescript"),
        ("web/server.mjs", "typescript"),
        ("cmd/tool/main.go", "go"),
        ("src/lib.rs", "rust"),
        ("src/main/java/org/example/App.java", "java"),
        ("db/migrations/0001_init.sql", "sql"),
        ("bin/release.sh", "shell"),
        ("Dockerfile", "dockerfile"),
        ("services/api/Dockerfile.dev", "dockerfile"),
        ("build/api.dockerfile", "dockerfile"),
        (".github/workflows/ci.yml", "github-actions"),
        ("tools/setup/action.yml", "github-actions"),
    ],
)
def test_which_language_a_file_is_reviewed_as(path: str, language: str) -> None:
    assert names(applying(shipped(), [path])) == (*EVERY_FILE, language)


@pytest.mark.parametrize("path", ["README.md", "config/workflows/ci.yml", "go.mod", "pythonic.txt", "weird\nname"])
def test_other_files_get_what_every_file_gets(path: str) -> None:
    assert names(applying(shipped(), [path])) == EVERY_FILE


def test_files_of_two_languages_get_both_in_the_order_of_the_packs() -> None:
    assert names(applying(shipped(), ["b.ts", "a.go", "c.ts"])) == (*EVERY_FILE, "go", "typescript")
    assert applying(shipped(), []) == ()


def pack_text(front: str, body: str = "- Money is an integer of cents.") -> str:
    return f"+++\n{front}\n+++\n{body}\n"


GOOD = 'name = "money"\ntitle = "Money"\npaths = ["/billing/", "!*.md"]'


def test_a_pack_of_somebody_else() -> None:
    pack = parse(pack_text(GOOD).replace("\n", "\r\n"), "rules/money.md", origin="repository")
    assert pack == Pack("money", "Money", ("/billing/", "!*.md"), "- Money is an integer of cents.", "repository")
    assert pack.concerns("billing/invoice.py")
    assert not pack.concerns("billing/notes.md")
    assert not pack.concerns("lib/billing.py")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "starts with a line +++"),
        ("name = 'x'\n", 1, "starts with a line +++"),
        ("+++\nname = 'x'\n", 3, "no closing +++"),
        (pack_text('name = "x"\ntitle = '), 3, "no TOML"),
        (pack_text('name = "x'), 2, "no TOML"),
        (pack_text("x = " + "[" * 3000), 2, "nested too deeply"),
        (pack_text("x" + ".x" * 3000 + " = 1"), 2, "longer than 4096"),
        (pack_text('title = "T"\npaths = []'), 1, "name must be"),
        (pack_text('name = "x"\ntitle = 3\npaths = []'), 3, "title must be"),
        (pack_text('name = " "\ntitle = "T"\npaths = []'), 2, "name must be"),
        (pack_text('name = "x"\ntitle = "T"'), 1, "paths must be"),
        (pack_text('name = "x"\ntitle = "T"\npaths = "*.py"'), 4, "paths must be"),
        (pack_text('name = "x"\ntitle = "T"\npaths = [1]'), 4, "paths must be"),
        (pack_text('name = "x"\ntitle = "T"\npaths = ["*.py", "!"]'), 4, "'!' is no glob"),
        (pack_text('name = "x"\ntitle = "T"\npaths = ["[z-a]"]'), 4, "'[z-a]' is no glob"),
        (pack_text('name = "x"\ntitle = "T"\npaths = [""]'), 4, "'' is no glob"),
        (pack_text('name = "x"\ntitle = "T"\npaths = ["# all"]'), 4, "'# all' is no glob"),
        (pack_text('name = "x"\nglobs = []\ntitle = "T"\npaths = []'), 3, "unknown key 'globs'"),
        (pack_text('name = "x"\ntitle = "T"\npaths = []', body=" \n"), 5, "no rules"),
    ],
)
def test_a_malformed_pack_is_refused_with_its_file_and_line(text: str, line: int, says: str) -> None:
    with pytest.raises(Misuse) as refused:
        parse(text, "rules/x.md")
    message = str(refused.value)
    assert message.startswith(f"rules/x.md:{line}: ")
    assert says in message
    assert "\n" not in message
