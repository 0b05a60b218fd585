"""Tell binary content from text, before any decoding."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import msgspec

HEAD = 4096  # bytes looked at
MAX_CONTROLS = 0.02  # share of bytes that no text charset uses
MAX_ZEROS = 0.3  # share of zero bytes
_TEXT_CONTROLS = b"\t\n\x0b\x0c\r\x1a\x1b\x0e\x0f\x85"
_CONTROL = bytes(i for i in range(0x20) if i not in _TEXT_CONTROLS) + b"\x7f"


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First bytes of a file format, in Latin-1; `weak` ones could begin a text and need a control byte behind them."""

    kind: str
    magic: str
    at: int = 0
    weak: bool = False


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    signature: list[Signature]


@lru_cache(maxsize=1)
def _signatures() -> list[tuple[bytes, Signature]]:
    data = files(__package__).joinpath("signatures.toml").read_bytes()
    table = msgspec.toml.decode(data, type=_Table).signature
    return [(signature.magic.encode("latin-1"), signature) for signature in table]


@lru_cache(maxsize=1)
def _begins_and_others() -> tuple[tuple[bytes, ...], list[tuple[bytes, Signature]]]:
    """What a file begins with in some format, to be asked for all at once, and the signatures that stand further on."""
    begins = tuple(magic for magic, signature in _signatures() if not signature.at)
    return begins, [(magic, signature) for magic, signature in _signatures() if signature.at]


def controls(part: bytes) -> int:
    """Number of control bytes that text does not use."""
    return len(part) - len(part.translate(None, _CONTROL))


def format_of(content: bytes) -> str | None:
    """The binary file format that the first bytes name, in plain words, or None."""
    begins, others = _begins_and_others()
    for magic, signature in _signatures() if content.startswith(begins) else others:
        if content.startswith(magic, signature.at) and (not signature.weak or controls(content[:512])):
            return signature.kind
    return None


def is_data(content: bytes) -> bool:
    """Whether there are too many control bytes for text; UTF-16 and UTF-32, full of zeros, must be ruled out first.

    Zero bytes alone are damage, as long as most of it is text: formats have other controls too.
    """
    head = content[:HEAD]
    zeros = head.count(0)
    return controls(head) - zeros > max(2, MAX_CONTROLS * len(head)) or zeros > MAX_ZEROS * len(head)
