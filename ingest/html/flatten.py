"""An lxml tree as lines, laid out the way a text browser does, each line with its place in the tree.

The layout follows the default style sheet of the HTML standard (section 15.3, "Non-replaced elements"): block elements
start lines, paragraphs and lists have a margin (a blank line), list items a bullet, table cells are separated by tabs.
The result looks like a flattened dump, so that rules and site profiles serve both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ingest.html.elements import BLOCKS, CELLS, HIDDEN, LISTS, WITH_MARGIN
from ingest.html.kinds import Kinds

_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_INDENT = "  "
_CELL = "\x1f"  # between table cells until the line is closed; white space of the source must not look like it
#: characters from which the text for browsers without scripts is more than a request to switch them on
SCRIPTLESS_TEXT = 500
_SCRIPTLESS = "noscript"
_SHAPED = WITH_MARGIN | LISTS | CELLS | {"li", "pre"}
_PLAIN = (BLOCKS | {"br"}) - _SHAPED  # they end a line and begin one; all that are neither stand within their line


@dataclass(slots=True)
class Flat:
    """A page's lines and the elements that they stand in.

    lines: "" for blank ones, never two of these in a row · element: per line, the innermost element that holds all of
    it, -1 for blank ones · pieces: per line, of how many runs of text it is made · piece_element, piece_size: for each
    run, the innermost element around it, and its characters.

    Elements are those that are shown, in document order: parent, -1 for the first · end: past the last element inside ·
    kind: number of its `Kinds` · bylines: the nodes of those named like a byline, for the reader of authors.
    """

    lines: list[str] = field(default_factory=list)
    element: list[int] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    piece_element: list[int] = field(default_factory=list)
    piece_size: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    bylines: list[Any] = field(default_factory=list)


def flatten(tree: Any, kinds: Kinds) -> Flat:
    """Lay the page out as a browser would that runs scripts, or, where that shows less, as one that runs none. What
    kinds of elements there are goes to `kinds`.

    Forums and other applications send all their text in `<noscript>`, beside an empty page that their scripts fill.
    """
    flat = _lay_out(tree, HIDDEN, kinds)
    hidden = sum(len(text) for node in tree.iter(_SCRIPTLESS) for text in node.itertext())
    shown = _size(flat)
    if hidden > max(SCRIPTLESS_TEXT, shown):
        scriptless = _lay_out(tree, HIDDEN - {_SCRIPTLESS}, kinds)
        if _size(scriptless) - shown > max(SCRIPTLESS_TEXT, shown):
            return scriptless
    return flat


def _size(flat: Flat) -> int:
    return sum(map(len, flat.lines))


def _lay_out(tree: Any, unseen: frozenset[str], kinds: Kinds) -> Flat:
    """Linear in the tree, not recursive. unseen: tags of elements that are left out with all that they hold."""
    page = _Page()
    flat, path, pieces = page.flat, page.path, page.pieces
    parent, end, kind, kind_of, is_byline = flat.parent, flat.end, flat.kind, kinds.of, kinds.bylines
    skipped = False  # the element that ends next is one that is not shown
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            tag = node.tag
            if tag in unseen:
                walk.skip_subtree()
                skipped = True
                continue
            if tag in _PLAIN:
                if pieces:
                    page.close_line()
            elif tag in _SHAPED:
                page.start(tag)
            number = kind_of(tag, node.items())
            if is_byline[number]:
                flat.bylines.append(node)
            kind.append(number)
            parent.append(path[-1] if path else -1)
            path.append(len(end))
            end.append(0)
            text = node.text
        else:
            if event == "end":
                if skipped:
                    skipped = False
                else:
                    tag = node.tag
                    if tag in _PLAIN:
                        if pieces and tag != "br":
                            page.close_line()
                    elif tag in _SHAPED:
                        page.end(tag)
                    end[path.pop()] = len(parent)
                    if len(path) <= page.floor:
                        page.floor = len(path) - 1
            text = node.tail
        if text:
            if page.preformatted:
                page.preformatted_text(text)
            elif not text.isspace():
                page.text(text)
            elif pieces:
                pieces.append(text)
    page.close_line()
    return flat


class _Page:
    __slots__ = ("bullet", "element", "flat", "floor", "here", "lists", "low", "margin", "path", "pieces",
                 "preformatted", "sizes")  # fmt: skip

    def __init__(self) -> None:
        self.flat = Flat()
        self.pieces: list[str] = []
        self.margin = False  # a blank line is due before the next text
        self.preformatted = 0
        self.lists: list[int] = []  # open lists: 0 for bullets, else the next number
        self.bullet = ""
        self.path: list[int] = []  # open elements
        self.here: list[int] = []  # elements of the runs of text of the open line,
        self.sizes: list[int] = []  # and their characters
        self.element = -1  # the innermost element that holds the open line,
        self.low = 0  # its depth,
        self.floor = 0  # and the least depth since the last run of text

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
        if not text or text.isspace():
            self.pieces.append(text)
        else:
            self.text(text)

    def text(self, text: str) -> None:
        """A run of text that is not blank."""
        self.pieces.append(text)
        path = self.path
        depth = len(path) - 1
        element = path[depth]
        if not self.here:
            self.low, self.element = depth, element
        elif self.floor < self.low:
            self.low, self.element = self.floor, path[self.floor]
        self.floor = depth
        self.here.append(element)
        self.sizes.append(len(text))

    def close_line(self) -> None:
        if not self.here:
            if self.pieces:
                self.pieces.clear()
            return
        line = "".join(self.pieces)
        self.pieces.clear()
        if _CELL in line:
            cells = (_SPACE.sub(" ", cell).strip() for cell in line.split(_CELL))
            line = "\t".join(cell for cell in cells if cell)
        elif self.preformatted:
            line = line.expandtabs(4).rstrip()
        elif line.isascii():
            line = " ".join(line.split())
        else:
            line = _SPACE.sub(" ", line).strip()
        flat = self.flat
        if line:
            if self.margin and flat.lines:
                flat.lines.append("")
                flat.element.append(-1)
                flat.pieces.append(0)
            self.margin = False
            flat.lines.append(self.bullet + line)
            flat.element.append(self.element)
            flat.pieces.append(len(self.here))
            flat.piece_element += self.here
            flat.piece_size += self.sizes
            # a further line of the same item is indented like its first
            self.bullet = " " * len(self.bullet)
        self.here.clear()
        self.sizes.clear()

    def _next_bullet(self) -> str:
        indent = _INDENT * max(1, len(self.lists))
        if not self.lists or not self.lists[-1]:
            return f"{indent}• "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1] - 1}. "
