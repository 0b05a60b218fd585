"""Tag, class and id names as hashed tokens."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PART = re.compile(r"[a-z]{2,24}")
_DIGITS = re.compile(r"\d+")
MAX_TOKENS = 16


def tokens(names: str) -> tuple[int, ...]:
    """Hashed tokens of an element's names: the tag, each name, and the words of names made of several.

    Digits are left out, so that numbered names are one. At most `MAX_TOKENS`, each once, none is 0.
    """
    tag, *rest = names.split()
    found = [_hash(f"<{tag}>")]
    for name in rest:
        found += _of_name(name)
    return tuple(dict.fromkeys(found))[:MAX_TOKENS]


@lru_cache(maxsize=1 << 16)  # an element has names of its own mix, but each of them stands on many elements
def _of_name(name: str) -> tuple[int, ...]:
    parts = _PART.findall(name if name.islower() else _HUMP.sub("-", name).lower())
    return tuple(map(_hash, [*parts, "-".join(parts)] if len(parts) > 1 else parts))


def _hash(token: str) -> int:
    return zlib.crc32(token.encode()) or 1


@lru_cache(maxsize=1 << 15)
def fingerprint(names: str) -> int:
    """64 bits, the same for names that differ in digits only."""
    body = _DIGITS.sub("", names).encode("utf-8", "replace")
    return zlib.crc32(body) << 32 | zlib.crc32(body, 0x9E3779B9)
