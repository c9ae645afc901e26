"""`reviewer audit owner/repo`: cloned from a loopback server, read, and gone. Nothing is run, no token is left."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import hub as hubs
import pytest
from audits import SMALL, Stalling, shop
from git_server import TOKEN, GitServer
from model_server import ModelServer
from processes import Done, asking, command, commit, git, repository, reviewer
from risky import connection

from reviewer.commands import afar
from reviewer.commands import audit as audit_here
from reviewer.errors import Misuse
from reviewer.sources import clone

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("untraced")

DEFAULT = "def f(x=[]):\n    return x\n"
WITH_TOKEN = {"GITHUB_TOKEN": TOKEN}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    (tmp_path / "served").mkdir()
    (tmp_path / "here" / "tmp").mkdir(parents=True)
    with GitServer(tmp_path / "served", private=frozenset({"octo/secret"})) as made:
        yield made


@pytest.fixture
def origin(server: GitServer, tmp_path: Path) -> Path:
    """Its first commit has a defect, its second one another."""
    root = repository(tmp_path / "origin", {"src/a.py": DEFAULT, ".github/reviewer.toml": 'ignore = ["docs/"]\n'})
    commit(root, {"src/b.py": DEFAULT, "docs/c.py": DEFAULT})
    git(root, "branch", "topic", "HEAD~1")
    git(root, "tag", "v1", "HEAD~1")
    for name in ("octo/shop", "octo/secret"):
        server.serve(root, name)
    return root


def audit(server: GitServer, tmp_path: Path, *words: str, **variables: str) -> Done:
    """In an empty folder, whose own temporary one must be empty again."""
    temporary = tmp_path / "here" / "tmp"
    given = {**server.variables, "TMPDIR": str(temporary), **variables}
    done = reviewer("audit", *words, "--no-model", "--format", "json", cwd=tmp_path / "here", variables=given)
    assert list(temporary.iterdir()) == []
    return done


def places(done: Done) -> set[str]:
    assert done.code == 0, done.err
    return {place["path"] for each in done.report["findings"] for place in (each, *each["places"])}


def test_a_public_repository_needs_no_token(server: GitServer, origin: Path, tmp_path: Path) -> None:
    done = audit(server, tmp_path, "octo/shop")
    assert places(done) == {"src/a.py", "src/b.py"}
    assert done.report["head"] == git(origin, "rev-parse", "HEAD")
    assert done.report["policy_source"].startswith(".github/reviewer.toml at ")
    assert done.err.startswith(f"reviewer: cloning {server.url}/octo/shop\n")
    assert {given for _, given in server.asked} == {""}
    assert audit(server, tmp_path, f"{server.url}/octo/shop.git", "--quiet").err == ""


def test_a_private_one_is_opened_by_the_token(server: GitServer, origin: Path, tmp_path: Path) -> None:
    assert origin.is_dir()
    assert places(audit(server, tmp_path, "octo/secret", **WITH_TOKEN)) == {"src/a.py", "src/b.py"}
    assert places(audit(server, tmp_path, "octo/secret", REVIEWER_GITHUB_TOKEN=f"{TOKEN}\n")) != set()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--since", "v1"], {"src/b.py"}),
        (["--since", "HEAD~1"], {"src/b.py"}),
        (["--since", "2000-01-01"], {"src/a.py", "src/b.py"}),
        (["--commit", "topic"], {"src/a.py"}),
        (["--commit", "HEAD~1"], {"src/a.py"}),
        (["--include", "src/b.py"], {"src/b.py"}),
    ],
)
def test_what_takes_history_has_all_of_it(
    server: GitServer, origin: Path, tmp_path: Path, words: list[str], found: set[str]
) -> None:
    assert origin.is_dir()
    assert places(audit(server, tmp_path, "octo/shop", *words)) == found


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        (["octo/secret"], {}, "there is no such repository, or it is private: set GITHUB_TOKEN"),
        (["octo/none"], {}, "there is no folder octo/none, and http://127.0.0.1:"),
        (["octo/none"], WITH_TOKEN, "there is no such repository, or the token may not read it"),
        (["octo/shop"], {"GITHUB_TOKEN": "ghs_" + "wrong" * 9}, "or the token may not read it"),
        (["octo/moved"], WITH_TOKEN, "has moved, and nobody is followed"),
        (["octo/shop", "--commit", "none"], {}, "octo/shop has no commit 'none'"),
        (["octo/empty"], {}, "octo/empty has no commit yet"),
        (["octo/shop"], {"GIT_DIR": "/nowhere"}, "there is no folder octo/shop, and GIT_DIR is set"),
        (["octo/shop"], {"PATH": os.devnull}, "no folder octo/shop, and to clone octo/shop takes git: install it"),
        (["https://git.example/octo/shop"], {}, "set GITHUB_API_URL to the interface of git.example"),
        (["ssh://git@x/octo/shop"], {}, "is no address of a repository, like"),
        (["octo/.."], {}, "there is no folder octo/.., and it is no repository on GitHub"),
    ],
)
def test_what_cannot_be_cloned_is_one_line(
    server: GitServer, origin: Path, tmp_path: Path, words: list[str], variables: dict[str, str], said: str
) -> None:
    assert origin.is_dir()
    git(tmp_path, "init", "-q", "--bare", str(server.folder / "octo" / "empty"))
    server.moved = {"octo/moved": "/octo/shop"}
    done = audit(server, tmp_path, *words, **variables)
    last = done.err.rstrip("\n").split("\n")[-1]
    assert (done.code, done.out) == (2, ""), done.err
    assert said in last
    assert len(done.err.split("\n")) <= 3
    assert "wrong" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["octo/shop", "--update-baseline"], "needs the files on disk"),
        (["octo/shop", "--post", "octo/shop"], "needs a token: set GITHUB_TOKEN"),
        (["octo/shop", "--post", "shop"], "--post shop: name the repository like owner/repo"),
    ],
)
def test_what_would_fail_in_the_end_is_refused_before_it_is_cloned(
    server: GitServer, tmp_path: Path, words: list[str], said: str
) -> None:
    done = audit(server, tmp_path, *words)
    assert (done.code, said in done.err, done.err.count("\n"), server.asked) == (2, True, 1, []), done.err


def test_a_server_in_trouble_is_no_misuse(server: GitServer, origin: Path, tmp_path: Path) -> None:
    assert origin.is_dir()
    server.status = 502
    done = audit(server, tmp_path, "octo/shop", **WITH_TOKEN)
    assert (done.code, "cannot be cloned" in done.err, "502" in done.err) == (3, True, True)
    assert "reviewer: there is no folder octo/shop, and http://127.0.0.1:" in done.err
    assert TOKEN not in done.err


def others(temporary: Path, main: int) -> list[str]:
    """The environments of the processes that it started and that are still there."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            text = place.read_bytes().decode("latin-1")
            if f"TMPDIR={temporary}" in text and place.parent.name != str(main):
                found.append(text)
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc")
def test_it_can_be_stopped_while_it_is_cloned_and_leaves_nothing(server: GitServer, tmp_path: Path) -> None:
    server.gate.clear()
    temporary = tmp_path / "here" / "tmp"
    secrets = {"GITHUB_TOKEN": TOKEN, "REVIEWER_API_KEY": TOKEN, "SEGMIND_API_KEY": TOKEN, "GH_TOKEN": TOKEN}
    given = {**os.environ, **server.variables, **secrets, "TMPDIR": str(temporary)}
    words = command("audit", "octo/shop", "--no-model")
    process = subprocess.Popen(words, cwd=tmp_path / "here", env=given, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if server.asked or process.poll() is not None:
            break
        time.sleep(0.05)
    assert process.poll() is None
    while_it_runs = others(temporary, process.pid)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    left = others(temporary, process.pid)
    server.gate.set()
    assert (process.returncode, list(temporary.iterdir())) == (143, []), said
    assert left == []
    assert len(while_it_runs) > 1, "git and what it fetches by"
    assert [each for each in while_it_runs if TOKEN in each] == [], "of the token only what git is to show"
    assert "Traceback" not in said


def test_the_issue_and_code_scanning_of_what_was_cloned(server: GitServer, tmp_path: Path) -> None:
    with hubs.opened(tmp_path / "hub") as hub:
        hub.token = hub.fake.token("github-actions[bot]", contents="read", issues="write", security_events="write")
        hub.commit({"src/a.py": DEFAULT}, "main")
        server.serve(hub.root)
        given = {**connection(hub), "GITHUB_SERVER_URL": server.url}
        server.token = hub.token
        words = ("audit", "octo/shop", "--post", "octo/shop", "--no-model", "--quiet")
        done = reviewer(*words, cwd=tmp_path / "here", variables=given)
        assert done.code == 0, done.err
        (issue,) = hub.repository.issues.values()
        assert "src/a.py" in (issue.body or "")
        arrived = hub.repository.sarifs[-1]
        assert (arrived["ref"], arrived["commit_sha"]) == ("refs/heads/main", hub.git("rev-parse", "HEAD"))


def test_the_clone_is_bounded_by_the_deadline(server: GitServer, tmp_path: Path) -> None:
    server.gate.clear()
    started = time.monotonic()
    done = audit(server, tmp_path, "octo/shop", "--deadline", "1")
    server.gate.set()
    assert (done.code, done.err.count("\n")) == (3, 2), done.err
    assert "octo/shop was not cloned within --deadline 1 s: allow more, or clone it" in done.err
    assert time.monotonic() - started < 30


def test_no_room_for_a_copy_is_one_line(server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(Misuse, match="needs a temporary folder: No such file or directory; set TMPDIR to a folder"):
        audit_here.run(["octo/shop", "--no-model"])
    assert server.asked == []


def test_a_token_is_not_sent_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="sent unencrypted: use https"):
        clone.bare("http://git.example/octo/shop", tmp_path / "x", token=TOKEN, whole=False)


def test_what_is_said_again_of_the_token_is_hidden() -> None:
    given = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    said = f"remote: {TOKEN}\nfatal: {TOKEN} and {given}"
    assert str(clone._failure("https://x/a/b", said, TOKEN)) == "https://x/a/b cannot be cloned: [token] and [token]"


def test_it_goes_on_where_it_was_though_the_copy_is_another(server: GitServer, tmp_path: Path) -> None:
    server.serve(shop(tmp_path / "large", 20))
    with ModelServer(Stalling()) as model:
        variables = {**asking(model.url, cache_dir=str(tmp_path / "cache")), **server.variables}
        words = ("audit", "octo/shop", *SMALL, "--format", "json")
        first = reviewer(*words, cwd=tmp_path / "here", variables=variables).report
        again = reviewer(*words, cwd=tmp_path / "here", variables=variables).report
    assert (first["usage"]["calls"] > 5, again["usage"]["calls"]) == (True, 0)
    assert again["findings"] == first["findings"]


# --- what a hostile repository, and a careless machine, try


@contextmanager
def traps(home: Path, canary: Path) -> Iterator[dict[str, str]]:
    """A machine whose git runs something wherever it may: on checkout, for a password, for large files."""
    trap = home / "trap"
    trap.write_text(f"#!/bin/sh\necho ran >> {canary}\ncat\n")
    trap.chmod(0o755)
    hooks = home / "template" / "hooks"
    hooks.mkdir(parents=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "post-merge"):
        shutil.copy(trap, hooks / name)
    (home / ".gitconfig").write_text(
        f'[filter "evil"]\n\tsmudge = {trap}\n\tprocess = {trap}\n\trequired = true\n'
        f'[filter "lfs"]\n\tsmudge = {trap}\n\tprocess = {trap}\n\trequired = true\n'
        f"[init]\n\ttemplateDir = {home / 'template'}\n[credential]\n\thelper = !{trap}\n"
        f"[core]\n\taskPass = {trap}\n\tfsmonitor = {trap}\n\thooksPath = {hooks}\n"
        "[submodule]\n\trecurse = true\n[fetch]\n\trecurseSubmodules = true\n"
    )
    yield {"HOME": str(home), "GIT_ASKPASS": str(trap), "SSH_ASKPASS": str(trap), "GIT_TEMPLATE_DIR": str(hooks.parent)}


def hostile(server: GitServer, tmp_path: Path) -> None:
    """Everything in a repository that makes a checkout run or fetch something."""
    root = repository(
        tmp_path / "hostile",
        {
            ".gitattributes": "* filter=evil diff=evil\n*.bin filter=lfs\n",
            ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = {server.url}/octo/secret\n\tupdate = !touch x\n',
            ".lfsconfig": f"[lfs]\n\turl = {server.url}/octo/secret\n",
            "big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 1\n",
            "a.py": DEFAULT,
        },
    )
    (root / "link").symlink_to("/etc/passwd")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{git(root, 'rev-parse', 'HEAD')},x")
    git(root, "add", "link")
    git(root, "commit", "-q", "-m", "traps")
    server.serve(root, "octo/hostile")


@pytest.mark.parametrize("words", [["octo/hostile"], ["octo/hostile", "--since", "HEAD~1"], ["octo/secret"]])
def test_nothing_of_it_is_run(server: GitServer, origin: Path, tmp_path: Path, words: list[str]) -> None:
    assert origin.is_dir()
    hostile(server, tmp_path)
    home, canary = tmp_path / "trapped", tmp_path / "canary"
    home.mkdir()
    with traps(home, canary) as variables:
        done = audit(server, tmp_path, *words, **variables)
    assert done.code == (0 if words[0] == "octo/hostile" else 2), done.err
    assert not canary.exists(), canary.read_text()
    if words[0] == "octo/hostile":
        assert {path.split("/")[1:3][-1] for path, _ in server.asked} == {"hostile"}
        assert "root:" not in done.out
        assert {"link", "x"} <= {each["path"] for each in done.report["unreviewed"]} or len(words) > 1


def test_the_token_is_on_no_command_line_in_no_file_and_on_no_other_host(
    server: GitServer, origin: Path, tmp_path: Path
) -> None:
    assert origin.is_dir()
    tools, log, kept = tmp_path / "tools", tmp_path / "log", tmp_path / "kept"
    tools.mkdir()
    real = shutil.which("git")
    (tools / "git").write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$*" >> {log}\n{real} "$@"\nstatus=$?\n'
        f'for folder in "$TMPDIR"/*; do [ -d "$folder" ] && cp -r "$folder" {kept}; done\nexit $status\n'
    )
    (tools / "git").chmod(0o755)
    kept.mkdir()
    given = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    done = audit(server, tmp_path, "octo/secret", GITHUB_TOKEN=TOKEN, PATH=f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert done.code == 0, done.err
    files = [path for path in kept.rglob("*") if path.is_file()]
    assert any(path.name == "config" for path in files)
    assert "clone" in log.read_text()
    for text in (log.read_text(), done.out, done.err, *(path.read_bytes().decode("latin-1") for path in files)):
        assert TOKEN not in text
        assert given not in text
    assert not [path for path in files if path.name.startswith("post-")]
    assert {given for _, given in server.asked if given} == {f"Basic {given}"}


def test_where_the_repository_goes_the_token_does_not(server: GitServer, origin: Path, tmp_path: Path) -> None:
    """A redirect to another host is not followed, and a rewritten address is shown nothing."""
    with GitServer(tmp_path / "served") as other:
        server.moved = {"octo/shop": f"{other.url}/octo/shop"}
        assert audit(server, tmp_path, "octo/shop", **WITH_TOKEN).code == 2
        assert other.asked == []
        server.moved = {}
        home = tmp_path / "rewriting"
        home.mkdir()
        (home / ".gitconfig").write_text(f'[url "{other.url}/"]\n\tinsteadOf = {server.url}/\n')
        assert audit(server, tmp_path, "octo/shop", HOME=str(home), **WITH_TOKEN).code == 0
        assert {given for _, given in other.asked} == {""}
    (home / ".gitconfig").write_text(f'[url "{origin.parent}/served/"]\n\tinsteadOf = {server.url}/\n')
    local = audit(server, tmp_path, "octo/shop", HOME=str(home))
    assert (local.code, local.err.count("\n")) == (2, 2), local.err
    assert "url.*.insteadOf in git's configuration has it fetched by 'file'" in local.err
    assert f"set GIT_CONFIG_GLOBAL={os.devnull}, or audit your own clone" in local.err
    assert audit(server, tmp_path, "octo/shop", HOME=str(home), GIT_CONFIG_GLOBAL=os.devnull).code == 0


# --- what is taken for a name


def test_a_folder_of_that_name_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "octo" / "shop").mkdir(parents=True)
    assert [afar.named(each) for each in ("octo/shop", None, "", "octo", "a/b/c", "./octo", "../x")] == [None] * 7
    assert afar.named("octo/cart") == "octo/cart"


