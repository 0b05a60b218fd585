"""Bytes to text: from here on a page is `str` in NFC with `\\n` line ends."""

from __future__ import annotations

import re

from ingest import encoding
from ingest.document import Batch, Document, Outcome
from ingest.encoding.charsets import normalise

_SURROGATES = re.compile("[\ud800-\udfff]")


def decode(batch: Batch) -> Batch:
    """Fill `text`, `encoding` and `encoding_declared` of each document; end what is binary, empty or undecodable."""
    for _, document in batch.alive():
        content = document.record.content
        document.repairs.update(document.record.defects)
        if isinstance(content, str):
            _normalise(content, document)
        else:
            _decode_bytes(content, document)
        if not document.text or document.text.isspace():
            document.reject(Outcome.EMPTY, "no text after decoding", "check how the page was fetched")
    return batch


def text_of(document: Document) -> str:
    """The text of a document, decoded again where it was let go of."""
    if document.text or not document.read_back:
        return document.text
    [again] = decode(Batch([Document(document.id, document.record, document.page)])).documents
    return again.text


def _decode_bytes(content: bytes, document: Document) -> None:
    record = document.record
    decoded = encoding.decode(content, transport=record.charset, html=record.kind == "html")
    document.encoding, document.encoding_declared = decoded.encoding, decoded.declared
    if decoded.outcome is not None:
        document.reject(decoded.outcome, decoded.reason, decoded.remedy)
        return
    document.text = decoded.text
    if decoded.as_is and record.kind == "html":
        document.utf8 = document.text, content
    if decoded.replaced:
        document.repairs["undecodable bytes replaced"] = decoded.replaced
    for charset, lines in decoded.mixed.items():
        document.repairs[f"lines in {charset}"] = lines


def _normalise(text: str, document: Document) -> None:
    """Text that came as characters (JSON) has no charset, but may hold lone surrogates, CR, or decomposed letters."""
    document.encoding = "utf-8"
    try:
        utf8 = text.encode()  # six times as fast as a search
    except UnicodeEncodeError:
        text, document.repairs["lone surrogates replaced"] = _SURROGATES.subn("\ufffd", text)
        utf8 = text.encode()
    document.text = normalise(text)
    if document.text is text and document.record.kind == "html":
        document.utf8 = text, utf8
