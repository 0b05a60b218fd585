"""Sources and pages that a dataset must not hold: taken out, and never read back in. Kept as JSON, to be read by eye.

A source is known by its path and by its content. A page is known by its id, and by its text in its source, so that it
stays away when the file grows or is sorted anew; with `copies` by its text wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from ingest.dataset import state
from ingest.errors import DatasetError
from ingest.storage import Storage

if TYPE_CHECKING:
    from ingest.dataset.sources import SourceFile

FILE = "forgotten.json"


class ForgottenSource(msgspec.Struct, frozen=True, kw_only=True):
    """`digest`: of the content that it had; `at`: when it was forgotten, UTC."""

    path: str
    digest: str
    at: datetime


class ForgottenPage(msgspec.Struct, frozen=True, kw_only=True):
    """`text_sha256` is None for a page that was no article."""

    id: str
    source_path: str
    text_sha256: str | None
    copies: bool
    at: datetime


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """`applied`: whether rows are known to be gone; if not, as the program was cut off, the next run sees to it."""

    sources: list[ForgottenSource] = []
    pages: list[ForgottenPage] = []
    applied: bool = True


def load(storage: Storage) -> Forgotten:
    """Nothing where nothing was ever forgotten. A file that cannot be read raises DatasetError: to go on without it
    would bring back what must not come back.
    """
    data = state.get_state(storage, FILE)
    try:
        return Forgotten() if data is None else msgspec.json.decode(data, type=Forgotten)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        hint = "restore it from a backup; delete it only if everything in it may be read again"
        raise DatasetError(f"the list of what is forgotten, _ingest/{FILE}, is damaged: {error}", hint=hint) from error


def save(storage: Storage, forgotten: Forgotten) -> None:
    """Write the list of what is forgotten in one step."""
    state.put_state(storage, FILE, msgspec.json.format(msgspec.json.encode(forgotten), indent=2) + b"\n")


class Filter:
    """What is forgotten, for looking up. False if nothing is."""

    def __init__(self, forgotten: Forgotten | None = None) -> None:
        given = forgotten or Forgotten()
        self.paths = {source.path for source in given.sources}
        self.digests = {source.digest for source in given.sources}
        self.ids = {page.id for page in given.pages}
        texts = [page for page in given.pages if page.text_sha256 is not None]
        self._in_source = {(page.source_path, page.text_sha256): page.id for page in texts}
        self._anywhere = {page.text_sha256: page.id for page in texts if page.copies}

    def __bool__(self) -> bool:
        return bool(self.paths or self.ids)

    def has_source(self, source: SourceFile) -> bool:
        """By its path, or by its content as far as its digest is known."""
        return source.path in self.paths or source.digest in self.digests

    def page(self, id: str, path: str, text_sha256: str | None) -> str | None:
        """The id of the forgotten page that this is, in its place or another; None if it may stay."""
        if id in self.ids:
            return id
        if text_sha256 is None:
            return None
        return self._in_source.get((path, text_sha256)) or self._anywhere.get(text_sha256)

    def pages(self, tables: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """Of the rows of `articles` and `rejected`, by id those that must not be: source, and the forgotten page."""
        found: dict[str, tuple[str, str]] = {}
        if not self.ids:
            return found
        for table, text in (("articles", "text_sha256"), ("rejected", None)):
            rows = tables[table]
            names = [rows[name].to_pylist() for name in ("id", "source_path")]
            texts: Iterable[str | None] = rows[text].to_pylist() if text else [None] * len(rows)
            for id, path, digest in zip(*names, texts, strict=True):
                reason = self.page(id, path, digest)
                if reason is not None:
                    found[id] = (path, reason)
        return found
