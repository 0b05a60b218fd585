"""The structure of HTML pages carried into roles and text: lists, quotes, tables, code and captions.

Roles tell what a line is; the text keeps the lines of a list, a table or a code block together, as plain text or as
Markdown (CommonMark 0.31, with the tables of GitHub's dialect). Text dumps have no structure but their paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.document import Batch
from ingest.html.elements import Within
from ingest.roles import Evidence, Role

_BULLET = re.compile(r"(?P<indent>(?:  )*)(?P<mark>•|\d+\.) (?P<text>.*)", re.S)
# what would begin a heading, quote, list, fence, table or rule
_SPECIAL = re.compile(r"(?=#{1,6}\s|>|[-+*](?:\s|$)|```|~~~|\||[-=_*]{3,}\s*$)|(?<=\d)(?=[.)]\s)")
# plain integers: operations on flags of an enumeration are slow
_PRE, _IN_TABLE, _ITEM, _QUOTED = int(Within.PRE), int(Within.TABLE), int(Within.ITEM), int(Within.QUOTE)
_LEVELS = ((int(Within.H1), 1), (int(Within.H2), 2), (int(Within.H3), 3))
_ANY_HEADING = int(Within.H1 | Within.H2 | Within.H3)
_FENCE = "```"

# kinds of lines that belong together
_PLAIN, _LIST, _TABLE, _CODE, _QUOTE, _HEADING = range(6)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the text: its words, the bits of `Within` around it, whether it stands right below the one before, and
    its 1-based number on the page.
    """

    text: str
    within: int
    follows: bool
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list, table … of the text, and the number of the line at which it begins."""

    text: str
    line: int


def shape(batch: Batch) -> Batch:
    """Give lines their roles by what they stand in: kept ones LIST or QUOTE, captions CAPTION."""
    lines = batch.lines
    within = lines.within

    def inside(bits: int) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (within & bits) != 0
        return found

    body = lines.role == Role.BODY
    lines.role[body & inside(Within.ITEM)] = Role.LIST
    lines.role[body & inside(Within.QUOTE)] = Role.QUOTE
    unspecific = np.isin(lines.role, (Role.OTHER_BOILERPLATE, Role.NAVIGATION))
    guessed = np.isin(lines.evidence, (Evidence.MODEL, Evidence.EXTRACTOR))
    lines.role[unspecific & guessed & inside(Within.CAPTION)] = Role.CAPTION
    return batch


def plain(pieces: Sequence[Piece]) -> list[Block]:
    """Paragraphs; the lines of a list, table or code block make up one, table cells are separated by tabs."""
    return [Block(_as_it_is(kind, group), group[0].line) for kind, group in _groups(pieces)]


def markdown(pieces: Sequence[Piece]) -> list[Block]:
    """Blocks of Markdown, to be separated by blank lines."""
    return [Block(_BLOCKS[kind](group), group[0].line) for kind, group in _groups(pieces)]


def _as_it_is(kind: int, group: list[Piece]) -> str:
    return "\n".join(piece.text.rstrip() if kind == _CODE else piece.text.strip() for piece in group)


def _groups(pieces: Sequence[Piece]) -> list[tuple[int, list[Piece]]]:
    result: list[tuple[int, list[Piece]]] = []
    for piece in pieces:
        kind = _kind(piece)
        together = kind in (_LIST, _TABLE, _CODE, _QUOTE) and (piece.follows or kind == _CODE)
        if together and result and result[-1][0] == kind:
            result[-1][1].append(piece)
        else:
            result.append((kind, [piece]))
    return result


def _kind(piece: Piece) -> int:
    within = piece.within
    if within & _PRE:
        return _CODE
    if within & _IN_TABLE and "\t" in piece.text:
        return _TABLE
    if within & _ITEM:
        return _LIST
    if within & _QUOTED:
        return _QUOTE
    return _HEADING if within & _ANY_HEADING else _PLAIN


def _escape(text: str) -> str:
    """A backslash before what would read as the mark of a block."""
    return _SPECIAL.sub(r"\\", text, count=1) if _SPECIAL.match(text) or _numbered(text) else text


def _numbered(text: str) -> bool:
    return re.match(r"\d{1,9}[.)]\s", text) is not None


def _paragraph(group: list[Piece]) -> str:
    return "\n".join(_escape(piece.text.strip()) for piece in group)


def _heading(group: list[Piece]) -> str:
    level = next(level for bit, level in _LEVELS if group[0].within & bit)
    return f"{'#' * level} {group[0].text.strip()}"


def _list(group: list[Piece]) -> str:
    out, content = [], ""
    for piece in group:
        match = _BULLET.match(piece.text)
        if match:
            indent = match["indent"][2:]
            mark = "-" if match["mark"] == "•" else match["mark"]
            out.append(f"{indent}{mark} {match['text'].strip()}")
            content = indent + " " * (len(mark) + 1)
        else:
            out.append(content + _escape(piece.text.strip()))
    return "\n".join(out)


def _table(group: list[Piece]) -> str:
    rows = [[cell.strip().replace("|", "\\|") for cell in piece.text.strip().split("\t")] for piece in group]
    width = max(map(len, rows))
    cells = [row + [""] * (width - len(row)) for row in rows]
    cells.insert(1, ["---"] * width)
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _code(group: list[Piece]) -> str:
    lines = [piece.text.rstrip() for piece in group]
    fence = _FENCE
    while any(fence in line for line in lines):
        fence += "`"
    return "\n".join([fence, *lines, fence])


def _quote(group: list[Piece]) -> str:
    return "\n".join(f"> {_escape(piece.text.strip())}" for piece in group)


_BLOCKS = {
    _PLAIN: _paragraph,
    _LIST: _list,
    _TABLE: _table,
    _CODE: _code,
    _QUOTE: _quote,
    _HEADING: _heading,
}
