"""Tag, class and id names as hashed tokens."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PART = re.compile(r"[a-z]{2,24}")
_DIGITS = re.compile(r"\d+")
_SOME_NUMBER = "0"
_BETWEEN = "\0"  # pages hold none, see `ingest.html.parse`
MAX_TOKENS = 16


def without_numbers(names: Sequence[str]) -> list[str]:
    """The names of some elements, all numbers in them made one and the same."""
    return _DIGITS.sub(_SOME_NUMBER, _BETWEEN.join(names)).split(_BETWEEN)


@lru_cache(maxsize=1 << 15)
def described(tag: str, names: str) -> tuple[int, int, tuple[int, ...]]:
    """(fingerprint, that of the tag alone, hashed tokens) of an element's names, which begin with the tag, by these
    names `without_numbers`.

    The tokens are the tag, each name, and the words of names made of several. Digits are left out, so that numbered
    names are one. At most `MAX_TOKENS`, each once, none is 0.
    """
    of_tag, token = _of_tag(tag)
    found = [token]
    for name in names.split()[1:]:
        found += _of_name(name)
    return _fingerprint(names.replace(_SOME_NUMBER, "")), of_tag, tuple(dict.fromkeys(found))[:MAX_TOKENS]


@lru_cache(maxsize=1 << 10)
def _of_tag(tag: str) -> tuple[int, int]:
    return _fingerprint(_DIGITS.sub("", tag)), _hash(f"<{tag}>")


@lru_cache(maxsize=1 << 16)  # an element has names of its own mix, but each of them stands on many elements
def _of_name(name: str) -> tuple[int, ...]:
    parts = _PART.findall(name if name.islower() else _HUMP.sub("-", name).lower())
    return tuple(map(_hash, [*parts, "-".join(parts)] if len(parts) > 1 else parts))


def _hash(token: str) -> int:
    return zlib.crc32(token.encode()) or 1


def _fingerprint(names: str) -> int:
    """64 bits."""
    body = names.encode("utf-8", "replace")
    return zlib.crc32(body) << 32 | zlib.crc32(body, 0x9E3779B9)
