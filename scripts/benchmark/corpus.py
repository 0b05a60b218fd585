"""Corpora of any size from the pages of the development sets, the same ones at each call.

The first pages are as they stand, so that what becomes of them can be compared with the known text. Further ones are
copies with other words here and there and on a site of their own, so that neither exact nor near copies are many.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

SETS = ("news_dev", "wcxb_dev", "sites_dev")
EVERY = 11  # each so many words of a copy is another one
COLUMNS = ["url", "page_type", "html", "dump", "gold_text"]


def pages(shared: Path) -> list[dict[str, Any]]:
    """Article pages with known text, news first."""
    found: list[dict[str, Any]] = []
    for name in SETS:
        rows = pq.read_table(shared / "data" / f"{name}.parquet", columns=COLUMNS).to_pylist()
        found += [r for r in rows if r["gold_text"] and r["html"] and r["dump"] and r["page_type"] in ("article", None)]
    return found


def write(base: list[dict[str, Any]], kind: str, count: int, path: Path) -> int:
    """Write `count` pages as `text` or `html` (JSONL) or `warc`; returns the bytes of the pages. Streams."""
    size = 0
    with gzip.open(path, "wb", compresslevel=1) if kind == "warc" else path.open("wb") as file:
        for number, (url, content) in enumerate(_pages(base, "dump" if kind == "text" else "html", count)):
            size += len(content.encode())
            if kind == "warc":
                file.write(_warc_record(url, content))
            else:
                record = {"id": str(number), "url": url, kind: content}
                file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
    return size


def _pages(base: list[dict[str, Any]], field: str, count: int) -> Iterator[tuple[str, str]]:
    pool = [word for page in base[:50] for word in page["gold_text"].split()[:200] if word.isalpha()]
    for number in range(count):
        page, copy = base[number % len(base)], number // len(base)
        content = page[field]
        url = page["url"] or f"https://example.org/{number}"
        if copy:
            words = content.split(" ")
            for place in range((number * 7 + copy) % EVERY, len(words), EVERY):
                if words[place].isalpha():  # tags, figures and addresses stay
                    words[place] = pool[(place * 31 + number) % len(pool)]
            content = " ".join(words)
            url = url.replace("://", f"://copy{copy}.", 1)
        yield url, content


def _warc_record(url: str, content: str) -> bytes:
    body = content.encode()
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{abs(hash_of(url)):032x}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def hash_of(text: str) -> int:
    import hashlib

    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")
