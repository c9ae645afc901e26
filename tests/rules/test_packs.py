from __future__ import annotations

import pytest

from reviewer.errors import Misuse
from reviewer.findings import Severity
from reviewer.rules import globs
from reviewer.rules.packs import Pack, applying, parse, shipped
from reviewer.syntax.languages import LANGUAGES

EVERY_FILE = ("general", "security", "tests", "performance")


def names(packs: tuple[Pack, ...]) -> tuple[str, ...]:
    return tuple(pack.name for pack in packs)


def test_what_is_shipped_in_the_order_of_the_prompt() -> None:
    found = names(shipped())
    assert found[:4] == EVERY_FILE
    assert list(found[4:]) == sorted(set(found[4:]))
    assert {
        "api-design", "c", "cpp", "csharp", "dependencies", "dockerfile", "documentation", "github-actions", "go",
        "html-css", "java", "kotlin", "kubernetes", "migrations", "php", "python", "react", "ruby", "rust", "scala",
        "shell", "sql", "swift", "terraform", "typescript",
    } == set(found[4:])  # fmt: skip


@pytest.mark.parametrize("pack", shipped(), ids=names(shipped()))
def test_a_shipped_pack_is_short_and_says_what_not_to_report(pack: Pack) -> None:
    rows = pack.body.split("\n")
    assert 8 <= len(rows) <= 25
    assert rows.index("Do not report:") >= 5
    assert len(rows) > rows.index("Do not report:") + 1
    assert pack.tokens <= 255
    assert pack.body.replace("…", "...").isascii()
    assert max(map(len, rows)) <= 180
    assert pack.title
    assert pack.origin == "shipped"
    assert pack.enabled


ASPECTS = ("api-design", "dependencies", "documentation", "migrations")


@pytest.mark.parametrize("name", ASPECTS)
def test_an_aspect_beside_two_languages_is_cheap(name: str) -> None:
    (pack,) = (pack for pack in shipped() if pack.name == name)
    assert pack.tokens <= 140


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("main.py", "python"),
        ("src/app/types.pyi", "python"),
        ("web/src/App.tsx", "react typescript"),
        ("web/src/useCart.ts", "react typescript"),
        ("web/src/user.ts", "typescript"),
        ("web/server.mjs", "typescript"),
        ("cmd/tool/main.go", "go"),
        ("src/lib.rs", "rust"),
        ("src/main/java/org/example/App.java", "java"),
        ("app/src/Main.kt", "kotlin"),
        ("build.gradle.kts", "dependencies kotlin"),
        ("src/list.c", "c"),
        ("include/list.h", "c"),
        ("src/list.cpp", "cpp"),
        ("include/list.hpp", "cpp"),
        ("kernels/sum.cu", "cpp"),
        ("Shop/Cart.cs", "csharp"),
        ("Shop/Pages/Cart.razor", "csharp"),
        ("Shop/Shop.csproj", "dependencies"),
        ("Views/Home/Index.cshtml", "csharp html-css"),
        ("lib/cart.rb", "ruby"),
        ("Rakefile", "ruby"),
        ("app/views/cart/show.html.erb", "html-css ruby"),
        ("src/Cart.php", "php"),
        ("resources/views/cart.blade.php", "html-css php"),
        ("Sources/App/Cart.swift", "swift"),
        ("ios/CartViewController.swift", "swift"),
        ("Package.swift", "dependencies swift"),
        ("src/main/scala/Cart.scala", "scala"),
        ("build.sbt", "dependencies scala"),
        ("web/index.html", "html-css"),
        ("web/main.scss", "html-css"),
        ("infra/main.tf", "terraform"),
        ("infra/prod.tfvars", "terraform"),
        ("k8s/deployment.yaml", "kubernetes"),
        ("docker-compose.yml", "kubernetes"),
        ("charts/shop/templates/_helpers.tpl", "kubernetes"),
        ("config/workflows/ci.yml", "kubernetes"),
        ("db/schema.sql", "sql"),
        ("db/migrations/0001_init.sql", "migrations sql"),
        ("src/main/resources/db/migration/V2__cart.sql", "migrations sql"),
        ("shop/migrations/0002_cart.py", "migrations python"),
        ("shop/migrations/__init__.py", "python"),
        ("alembic/versions/3f2a_cart.py", "migrations python"),
        ("db/migrate/20260101_add_cart.rb", "migrations ruby"),
        ("prisma/schema.prisma", "migrations"),
        ("bin/release.sh", "shell"),
        ("Dockerfile", "dockerfile"),
        ("services/api/Dockerfile.dev", "dockerfile"),
        ("build/api.dockerfile", "dockerfile"),
        (".github/workflows/ci.yml", "github-actions"),
        (".github/dependabot.yml", ""),
        ("tools/setup/action.yml", "github-actions"),
        ("api/openapi.yaml", "api-design"),
        ("swagger.json", "api-design"),
        ("proto/shop/v1/cart.proto", "api-design"),
        ("schema.graphql", "api-design"),
        ("app/controllers/carts_controller.rb", "api-design ruby"),
        ("server/routes/cart.js", "api-design typescript"),
        ("server/routes/cart.test.js", "typescript"),
        ("app/routers/cart.py", "api-design python"),
        ("app/routers/test_cart.py", "python"),
        ("src/main/java/CartController.java", "api-design java"),
        ("web/src/cart.controller.ts", "api-design typescript"),
        ("shop/urls.py", "api-design python"),
        ("app/api/cart/route.ts", "api-design typescript"),
        ("package.json", "dependencies"),
        ("web/package.json", "dependencies"),
        ("pyproject.toml", "dependencies"),
        ("requirements-dev.txt", "dependencies"),
        ("requirements/base.txt", "dependencies"),
        ("go.mod", "dependencies"),
        ("Cargo.toml", "dependencies"),
        ("pom.xml", "dependencies"),
        ("build.gradle", "dependencies"),
        ("gradle/libs.versions.toml", "dependencies"),
        ("Gemfile", "dependencies"),
        ("composer.json", "dependencies"),
        ("pubspec.yaml", "dependencies"),
        ("README.md", "documentation"),
        ("docs/guide/install.rst", "documentation"),
        ("docs/index.adoc", "documentation"),
        ("db/migrations/README.md", "documentation"),
    ],
)
def test_which_packs_a_file_gets(path: str, more: str) -> None:
    assert names(applying(shipped(), [path])) == (*EVERY_FILE, *more.split())


