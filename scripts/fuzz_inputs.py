#!/usr/bin/env python3
"""Throw mutated inputs at readers, decoding, repair, labelling, language and HTML, and count what goes wrong.

    scripts/fuzz_inputs.py --seconds 600                  all targets in turn, mutations of the built-in seeds
    scripts/fuzz_inputs.py --target warc --runs 100000
    scripts/fuzz_inputs.py --replay tests/readers/found   only the cases found so far
    scripts/fuzz_inputs.py --atheris --target zip         guided by coverage (pip install atheris)

A case fails if it raises, takes longer than `--limit` seconds of the processor, or breaks what its target promises:
readers number their items without a gap and give at least one; decoding ends in text or an outcome; each line ends with
a role. Failing inputs are written to `--keep`, by target and hash, and make the program end with 1. The same seed gives
the same inputs. `--state FILE` adds the number of executions to those of earlier runs.

Mutations: bytes changed, cut, doubled, moved and joined with other seeds, and tokens that parsers look for put in.
"""

from __future__ import annotations

import argparse
import bz2
import contextlib
import gzip
import hashlib
import io
import json
import lzma
import random
import signal
import sys
import tarfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MAX_BYTES = 20_000  # of a record, so that mutations reach the limits
MAX_INPUT = 60_000

TOKENS = [
    b"\0", b"\xff", b"\r\n", b"\n\n", b'"', b'""', b"'", b",", b";", b"\t", b"{", b"}", b"[", b"]", b"\\", b"\\u",
    b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"&#x", b"&amp;", b"<p>", b"<div>", b"<table>", b"<script>",
    b"<html>", b"<a href=", b"WARC/1.0\r\n", b"Content-Length: ", b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"WARC-Type: revisit\r\n", b"0\r\n\r\n",
    b"ffffffff\r\n", b"99999999999", b"-1", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"(\xb5/\xfd", b"PK\x03\x04",
    b"PK\x01\x02", b"PK\x05\x06", b"ustar\0", b"PAR1", b"ARROW1\0\0", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf",
    b"\xed\xa0\x80", b"\xf4\x8f\xbf\xbf", b"\xc3\xa9", b"\xd0\xb0", b"\xe2\x80\x8f", b"\xc2\xad", b"\x1b$B",
    b"charset=", b"utf-16", b"koi8-r", b"See also", b"Share", b"12/10/2021", b"01.01.0000", b"99.99.9999", b"by ",
    b"\xd0\x9f\xd1\x96\xd0\xba\xd1\x96\xd1\x80", b"\xe3\x80\x82", b"\xd8\xa7",
]  # fmt: skip


