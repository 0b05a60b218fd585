"""Pages to lines. A text dump is split; an HTML page is parsed once, laid out, and read for metadata and evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ingest.document import Batch, Document, Lines, Outcome
from ingest.html.evidence import evidence
from ingest.html.flatten import Flat, flatten
from ingest.html.hints import Hints, hints
from ingest.html.kinds import Kinds
from ingest.html.parse import parse
from ingest.html.site_config import SiteConfig, SiteConfigs
from ingest.html.site_metadata import overrule
from ingest.metadata import jsonld
from ingest.metadata.html import read_html
from ingest.metadata.page import collect
from ingest.stages.identify import host_of
from ingest.stages.metadata import fetched_at


@dataclass(slots=True)
class _Page:
    """A page laid out; `head` is what it says of itself, None for text."""

    flat: Flat = field(default_factory=Flat)
    head: Hints | None = None


def extract(batch: Batch, *, configs: SiteConfigs | None = None) -> Batch:
    """Build the batch's line table. Of HTML pages also the metadata and the evidence of the tree.

    configs: what the user's site configurations say of elements goes with their lines, of metadata replaces the page's.
    """
    kinds = Kinds()
    pages = [_page_of(document, kinds, configs) for document in batch.documents]
    offsets = np.cumsum([0, *(len(page.flat.lines) for page in pages)], dtype=np.int64)
    batch.lines = Lines([line for page in pages for line in page.flat.lines], offsets)
    html = [(i, page.flat, page.head) for i, page in enumerate(pages) if page.head is not None]
    if html:
        batch.lines.dom = evidence([flat for _, flat, _ in html], [head for *_, head in html], kinds)
        rows = np.concatenate([np.arange(offsets[i], offsets[i + 1]) for i, *_ in html])
        batch.lines.within[rows] = batch.lines.dom.within
    return batch


def split_lines(text: str) -> list[str]:
    """The lines of a text, trailing white space gone, blank lines as "". Line numbers stay those of the page."""
    return [line.rstrip() for line in text.split("\n")]


def _page_of(document: Document, kinds: Kinds, configs: SiteConfigs | None) -> _Page:
    """The lines of a document, with their elements if it is HTML; none if it has ended. Its tree is let go of at once:
    the next page gets its memory.
    """
    (text, utf8), document.utf8 = document.utf8, ("", b"")
    if document.outcome is not Outcome.KEPT:
        return _Page()
    if document.record.kind == "text":
        return _Page(Flat(split_lines(document.text)))
    tree, fault = parse(utf8 if text is document.text else document.text)
    if fault:
        document.reject(Outcome.TOO_LARGE, fault, "the parser stops there; cut the page, or flatten it by other means")
    elif tree is None:
        document.reject(Outcome.EMPTY, "the HTML holds no element", "check how the page was fetched")
    else:
        config = configs.of(host_of(document.url)) if configs else None
        if config and config.mark(tree):
            document.site_config = config.name
        flat = flatten(tree, kinds)
        if flat.lines:
            return _Page(flat, _head(document, tree, flat, config))
        document.reject(Outcome.EMPTY, "the HTML shows no text", "pages built by scripts must be rendered first")
    return _Page()


def _head(document: Document, tree: Any, flat: Flat, config: SiteConfig | None) -> Hints:
    """Read the metadata of a page; returns what its head tells of its lines."""
    found = collect(tree)
    nodes = jsonld.parse_blocks(found.blocks)
    document.html_meta = read_html(
        tree,
        document.url,
        fetched=fetched_at(document),
        page=found,
        nodes=nodes,
        bylines=flat.bylines,
        lines=flat.lines,
    )
    if config:
        overrule(config, tree, document.html_meta)
    flat.bylines.clear()  # they hold the tree
    return hints(found, nodes)
