"""Choose a charset from the bytes alone.

Every plausible charset reads a sample, and the reading that is likeliest as text wins (`plausibility`): a comparison
of likelihoods with a prior per charset, both data. A sample bounds the work, so time is linear in the content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import msgspec
import numpy as np

from ingest.encoding.charsets import decode_as, normalise
from ingest.encoding.plausibility import score
from ingest.lines.scan import whole

SAMPLE = 16 * 1024  # bytes
FIRST_LOOK = 1536  # bytes on which all charsets are tried
FINALISTS = 8  # charsets that are tried on the whole sample
IMPLAUSIBLE = 9.0  # nats per pair: no text in letters lies there, wrong readings do
IMPLAUSIBLE_WIDE = 11.0  # the same for scripts of thousands of characters
STRAY = 8.0  # nats per C1 control or U+FFFD in a reading, beside what their pairs cost
_ESCAPED = (
    ("iso-2022-kr", re.compile(rb"\x1b\$\)C")),
    ("iso-2022-jp", re.compile(rb"\x1b(?:\$[@B(]|\([IJ])")),
    ("hz-gb-2312", re.compile(rb"~\{(?:[!-}][!-~])+~\}")),
)
_WIDE = (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2))
_STRAY = re.compile("[\x80-\x9f\ufffd]")
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Guess:
    """A charset with the mean cost of its reading, in nats per pair beyond ASCII."""

    name: str
    mean: float


class _Candidates(msgspec.Struct, forbid_unknown_fields=True):
    single: dict[str, float]
    multi: dict[str, float]
    ebcdic: dict[str, float]


@lru_cache(maxsize=1)
def _candidates() -> _Candidates:
    data = files(__package__).joinpath("candidates.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Candidates)


def sample(content: bytes) -> bytes:
    """Up to `SAMPLE` bytes that matter: the lines with bytes beyond ASCII, long ASCII stretches cut away."""
    taken: list[bytes] = []
    room, position = SAMPLE, 0
    while room > 0 and (high := _HIGH.search(content, position)):
        start = max(
            position,
            content.rfind(b"\n", max(position, high.start() - 64), high.start()) + 1,
            high.start() - 64,
        )
        end = content.find(b"\n", high.start(), start + room)
        end = start + room if end < 0 else end
        taken.append(content[start:end])
        room -= end - start + 1
        position = end
    return b"\n".join(taken)


def rank(part: bytes, priors: dict[str, float]) -> list[Guess]:
    """The charsets of `priors`, the likeliest reading of `part` first."""
    names = list(priors)
    readings = [normalise(decode_as(part, name)[0]) for name in names]
    scores = score(whole(readings))
    strays = np.array([len(_STRAY.findall(reading)) for reading in readings])
    total = scores.cost + STRAY * strays + [priors[name] for name in names]
    mean = scores.mean
    return [Guess(names[i], float(mean[i])) for i in total.argsort(kind="stable")]


def detect(content: bytes) -> Guess | None:
    """The likeliest charset of bytes that are neither UTF-8 nor marked by a BOM; None if no reading is text."""
    candidates = _candidates()
    head = content[:SAMPLE]
    if _looks_ebcdic(head):
        best = rank(head, candidates.ebcdic)[0]
        return best if best.mean < IMPLAUSIBLE else None
    if content.isascii():
        for name, pattern in _ESCAPED:
            if pattern.search(content):
                return Guess(name, 0.0)
        return None
    best = _rank_narrow(content)
    return best if best.mean < (IMPLAUSIBLE_WIDE if best.name in candidates.multi else IMPLAUSIBLE) else None


def _rank_narrow(content: bytes) -> Guess:
    """The likeliest of the 8-bit and double-byte charsets, however unlikely: all on a little, the best on more."""
    candidates = _candidates()
    priors = candidates.single | candidates.multi
    part = sample(content)
    if len(part) > 2 * FIRST_LOOK:
        priors = {guess.name: priors[guess.name] for guess in rank(part[:FIRST_LOOK], priors)[:FINALISTS]}
    return rank(part, priors)[0]


def _looks_ebcdic(head: bytes) -> bool:
    return head.count(0x40) > 0.06 * len(head) and head.count(0x20) < 0.01 * len(head) and not head.isascii()


def detect_wide(content: bytes) -> Guess | None:
    """UTF-16 and UTF-32 without BOM: only those readings that are sound throughout and likely as text."""
    size = min(len(content), SAMPLE) & ~3
    if size < 4:
        return None
    head = content[:size]
    names = [name for name, width in _WIDE if len(content) % width == 0]
    readings = {}
    for name in names:
        try:
            text = head.decode(name)
        except UnicodeDecodeError as error:
            if error.start < size - 4:
                continue
            text = head[: error.start].decode(name, "ignore")
        if "\x00" not in text and _has_common_ascii(text):
            readings[name] = text
    if not readings:
        return None
    scores = score(whole(list(readings.values())))
    best = int(scores.mean.argmin())
    mean = float(scores.mean[best])
    return Guess(list(readings)[best], mean) if mean < IMPLAUSIBLE_WIDE else None


def _has_common_ascii(text: str) -> bool:
    """Text of any script has some spaces, line ends, digits or ideographic punctuation."""
    return sum(map(text.count, " \n\r、。，\u3000")) * 200 > len(text)