@pytest.mark.parametrize(
    "path", ["LICENSE", "pythonic.txt", "tsconfig.json", "docs/list.txt", "data/cart.csv", "weird\nname"]
)
def test_other_files_get_what_every_file_gets(path: str) -> None:
    assert names(applying(shipped(), [path])) == EVERY_FILE


def test_files_of_two_languages_get_both_in_the_order_of_the_packs() -> None:
    assert names(applying(shipped(), ["b.ts", "a.go", "c.ts"])) == (*EVERY_FILE, "go", "typescript")
    assert applying(shipped(), []) == ()


def pack_text(front: str, body: str = "- Money is an integer of cents.") -> str:
    return f"+++\n{front}\n+++\n{body}\n"


GOOD = 'name = "money"\ntitle = "Money"\npaths = ["/billing/", "!*.md"]'


def test_a_pack_of_somebody_else() -> None:
    text = "\ufeff" + pack_text(GOOD).replace("\n", "\r\n")
    pack = parse(text, "rules/money.md", origin="rules/money.md")
    assert pack == Pack("money", "Money", ("/billing/", "!*.md"), "- Money is an integer of cents.", "rules/money.md")
    assert pack.concerns("billing/invoice.py")
    assert not pack.concerns("billing/notes.md")
    assert not pack.concerns("lib/billing.py")


def test_a_pack_may_leave_out_all_but_its_name() -> None:
    pack = parse(pack_text('name = "money"'), "x")
    assert (pack.title, pack.is_general, pack.severity, pack.enabled) == ("money", True, None, True)
    assert pack.why("any/file") == "every file"


def test_a_pack_that_is_switched_off_needs_no_rules() -> None:
    pack = parse('+++\nname = "sql"\nenabled = false\n+++\n', "x")
    assert (pack.enabled, pack.body) == (False, "")


def test_a_pack_says_all_it_can() -> None:
    front = 'name = "house"\nlanguages = ["go", "typescript"]\npaths = ["api/**"]\nseverity = "medium"\nenabled = true'
    pack = parse(pack_text(front), "x")
    assert pack.severity is Severity.MEDIUM
    assert not pack.is_general
    assert [pack.why(path) for path in ("main.go", "a.ts", "b.tsx", "api/x.go", "api/x.txt", "x.py", "x")] == [
        "is go", "is typescript", "is typescript", "matches api/**", "matches api/**", None, None,
    ]  # fmt: skip


