"""Parts of the program as functions of bytes, which fail where the part breaks what it promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

MAX_BYTES = 20_000  # of a record, so that mutations reach the limits


def _reader(filename: str) -> Callable[[bytes], None]:
    def target(data: bytes) -> None:
        from ingest.document import Record
        from ingest.readers import Input, Limits, records

        items = list(records(Input.of_bytes(data, "source", filename), Limits(MAX_BYTES)))
        assert items, "a source that ends in nothing"
        assert [item.number for item in items] == list(range(len(items))), "numbers with a gap"
        for item in items:
            assert not isinstance(item, Record) or item.content, "a record without content"
            assert isinstance(item, Record) or item.reason, "a refusal without a reason"
        if data and data[-1] % 7 == 0:
            middle = len(items) // 2
            rest = list(records(Input.of_bytes(data, "source", filename), Limits(MAX_BYTES), middle))
            assert rest == items[middle:], "skipping changes what follows"

    return target


def _decode(data: bytes) -> None:
    from ingest import encoding

    for html in (False, True):
        decoded = encoding.decode(data, html=html)
        assert decoded.outcome is not None or isinstance(decoded.text, str)
        if decoded.outcome is None:
            decoded.text.encode("utf-8")


def _repair(data: bytes) -> None:
    from ingest.document import Batch
    from ingest.pipeline import document_of
    from ingest.stages.decode import decode
    from ingest.stages.extract import extract
    from ingest.stages.repair import repair

    batch = decode(Batch([document_of(_record(data, "text"))]))
    repair(extract(batch))


def _record(data: bytes, kind: Any) -> Any:
    from ingest.document import Record

    return Record("source", 0, data, kind)


@cache
def _chain() -> Any:
    from ingest.config import Settings
    from ingest.pipeline import Chain

    return Chain(Settings())


def _page(kind: str) -> Callable[[bytes], None]:
    def target(data: bytes) -> None:
        from ingest.document import Outcome
        from ingest.stages.assemble import Stamp, assemble

        chain = _chain()
        batch = chain.label([_record(data, kind)])
        [document] = batch.documents
        if document.outcome is Outcome.KEPT:
            assert all(batch.lines.role[row] for row in batch.lines.span(0) if batch.lines.texts[row]), (
                "a line without role"
            )
        stamp = Stamp("fuzz", "fuzz", datetime(2021, 1, 1))
        rows = assemble(batch, stamp, min_words=1, engine=chain.resources.engine)
        assert rows.articles.num_rows + rows.rejected.num_rows == 1, "not one row for one page"

    return target


def _language(data: bytes) -> None:
    from ingest import language

    text = data.decode("utf-8", "replace")
    spans = language.spans_many([text, text[:50]], _chain().resources.engine)
    for given, found in zip((text, text[:50]), spans, strict=True):
        language.summarise(found)
        assert all(0 <= span[0] <= span[1] <= len(given) for span in (tuple(s)[:2] for s in found)), (
            "spans out of the text"
        )


TARGETS: dict[str, Callable[[bytes], None]] = {
    "jsonl": _reader("a.jsonl"),
    "json": _reader("a.json"),
    "csv": _reader("a.csv"),
    "columnar": _reader("a.arrows"),
    "warc": _reader("a.warc.gz"),
    "archive": _reader("a"),
    "compressed": _reader("a.jsonl.gz"),
    "decode": _decode,
    "repair": _repair,
    "language": _language,
    "label": _page("text"),
    "html": _page("html"),
}
