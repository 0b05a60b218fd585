"""Small sound inputs of every kind, which mutations start from."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from inputs.mutations import MAX_INPUT

ROOT = Path(__file__).resolve().parents[2]


@cache
def seeds(name: str) -> list[bytes]:
    """The inputs that mutations of a target start from."""
    made = SEEDS.get(name, _pages)()
    return list(made)


def _pages() -> Iterator[bytes]:
    for path in sorted((ROOT / "raw").rglob("*")):
        if path.suffix in (".txt", ".html"):
            yield path.read_bytes()[:MAX_INPUT]
    for charset in ("cp1251", "koi8-r", "utf-16", "gb18030", "shift_jis", "iso-8859-6"):
        yield "Жители города 日本語 тұрғындар مرحبا и ещё раз\n\nШара 12/10/2021\n".encode(charset, "ignore") * 5


def _html() -> Iterator[bytes]:
    yield from (page for page in _pages() if b"<html" in page[:500].lower())
    yield b"<html><body><article><h1>A</h1><table><tr><td>x<p>y</table><ul><li>a<li>b</ul>" + b"<p>word " * 40
    yield b"<?xml version='1.0' encoding='koi8-r'?><!DOCTYPE html [<!ENTITY a 'a'><!ENTITY b '&a;'>]><html>&b;</html>"
    yield b'<html><script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2021-01-02"}</script>'


ROWS = [
    {"text": f'A page "{i}"\nof text; and more', "url": f"https://a.invalid/{i}", "date": "2021-01-02"}
    for i in range(4)
]


def _jsonl() -> Iterator[bytes]:
    yield b"\n".join(json.dumps(row).encode() for row in ROWS)
    yield json.dumps(ROWS, indent=1).encode()
    yield '{"html": "<p>Жители", "title": ["a"], "meta": {"url": "u"}}\n'.encode("utf-16")
    yield json.dumps({"text": "Жители города"}, ensure_ascii=False).encode("cp1251")


def _csv() -> Iterator[bytes]:
    for delimiter in ",;\t":
        lines = [delimiter.join(ROWS[0])] + [
            delimiter.join('"' + str(v).replace('"', '""') + '"' for v in row.values()) for row in ROWS
        ]
        yield "\n".join(lines).encode()
        yield "\r\n".join(lines).encode("utf-16")


def _columnar() -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(ROWS)
    for options in ({}, {"compression": "zstd"}, {"use_dictionary": False, "data_page_version": "2.0"}):
        sink = io.BytesIO()
        pq.write_table(table, sink, row_group_size=2, **options)
        yield sink.getvalue()
    for new in (pa.ipc.new_file, pa.ipc.new_stream):
        sink = io.BytesIO()
        with new(sink, table.schema) as writer:
            writer.write_table(table)
        yield sink.getvalue()


def _warc() -> Iterator[bytes]:
    body = b"<html><body><p>A pond, and what they say of it.</p></body></html>"
    packed = gzip.compress(body, mtime=0)
    chunks = (
        b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 20]), body[i : i + 20]) for i in range(0, len(body), 20))
        + b"0\r\n\r\n"
    )
    responses = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n" + packed,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n" + chunks,
        b"HTTP/1.0 404 Not Found\r\n\r\n",
    ]
    parts = []
    for number, block in enumerate(responses):
        for kind in ("response", "request")[: 1 + number % 2]:
            head = (
                f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://a.invalid/{number}\r\n"
                "WARC-Date: 2021-01-02T03:04:05Z\r\n"
                f"WARC-Block-Digest: sha1:{hashlib.sha1(block).hexdigest()}\r\nContent-Type: application/http\r\n"
                f"Content-Length: {len(block)}\r\n\r\n"
            )
            parts.append(head.encode() + block + b"\r\n\r\n")
    yield b"".join(parts)
    yield b"".join(gzip.compress(part, mtime=0) for part in parts)
    yield gzip.compress(b"".join(parts), mtime=0)
    with contextlib.suppress(ImportError):
        from backports import zstd  # type: ignore[import-not-found,unused-ignore]

        yield b"".join(zstd.compress(part) for part in parts)
    yield b"".join(
        b"http://a.invalid/%d 1.2.3.4 20210102030405 text/html %d\n%s\n" % (i, len(r), r)
        for i, r in enumerate(responses)
    )


def _archives() -> Iterator[bytes]:
    files = [
        ("a.jsonl", next(_jsonl())),
        ("b/c.html", b"<html><p>hi"),
        ("d.csv.gz", gzip.compress(next(_csv()))),
        ("e.txt", b"e"),
    ]
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        sink = io.BytesIO()
        with tarfile.open(fileobj=sink, mode="w", format=form) as tar:
            for name, content in [*files, ("long/" * 40, b"x")]:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        yield sink.getvalue()
        yield gzip.compress(sink.getvalue(), mtime=0)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", method) as archive:
            for name, content in files:
                archive.writestr(name, content)
        yield sink.getvalue()
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("inner.zip", sink.getvalue())
    yield nested.getvalue()


def _compressed() -> Iterator[bytes]:
    lines = next(_jsonl())
    yield gzip.compress(lines, mtime=0) + gzip.compress(lines, mtime=0)
    yield bz2.compress(lines)
    yield lzma.compress(lines)
    with contextlib.suppress(ImportError):
        from backports import zstd  # type: ignore[import-not-found,unused-ignore]

        yield zstd.compress(lines)


SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "jsonl": _jsonl,
    "json": _jsonl,
    "csv": _csv,
    "columnar": _columnar,
    "warc": _warc,
    "archive": _archives,
    "compressed": _compressed,
    "html": _html,
}
