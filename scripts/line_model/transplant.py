"""Pages as if written in another language: each line replaced by real text of that language of the same make.

Most pages with known text are English. A line of another language looks different in ways that matter: how long words
and sentences are, where spaces, capitals and full stops stand, how interface phrases are worded. So sentences take the
place of sentences, phrases that of phrases, at about the same size; bullets, numbers and the order of lines stay. The
same line always becomes the same line, so that what repeats on a page or site still does.
"""

from __future__ import annotations

import gzip
import random
import re
import zlib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ingest.lines.scan import whole
from ingest.lines.unicode import clip_plane, tables
from scripts.line_model import pseudo

# Languages by how often they are chosen: those whose scripts and layouts differ most from English more often.
LANGUAGES = (
    *("ja", "zh") * 4, *("ko", "ru", "ar", "fa", "tr", "kk", "ky", "uk", "es", "fr", "pl", "fi", "vi", "el", "he"),
    *("it", "pt", "hu", "sv", "id", "cs", "ka", "hy", "ug", "uz", "tg", "bg", "ro", "nl", "de"),
)  # fmt: skip
PSEUDO = 0.2  # share of the pages that are written in no language at all

_LEAD = re.compile(r"^\s*(?:[•▪◦*·»>–—-]\s+|\d{1,3}[.)]\s+|#+\s+)?")
_FINAL = re.compile(r"[.!?。！？؟۔।։…]+[\"'”’»」』)）\]]*$")
_LETTER = re.compile(r"[^\W\d_]")
_RUN = re.compile(r"[^\W\d_]+(?:[ '’.,-]+[^\W\d_]+)*")
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
MOST_LINES = 30_000  # of a language's file that are read
DATED = 40  # characters of a line that holds a date and little else


@dataclass(frozen=True)
class Pool:
    """Sentences, and phrases without a full stop, of one language, each list ascending by size."""

    sentences: list[str]
    sentence_sizes: list[float]
    phrases: list[str]
    phrase_sizes: list[float]


def size_of(text: str) -> float:
    """Latin letters' worth of a text."""
    return float(tables().width[clip_plane(whole([text]).points)].sum())


@cache
def pool(folder: Path, language: str) -> Pool:
    """The pool of `folder/<language>.txt.gz`, one text a line."""
    with gzip.open(folder / f"{language}.txt.gz", "rt", encoding="utf-8") as file:
        lines = [text for _, line in zip(range(MOST_LINES), file, strict=False) if (text := line.strip())]
    codes = whole(lines)
    sizes = np.add.reduceat(tables().width[clip_plane(codes.points)], codes.start).tolist()
    sentences: list[tuple[float, str]] = []
    phrases: list[tuple[float, str]] = []
    for size, text in zip(sizes, lines, strict=True):
        if _FINAL.search(text):
            sentences.append((size, text))
        elif size < 80:
            phrases.append((size, text))
    sentences.sort()
    phrases.sort()
    return Pool([t for _, t in sentences], [s for s, _ in sentences], [t for _, t in phrases], [s for s, _ in phrases])


def rewrite(lines: Sequence[str], folder: Path | None, seed: int) -> list[str]:
    """The page in a language or pseudo script chosen by `seed`; without `folder`, in a pseudo script."""
    rng = random.Random(seed)
    if folder is None or rng.random() < PSEUDO:
        return pseudo.rewrite(lines, seed)
    language = rng.choice(LANGUAGES)
    known: dict[str, str] = {}
    for line in dict.fromkeys(lines):
        known[line] = _line(line, pool(folder, language), language) if _LETTER.search(line) else line
    return [known[line] for line in lines]


def _line(line: str, p: Pool, language: str) -> str:
    lead = _LEAD.match(line)
    head = lead.group() if lead else ""
    text = line[len(head) :].rstrip()
    rng = random.Random(zlib.crc32(text.encode("utf-8", "replace")))
    if len(text) <= DATED and any(map(str.isdigit, text)):
        year = _YEAR.search(text)
        if year and language in ("ja", "zh"):
            clock = f" {rng.randint(0, 23):02}:{rng.randint(0, 59):02}" if ":" in text else ""
            return f"{head}{year[1]}年{rng.randint(1, 12)}月{rng.randint(1, 31)}日{clock}"
        return head + _RUN.sub(lambda m: _phrase(p, size_of(m.group()), rng), text)
    size = size_of(text)
    closed = _FINAL.search(text) is not None
    if closed or size > 120:
        made = _sentences(p, size, rng, spaced=language not in ("ja", "zh"))
        return head + (made if closed else _FINAL.sub("", made))
    if size > 45 and p.sentences and rng.random() < 0.7:
        return head + _FINAL.sub("", _near(p.sentences, p.sentence_sizes, size, rng))
    return head + _phrase(p, size, rng)


def _near(texts: list[str], sizes: list[float], size: float, rng: random.Random) -> str:
    first, last = bisect_left(sizes, size * 0.75), bisect_left(sizes, size * 1.3)
    first = min(first, len(texts) - 1)
    return texts[rng.randrange(first, max(last, first + 1))]


def _phrase(p: Pool, size: float, rng: random.Random) -> str:
    return _near(p.phrases, p.phrase_sizes, size, rng) if p.phrases else _near(p.sentences, p.sentence_sizes, size, rng)


def _sentences(p: Pool, size: float, rng: random.Random, *, spaced: bool) -> str:
    """Sentences that together have about the size."""
    parts: list[str] = []
    left = size
    while left > 0.2 * size or not parts:
        some = _near(p.sentences, p.sentence_sizes, min(left, rng.uniform(40, 160)), rng)
        parts.append(some)
        left -= size_of(some)
    return (" " if spaced else "").join(parts)