def main() -> int:
    options = _options()
    if options.replay:
        return _replay(options)
    if options.atheris:
        return _guided(options)
    names = options.target or list(TARGETS)
    rng = random.Random(options.seed)
    counts: Counter[str] = Counter()
    found = 0
    started = last = time.monotonic()
    while not _over(options, started, counts):
        name = names[counts.total() // 20 % len(names)]
        for _ in range(20):
            data = mutated(rng, seeds(name))
            counts[name] += 1
            found += _run(name, data, options)
        if time.monotonic() - last > 60:
            last = time.monotonic()
            _tell(counts, found, started)
    _tell(counts, found, started)
    if options.state:
        _add_to_state(Path(options.state), counts)
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="one target; may be repeated")
    parser.add_argument("--seconds", type=float, help="stop after this time")
    parser.add_argument("--runs", type=int, help="stop after this many executions (default 10,000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=10.0, help="seconds that one input may take")
    parser.add_argument("--keep", default="found", help="folder for inputs that fail")
    parser.add_argument("--replay", metavar="FOLDER", help="run the inputs of a folder and nothing else")
    parser.add_argument("--state", metavar="FILE", help="JSON file in which executions are added up")
    parser.add_argument("--atheris", action="store_true", help="let coverage guide the mutations; one --target")
    options = parser.parse_args()
    if options.runs is None and options.seconds is None:
        options.runs = 10_000
    return options


def _over(options: argparse.Namespace, started: float, counts: Counter[str]) -> bool:
    if options.runs is not None and counts.total() >= options.runs:
        return True
    return options.seconds is not None and time.monotonic() - started > options.seconds


def _tell(counts: Counter[str], found: int, started: float) -> None:
    rate = counts.total() / max(0.001, time.monotonic() - started)
    each = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
    print(f"{counts.total():,} executions, {found} failures, {rate:,.0f}/s: {each}", file=sys.stderr, flush=True)


def _add_to_state(path: Path, counts: Counter[str]) -> None:
    known = Counter(json.loads(path.read_text())) if path.exists() else Counter()
    path.write_text(json.dumps(dict(sorted((known + counts).items())), indent=1) + "\n")


class TooSlowError(Exception):
    """An input took longer than it may."""


def _alarm(signum: int, frame: object) -> None:
    raise TooSlowError


def _run(name: str, data: bytes, options: argparse.Namespace) -> bool:
    """Whether the input makes its target fail; it is then kept."""
    signal.signal(signal.SIGPROF, _alarm)  # processor time: a busy machine is no fault of the input
    signal.setitimer(signal.ITIMER_PROF, options.limit)
    try:
        TARGETS[name](data)
    except BaseException as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        if isinstance(error, KeyboardInterrupt):
            raise
        path = Path(options.keep, name, hashlib.sha1(data).hexdigest()[:12])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
        print(f"{name}: {type(error).__name__}: {str(error)[:200]} ({place}) → {path}", file=sys.stderr, flush=True)
        return True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return False


def _replay(options: argparse.Namespace) -> int:
    found = total = 0
    for path in sorted(Path(options.replay).rglob("*")):
        if path.is_file() and path.parent.name in TARGETS:
            total += 1
            found += _run(path.parent.name, path.read_bytes(), options)
    print(f"{total} cases, {found} failures", file=sys.stderr)
    return 1 if found else 0


def _guided(options: argparse.Namespace) -> int:
    import atheris  # type: ignore[import-not-found,unused-ignore]

    [name] = options.target
    with atheris.instrument_imports(include=["ingest"]):
        seeds(name)
        TARGETS[name](seeds(name)[0])
    corpus = Path(options.keep, f"corpus-{name}")
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds(name):
        (corpus / hashlib.sha1(seed).hexdigest()[:12]).write_bytes(seed)
    arguments = [sys.argv[0], f"-timeout={int(options.limit)}", f"-max_len={MAX_INPUT}", str(corpus)]
    atheris.Setup([*arguments, *([f"-runs={options.runs}"] if options.runs else [])], TARGETS[name])
    atheris.Fuzz()
    return 0


def mutated(rng: random.Random, seeds: list[bytes]) -> bytes:
    """One of the seeds after a few changes; what is compressed is sometimes changed inside."""
    data = bytearray(rng.choice(seeds))
    inside = rng.random() < 0.5 and data[:2] == b"\x1f\x8b"
    if inside:
        with contextlib.suppress(zlib.error, EOFError, OSError):
            data = bytearray(gzip.decompress(bytes(data)))
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        _change(rng, data, seeds)
    del data[MAX_INPUT:]
    return gzip.compress(bytes(data), 1, mtime=0) if inside else bytes(data)


def _change(rng: random.Random, data: bytearray, seeds: list[bytes]) -> None:
    place = rng.randrange(len(data) + 1)
    span = min(len(data) - place, rng.choice((1, 2, 4, 16, 100, 1000)))
    kind = rng.randrange(9)
    if kind == 0 and place < len(data):
        data[place] ^= 1 << rng.randrange(8)
    elif kind == 1 and place < len(data):
        data[place] = rng.randrange(256)
    elif kind == 2:
        del data[place : place + span]
    elif kind == 3:
        data[place:place] = data[place : place + span] * rng.choice((1, 1, 2, 20))
    elif kind in (4, 5):
        data[place:place] = rng.choice(TOKENS) * rng.choice((1, 1, 1, 3, 100))
    elif kind == 6:
        other = rng.choice(seeds)
        begin = rng.randrange(len(other) + 1)
        data[place : place + span] = other[begin : begin + rng.choice((10, 100, 1000))]
    elif kind == 7:
        data[place : place + span] = rng.randbytes(span)
    else:
        del data[place:]


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
        rows = assemble(batch, stamp, min_words=1, engine=chain.engine)
        assert rows.articles.num_rows + rows.rejected.num_rows == 1, "not one row for one page"

    return target


def _language(data: bytes) -> None:
    from ingest import language

    text = data.decode("utf-8", "replace")
    spans = language.spans_many([text, text[:50]], _chain().engine)
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

if __name__ == "__main__":
    sys.exit(main())
