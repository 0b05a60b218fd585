"""Broken characters mended line by line, so that one good word does not block the repair of a bad line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from ingest import encoding
from ingest.document import Batch, Document, Repair
from ingest.lines.scan import codes

LOST = "characters lost before (U+FFFD)"


def repair(batch: Batch) -> Batch:
    """Encode the lines of a batch and mend them, keep what they were, count the steps per document.

    The lines stay as many.
    """
    _mend_metadata(batch)
    lines = batch.lines
    lines.codes = codes(lines.texts)
    repaired = encoding.repair(lines.texts, lines.codes)
    if not repaired.steps and not repaired.lost:
        return batch
    lines.repaired = {
        row: Repair(lines.texts[row], [step.name for step in steps]) for row, steps in repaired.steps.items()
    }
    lines.texts = repaired.texts
    mended = sorted(repaired.steps)
    lines.codes = lines.codes.replaced(np.array(mended, np.int64), codes([lines.texts[row] for row in mended]))
    rows = sorted({*repaired.steps, *repaired.lost})
    for row, position in zip(rows, np.searchsorted(lines.offsets, rows, side="right") - 1, strict=True):
        document = batch.documents[position]
        for step in repaired.steps.get(row, ()):
            document.repairs[step.name] = document.repairs.get(step.name, 0) + step.count
        if row in repaired.lost:
            document.repairs[LOST] = document.repairs.get(LOST, 0) + repaired.lost[row]
    return batch


def _mend_metadata(batch: Batch) -> None:
    """Mend what the page or its source declares beside the text: a title is broken by the same hands as its article."""
    places = [place for _, document in batch.alive() for place in _declared(document)]
    repaired = encoding.repair([place.text for place in places])
    for index, steps in repaired.steps.items():
        place = places[index]
        place.put(repaired.texts[index])
        for step in steps:
            place.document.repairs[step.name] = place.document.repairs.get(step.name, 0) + step.count


class _Place(NamedTuple):
    """A declared text, and how to put another in its place."""

    document: Document
    text: str
    put: Callable[[str], None]


def _declared(document: Document) -> Iterator[_Place]:
    if title := document.record.given.get("title"):
        yield _Place(document, title, partial(_put_given_title, document))
    if (html := document.html_meta) is None:
        return
    for name in ("title", "section"):
        if text := getattr(html, name):
            yield _Place(document, text, partial(setattr, html, name))
    for values in (html.authors, html.tags):
        for i, text in enumerate(values):
            yield _Place(document, text, partial(values.__setitem__, i))


def _put_given_title(document: Document, title: str) -> None:
    # the record itself stays as it was read: a page may be worked on twice
    document.record = replace(document.record, given={**document.record.given, "title": title})
