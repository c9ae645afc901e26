"""A stateful GitHub on loopback, REST and GraphQL, backed by real git repositories: see README.md."""

from fake_github.answers import Refused
from fake_github.faults import Exchange
from fake_github.limits import Limits
from fake_github.pulls import Pull
from fake_github.server import FakeGitHub
from fake_github.state import Repository

__all__ = ["Exchange", "FakeGitHub", "Limits", "Pull", "Refused", "Repository"]
