"""Guards named after the mistakes they catch, and what every test may use."""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from redis_server import RedisServer
    from warm import Warm

settings.register_profile("reviewer", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("reviewer")  # how long an example takes says how busy the machine is

SCRUBBED = ("GITHUB_", "GH_", "INPUT_", "REVIEWER_", "RUNNER_", "ACTIONS_", "SEGMIND_", "DASHSCOPE_", "OPENAI_", "GIT_")


@pytest.fixture(autouse=True)
def no_environment_leaks_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A developer's keys and settings, or CI's, must not steer a test; git must not read anyone's configuration."""
    for name in os.environ:
        if name.startswith(SCRUBBED) or name.upper() in {"CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
        if name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
            monkeypatch.delenv(name)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # each process would compile everything again
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-01-02T03:04:05+00:00")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture(autouse=True)
def no_socket_beyond_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that talks to the world is a test that fails on a train."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test tried to connect to {address!r}: only loopback is allowed")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Where processes are forked from."""
    from warm import Warm

    with Warm() as process:
        yield process


@pytest.fixture
def untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes as they are shipped: what only they run does not count as covered, and they take half the time."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of one's own."""
    import redis_server

    yield from redis_server.started(tmp_path)
