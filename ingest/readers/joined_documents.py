"""Does a text file hold many documents, one a line or with marks between them? It is read as one, and that is told."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

LEAST = 20  # lines or pieces of which each is a document
LINE, PIECE = 800, 400  # bytes of the middle one of the lines, and of the pieces
FULL = 0.9  # share of the lines that end a sentence
# what a mark looks like, and the value of `records` that cuts there
_MARKS = tuple(
    (re.compile(pattern, re.M), setting)
    for pattern, setting in (
        (rb"^[=*#_~-]{8,}[ \t\r]*$", "separator:[=*#_~-]{8,}"),
        (rb"^<\|end(?:of|_of_)text\|>[ \t\r]*$", r"separator:<\|end(?:of|_of_)text\|>"),
        (rb"^\x0c[ \t\r]*$", r"separator:\f"),
        (rb"^<doc\b[^>\n]*>[ \t\r]*$", "header:<doc"),
        (rb"^={3,} .{1,80} ={3,}[ \t\r]*$", "header:={3,} (?P<title>.{1,80}?) ={3,}$"),
        (rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))(?i:url|link): ?https?://\S+[ \t\r]*$", "header:(?i:url|link): ?https?://"),
    )
)
_ENDS = (
    b".",
    b"!",
    b"?",
    b'"',
    b")",
    "…".encode(),
    "»".encode(),
    "”".encode(),
    "。".encode(),
    "؟".encode(),
    "।".encode(),
)


class Found(NamedTuple):
    """What tells that a file holds many documents, in words, and the value of `records` that would read it so."""

    what: str
    records: str


def found_in(content: bytes) -> Found | None:
    """How a file holds many documents; None for others. Never raises."""
    for mark, setting in _MARKS:
        marks = [m.start() for m in mark.finditer(content)]
        if len(marks) < LEAST - 1:
            continue
        sizes = sorted(
            b - a for a, b in pairwise((*([0] if content[: marks[0]].strip() else []), *marks, len(content)))
        )
        if sizes[len(sizes) // 2] >= PIECE:
            return Found(f"{len(sizes):,} texts with marks such as {_shown(content, marks[0])!r} between them", setting)
    if content.count(b"\n") < LEAST or len(content) < LEAST * LINE:
        return None
    lines = [line.strip() for line in content.split(b"\n")]
    filled = [line for line in lines if line]
    sizes = sorted(map(len, filled))
    if len(filled) < LEAST or len(lines) - len(filled) > 1 or sizes[len(sizes) // 2] < LINE:
        return None
    if sum(line.endswith(_ENDS) for line in filled) < FULL * len(filled):
        return None
    return Found(f"{len(filled):,} long lines, each a text of its own", "lines")


def _shown(content: bytes, at: int) -> str:
    return content[at : at + 60].split(b"\n", 1)[0].decode("utf-8", "replace").strip()[:20]
