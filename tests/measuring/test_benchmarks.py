"""What the benchmarks count, on changes small enough to count by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from noise import EXACT

from benchmarks import audits, convergence, dataset, integrity, labels, placing, speed, town, tree
from benchmarks.tables import MARK, Pages, Table, percent
from reviewer.syntax.languages import language_of
from reviewer.syntax.trees import parses

ROOT = Path(__file__).parents[2]
BEFORE = "import os\n\n\ndef total(cart):\n    return 0\n"
AFTER = BEFORE + "\n\ndef pay(cart):\n    send_money(total(cart), Receipt())\n    return os.name\n"
ELSEWHERE = "class Receipt:\n    pass\n\n\nasync def send_money(amount, receipt):\n    pass\n"


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", root, *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data set of one pull request of two commits, with a comment, and its repository."""
    root = tmp_path / "repositories" / "shop+cart"
    root.mkdir(parents=True)
    git(root, "init", "--quiet")
    commits = []
    for text in (BEFORE, AFTER, AFTER.replace("0\n", "1\n")):
        (root / "cart.py").write_text(text)
        (root / "money.py").write_text(ELSEWHERE)
        git(root, "add", ".")
        git(root, "commit", "--quiet", "--allow-empty", "-m", "change")
        commits.append(git(root, "rev-parse", "HEAD").strip())
    (root / "HEAD").write_text("")  # a folder with its own HEAD, as a bare repository has it
    (tmp_path / "diffs").mkdir()
    (tmp_path / "diffs" / "01.diff").write_text(git(root, "diff", commits[0], commits[2]))
    said = {"path": "cart.py", "side": "right", "first_line": 9, "last_line": 9}
    said["text"] = "`send_money` is never awaited, see `total`; ```\nProposed()\n```"
    pull = {"n": 1, "repo": "shop/cart", "pull": 7, "base": commits[0], "head": commits[2], "merge_base": commits[0]}
    (tmp_path / "index.json").write_text(json.dumps([{**pull, "comments": [said]}]))
    return tmp_path


def test_every_changed_line_is_accounted_for(data: Path) -> None:
    (pull,) = dataset.load(data, None)
    assert integrity.changed(pull.diff) == {
        ("cart.py", "-", 5),
        *(("cart.py", "+", line) for line in (5, 6, 7, 8, 9, 10)),
    }
    counts = integrity.account(pull.diff, 500)
    assert (counts["changed"], counts["in chunks"]) == (7, 7)
    assert counts["named"] == counts["lost"] == counts["duplicated"] == 0


def test_lines_of_a_file_that_is_left_out_are_named(data: Path) -> None:
    (pull,) = dataset.load(data, None)
    counts = integrity.account(pull.diff.replace(b"cart.py", b"go.sum"), 500)
    assert (counts["in chunks"], counts["named"], counts["lost"]) == (0, 7, 0)


def test_a_repository_that_is_not_here_is_no_error(data: Path) -> None:
    (pull,) = dataset.load(data, data / "nowhere")
    assert pull.repository is None
    assert list(labels.labelled(pull)) == []
    rows = list(convergence.table([pull]).rows)
    assert rows[0][0] == "not available here"


def test_what_a_comment_talks_about_is_told_by_grep(data: Path) -> None:
    (pull,) = dataset.load(data, data / "repositories")
    found = {label.name: label for label in labels.labelled(pull)}
    assert set(found) == {"send_money", "Receipt"}  # `total` is no telling name, Proposed is not there yet
    (definition,) = found["send_money"].definitions
    assert (definition.path, definition.line, definition.start) == ("money.py", 5, "async def send_money")
    assert found["send_money"].said
    assert found["send_money"].used
    assert not found["Receipt"].said
    assert found["Receipt"].kind == "type"


def test_a_name_that_the_reader_sees_defined_is_no_label(data: Path) -> None:
    text = (data / "index.json").read_text().replace("send_money", "Receipt")
    (data / "index.json").write_text(text)
    (pull,) = dataset.load(data, data / "repositories")
    seen = [label.name for label in labels.labelled(pull)]
    assert "pay" not in seen


