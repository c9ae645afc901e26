"""SARIF on its way to code scanning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import hub as hubs
import pytest
from publishing import to
from reports import FULL

from reviewer.errors import Misuse
from reviewer.github.failures import GitHubError
from reviewer.github.scanning import upload
from reviewer.outputs import sarif
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hub import Hub

SARIF = sarif.render(FULL, Look())
REF = "refs/heads/main"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({"a.py": "a = 1\n"}, "main")
        yield hub


def uploaded(hub: Hub, *, ref: str = REF, commit: str | None = None, level: str = "write") -> str | None:
    client = hub.client(token=hub.fake.token("github-actions[bot]", security_events=level))
    commit = commit or hub.git("rev-parse", "main")
    return upload(client, hubs.NAME, SARIF, commit=commit, ref=ref, is_late=lambda: False)


def test_what_arrives_is_what_was_found(hub: Hub) -> None:
    assert uploaded(hub) is None
    (arrived,) = hub.repository.sarifs
    assert arrived["sarif"] == json.loads(SARIF)
    assert (arrived["ref"], arrived["tool_name"]) == (REF, "reviewer")
    hub.fake.assert_conforming()


def test_an_upload_whose_answer_got_lost_is_made_again(hub: Hub) -> None:
    hub.fake.fail(to("/sarifs"), 502)
    assert uploaded(hub) is None
    assert len(hub.repository.sarifs) == 1


def test_where_it_is_off_or_not_allowed_there_is_one_clear_line(hub: Hub) -> None:
    hub.repository.scanning = False
    for why in (uploaded(hub), uploaded(hub, level="read")):
        assert why is not None
        assert why.startswith("the findings are not in code scanning: ")
        assert "security-events: write" in why
        assert "\n" not in why
    hub.fake.fail(to("/sarifs"), 404, body={"message": "Not Found"})
    assert "not in code scanning" in (uploaded(hub) or "")


def test_other_trouble_is_no_quiet_note(hub: Hub) -> None:
    hub.fake.fail(to("/sarifs"), 502, times=20)
    with pytest.raises(GitHubError):
        uploaded(hub)


@pytest.mark.parametrize(("ref", "commit"), [("main", None), (REF, "abc"), ("refs/remotes/x", None)])
def test_what_code_scanning_would_not_understand_is_refused_here(hub: Hub, ref: str, commit: str | None) -> None:
    with pytest.raises(Misuse, match="a full reference"):
        uploaded(hub, ref=ref, commit=commit)
    assert hub.repository.sarifs == []