@pytest.mark.parametrize(
    ("variables", "written"),
    [
        ({}, "https://github.com/octo/shop"),
        ({"GITHUB_API_URL": "https://git.corp.example/api/v3"}, "https://git.corp.example/octo/shop.git"),
        ({"GITHUB_API_URL": "https://api.octo.ghe.com"}, "https://octo.ghe.com/octo/shop/"),
        ({"GITHUB_SERVER_URL": "https://code.example:8443/"}, "https://code.example:8443/octo/shop"),
    ],
)
def test_an_address_is_its_name_where_the_server_is_ours(
    variables: dict[str, str], written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert afar.named(written) == "octo/shop"
    assert json.dumps(afar.named("octo/shop")) == '"octo/shop"'


def test_the_matrix_of_a_repository_afar(server: GitServer, origin: Path, tmp_path: Path) -> None:
    words = ("audit", "octo/shop", "--plan", "--matrix", "--no-model", "--quiet")
    done = reviewer(*words, cwd=tmp_path / "here", variables=server.variables)
    (job,) = json.loads(done.out)["include"]
    assert job == {"repository": "octo/shop", "shard": "1/1", "commit": git(origin, "rev-parse", "HEAD")}


@pytest.mark.parametrize("written", ["https://GitHub.com/octo/shop", "HTTPS://github.com/octo/shop.git"])
def test_the_name_of_a_host_has_no_case(written: str) -> None:
    assert afar.named(written) == "octo/shop"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("https://ada:s3cret@github.com/octo/shop", "https://github.com/octo/shop needs no user in it: leave that out"),
        ("https://ada:s3cret@github.com/octo", "https://github.com/octo is no address of a repository"),
        ("https://ada:s3/cret@github.com/octo/shop", "https://github.com/octo/shop needs no user in it"),
        ("SSH://ada:s3cret@github.com/octo/shop", "SSH://github.com/octo/shop is no address of a repository"),
        ("x" * 300 + "://ada:s3cret@github.com/", "PATH xxx"),
    ],
)
def test_a_password_in_an_address_is_not_shown(written: str, said: str) -> None:
    with pytest.raises(Misuse) as caught:
        afar.named(written)
    assert str(caught.value).startswith(said)
    assert "cret" not in str(caught.value)
