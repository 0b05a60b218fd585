"""Pages to lines. A text dump is split; an HTML page is parsed once and flattened, and the extractor heard."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from lxml import etree
from lxml import html as lxml_html

from ingest.document import Batch, Document, Evidence, Lines, Outcome, Role, Verdicts
from ingest.html import extractor
from ingest.html.flatten import flatten
from ingest.metadata.html import read_html
from ingest.stages.metadata import fetched_at

STAGE = "extract"

_EARLY_END = re.compile(r"</(?:body|html)\s*>", re.I)

EXTRACTOR_DROPS = 0.8
EXTRACTOR_KEEPS = 0.8


def extract(batch: Batch, *, hear: bool = True) -> Batch:
    """Build the batch's line table. Of HTML pages also read the metadata, and `hear` the extractor's vote."""
    per_document = [_lines_of(document) for document in batch.documents]
    offsets = np.cumsum([0, *map(len, per_document)], dtype=np.int64)
    batch.lines = Lines([line for lines in per_document for line in lines], offsets)
    if hear:
        for _, document in batch.alive():
            if document.tree is not None:
                document.html_meta = read_html(document.tree, document.record.url, fetched=fetched_at(document))
        _hear_extractor(batch)
    for document in batch.documents:
        document.tree = None
    return batch


def _hear_extractor(batch: Batch) -> None:
    """Let trafilatura vote on the lines of HTML pages. It may change the tree, so it comes after all other readers."""
    votes = Verdicts.silent(STAGE, Evidence.EXTRACTOR, len(batch.lines))
    for position, document in batch.alive():
        if document.tree is None:
            continue
        text = extractor.main_text(document.tree, document.record.url)
        if text is None:
            continue
        span = batch.lines.span(position)
        texts = batch.lines.texts[span.start : span.stop]
        for row, keep in zip(span, extractor.chosen(texts, text), strict=True):
            if keep:
                votes.give(row, Role.BODY, EXTRACTOR_KEEPS, extractor.NAME)
            elif batch.lines.texts[row]:
                votes.give(row, Role.OTHER_BOILERPLATE, EXTRACTOR_DROPS, extractor.NAME)
    batch.lines.votes.append(votes)


def split_lines(text: str) -> list[str]:
    """The lines of a text, trailing white space gone, blank lines as "". Line numbers stay those of the page."""
    return [line.rstrip() for line in text.split("\n")]


def _lines_of(document: Document) -> list[str]:
    if document.outcome is not Outcome.KEPT:
        return []
    if document.record.kind == "text":
        return split_lines(document.text)
    document.tree, fault = parse(document.text)
    if fault:
        document.reject(Outcome.TOO_LARGE, fault, "the parser stops there; cut the page, or flatten it by other means")
        return []
    if document.tree is None:
        document.reject(Outcome.EMPTY, "the HTML holds no element", "check how the page was fetched")
        return []
    lines = flatten(document.tree)
    if not any(lines):
        document.reject(Outcome.EMPTY, "the HTML shows no text", "pages built by scripts must be rendered first")
    return lines


def parse(html: str) -> tuple[Any, str]:
    """(tree, fault): one lxml tree, None for a page without elements; the fault names a limit that the parser hit.

    The parser gets UTF-8 bytes and is told so: lxml refuses a `str` that carries an XML encoding declaration, and
    the page's own `<meta charset>` no longer says the truth. libxml2 drops all that follows once elements are nested
    deeper than 2048 (measured with 2.14) and only its log tells. It drops what follows `</body>` or `</html>`, too, and
    tells nobody; pages glued together by templates close them early, so these tags go: the end of input closes both.
    """
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=False)
    try:
        tree = lxml_html.document_fromstring(_EARLY_END.sub("", html).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        tree = None
    limits = [error.message for error in parser.error_log if error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT]
    return tree, limits[0] if limits else ""
