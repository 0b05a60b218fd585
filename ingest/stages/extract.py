"""Pages to lines. A text dump is split; an HTML page is parsed once, laid out, and read for metadata and evidence."""

from __future__ import annotations

import numpy as np

from ingest.document import Batch, Document, Lines, Outcome
from ingest.html.evidence import evidence
from ingest.html.flatten import Flat, flatten
from ingest.html.hints import hints
from ingest.html.parse import parse
from ingest.html.site_config import SiteConfigs
from ingest.html.site_metadata import overrule
from ingest.metadata import jsonld
from ingest.metadata.html import read_html
from ingest.metadata.page import collect
from ingest.stages.identify import host_of
from ingest.stages.metadata import fetched_at


def extract(batch: Batch, *, learning: bool = False, configs: SiteConfigs | None = None) -> Batch:
    """Build the batch's line table. Of HTML pages also the metadata and the evidence of the tree, unless `learning`.

    configs: what the user's site configurations say of elements goes with their lines, of metadata replaces the page's.

    The trees stay with their documents for the extractor, which changes them and is heard last.
    """
    pages = []
    for document in batch.documents:
        pages.append(_page_of(document, configs))
        if learning:
            document.tree = None  # let go of at once: the next page gets its memory
    offsets = np.cumsum([0, *(len(page.lines) for page in pages)], dtype=np.int64)
    batch.lines = Lines([line for page in pages for line in page.lines], offsets)
    if learning:
        return batch
    flats, heads, spans = [], [], []
    for position, document in batch.alive():
        if document.tree is None:
            continue
        found = collect(document.tree)
        nodes = jsonld.parse_blocks(found.blocks)
        document.html_meta = read_html(
            document.tree,
            document.record.url,
            fetched=fetched_at(document),
            search=False,  # of 75 dates that only a search found on 499 pages, 5 were known to be right
            page=found,
            nodes=nodes,
            bylines=pages[position].bylines,
        )
        if configs and (config := configs.of(host_of(document.record.url))):
            overrule(config, document.tree, document.html_meta)
        flats.append(pages[position])
        heads.append(hints(found, nodes))
        spans.append(np.arange(offsets[position], offsets[position + 1]))
    if flats:
        batch.lines.dom = evidence(flats, heads)
        batch.lines.within[np.concatenate(spans)] = batch.lines.dom.within
    return batch


def split_lines(text: str) -> list[str]:
    """The lines of a text, trailing white space gone, blank lines as "". Line numbers stay those of the page."""
    return [line.rstrip() for line in text.split("\n")]


def _page_of(document: Document, configs: SiteConfigs | None) -> Flat:
    """The lines of a document, with their elements if it is HTML; none if it has ended."""
    if document.outcome is not Outcome.KEPT:
        return Flat()
    if document.record.kind == "text":
        return Flat(split_lines(document.text))
    document.tree, fault = parse(document.text)
    if fault:
        document.reject(Outcome.TOO_LARGE, fault, "the parser stops there; cut the page, or flatten it by other means")
    elif document.tree is None:
        document.reject(Outcome.EMPTY, "the HTML holds no element", "check how the page was fetched")
    else:
        if configs and (config := configs.of(host_of(document.record.url))) and config.mark(document.tree):
            document.site_config = config.name
        flat = flatten(document.tree)
        if flat.lines:
            return flat
        document.reject(Outcome.EMPTY, "the HTML shows no text", "pages built by scripts must be rendered first")
    document.tree = None
    return Flat()
