"""What a user's site configuration finds of a page's metadata, in place of what the page declares."""

from __future__ import annotations

from typing import Any

from ingest.html.site_config import SiteConfig
from ingest.metadata.authors import clean_authors
from ingest.metadata.dates import read_date
from ingest.metadata.html import HtmlMetadata

ORIGIN = "site-config"


def overrule(config: SiteConfig, tree: Any, found: HtmlMetadata) -> None:
    """Write title, authors and date into `found` where the configuration's paths give some."""
    if titles := config.read("title", tree):
        found.title, found.title_from = titles[0], ORIGIN
    if authors := clean_authors(config.read("author", tree)):
        found.authors, found.authors_from = authors, ORIGIN
    for text in config.read("date", tree):
        reading = read_date(text)
        if reading is not None and reading.value is not None:
            found.published, found.published_from = reading, ORIGIN
            return
