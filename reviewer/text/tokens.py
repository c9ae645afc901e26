"""How many tokens a text is, estimated without a tokenizer (importing one costs more time than the rest of a run).

Qwen's tokenizer makes a token of every digit, about one of a word, of a hump in camelCase or of a run of blanks, and
fewer than one of a punctuation mark; hashes, base64 and text outside ASCII cost extra. The weights are the smallest
that stay within 8 % below the truth on each of 1 200 real diffs of 20 repositories, raw and numbered. On 900 others
they come to 0.92 (raw: 0.88) to 1.37 times the truth, 1.09 times in the median.
"""

from __future__ import annotations

import string

_LETTERS = string.ascii_letters.encode()
_UPPER = string.ascii_uppercase.encode()
_LOWER = string.ascii_lowercase.encode()
_DIGITS = string.digits.encode()
_BLANKS = b" \t"
_FOREIGN = bytes(range(0x80, 0x100))
_SPARSE = b"\xce\xcf\xe0\xe1"  # first bytes of Greek, Indic, Ethiopic: scripts the vocabulary knows few words of


def _classes(other: str, **members: bytes) -> bytes:
    """A table for `bytes.translate` that replaces each byte by the letter of its class."""
    table = bytearray(other.encode() * 256)
    for letter, of_class in members.items():
        for byte in of_class:
            table[byte] = ord(letter)
    return bytes(table)


_KIND = _classes("p", u=_UPPER, l=_LOWER, d=_DIGITS, o=_BLANKS + b"\r\n" + _FOREIGN)
_WORD = _classes(".", a=_LETTERS, d=_DIGITS)
_BLANK = _classes(".", s=_BLANKS)
_SCRIPT = _classes(".", h=_FOREIGN, g=_SPARSE)


def estimate(text: str) -> int:
    """Tokens of `text` for Qwen3's tokenizer: never more than 10 % low on numbered diffs, 9 % high in the median."""
    data = text.encode("utf-8", "surrogatepass")
    kinds, words = data.translate(_KIND), data.translate(_WORD)
    tokens = (
        0.085 * words.count(b"a")
        + 0.77 * (words.count(b".a") + words.count(b"da"))
        + 0.29 * kinds.count(b"lu")
        + 1.32 * kinds.count(b"ulu")
        + 1.28 * kinds.count(b"d")
        + 1.73 * words.count(b"ad")
        + 0.61 * kinds.count(b"p")
        + 1.25 * data.translate(_BLANK).count(b".ss")
    )
    if not text.isascii():
        scripts = data.translate(_SCRIPT)
        tokens += 0.28 * (len(scripts) - scripts.count(b".")) + 0.5 * scripts.count(b"g")
    return round(tokens) or (1 if text else 0)
