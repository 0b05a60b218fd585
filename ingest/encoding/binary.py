"""Tell binary content from text, before any decoding."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

import msgspec

HEAD = 4096  # bytes looked at
MAX_CONTROLS = 0.02  # share of bytes that no text charset uses
_TEXT_CONTROLS = b"\t\n\x0b\x0c\r\x1a\x1b\x0e\x0f\x85"
_CONTROL = bytes(i for i in range(0x20) if i not in _TEXT_CONTROLS) + b"\x7f"


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First bytes of a file format, in Latin-1; `weak` ones could begin a text and need a control byte behind
    them.
    """

    kind: str
    magic: str
    at: int = 0
    weak: bool = False


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    signature: list[Signature]


@lru_cache(maxsize=1)
def _signatures() -> list[Signature]:
    data = files(__package__).joinpath("signatures.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Table).signature


def controls(part: bytes) -> int:
    """Number of control bytes that text does not use."""
    return len(part) - len(part.translate(None, _CONTROL))


def binary_kind(content: bytes) -> str | None:
    """What kind of binary content this is in plain words, or None if it may be text.

    Not to be asked of UTF-16 and UTF-32, whose zero bytes look like controls.
    """
    head = content[:HEAD]
    has_controls = controls(head[:512]) > 0
    for signature in _signatures():
        if head.startswith(signature.magic.encode("latin-1"), signature.at) and (has_controls or not signature.weak):
            return signature.kind
    n = controls(head)
    # a stretch of zeros in a text file is damage, not a format
    zeros = head.count(0) if re.search(rb"\x00{16}", head) else 0
    text_like = len(head) - zeros
    if n - zeros > max(2, MAX_CONTROLS * len(head)) or (zeros and text_like < 0.3 * len(head)):
        return "data with control bytes"
    return None
