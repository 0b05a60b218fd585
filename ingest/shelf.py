"""What learning has made of the pages of a run is put aside until it is applied: no page is parsed twice.

A batch is a file in a folder of this run alone. That something is on the shelf, or is not, changes no row: what is not
there is made again. So the shelf may be full, or out of reach of a worker on another machine, or wiped.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from ingest.document import Batch, Document, Lines, Outcome, Record

MOST = 2 << 30  # bytes that the shelf may take,
SHARE = 0.25  # and share of what is free where it stands
PROCESSES = 64  # that may share what is free
_COMPRESSION = "zstd"
# what is known of the lines by then, see `Lines`
KEPT = ("repaired", "within", "codes", "marks", "met", "judged", "place")


@dataclass(slots=True)
class Shelf:
    """A folder for prepared batches, and how many bytes it may hold."""

    folder: Path
    most: int
    _room: int = field(default=0, init=False)  # bytes until this process looks again; below 0: the shelf is full

    def put(self, batch: Batch) -> None:
        """Keep a batch that is prepared, its sites named as far as its pages tell. What cannot be kept is not."""
        with suppress(OSError):
            if self._room < 0:
                return
            data = _packed(batch)
            if self._has_room(len(data)):
                place = self._place(batch.documents)
                draft = place.with_suffix(f".{os.getpid()}")
                draft.write_bytes(data)
                draft.replace(place)

    def _has_room(self, size: int) -> bool:
        """Whether so many bytes have room. To look at each file for each batch would take time by their square: so each
        process takes a share of what is free, and looks again when that is used up.
        """
        if 0 <= self._room < size:
            left = self.most - sum(entry.stat().st_size for entry in os.scandir(self.folder))
            self._room = max(left // PROCESSES, size) if size <= left else -1
        if self._room >= 0:
            self._room -= size
            return True
        return False

    def take(self, documents: Sequence[Document]) -> Batch | None:
        """The batch that was made of these documents, None if it is not here."""
        try:
            data = self._place(documents).read_bytes()
        except OSError:
            return None
        return _unpacked(data, [document.record for document in documents])

    def _place(self, documents: Sequence[Document]) -> Path:
        ids = "".join(document.id for document in documents)
        return self.folder / hashlib.blake2b(ids.encode(), digest_size=16).hexdigest()


@contextmanager
def shelf_of(dataset: str) -> Iterator[Shelf | None]:
    """A shelf among the temporary files for a run that holds the lock of `dataset`; None where there can be none.

    Its name is that of the dataset, so what a killed run left behind is cleared by the next one.
    """
    user = os.getuid() if hasattr(os, "getuid") else "user"
    name = hashlib.blake2b(os.fsencode(dataset), digest_size=8).hexdigest()
    folder = Path(tempfile.gettempdir(), f"ingest-shelf-{user}-{name}")
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700)  # what is read back is code: nobody else may write here
        most = min(MOST, int(SHARE * shutil.disk_usage(folder).free))
    except OSError:
        yield None
        return
    try:
        yield Shelf(folder, most)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _packed(batch: Batch) -> bytes:
    """A batch without what its records hold: the pages come again."""
    documents = [_without_record(document) for document in batch.documents]
    given = [document.record.given for document in batch.documents]
    lines = batch.lines
    kept = {name: getattr(lines, name) for name in KEPT}
    data = pickle.dumps((documents, given, dict(batch.seconds), lines.texts, lines.offsets, kept), 5)
    size = len(data).to_bytes(8, "little")
    return size + bytes(pa.compress(data, _COMPRESSION, asbytes=True))


_NO_RECORD = Record("", 0, "", "text")


def _without_record(document: Document) -> Document:
    # the text of a page that is lines now is asked for by few, see `ingest.stages.decode.text_of`
    text = "" if document.outcome is Outcome.KEPT else document.text
    return replace(document, record=_NO_RECORD, text=text, read_back=True)


def _unpacked(data: bytes, records: Sequence[Record]) -> Batch:
    size = int.from_bytes(data[:8], "little")
    packed = pa.decompress(memoryview(data)[8:], size, _COMPRESSION)
    documents, given, seconds, texts, offsets, kept = pickle.loads(packed)
    for document, record, told in zip(documents, records, given, strict=True):
        document.record = record if told == record.given else replace(record, given=told)
    lines = Lines(texts, offsets)
    for name, value in kept.items():
        setattr(lines, name, value)
    batch = Batch(documents, lines)
    batch.seconds.update(seconds)
    return batch
