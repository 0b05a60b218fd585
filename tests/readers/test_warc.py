"""Web archives: no record is lost without a name, and damage costs the record that it struck."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from readers.archive_building import arc, block_of, packed, record

from ingest.document import Outcome, Record, Reject
from ingest.readers import Input, Limits, records

FIXTURES = json.loads((Path(__file__).parent / "warc_fixtures.json").read_text(encoding="utf-8"))
FORMS = ("plain", "gzip", "zstd", "arc", "arc-gzip")


def page(number: int) -> bytes:
    """Text that hardly compresses, so that damage strikes all parts alike."""
    lines = "".join(f"<p>{hashlib.sha1(f'{number} {i}'.encode()).hexdigest()}</p>" for i in range(4))
    return f"<html><body><h1>Pond {number}</h1>{lines}</body></html>".encode()


PAGES = [page(number) for number in range(10)]


def build(form: str) -> bytes:
    if form.startswith("arc"):
        return packed([arc(body, number) for number, body in enumerate(PAGES)], form.removeprefix("arc-"))
    return packed([record(block_of(body), number=n, digest=True) for n, body in enumerate(PAGES)], form)


def read(data: bytes, name: str = "crawl.warc", limit: int = 1_000_000) -> list[Record | Reject]:
    return list(records(Input.of_bytes(data, name), Limits(limit)))


def one(data: bytes, **options: Any) -> Record | Reject:
    [item] = read(data, **options)
    return item


@pytest.mark.parametrize("form", FORMS)
def test_pages_come_with_place_and_origin(form: str) -> None:
    """Each record tells its URL, its date, and the bytes that it can be cut out with."""
    data = build(form)
    items = read(data)
    assert [item.content for item in items if isinstance(item, Record)] == PAGES
    for number, item in enumerate(items):
        assert isinstance(item, Record)
        assert (item.number, item.kind, item.defects) == (number, "html", {})
        assert (item.url or "").endswith(f"pond.invalid/{number}")
        assert item.given["fetched_at"] == "2021-10-12T09:40:00Z"
        assert item.offset is not None
        assert item.length is not None
        [alone] = read(data[item.offset : item.offset + item.length])
        assert isinstance(alone, Record)
        assert alone.content == item.content


def damage(form: str, step: int) -> None:
    data = build(form)
    name = {"gzip": "crawl.warc.gz", "zstd": "crawl.warc.zst", "arc-gzip": "crawl.arc.gz"}.get(form, "crawl.warc")
    for place in range(0, len(data), step):
        hurt = bytearray(data)
        hurt[place] ^= 0x55
        items = read(bytes(hurt), name)
        assert [item.number for item in items] == list(range(len(items)))
        whole = {item.content for item in items if isinstance(item, Record)} & set(PAGES)
        assert len(whole) >= 9, f"byte {place}: {len(whole)} of 10 pages are left"
        told = any(isinstance(item, Reject) or item.defects for item in items)
        # plain ARC has no checksum at all: a changed letter of the text cannot be seen
        assert len(whole) == 10 or told or form == "arc", f"byte {place}: the damage is not told"
        for item in items:
            if isinstance(item, Reject) and item.outcome is Outcome.DAMAGED:
                assert item.offset is not None
                assert item.size is not None
                assert item.offset <= place < item.offset + item.size or form in ("plain", "arc")


@pytest.mark.parametrize("form", FORMS)
def test_damage_costs_one_record_and_is_told(form: str) -> None:
    """Of ten records nine come back whatever byte is changed, and the gap is named with its place."""
    damage(form, 97)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_damage_at_every_byte_costs_one_record(form: str) -> None:
    """The same at every single byte."""
    damage(form, 1)


@pytest.mark.parametrize("form", FORMS)
def test_cut_file_names_its_unfinished_record(form: str) -> None:
    """A file that was cut off gives all records before the cut, and a refusal for the one that was cut."""
    data = build(form)
    starts = [item.offset or 0 for item in read(data)] + [len(data)]
    for cut in range(1, len(data), 83):
        items = read(data[:cut])
        full = sum(1 for start in starts[1:] if start <= cut)
        good = [item.content for item in items if isinstance(item, Record)]
        assert good[:full] == PAGES[:full]
        if cut not in starts:
            # only the newlines behind the last record may be missing without harm
            assert isinstance(items[-1], Reject) or len(good) == full + 1
            assert good in (PAGES[:full], PAGES[: full + 1])


def test_wrong_length_is_told_and_the_next_record_tells_the_end() -> None:
    """A record whose length is wrong is kept as far as the next record, with the defect named."""
    for told in ("7", "90000"):
        items = read(record(block_of(PAGES[0]), Content_Length=told) + record(block_of(PAGES[1]), number=1))
        assert [item.content for item in items if isinstance(item, Record)] == PAGES[:2]
        assert isinstance(items[0], Record)
        assert len(items[0].defects) == 1


def test_one_compressed_stream_around_all_records_is_read() -> None:
    """A file that was compressed as a whole, against the standard, gives all its records."""
    assert [item.content for item in read(gzip.compress(build("plain"))) if isinstance(item, Record)] == PAGES


def test_zstd_dictionary_in_the_first_frame_is_used() -> None:
    """The zstd form with a dictionary, stored or compressed, is read."""
    from backports import zstd

    samples = [record(block_of(page(number))) for number in range(300)]
    words = zstd.train_dict(samples, 4000)
    frames = b"".join(zstd.compress(one, zstd_dict=words) for one in samples[:10])
    for content in (words.dict_content, zstd.compress(words.dict_content)):
        head = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
        assert len(read(head + frames, "crawl.warc.zst")) == 10


OTHERS: list[tuple[bytes, str, str]] = [
    (record(block_of(b"<p>Gone", status="404 Not Found")), "http-status", "404 Not Found"),
    (record(block_of(b"", status="301 Moved", head="Location: /\r\n")), "http-status", "301"),
    (record(block_of(b"\x89PNG\r\n\x1a\n", "image/png")), "media-type", "image/png"),
    (record(block_of(b"%PDF-1.7 \n", "text/html")), "media-type", "PDF"),
    (record(block_of(b"%PDF-1.7 \n", "application/octet-stream")), "media-type", "PDF"),
    (record(block_of(b"")), "empty", "empty"),
    (record(b"", "revisit", WARC_Refers_To_Date="2020-01-01T00:00:00Z"), "revisit", "of 2020-01-01"),
    (record(b"abc", "continuation", WARC_Segment_Number="2"), "unreadable", "part 2 of record"),
    (record(b"abc", "hologram"), "invalid", "hologram"),
    (record(b"10.0.0.1", WARC_Target_URI="dns:pond.invalid", Content_Type="text/dns"), "media-type", "text/dns"),
    (
        record(b"log", "resource", WARC_Target_URI="metadata://x/log", Content_Type="text/plain"),
        "not-article",
        "crawler",
    ),
    (record(block_of(b"x" * 3000)), "too-large", "limit is 2,000"),
    (record(block_of(gzip.compress(b"x" * 3000), head="Content-Encoding: gzip\r\n")), "too-large", "expands"),
    (record(block_of(b"<p>x", head="Content-Encoding: rot13\r\n")), "unreadable", "rot13"),
    (record(b"software: x", "warcinfo", Content_Type="application/warc-fields"), "empty", "no page"),
    (b"WARC/1.0\r\nWARC-Type: response\r\n", "damaged", "in its head"),
    (b"\0" * 100, "damaged", "no record begins"),
]


@pytest.mark.parametrize(("data", "outcome", "reason"), OTHERS, ids=[reason for _, _, reason in OTHERS])
def test_what_is_no_page_ends_in_its_outcome(data: bytes, outcome: str, reason: str) -> None:
    """Other statuses and media types, revisits, segments and the like are refused by name; pages after them count."""
    item = one(data, limit=2000)
    assert isinstance(item, Reject)
    assert item.outcome.value == outcome
    assert reason in item.reason
    after = read(data + record(block_of(PAGES[1])), limit=2000)[-1]
    assert isinstance(after, Record)


def chunked(body: bytes) -> bytes:
    return (
        b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 50]), body[i : i + 50]) for i in range(0, len(body), 50))
        + b"0\r\n\r\n"
    )


def brotli(body: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "brotli") as stream:
        stream.write(body)
    return bytes(sink.getvalue())


BARE = zlib.compressobj(wbits=-15)
CHUNKED = "Transfer-Encoding: chunked\r\n"
BODIES: list[tuple[str, bytes, list[str]]] = [
    (CHUNKED, chunked(PAGES[0]), []),
    (CHUNKED, PAGES[0], []),
    (CHUNKED, chunked(PAGES[0])[:-5], ["chunks of the body are wrong"]),
    ("Content-Encoding: gzip\r\n", gzip.compress(PAGES[0]), []),
    ("Content-Encoding: x-gzip\r\n", gzip.compress(PAGES[0]), []),
    ("Content-Encoding: gzip\r\n", PAGES[0], ["body is not in gzip, as its head says"]),
    ("Content-Encoding: deflate\r\n", zlib.compress(PAGES[0]), []),
    ("Content-Encoding: deflate\r\n", BARE.compress(PAGES[0]) + BARE.flush(), []),
    ("Content-Encoding: br\r\n", brotli(PAGES[0]), []),
    ("Content-Encoding: gzip, br\r\n" + CHUNKED, chunked(brotli(gzip.compress(PAGES[0]))), []),
    ("Content-Encoding: identity\r\n", PAGES[0], []),
    ("", gzip.compress(PAGES[0]), ["body is in gzip, which its head does not say"]),
    (CHUNKED, chunked(gzip.compress(PAGES[0])), ["body is in gzip, which its head does not say"]),
    ("Content-Encoding: identity\r\n", gzip.compress(PAGES[0]), ["body is in gzip, which its head does not say"]),
]


@pytest.mark.parametrize(("head", "body", "defects"), BODIES)
def test_bodies_come_out_of_their_encodings(head: str, body: bytes, defects: list[str]) -> None:
    """Chunks and content encodings are taken off, in any order, also where the head is wrong about them."""
    item = one(record(block_of(body, head=head)))
    assert isinstance(item, Record)
    assert item.content == PAGES[0]
    assert list(item.defects) == defects


def test_body_that_breaks_off_is_kept_as_far_as_it_goes() -> None:
    """Of a compressed body that was cut, what can be had is kept and the cut is told."""
    item = one(record(block_of(gzip.compress(PAGES[0])[:-30], head="Content-Encoding: gzip\r\n")))
    assert isinstance(item, Record)
    assert PAGES[0].startswith(bytes(item.content[:50]))  # type: ignore[arg-type]
    assert item.defects == {"gzip body breaks off": 1}


def test_what_the_record_says_of_itself_is_kept() -> None:
    """Charset, truncation by the crawler, and digests that do not fit go on with the page."""
    block = block_of(PAGES[0], "text/html; charset=windows-1251")
    item = one(record(block, WARC_Truncated="length", WARC_Block_Digest="sha1:" + "A" * 32))
    assert isinstance(item, Record)
    assert item.charset == "windows-1251"
    assert item.given["id"] == "<urn:uuid:0>"
    assert item.defects == {"cut off by the crawler: length": 1, "block digest does not fit": 1}


def test_text_of_common_crawl_is_read() -> None:
    """A conversion record (WET) is a page of text."""
    item = one(record(b"A pond.\n", "conversion", Content_Type="text/plain"), name="crawl.wet")
    assert isinstance(item, Record)
    assert (item.kind, item.content) == ("text", b"A pond.\n")


@pytest.mark.parametrize("form", FORMS)
def test_skipping_gives_the_rest_unchanged(form: str) -> None:
    """A run that takes up in the middle sees what one sees that did not stop."""
    data = bytearray(build(form))
    data[len(data) // 2] ^= 0xFF
    whole = read(bytes(data))
    for skip in range(len(whole) + 1):
        assert list(records(Input.of_bytes(bytes(data), "crawl.warc"), Limits(1_000_000), skip)) == whole[skip:]


@pytest.mark.parametrize("name", FIXTURES)
def test_archives_of_other_programs_end_in_named_outcomes(shared: Path, name: str) -> None:
    """Sound, cut and damaged archives of other programs give the records that are in them, each with its outcome."""
    limits = Limits(50_000_000)
    items = list(records(Input.of_path(shared / "data" / "warc" / name, name), limits))
    found = Counter(item.kind if isinstance(item, Record) else item.outcome.value for item in items)
    assert dict(found) == FIXTURES[name]["items"]
    assert sum(limits.notes.values()) == FIXTURES[name]["passed_over"]
    defects = sorted({defect for item in items if isinstance(item, Record) for defect in item.defects})
    assert defects == FIXTURES[name].get("defects", [])
    assert [item.number for item in items] == list(range(len(items)))
