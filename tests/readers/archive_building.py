"""Small web archives, built record by record."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterable

from backports import zstd  # type: ignore[import-not-found,unused-ignore]


def block_of(
    body: bytes, content_type: str = "text/html; charset=utf-8", status: str = "200 OK", head: str = ""
) -> bytes:
    """An HTTP response."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{head}\r\n".encode() + body


def record(block: bytes, kind: str = "response", number: int = 0, digest: bool = False, **fields: str) -> bytes:
    """A WARC record; further fields by keyword, `_` for `-`."""
    head = {
        "WARC-Type": kind,
        "WARC-Target-URI": f"https://pond.invalid/{number}",
        "WARC-Date": "2021-10-12T09:40:00Z",
        "WARC-Record-ID": f"<urn:uuid:{number}>",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    }
    if digest:
        head["WARC-Block-Digest"] = "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode()
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def arc(body: bytes, number: int) -> bytes:
    """An ARC record, version 1."""
    block = block_of(body)
    return f"http://pond.invalid/{number} 10.0.0.1 20211012094000 text/html {len(block)}\n".encode() + block + b"\n"


def packed(records: Iterable[bytes], form: str) -> bytes:
    """The records plain, or each compressed by itself."""
    if form == "gzip":
        return b"".join(gzip.compress(one, mtime=0) for one in records)
    if form == "zstd":
        checked: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1}
        return b"".join(zstd.compress(one, options=checked) for one in records)
    return b"".join(records)
