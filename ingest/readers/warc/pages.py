"""What a WARC record says: a page, or why it is none."""

from __future__ import annotations

from dataclasses import replace

from ingest.document import Kind, Outcome, Record, Reject
from ingest.encoding.binary import format_of
from ingest.readers.limits import Limits
from ingest.readers.page import kind_of
from ingest.readers.warc import digests, http
from ingest.readers.warc.walk import Entry

MEDIA_TYPES: dict[str, Kind] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/vnd.wap.xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "text",
}
# Said by servers that do not know: the content tells.
_UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream", "unknown/unknown", "text/unknown", "*/*"})
NOT_PAGES = frozenset({"warcinfo", "request", "metadata"})
_HTTP = ("application/http", "message/http")
_PARTS = "parts of segmented records are not put together; store the record in one piece"


def page_of(entry: Entry, source: str, number: int, limits: Limits) -> Record | Reject:
    """The page of a record that stands for one."""
    fields = entry.fields
    kind = fields.get("warc-type", "").lower()
    record = _record(entry, source, number)
    if kind == "revisit":
        return record.refused(
            Outcome.REVISIT, _revisit(fields), "the page is in the archive that holds the first visit"
        )
    if kind == "continuation":
        reason = f"part {fields.get('warc-segment-number', '?')} of record {fields.get('warc-segment-origin-id', '?')}"
        return record.refused(Outcome.UNREADABLE, reason, _PARTS)
    record = replace(record, content=entry.block or b"")  # what is refused for a fault is kept as it was stored
    if kind in NOT_PAGES:
        return record.refused(Outcome.DAMAGED, f"{entry.fault}; its type is {kind}", "nothing to do: it holds no page")
    if kind not in ("response", "resource", "conversion"):
        return record.refused(Outcome.INVALID, f"WARC records of type {kind[:40]!r} are not known")
    if entry.block is None:
        reason = f"record of {entry.size:,} bytes, the limit is {limits.max_bytes:,}"
        return record.refused(Outcome.TOO_LARGE, reason, "raise max_document_bytes")
    if (record.url or "").startswith("metadata:"):
        return record.refused(Outcome.NOT_ARTICLE, "what the crawler tells of itself, e.g. its log or its arguments")
    defects = _defects_of(entry)
    content_type = fields.get("content-type", "")
    if kind == "response" and http.media_type(content_type) in (*_HTTP, ""):
        return _response(entry.block, fields, replace(record, defects=defects), limits)
    defects |= _unfit_digests(fields, entry.block, (entry.block,))
    record = replace(record, charset=http.charset(content_type), defects=defects)
    return _page(record, entry.block, http.media_type(content_type), limits)


def _record(entry: Entry, source: str, number: int) -> Record:
    fields = entry.fields
    given = {"id": fields.get("warc-record-id", ""), "fetched_at": fields.get("warc-date", "")}
    return Record(
        source,
        number,
        b"",
        "html",
        url=fields.get("warc-target-uri", "").strip("<> ") or None,
        given={key: value for key, value in given.items() if value},
        offset=entry.offset,
        length=entry.length,
    )


def _revisit(fields: dict[str, str]) -> str:
    where = fields.get("warc-refers-to-target-uri") or fields.get("warc-refers-to") or "an earlier record"
    when = fields.get("warc-refers-to-date")
    return f"unchanged since {where.strip('<>')}{f' of {when}' if when else ''}"


def _defects_of(entry: Entry) -> dict[str, int]:
    fields = entry.fields
    defects = {entry.fault: 1} if entry.fault else {}
    if why := fields.get("warc-truncated"):
        defects[f"cut off by the crawler: {why[:40]}"] = 1
    if fields.get("warc-segment-number") and fields["warc-segment-number"] != "0":
        defects["goes on in other records of the archive"] = 1
    return defects


def _response(block: bytes, fields: dict[str, str], record: Record, limits: Limits) -> Record | Reject:
    response = http.parse(block)
    if response.status is not None and (not 200 <= response.status < 300 or response.status == 204):
        reason = f"HTTP status {response.status} {response.reason}".rstrip()
        remedy = "nothing to do: what came is not the page"
        return replace(record, content=b"").refused(Outcome.HTTP_STATUS, reason, remedy)
    http.decode(response, limits.max_bytes)
    unfit = _unfit_digests(fields, block, (response.raw, response.unchunked, response.body or b""))
    record = replace(record, defects={**record.defects, **unfit})
    if response.fault:
        return record.refused(Outcome.UNREADABLE, response.fault, "fetch the page again")
    if response.body is None:
        reason = f"a body of {len(response.raw):,} bytes expands to more than {limits.max_bytes:,}"
        return record.refused(Outcome.TOO_LARGE, reason, "if this is no attack, raise max_document_bytes")
    record = replace(record, charset=response.charset, defects={**record.defects, **response.defects})
    told = response.media_type
    if told in _UNTOLD:
        told = fields.get("warc-identified-payload-type", "") or fields.get("arc-content-type", "")
    return _page(record, response.body, http.media_type(told), limits)


def _unfit_digests(fields: dict[str, str], block: bytes, payloads: tuple[bytes, ...]) -> dict[str, int]:
    """A block whose digest fits vouches for the payload in it. Text is not thrown away for a digest: it is told."""
    defects = {}
    checked = digests.fits(fields.get("warc-block-digest", ""), (block,))
    if checked is False:
        defects["block digest does not fit"] = 1
    # of a cut payload, the digest may be that of the whole
    if checked is None and "warc-truncated" not in fields:
        payload = digests.fits(fields.get("warc-payload-digest", ""), payloads)
        if payload is False:
            defects["payload digest does not fit"] = 1
    return defects


def _page(record: Record, content: bytes, told: str, limits: Limits) -> Record | Reject:
    record = replace(record, content=b"")
    kind = MEDIA_TYPES.get(told)
    if kind is None and told not in _UNTOLD:
        return record.refused(Outcome.MEDIA_TYPE, f"its media type is {told[:60]}", "nothing to do: no page of text")
    if not content.strip():
        return record.refused(Outcome.EMPTY, "the page is empty", "fetch the page again")
    if found := format_of(content):
        return record.refused(Outcome.MEDIA_TYPE, f"its content is a {found}", "nothing to do: no page of text")
    return replace(record, content=content, kind=kind_of(content, kind))
