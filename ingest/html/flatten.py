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

from ingest.html.elements import BLOCKS, BY_PROPERTY, BY_ROLE, BY_TAG, CELLS, HIDDEN, LISTS, MARK, WITH_MARGIN, Within
from ingest.metadata.page_authors import is_byline

_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_INDENT = "  "
_CELL = "\x1f"  # between table cells until the line is closed; white space of the source must not look like it
_TELLING = {
    "class": "name", "id": "name", "role": "role", "itemprop": "property", "hidden": "hidden", "style": "style",
    "aria-hidden": "aria", MARK: "mark", "data-testid": "test",
}  # fmt: skip
_LINK, _HIDES = int(Within.LINK), int(Within.UNSEEN)
#: characters of an element's names that are looked at
MAX_NAMES = 200
#: characters from which the text for browsers without scripts is more than a request to switch them on
SCRIPTLESS_TEXT = 500
_SCRIPTLESS = "noscript"


@dataclass(slots=True)
class Flat:
    """A page's lines and the elements that they stand in.

    lines: "" for blank ones, never two of these in a row · element: per line, the innermost element that holds all of
    it, -1 for blank ones · linked: per line, characters inside links · piece_line, piece_element: for each run of text,
    its line and the innermost element around it.

    Elements are those that are shown, in document order: parent, -1 for the first · end: past the last element inside ·
    depth: 0 for the first · names: tag, then class, id and other naming attributes, as written · within: bits of
    `Within`, inherited ones included · bylines: the nodes of those named like a byline, for the reader of authors.
    """

    lines: list[str] = field(default_factory=list)
    element: list[int] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)
    piece_line: list[int] = field(default_factory=list)
    piece_element: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    within: list[int] = field(default_factory=list)
    bylines: list[Any] = field(default_factory=list)


def flatten(tree: Any) -> Flat:
    """Lay the page out as a browser would that runs scripts, or, where that shows less, as one that runs none.

    Forums and other applications send all their text in `<noscript>`, beside an empty page that their scripts fill.
    """
    flat = _lay_out(tree, HIDDEN)
    hidden = sum(len(text) for node in tree.iter(_SCRIPTLESS) for text in node.itertext())
    shown = _size(flat)
    if hidden > max(SCRIPTLESS_TEXT, shown):
        scriptless = _lay_out(tree, HIDDEN - {_SCRIPTLESS})
        if _size(scriptless) - shown > max(SCRIPTLESS_TEXT, shown):
            return scriptless
    return flat


def _size(flat: Flat) -> int:
    return sum(map(len, flat.lines))


def _lay_out(tree: Any, unseen: frozenset[str]) -> Flat:
    """Linear in the tree, not recursive. unseen: tags of elements that are left out with all that they hold."""
    page = _Page()
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            tag = node.tag
            if tag in unseen:
                walk.skip_subtree()
                page.skipped = True
                continue
            page.start(tag, node)
            if text := node.text:
                page.text(text)
        elif event == "end":
            if page.skipped:
                page.skipped = False
            else:
                page.end(node.tag)
            if text := node.tail:
                page.text(text)
        elif text := node.tail:
            page.text(text)
    page.close_line()
    return page.flat


