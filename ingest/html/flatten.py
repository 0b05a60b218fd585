"""An lxml tree as lines, laid out the way a text browser does, each line with its place in the tree.

The layout follows the default style sheet of the HTML standard (section 15.3, "Non-replaced elements"): block elements
start lines, paragraphs and lists have a margin (a blank line), list items a bullet, table cells are separated by tabs.
The result looks like a flattened dump, so that rules and site profiles serve both.

The walk notes no more of the tree than where elements begin and end; `ingest.html.outline` makes the rest of it, for
all pages of a batch at once.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ingest.html.elements import BLOCKS, CELLS, HIDDEN, LISTS, WITH_MARGIN
from ingest.html.kinds import NO_KIND, Kinds

_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_INDENT = "  "
_CELL = "\x1f"  # between table cells until the line is closed; white space of the source must not look like it
#: characters from which the text for browsers without scripts is more than a request to switch them on
SCRIPTLESS_TEXT = 500
_SCRIPTLESS = "noscript"
END = -1  # in a walk, where an element ends

# What is done at an element: nothing, it stands within its line; a line ends and another begins; it also has a margin;
# more than that; or it is left out with all that it holds, as are comments, whose tag is a function, or left out but
# measured.
_INLINE, _BLOCK, _SPACED, _SHAPED, _UNSEEN, _MEASURED = range(6)
_DONE_AT: dict[Any, int] = {
    **dict.fromkeys(BLOCKS | {"br"}, _BLOCK),
    **dict.fromkeys(WITH_MARGIN, _SPACED),
    **dict.fromkeys(LISTS | CELLS | {"li", "pre"}, _SHAPED),
    **dict.fromkeys((*HIDDEN, etree.Comment, etree.PI, etree.Entity), _UNSEEN),
    _SCRIPTLESS: _MEASURED,
}
_WITHOUT_SCRIPTS = {tag: done for tag, done in _DONE_AT.items() if tag != _SCRIPTLESS}


@dataclass(slots=True)
class Flat:
    """A page's lines, and the walk over its elements.

    Attributes:
        lines: "" for blank ones, never two of these in a row.
        until: per line, how many runs of text the lines up to it are made of.
        run_at: for each run, how far the walk was.
        run_size: its characters.
        walk: the elements that are shown, in document order, each with the number of its `Kinds` where it begins,
            `NO_KIND` if there is no text in it, and `END` where it ends.
        bylines: the nodes of those named like a byline, for the reader of authors.
    """

    lines: list[str] = field(default_factory=list)
    until: array[int] = field(default_factory=lambda: array("q"))
    run_at: array[int] = field(default_factory=lambda: array("q"))
    run_size: array[int] = field(default_factory=lambda: array("q"))
    walk: array[int] = field(default_factory=lambda: array("q"))
    bylines: list[Any] = field(default_factory=list)


def flatten(tree: Any, kinds: Kinds) -> Flat:
    """Lay the page out as a browser would that runs scripts, or, where that shows less, as one that runs none. What
    kinds of elements there are goes to `kinds`.

    Forums and other applications send all their text in `<noscript>`, beside an empty page that their scripts fill.
    """
    flat, hidden = _lay_out(tree, _DONE_AT, kinds)
    shown = _size(flat)
    if hidden > max(SCRIPTLESS_TEXT, shown):
        scriptless, _ = _lay_out(tree, _WITHOUT_SCRIPTS, kinds)
        if _size(scriptless) - shown > max(SCRIPTLESS_TEXT, shown):
            return scriptless
    return flat


def _size(flat: Flat) -> int:
    return sum(map(len, flat.lines))


def _lay_out(tree: Any, done_at: dict[Any, int], kinds: Kinds) -> tuple[Flat, int]:
    """The page, and how many characters of those left out were measured. Linear in the tree, not recursive.

    done_at: what is done at elements, by tag.
    """
    page, measured = _Page(), 0
    flat, pieces = page.flat, page.pieces
    walk, run_at, run_size = flat.walk, flat.run_at, flat.run_size
    # for each element that is open: its siblings, itself, what is done at it, where in the walk it begins
    path: list[tuple[Iterator[Any], Any, int, int]] = []
    named = 0  # so many of these have text and a kind
    children: Iterator[Any] = iter((tree,))
    while True:
        node = next(children, None)
        if node is not None:
            tag = node.tag
            done = done_at.get(tag, _INLINE)
            if done >= _UNSEEN:
                text = node.tail
                if done == _MEASURED:
                    measured += sum(map(len, node.itertext()))
            else:
                if done:
                    if done == _SHAPED:
                        page.start(tag)
                    else:
                        if pieces:
                            page.close_line()
                        if done == _SPACED:
                            page.margin = True
                path.append((children, node, done, len(walk)))
                walk.append(NO_KIND)
                children = iter(node.getchildren())
                text = node.text
        elif path:
            children, node, done, _ = path.pop()
            if named > len(path):
                named = len(path)
            walk.append(END)
            if done:
                if done == _SHAPED:
                    page.end(node.tag)
                else:
                    if pieces:
                        page.close_line()
                    if done == _SPACED:
                        page.margin = True
            text = node.tail
        else:
            break
        if not text:
            continue
        if text.isspace():
            if page.preformatted:
                page.preformatted_text(text)
            elif pieces:
                pieces.append(text)
            continue
        if named < len(path):
            for _, node, _, at in path[named:]:
                walk[at] = kind = kinds.of(node.tag, node.items())
                if kinds.bylines[kind]:
                    flat.bylines.append(node)
            named = len(path)
        if page.preformatted:
            page.preformatted_text(text)
        else:
            pieces.append(text)
            run_at.append(len(walk))
            run_size.append(len(text))
    page.close_line()
    return flat, measured


class _Page:
    __slots__ = ("bullet", "flat", "lists", "margin", "pieces", "preformatted")

    def __init__(self) -> None:
        self.flat = Flat()
        self.pieces: list[str] = []
        self.margin = False  # a blank line is due before the next text
        self.preformatted = 0
        self.lists: list[int] = []  # open lists: 0 for bullets, else the next number
        self.bullet = ""

    def start(self, tag: str) -> None:
        """Before an element is entered that does more than begin a line."""
        if tag in CELLS:
            if self.pieces:
                self.pieces.append(_CELL)
            return
        self.close_line()
        if tag in WITH_MARGIN:
            self.margin |= not (tag in LISTS and self.lists)
        if tag in LISTS:
            self.lists.append(1 if tag == "ol" else 0)
        elif tag == "li":
            self.bullet = self._next_bullet()
        elif tag == "pre":
            self.preformatted += 1

    def end(self, tag: str) -> None:
        """Before such an element is left."""
        if tag in CELLS:
            return
        self.close_line()
        if tag in LISTS and self.lists:
            self.lists.pop()
        elif tag == "li":
            self.bullet = ""
        elif tag == "pre":
            self.preformatted -= 1
        if tag in WITH_MARGIN:
            self.margin |= not (tag in LISTS and self.lists)

    def preformatted_text(self, text: str) -> None:
        *whole, text = text.split("\n")
        for line in whole:
            self._preformatted_piece(line)
            self.close_line()
        self._preformatted_piece(text)

    def _preformatted_piece(self, text: str) -> None:
        self.pieces.append(text)
        if text and not text.isspace():
            self.flat.run_at.append(len(self.flat.walk))
            self.flat.run_size.append(len(text))

    def close_line(self) -> None:
        flat, pieces = self.flat, self.pieces
        until = len(flat.run_at)
        if until == (flat.until[-1] if flat.until else 0):  # no more than white space
            pieces.clear()
            return
        line = "".join(pieces)
        pieces.clear()
        if _CELL in line:
            cells = (_SPACE.sub(" ", cell).strip() for cell in line.split(_CELL))
            line = "\t".join(cell for cell in cells if cell)
        elif self.preformatted:
            line = line.expandtabs(4).rstrip()
        elif line.isascii():
            line = " ".join(line.split())
        else:
            line = b" ".join(line.encode().split()).decode().strip()  # bytes know no white space but that of ASCII
        if self.margin and flat.lines:
            flat.lines.append("")
            flat.until.append(flat.until[-1])
        self.margin = False
        flat.lines.append(self.bullet + line if self.bullet else line)
        flat.until.append(until)
        if self.bullet:  # a further line of the same item is indented like its first
            self.bullet = " " * len(self.bullet)

    def _next_bullet(self) -> str:
        indent = _INDENT * max(1, len(self.lists))
        if not self.lists or not self.lists[-1]:
            return f"{indent}• "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1] - 1}. "
