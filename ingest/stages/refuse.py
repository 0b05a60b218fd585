"""Pages that stand in an article's place: errors, checks of the visitor, requests for consent.

Losing an article is worse than keeping such a page, so three things must come together: a title or first line that says
exactly this (phrases as data, `not_article.toml`), hardly any text, and no author or date. Lists, home pages, forums
and products are kept with their main text: whether that is wanted, the user's own filter can tell better.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import tomli

from ingest.document import Batch, Outcome
from ingest.roles import Role

MOST = 600  # characters of kept text up to which a page can be one of these

_PHRASES = Path(__file__).with_name("not_article.toml")
_NOT_WORD = re.compile(r"[\W_]+")
_PARTS = re.compile(r"\s[|\-–—·•»«>/]+\s|\|")


def refuse(batch: Batch) -> Batch:
    """End pages that are no article with `Outcome.NOT_ARTICLE` and the words that gave them away."""
    content = np.isin(batch.lines.role, [role for role in Role if role.is_content])
    for position, document in batch.alive():
        if document.meta.authors or document.meta.published:
            continue
        span = batch.lines.span(position)
        rows = np.flatnonzero(content[span.start : span.stop]) + span.start
        kept = [text for row in rows.tolist() if (text := batch.lines.texts[row])]
        if sum(map(len, kept)) > MOST:
            continue
        if found := _given_away(document.meta.title, kept):
            kind, words = found
            document.reject(
                Outcome.NOT_ARTICLE,
                f"{kind}: «{words}»",
                "fetch it again; if it is an article, report it",
            )
    return batch


def _given_away(title: str | None, kept: list[str]) -> tuple[str, str] | None:
    """(what the page is, the words that say so), None for others."""
    known = phrases()
    for text in [title or "", *kept[:1]]:
        if len(text) > 200:
            continue
        for part in [text, *_PARTS.split(text)]:
            if (kind := known.get(_key(part))) is not None:
                return kind, part.strip()
    return None


def _key(text: str) -> str:
    return _NOT_WORD.sub(" ", text.casefold()).strip()


@lru_cache(maxsize=1)
def phrases() -> dict[str, str]:
    """What each phrase gives away."""
    table = tomli.loads(_PHRASES.read_text(encoding="utf-8"))
    return {_key(phrase): group["says"] for group in table.values() for phrase in group["phrases"]}
