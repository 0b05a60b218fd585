"""trafilatura's choice of main text, told as a vote on each flattened line.

trafilatura returns text, not places; its lines are found again among the page's lines by their words. A short line
counts as chosen only as often as trafilatura printed it, nearest to its long lines first, so that a menu entry that
repeats a sub-heading is not taken for it.
"""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.html.parse import OPTIONS, encoded

NAME = "trafilatura"
LONG = 25  # letters and digits from which a line is found by its wording alone

_NOT_WORD = re.compile(r"[\W_]+")


def main_text(html: str, url: str | None) -> str | None:
    """Main text by trafilatura, None where it finds none.

    `deduplicate` stays off: it is a per-process memory and makes the output depend on order.
    """
    from lxml import html as lxml_html
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    # it wants elements of `lxml.html`, and changes them; few pages are asked about, so the rest does without both
    tree = lxml_html.document_fromstring(encoded(html), lxml_html.HTMLParser(**OPTIONS))
    # fast: without its comparison with readability and jusText; as a voice beside the model that is better by 0.01 to
    # 0.02 of F1 on the pages asked about, and a third cheaper
    found = bare_extraction(
        tree, url=url, fast=True, include_comments=False, include_tables=True, with_metadata=False, deduplicate=False
    )
    text: str | None = getattr(found, "text", None)
    return text or None


def chosen(lines: Sequence[str], text: str) -> npt.NDArray[np.bool_]:
    """bool[len(lines)]: which of a page's lines stand in the extracted `text`."""
    keys = [_key(line) for line in lines]
    printed = Counter(key for line in text.split("\n") if (key := _key(line)))
    joined = " ".join(printed)
    result = np.zeros(len(lines), bool)
    for row, key in enumerate(keys):
        if len(key) >= LONG:
            result[row] = key in printed or key in joined or _mostly(key, printed)
    anchors = np.flatnonzero(result)
    short: defaultdict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if key and len(key) < LONG and key in printed:
            short[key].append(row)
    for key, rows in short.items():
        rows.sort(key=lambda row: (_distance(row, anchors), row))
        result[rows[: printed[key]]] = True
    return result


def _key(line: str) -> str:
    return _NOT_WORD.sub(" ", line).strip().casefold()


def _mostly(key: str, printed: Counter[str]) -> bool:
    """Whether one of the extracted lines is nearly all of this line (the extractor cut a part off)."""
    return any(len(other) >= 0.8 * len(key) and other in key for other in printed if len(other) >= LONG)


def _distance(row: int, anchors: npt.NDArray[np.intp]) -> int:
    """Lines to the nearest anchor; lines between anchors are at distance 0."""
    if not len(anchors):
        return 0
    if anchors[0] <= row <= anchors[-1]:
        return 0
    return int(min(abs(row - anchors[0]), abs(row - anchors[-1])))
