"""HTTP responses as they were sent (RFC 9112): status, fields, and the body without transfer and content encodings."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ingest.readers.expand import FAULTS, Gzip, Zstd
from ingest.readers.warc.heads import fields_of

_STATUS = re.compile(rb"(?:HTTP|ICY)(?:/\d+(?:\.\d+)?)?[ \t]+(?P<code>\d{3})(?P<reason>[^\r\n]*)", re.I)
_HEAD_END = re.compile(rb"\r?\n\r?\n|\Z")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.I)
_PIECE = 1 << 16
_TEXT = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "text/markdown"})  # which no archive is
_IDENTITY = frozenset({"", "identity", "none", "utf-8", "chunked", "binary", "8bit", "7bit"})


@dataclass(slots=True)
class Response:
    """`body` is None where it would grow beyond the limit, `fault` says why it cannot be had at all. `raw` is the body
    as it was sent, `unchunked` without its transfer encoding: the forms that a payload digest may be of.
    """

    status: int | None
    reason: str
    fields: dict[str, str]
    raw: bytes
    unchunked: bytes = b""
    body: bytes | None = b""
    fault: str = ""
    defects: dict[str, int] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        return media_type(self.fields.get("content-type", ""))

    @property
    def charset(self) -> str | None:
        return charset(self.fields.get("content-type", ""))


def media_type(value: str) -> str:
    """`text/html` from a Content-Type field, in lower case; empty if there is none."""
    return value.partition(";")[0].partition(",")[0].strip().lower()


def charset(value: str) -> str | None:
    """The charset parameter of a Content-Type field."""
    found = _CHARSET.search(value)
    return found[1] if found else None


def parse(block: bytes) -> Response:
    """The head of a response. Without a status line, as of old servers, all is body."""
    status = _STATUS.match(block)
    if status is None:
        return Response(None, "", {}, block)
    end = _HEAD_END.search(block, status.end())
    assert end is not None
    reason = status["reason"].decode("latin-1").strip()[:80]
    return Response(int(status["code"]), reason, fields_of(block[: end.start()]), block[end.end() :])


def decode(response: Response, limit: int) -> None:
    """Fill `unchunked` and `body`, in no more than `limit` bytes. A body that breaks off is kept as far as it goes."""
    body = response.raw
    if "chunked" in response.fields.get("transfer-encoding", "").lower():
        body = _unchunk(response)
    response.unchunked = body
    names = response.fields.get("content-encoding", "").lower().replace("x-", "").split(",")
    codings = [name.strip() for name in names]
    if _IDENTITY.issuperset(codings) and response.media_type in _TEXT and (found := _coding_of(body)):
        # the field is lost where a proxy or an archiver rewrote the head and left the body as it was sent
        response.defects[f"body is in {found}, which its head does not say"] = 1
        codings = [found]
    for name in reversed(codings):
        if name in _IDENTITY or not body:
            continue
        coding = _CODINGS.get(name)
        if coding is None:
            response.fault = f"its content encoding {name[:20]!r} is not known"
            return
        pieces, size, whole = [], 0, False
        try:
            for piece in coding(body):
                pieces.append(piece)
                size += len(piece)
                if size > limit:
                    response.body = None
                    return
            whole = True
        except FAULTS:
            pass
        if not whole and not pieces:
            if name != "br" and body.startswith(_MAGIC[name]):
                response.fault = f"its body is no {name} data, as it is said to be"
                return
            # crawlers and proxies decode bodies and leave the field in place
            response.defects[f"body is not in {name}, as its head says"] = 1
            continue
        if not whole:
            response.defects[f"{name} body breaks off"] = 1
        body = b"".join(pieces)
    response.body = body


def _coding_of(body: bytes) -> str:
    """The coding that a body begins with. Neither mark begins text in any charset."""
    return next((name for name in ("gzip", "zstd") if body.startswith(_MAGIC[name])), "")


def _unchunk(response: Response) -> bytes:
    """The chunks put together. A body that does not begin with a chunk was put together before it was stored."""
    raw = response.raw
    pieces: list[bytes] = []
    at = 0
    while head := _CHUNK_SIZE.match(raw, at):
        size = int(head[1], 16)
        if not size:
            return b"".join(pieces)
        piece = raw[head.end() : head.end() + size]
        pieces.append(piece)
        at = head.end() + size
        if len(piece) < size:
            break
        at += 2 if raw[at : at + 2] == b"\r\n" else raw[at : at + 1] == b"\n"
    if not pieces:
        return raw
    response.defects["chunks of the body are wrong"] = 1
    return b"".join(pieces) + raw[at:]


def _gzip(data: bytes) -> Iterator[bytes]:
    if not data.startswith(_MAGIC["gzip"]):
        raise EOFError
    while data.startswith(_MAGIC["gzip"]):
        decoder = Gzip()
        yield from _drain(decoder, data)
        data = decoder.unused_data


def _deflate(data: bytes) -> Iterator[bytes]:
    """zlib's format, or the bare one that some servers send under this name."""
    # RFC 1950: the first two bytes, read as a number, are a multiple of 31
    is_zlib = len(data) > 1 and data[0] & 15 == 8 and not int.from_bytes(data[:2], "big") % 31
    decoder = zlib.decompressobj(15 if is_zlib else -15)
    while data and not decoder.eof:
        if piece := decoder.decompress(data, _PIECE):
            yield piece
        data = decoder.unconsumed_tail
    yield decoder.flush()
    if not decoder.eof:
        raise EOFError


def _zstd(data: bytes) -> Iterator[bytes]:
    decoder = Zstd()
    yield from _drain(decoder, data)


def _drain(decoder: Gzip | Zstd, data: bytes) -> Iterator[bytes]:
    while not decoder.eof:
        piece = decoder.decompress(data, _PIECE)
        data = b""
        if piece:
            yield piece
        elif decoder.needs_input and not decoder.eof:
            raise EOFError


def _brotli(data: bytes) -> Iterator[bytes]:
    import pyarrow as pa

    stream = pa.CompressedInputStream(pa.BufferReader(data), "brotli")
    while piece := stream.read(_PIECE):
        yield piece


_CODINGS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
_MAGIC = {"gzip": b"\x1f\x8b\x08", "deflate": b"\x78", "zstd": b"(\xb5/\xfd"}
