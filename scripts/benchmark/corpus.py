"""Corpora of any size from the pages of the development sets, the same ones at each call.

The first pages are as they stand, so that what becomes of them can be compared with the known text. Further ones are
copies with other words here and there and on a site of their own, so that neither exact nor near copies are many.
`short` pages have the size and form of the seed documents: some paragraphs of a known text, other words here and there,
between the menu and the footer of one of `SITES` sites. They are for growth: many documents in bearable time.
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

SITES = 500  # of short pages
SHORT = 2000  # characters of a short page's text


def pages(shared: Path) -> list[dict[str, Any]]:
    """Article pages with known text, news first."""
    found: list[dict[str, Any]] = []
    for name in SETS:
        rows = pq.read_table(shared / "data" / f"{name}.parquet", columns=COLUMNS).to_pylist()
        found += [r for r in rows if r["gold_text"] and r["html"] and r["dump"] and r["page_type"] in ("article", None)]
    return found


def write(base: list[dict[str, Any]], kind: str, count: int, path: Path) -> int:
    """Write `count` pages as `text`, `short` or `html` (JSONL) or `warc`; returns the bytes of the pages. Streams."""
    size = 0
    made = _short(base, count) if kind == "short" else _pages(base, "dump" if kind == "text" else "html", count)
    with gzip.open(path, "wb", compresslevel=1) if kind == "warc" else path.open("wb") as file:
        for number, (url, content) in enumerate(made):
            size += len(content.encode())
            if kind == "warc":
                file.write(_warc_record(url, content))
            else:
                record = {"id": str(number), "url": url, "text" if kind == "short" else kind: content}
                file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
    return size


def _pages(base: list[dict[str, Any]], field: str, count: int) -> Iterator[tuple[str, str]]:
    pool = _pool(base)
    for number in range(count):
        page, copy = base[number % len(base)], number // len(base)
        content = page[field]
        url = page["url"] or f"https://example.org/{number}"
        if copy:
            content = _reworded(content, pool, number, (number * 7 + copy) % EVERY)
            url = url.replace("://", f"://copy{copy}.", 1)
        yield url, content


def _short(base: list[dict[str, Any]], count: int) -> Iterator[tuple[str, str]]:
    pool = _pool(base)
    for number in range(count):
        site, text = number % SITES, base[number % len(base)]["gold_text"]
        begin = number // len(base) * SHORT % max(len(text) - SHORT, 1)
        body = _reworded(text[begin : begin + SHORT], pool, number, number * 7 % EVERY)
        menu = [pool[(site * 131 + place * 17) % len(pool)].title() for place in range(12)]
        title = " ".join(pool[(number * 29 + place * 13) % len(pool)] for place in range(8)).capitalize()
        date = f"{1 + number % 28} March {2000 + number % 25}"
        lines = [f"Site {site}", *menu, "", title, "", date, "", *body.split("\n"), "", "Share", "Send to a friend"]
        yield f"https://site{site}.example/{number}", "\n".join([*lines, f"© Site {site}. All rights reserved."])


def _pool(base: list[dict[str, Any]]) -> list[str]:
    return [word for page in base[:50] for word in page["gold_text"].split()[:200] if word.isalpha()]


def _reworded(content: str, pool: list[str], number: int, begin: int) -> str:
    """Each `EVERY`-th word from `begin` on replaced, by other words for each `number`."""
    words = content.split(" ")
    for place in range(begin, len(words), EVERY):
        if words[place].isalpha():  # tags, figures and addresses stay
            words[place] = pool[(place * 31 + number) % len(pool)]
    return " ".join(words)


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
