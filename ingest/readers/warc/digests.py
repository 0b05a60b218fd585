"""The digests that WARC records carry: `algorithm:value`, the value in base 32 or in hexadecimal."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from contextlib import suppress

_ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s"})


def fits(digest: str, contents: Iterable[bytes]) -> bool | None:
    """Whether the digest is that of one of the contents; None where it cannot be told."""
    name, _, value = digest.partition(":")
    name = name.strip().lower().replace("-", "")
    if name not in _ALGORITHMS or not value.strip():
        return None
    wanted = _readings(value.strip())
    return any(hashlib.new(name, content, usedforsecurity=False).digest() in wanted for content in contents)


def _readings(value: str) -> set[bytes]:
    found = set()
    with suppress(ValueError):
        found.add(binascii.unhexlify(value))
    with suppress(ValueError):
        found.add(base64.b32decode(value.upper() + "=" * (-len(value) % 8)))
    return found