def test_names_are_what_is_written_as_code() -> None:
    text = "The `Cart` and total_of or sumUp(x), not Cart alone nor `list`, nor\n```\nFenced_name\n```"
    assert labels.names(text) == {"Cart", "total_of", "sumUp"}


def test_only_new_hunks_are_asked_about_again(data: Path) -> None:
    (pull,) = dataset.load(data, data / "repositories")
    ((pulls, lines, _, asked, share),) = list(convergence.table([pull]).rows)
    assert (pulls, lines) == (1, 7)
    assert (asked, share) == (7, "100.0 %")  # one hunk: the second commit changed it
    assert convergence.again(pull.diff, pull.diff)["asked"] == 0


def test_exact_quotes_of_real_lines_are_right(data: Path) -> None:
    (pull,) = dataset.load(data, None)
    (place,) = placing.commented([pull])
    assert (place.path, place.first) == ("cart.py", 9)
    assert place.lines == ("    send_money(total(cart), Receipt())", "    return os.name")
    counts = placing.land(list(placing.spoil([place], EXACT, (5, 20))))
    assert counts == {"right": placing.SEEDS}


def test_a_quote_that_stands_nowhere_is_unplaced(data: Path) -> None:
    (pull,) = dataset.load(data, None)
    (place,) = placing.commented([pull])
    assert placing.land([placing.Case(place, placing.NOWHERE, 9, 9)]) == {"unplaced": 1}


def test_a_repository_of_any_size(tmp_path: Path) -> None:
    tree.make(tmp_path / "made", 40)
    assert len(git(tmp_path / "made", "ls-tree", "-r", "--name-only", "main").split("\n")) == 41
    added = git(tmp_path / "made", "diff", "main~1", "main")
    assert added.count("+def added():") == tree.CHANGED
    assert "(1, 2)" in added


def test_a_town_is_the_same_every_time_and_calls_across_its_files(tmp_path: Path) -> None:
    town.make(tmp_path / "one", 80)
    town.make(tmp_path / "other", 80)
    assert git(tmp_path / "one", "rev-parse", "HEAD") == git(tmp_path / "other", "rev-parse", "HEAD")
    files = git(tmp_path / "one", "ls-files").split()
    assert len(files) == 80
    texts = [(tmp_path / "one" / path).read_text() for path in files]
    assert 70 < sum(text.count("\n") for text in texts) / 80 < 130
    assert sum("import" in text for text in texts) > 70
    assert all(parses((tmp_path / "one" / path).read_text(), language_of(path) or "") for path in files)
    path = town.change(tmp_path / "one", 4)
    assert git(tmp_path / "one", "diff", "--name-only", "HEAD~1").split() == [path]


@pytest.mark.slow
def test_audits_are_measured(tmp_path: Path) -> None:
    town.make(tmp_path / "town", 60)
    with speed.server(0.01) as url:
        first = audits.run(tmp_path / "town", url, tmp_path / "cache")
        again = audits.run(tmp_path / "town", url, tmp_path / "cache")
    assert first.report["coverage"] == again.report["coverage"]
    assert first.report["coverage"]["reviewed_files"] == 60
    assert first.calls > 10
    assert first.first is not None
    assert (again.calls, again.first) == (0, None)
    assert 0 < first.ideal < first.wall
    assert first.cpu > 0 < first.helpers_cpu
    assert first.peak > 30 < first.helpers_peak


def test_tables_take_the_place_of_older_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "README.md"
    kept.write_text(f"About.\n{MARK}\nold\n")
    pages = Pages()
    pages.say("Today.")
    pages.show(Table("sizes", ("name", "share"), [("one", percent(1, 3)), ("none", percent(0, 0))], "A note."))
    pages.keep(kept)
    table = "### sizes\n\nA note.\n\n| name | share |\n|---|---|\n| one | 33.3 % |\n| none | nothing |\n"
    assert kept.read_text() == f"About.\n{MARK}\nToday.\n\n{table}"
    assert table in capsys.readouterr().out


def test_a_file_without_the_mark_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "README.md"
    kept.write_text("Mine.\n")
    with pytest.raises(SystemExit, match="has no line"):
        Pages().keep(kept)
    assert kept.read_text() == "Mine.\n"


def test_data_that_are_not_there_are_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--data", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 2
    assert "holds no index.json" in done.stderr
