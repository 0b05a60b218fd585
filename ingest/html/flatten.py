"""An lxml tree as lines, laid out the way a text browser does.

The layout follows the default style sheet of the HTML standard (section 15.3, "Non-replaced elements"): block elements
start lines, paragraphs and lists have a margin (a blank line), list items a bullet, table cells are separated by tabs.
The result looks like a flattened dump, so that one line model serves both.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

# No text for a reader. What only a style or the attribute `hidden` hides is kept: pages that stream their content carry
# the whole article in such elements, and a line that is none can still be labelled.
HIDDEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "applet",
        "audio",
        "video",
        "canvas",
        "map",
        "datalist",
        "textarea",
        "select",
    ]
)
WITH_MARGIN = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "dl",
        "blockquote",
        "pre",
        "figure",
        "fieldset",
        "hr",
        "menu",
    ]
)
BLOCKS = WITH_MARGIN | frozenset(
    [
        "html",
        "body",
        "div",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "nav",
        "main",
        "address",
        "li",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "caption",
        "figcaption",
        "form",
        "legend",
        "center",
        "details",
        "summary",
        "dialog",
        "hgroup",
        "search",
        "option",
        "optgroup",
        "button",
    ]
)
LISTS = frozenset(("ul", "ol", "menu"))
CELLS = frozenset(("td", "th"))

_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_INDENT = "  "
_CELL = "\x1f"  # between table cells until the line is closed; white space of the source must not look like it


def flatten(tree: Any) -> list[str]:
    """The page's lines, "" for blank ones, never two of these in a row. Linear in the tree, not recursive."""
    page = _Page()
    for event, node in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            page.text(node.tail)
        elif event == "start":
            page.start(node)
        else:
            page.end(node)
    page.close_line()
    while page.lines and not page.lines[-1]:
        page.lines.pop()
    return page.lines


class _Page:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.margin = False  # a blank line is due before the next text
        self.hidden = 0  # how many hidden elements are open
        self.preformatted = 0
        self.lists: list[int] = []  # open lists: 0 for bullets, else the next number
        self.bullet = ""

    def start(self, node: Any) -> None:
        tag = node.tag if isinstance(node.tag, str) else ""
        if self.hidden or tag in HIDDEN:
            self.hidden += 1
            return
        if tag == "br":
            self.close_line()
        elif tag in CELLS and self.pieces:
            self.pieces.append(_CELL)
        elif tag in BLOCKS:
            self.close_line()
            self.margin |= self._has_margin(tag)
            if tag in LISTS:
                self.lists.append(1 if tag == "ol" else 0)
            elif tag == "li":
                self.bullet = self._next_bullet()
            elif tag == "pre":
                self.preformatted += 1
        self.text(node.text)

    def end(self, node: Any) -> None:
        if self.hidden:
            self.hidden -= 1
        else:
            tag = node.tag if isinstance(node.tag, str) else ""
            if tag in BLOCKS:
                self.close_line()
                if tag in LISTS and self.lists:
                    self.lists.pop()
                elif tag == "li":
                    self.bullet = ""
                elif tag == "pre":
                    self.preformatted -= 1
                self.margin |= self._has_margin(tag)
        self.text(node.tail)

    def text(self, text: str | None) -> None:
        if not text or self.hidden:
            return
        if self.preformatted and "\n" in text:
            *whole, last = text.split("\n")
            for line in whole:
                self.pieces.append(line)
                self.close_line()
            text = last
        self.pieces.append(text)

    def close_line(self) -> None:
        line = "".join(self.pieces)
        self.pieces.clear()
        if _CELL in line:
            cells = (_SPACE.sub(" ", cell).strip() for cell in line.split(_CELL))
            line = "\t".join(cell for cell in cells if cell)
        else:
            line = _SPACE.sub(" ", line).strip()
        if not line:
            return
        if self.margin and self.lines:
            self.lines.append("")
        self.margin = False
        self.lines.append(self.bullet + line)
        # a further line of the same item is indented like its first
        self.bullet = " " * len(self.bullet)

    def _has_margin(self, tag: str) -> bool:
        nested = bool(self.lists) and tag in LISTS
        return tag in WITH_MARGIN and not nested

    def _next_bullet(self) -> str:
        indent = _INDENT * max(1, len(self.lists))
        if not self.lists or not self.lists[-1]:
            return f"{indent}• "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1] - 1}. "
