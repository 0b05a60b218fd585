"""Does a text file hold many documents, one a line or with marks between them? It is read as one, and that is told."""

from __future__ import annotations

import re

LEAST = 20  # lines or pieces of which each is a document
LINE, PIECE = 800, 400  # bytes of the middle one of the lines, and of the pieces
FULL = 0.9  # share of the lines that end a sentence
_MARK = re.compile(
    rb"^(?:[=*#_~-]{8,}|<doc\b[^>\n]*>|<\|endoftext\|>|<\|end_of_text\|>|\x0c|={3,} .{1,80} ={3,})[ \t\r]*$", re.M
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
REMEDY = "save one page a file, or rows with a column `text` (JSONL, CSV, Parquet)"


def found_in(content: bytes) -> str:
    """What tells that a file holds many documents, in words; empty for others. Never raises."""
    marks = [m.start() for m in _MARK.finditer(content)]
    if len(marks) >= LEAST - 1:
        sizes = sorted(b - a for a, b in zip([0, *marks], [*marks, len(content)], strict=True))
        if sizes[len(sizes) // 2] >= PIECE:
            return f"{len(sizes):,} texts with marks such as {_shown(content, marks[0])!r} between them"
    if content.count(b"\n") < LEAST or len(content) < LEAST * LINE:
        return ""
    lines = [line.strip() for line in content.split(b"\n")]
    filled = [line for line in lines if line]
    sizes = sorted(map(len, filled))
    if len(filled) < LEAST or len(lines) - len(filled) > 1 or sizes[len(sizes) // 2] < LINE:
        return ""
    if sum(line.endswith(_ENDS) for line in filled) < FULL * len(filled):
        return ""
    return f"{len(filled):,} long lines, each a text of its own"


def _shown(content: bytes, at: int) -> str:
    return content[at : at + 60].split(b"\n", 1)[0].decode("utf-8", "replace").strip()[:20]
