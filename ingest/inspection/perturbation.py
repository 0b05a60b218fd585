"""Asking the line models about changed copies of a page, as the stages ask them about the page itself.

A copy goes through the functions of the stages, so it is judged by the model for its kind, told of the same rules and
of the same other pages of the site. Of an HTML page the tree changes with its lines, parsed again from the record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ingest.decide import probability_with, usual_thresholds
from ingest.document import Batch, Document, Lines, Outcome
from ingest.html.evidence import evidence
from ingest.html.flatten import Flat, flatten
from ingest.html.hints import Hints, hints
from ingest.html.kinds import Kinds
from ingest.html.parse import parse
from ingest.metadata import jsonld
from ingest.metadata.page import collect
from ingest.pipeline import Chain
from ingest.sites import prediction
from ingest.stages.decode import text_of
from ingest.stages.measure import measure
from ingest.stages.predict import judge
from ingest.votes import template

Without: TypeAlias = Literal["", "rule", "site", "head", "names", "sections", "links"]
"""What a copy lacks: the rule that the line in question meets, the site's other pages, what the head of an HTML page
says, the classes and ids of its elements, its sectioning elements, its links."""

_SECTIONS = frozenset(("article", "aside", "footer", "header", "main", "nav", "section"))


@dataclass(frozen=True, slots=True)
class Copy:
    """A changed copy of a page.

    lines: for each of its lines the row of the page that it stands at, and its text, "" if blank · at: the place of the
    line in question among them.
    """

    lines: tuple[tuple[int, str], ...]
    at: int
    without: Without = ""

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.lines]


class Opinion(NamedTuple):
    """Probability that a line is article text, by itself and in its place."""

    alone: float
    content: float


def ask(document: Document, chain: Chain, page: Copy, copies: Sequence[Copy]) -> list[Opinion]:
    """What the model says of the line in question of each copy of a page; `page` is the copy without a change."""
    batch = Batch([replace(document, outcome=Outcome.KEPT) for _ in copies])
    texts = [text for copy in copies for text in copy.texts]
    offsets = np.cumsum([0, *(len(copy.lines) for copy in copies)], dtype=np.int64)
    batch.lines = lines = Lines(texts, offsets)
    if document.html_meta is not None:
        tree = _Trees(document)
        laid_out = [tree.of(copy, page) for copy in copies]
        lines.dom = evidence([flat for flat, _ in laid_out], [head for _, head in laid_out], tree.kinds)
    judge(measure(batch), chain.resources.rules, _unmet(copies, offsets))
    strange = {lines.span(position) for position, copy in enumerate(copies) if copy.without == "site"}
    known = [other for other in prediction.known(batch, chain.profiles) if other.rows not in strange]
    found = lines.judged
    by_site = template.vote(prediction.predict(batch, known), lines, usual_thresholds(batch, "balanced"))
    content = probability_with(by_site, found.content)
    rows = [first + copy.at for first, copy in zip(offsets.tolist(), copies, strict=False)]
    return [Opinion(float(found.alone[row]), float(content[row])) for row in rows]


def _unmet(copies: Sequence[Copy], offsets: npt.NDArray[np.int64]) -> list[int]:
    """The lines that no rule is to be said to meet."""
    return [first + copy.at for first, copy in zip(offsets.tolist(), copies, strict=False) if copy.without == "rule"]


class _Trees:
    """An HTML page laid out as often as copies want other elements."""

    def __init__(self, document: Document) -> None:
        self.kinds = Kinds()
        self._text = text_of(document)
        tree = self._parsed()
        found = collect(tree)
        self._flat = flatten(tree, self.kinds)
        self._head = hints(found, jsonld.parse_blocks(found.blocks))
        self._changed: dict[str, Flat] = {}

    def of(self, copy: Copy, page: Copy) -> tuple[Flat, Hints]:
        """The lines of a copy with their elements, and what the head of its page says."""
        flat = self._without(copy.without) if copy.without in _CHANGES else self._flat
        return _arranged(flat, copy, page), Hints() if copy.without == "head" else self._head

    def _without(self, what: str) -> Flat:
        if what not in self._changed:
            tree = self._parsed()
            for element in tree.iter(_CHANGES[what].tags):
                _CHANGES[what].change(element)
            flat = flatten(tree, self.kinds)
            self._changed[what] = flat if len(flat.lines) == len(self._flat.lines) else self._flat
        return self._changed[what]

    def _parsed(self) -> Any:
        return parse(self._text)[0]


def _arranged(flat: Flat, copy: Copy, page: Copy) -> Flat:
    """The page's lines as the copy has them. A line that was moved stands in the element of the one above it."""
    result = Flat(walk=flat.walk)
    before = [0, *flat.until]
    last = -1
    for row, text in copy.lines:
        was = page.lines[row][1]
        for run in range(before[row], flat.until[row]):
            result.run_at.append(flat.run_at[run] if row > last else result.run_at[-1])
            result.run_size.append(max(1, round(flat.run_size[run] * len(text) / max(1, len(was)))))
        last = max(last, row)
        result.lines.append(flat.lines[row] if text == was else text)  # trees are described before lines are repaired
        result.until.append(len(result.run_at))
    return result


class _Change(NamedTuple):
    tags: Any  # of the elements that change, as `iter` takes them
    change: Callable[[Any], None]


def _unnamed(element: Any) -> None:
    element.attrib.pop("class", None)
    element.attrib.pop("id", None)


def _renamed(tag: str) -> Callable[[Any], None]:
    def change(element: Any) -> None:
        element.tag = tag
        element.attrib.pop("role", None)

    return change


_CHANGES = {
    "names": _Change("*", _unnamed),
    "sections": _Change(tuple(_SECTIONS), _renamed("div")),
    "links": _Change("a", _renamed("span")),
}