class _Page:
    __slots__ = (
        "bullet", "element", "flat", "floor", "here", "linked", "lists", "low", "margin", "path", "pieces",
        "preformatted", "skipped",
    )  # fmt: skip

    def __init__(self) -> None:
        self.flat = Flat()
        self.pieces: list[str] = []
        self.margin = False  # a blank line is due before the next text
        self.skipped = False  # the element that ends next is one that is not shown
        self.preformatted = 0
        self.lists: list[int] = []  # open lists: 0 for bullets, else the next number
        self.bullet = ""
        self.path: list[int] = []  # open elements
        self.here: list[int] = []  # elements of the runs of text of the open line
        self.linked = 0
        self.element = -1  # the innermost element that holds the open line,
        self.low = 0  # its depth,
        self.floor = 0  # and the least depth since the last run of text

    def start(self, tag: str, node: Any) -> None:
        if tag in BLOCKS:
            self.close_line()
            if tag in WITH_MARGIN:
                self.margin |= not (tag in LISTS and self.lists)
            if tag in LISTS:
                self.lists.append(1 if tag == "ol" else 0)
            elif tag == "li":
                self.bullet = self._next_bullet()
            elif tag == "pre":
                self.preformatted += 1
        elif tag == "br":
            self.close_line()
        elif tag in CELLS and self.pieces:
            self.pieces.append(_CELL)
        flat, path = self.flat, self.path
        bits = BY_TAG.get(tag, 0)
        if path:
            parent = path[-1]
            bits |= flat.within[parent]
        else:
            parent = -1
        names = tag
        for name, value in node.items():
            kind = _TELLING.get(name)
            if kind is None:
                continue
            if kind == "name":
                names = f"{names} {value[:MAX_NAMES]}"
            elif kind == "role":
                bits |= BY_ROLE.get(value.lower(), 0)
                names = f"{names} role-{value[:MAX_NAMES]}"
            elif kind == "property":
                bits |= BY_PROPERTY.get(value.lower(), 0)
                names = f"{names} prop-{value[:MAX_NAMES]}"
            elif kind == "test":
                if is_byline(value):
                    flat.bylines.append(node)
            elif kind == "mark":
                bits |= int(value)
            elif kind == "hidden" or (_UNSEEN.search(value[:1000]) if kind == "style" else value == "true"):
                bits |= _HIDES
        if len(names) > len(tag) and is_byline(names):
            flat.bylines.append(node)
        flat.depth.append(len(path))
        path.append(len(flat.parent))
        flat.parent.append(parent)
        flat.end.append(0)
        flat.names.append(names)
        flat.within.append(int(bits))

    def end(self, tag: str) -> None:
        if tag in BLOCKS:
            self.close_line()
            if tag in LISTS and self.lists:
                self.lists.pop()
            elif tag == "li":
                self.bullet = ""
            elif tag == "pre":
                self.preformatted -= 1
            if tag in WITH_MARGIN:
                self.margin |= not (tag in LISTS and self.lists)
        self.flat.end[self.path.pop()] = len(self.flat.parent)
        if len(self.path) - 1 < self.floor:
            self.floor = len(self.path) - 1

    def text(self, text: str) -> None:
        if self.preformatted and "\n" in text:
            *whole, text = text.split("\n")
            for line in whole:
                self._piece(line)
                self.close_line()
        self._piece(text)

    def _piece(self, text: str) -> None:
        if not text or text.isspace():
            if self.pieces or self.preformatted:
                self.pieces.append(text)
            return
        self.pieces.append(text)
        depth, element = len(self.path) - 1, self.path[-1]
        if not self.here:
            self.low, self.element = depth, element
        elif self.floor < self.low:
            self.low, self.element = self.floor, self.path[self.floor]
        self.floor = depth
        self.here.append(element)
        if self.flat.within[element] & _LINK:
            self.linked += len(text)

    def close_line(self) -> None:
        if not self.here:
            self.pieces.clear()
            return
        line = "".join(self.pieces)
        self.pieces.clear()
        if _CELL in line:
            cells = (_SPACE.sub(" ", cell).strip() for cell in line.split(_CELL))
            line = "\t".join(cell for cell in cells if cell)
        elif self.preformatted:
            line = line.expandtabs(4).rstrip()
        else:
            line = _SPACE.sub(" ", line).strip()
        flat = self.flat
        if line:
            if self.margin and flat.lines:
                flat.lines.append("")
                flat.element.append(-1)
                flat.linked.append(0)
            self.margin = False
            number = len(flat.lines)
            flat.lines.append(self.bullet + line)
            flat.element.append(self.element)
            flat.linked.append(self.linked)
            flat.piece_line.extend([number] * len(self.here))
            flat.piece_element.extend(self.here)
            # a further line of the same item is indented like its first
            self.bullet = " " * len(self.bullet)
        self.here.clear()
        self.linked = 0

    def _next_bullet(self) -> str:
        indent = _INDENT * max(1, len(self.lists))
        if not self.lists or not self.lists[-1]:
            return f"{indent}• "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1] - 1}. "