def test_a_language_alone_does_not_mean_every_file() -> None:
    pack = parse(pack_text('name = "go"\nlanguages = ["go"]'), "x")
    assert (pack.concerns("a.go"), pack.concerns("a.txt")) == (True, False)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_there_is_can_be_named(language: str) -> None:
    assert parse(pack_text(f'name = "x"\nlanguages = ["{language}"]'), "x").languages == (language,)


def test_hidden_characters_do_not_stay_hidden() -> None:
    pack = parse(pack_text('name = "x"\ntitle = "a\u202eb"', "- Rule\u200b one."), "x")
    assert (pack.title, pack.body) == ("a<U+202E>b", "- Rule<U+200B> one.")


def test_which_globs_match_nothing() -> None:
    assert globs.idle(["*.py", "*.go", "!docs/", "!*.rb"], ["a.py", "docs/a.md"]) == ("*.go", "!*.rb")


TITLE = 'name = "x"\ntitle = "T"\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "starts with a line +++"),
        ("name = 'x'\n", 1, "starts with a line +++"),
        ("---\nname: x\n---\n- Rule\n", 1, "TOML between two lines +++, not YAML between ---"),
        ("+++\nname = 'x'\n", 3, "no closing +++"),
        (pack_text('name = "x"\ntitle = '), 3, "no TOML"),
        (pack_text('name = "x'), 2, "no TOML"),
        (pack_text("x = " + "[" * 3000), 2, "nested too deeply"),
        (pack_text("x" + ".x" * 3000 + " = 1"), 2, "longer than 4096"),
        (pack_text('title = "T"\npaths = []'), 1, "name must be"),
        (pack_text('name = "x"\ntitle = 3\npaths = []'), 3, "title must be"),
        (pack_text('name = "x"\ntitle = " "'), 3, "title must be"),
        (pack_text('name = "x"\ntitle = "a\\nb"'), 3, "title must be"),
        (pack_text('name = " "\ntitle = "T"\npaths = []'), 2, "name must be"),
        (pack_text('name = "Money"'), 2, "name must be"),
        (pack_text('name = "my money"'), 2, "name must be"),
        (pack_text('name = "-"'), 2, "name must be"),
        (pack_text(f'name = "{"x" * 51}"'), 2, "name must be"),
        (pack_text(TITLE + 'paths = "*.py"'), 4, "paths must be"),
        (pack_text(TITLE + "paths = [1]"), 4, "paths must be"),
        (pack_text(TITLE + 'paths = ["*.py", "!"]'), 4, "'!' is no glob"),
        (pack_text(TITLE + 'paths = ["[z-a]"]'), 4, "'[z-a]' is no glob"),
        (pack_text(TITLE + 'paths = [""]'), 4, "'' is no glob"),
        (pack_text(TITLE + 'paths = ["# all"]'), 4, "'# all' is no glob"),
        (pack_text(TITLE + 'languages = "go"'), 4, "languages must be"),
        (pack_text(TITLE + 'languages = ["pyhton"]'), 4, "'pyhton' is no language that is known; did you mean python?"),
        (pack_text(TITLE + 'languages = ["COBOL-85"]'), 4, "choose from bash, c, "),
        (pack_text(TITLE + 'severity = "blocker"'), 4, "severity, the most"),
        (pack_text(TITLE + "severity = 3"), 4, "severity, the most"),
        (pack_text(TITLE + 'enabled = "false"'), 4, "enabled must be true or false"),
        (pack_text('name = "x"\nglobs = []\ntitle = "T"\npaths = []'), 3, "unknown key 'globs'"),
        (pack_text(TITLE + "paths = []", body=" \n"), 5, "no rules"),
    ],
)
def test_a_malformed_pack_is_refused_with_its_file_and_line(text: str, line: int, says: str) -> None:
    with pytest.raises(Misuse) as refused:
        parse(text, "rules/x.md")
    message = str(refused.value)
    assert message.startswith(f"rules/x.md:{line}: ")
    assert says in message
    assert "\n" not in message
