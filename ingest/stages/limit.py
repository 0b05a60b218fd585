"""Pages that would cost too much are ended before they are parsed."""

from __future__ import annotations

import re

from ingest.document import Batch, Outcome

_START_TAG = re.compile(r"<[A-Za-z]")


def limit(batch: Batch, max_html_elements: int) -> Batch:
    """End HTML documents with more start tags than a tree may have elements: memory and time grow with them."""
    for _, document in batch.alive():
        if document.record.kind != "html" or len(document.text) < 2 * max_html_elements:
            continue
        if document.text.count("<") <= max_html_elements:  # a thousand times cheaper than parsing
            continue
        elements = sum(1 for _ in _START_TAG.finditer(document.text))
        if elements > max_html_elements:
            document.reject(
                Outcome.TOO_LARGE,
                f"{elements:,} HTML elements, the limit is {max_html_elements:,}",
                "raise max_html_elements, or cut the page",
            )
    return batch
