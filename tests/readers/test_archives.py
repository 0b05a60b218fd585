"""Archives and compressed files: every member ends in an outcome, nothing touches the disk, bombs end early."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from noting import noted

from ingest.document import Record, Reject
from ingest.readers import Input, Limits, records

LINES = b'{"text": "a"}\n{"text": "b"}\n'
LONG = "folder/" * 30 + "page.html"
FILES: list[tuple[str, bytes | None]] = [
    ("lines.jsonl", LINES),
    (LONG, b"<html><p>page"),
    ("../../escape.txt", b"a page"),
    ("./dot.txt", b"dot"),
    ("lines.jsonl.gz", gzip.compress(LINES)),
    ("link", None),
    (".hidden", b"x"),
    ("folder/_drafts/x.txt", b"x"),
    ("a.txt", b"first"),
    ("a.txt", b"second"),
    ("empty.txt", b""),
]
FOUND = [
    ("lines.jsonl", "a"),
    ("lines.jsonl", "b"),
    (LONG, b"<html><p>page"),
    ("../../escape.txt", b"a page"),
    ("./dot.txt", b"dot"),
    ("lines.jsonl.gz", "a"),
    ("lines.jsonl.gz", "b"),
    ("link", "unreadable"),
    ("a.txt", b"first"),
    ("a.txt", b"second"),
    ("empty.txt", "empty"),
]


def tar(files: Sequence[tuple[str, bytes | None]], form: int = tarfile.PAX_FORMAT) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=form) as archive:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files:
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            else:
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content or b""))
    return sink.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def zipped(files: Sequence[tuple[str, bytes | None]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        archive.writestr("folder/", b"")
        for name, content in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            if content is None:
                info.external_attr = 0o120777 << 16
            archive.writestr(info, b"/etc/passwd" if content is None else content)
    return sink.getvalue()


def read(data: bytes, name: str = "dump", limit: int = 10_000, skip: int = 0, **more: Any) -> list[Record | Reject]:
    items = list(records(Input.of_bytes(data, name), Limits(limit, **more), skip))
    assert [item.number for item in items] == list(range(skip, skip + len(items)))
    return items


def told(items: list[Record | Reject]) -> list[tuple[str | None, Any]]:
    return [(item.member, item.content if isinstance(item, Record) else item.outcome.value) for item in items]


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "pax.tar": lambda: tar(FILES),
    "gnu.tar": lambda: tar(FILES, tarfile.GNU_FORMAT),
    "ustar.tar": lambda: tar(FILES, tarfile.USTAR_FORMAT),
    "a.tgz": lambda: gzip.compress(tar(FILES)),
    "a.tar.bz2": lambda: bz2.compress(tar(FILES)),
    "a.tar.xz": lambda: lzma.compress(tar(FILES)),
    "a.tar.zst": lambda: zstd.compress(tar(FILES)),
    "deflated.zip": lambda: zipped(FILES),
    "stored.zip": lambda: zipped(FILES, zipfile.ZIP_STORED),
    "lzma.zip": lambda: zipped(FILES, zipfile.ZIP_LZMA),
    "nameless": lambda: zipped(FILES),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ARCHIVES)
def test_members_are_read_as_files(name: str) -> None:
    """Every member is read by its own content and name; links are refused, names that are to be ignored are counted."""
    data = ARCHIVES[name]()
    notes: Any = Limits(0).notes
    items = read(data, name, ignore=(".*", "_*"), notes=notes)
    assert told(items) == FOUND
    assert sorted(notes.values()) == [1, 2]
    for skip in (1, 5, len(items)):
        assert read(data, name, skip=skip, ignore=(".*", "_*")) == items[skip:]


def test_nothing_is_written_and_no_name_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an archive is read no file is opened but the archive."""
    (tmp_path / "a.zip").write_bytes(zipped([("inner.tar", tar(FILES)), *FILES[:4]]))
    source = Input.of_path(tmp_path / "a.zip", "a.zip")
    opened: list[object] = []
    real = io.open
    monkeypatch.setattr("io.open", lambda *args, **more: noted(opened, args[0], real(*args, **more)))
    monkeypatch.setattr("builtins.open", lambda *args, **more: noted(opened, args[0], real(*args, **more)))
    assert len(list(records(source, Limits(10_000)))) > 10
    assert set(map(str, opened)) <= {str(tmp_path / "a.zip")}  # Python 3.10 opens paths by a name of its own
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_member_of_a_member_tells_its_whole_place() -> None:
    """Places inside of archives inside of archives are told from the outermost on, up to the limit of nesting."""
    inner = zipped([("b.txt", b"page")])
    assert told(read(zipped([("a.zip", inner)]))) == [("a.zip!/b.txt", b"page")]
    for _ in range(4):
        inner = zipped([("a.zip", inner)])
    assert told(read(inner)) == [("a.zip!/a.zip!/a.zip", "too-large")]
    assert told(read(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x")))))) == [(None, "too-large")]


def test_damage_costs_one_member() -> None:
    """A damaged member or header costs itself; what follows it is read, and the gap has a place."""
    pages = [(f"{i}.txt", bytes([97 + i]) * 600) for i in range(5)]
    data = bytearray(tar(pages))
    data[512 + 3 * 1536] ^= 1  # the header of page 3
    items = read(bytes(data))
    assert [content for _, content in told(items)] == [*(c for _, c in pages[:3]), "damaged", pages[4][1]]
    assert (items[3].offset, items[3].size) == (512 + 3 * 1536, 1536)  # type: ignore[union-attr]
    data = bytearray(zipped(pages, zipfile.ZIP_STORED))
    data[data.find(pages[2][1]) + 5] ^= 1
    assert [content for _, content in told(read(bytes(data)))] == [
        *(c for _, c in pages[:2]),
        "damaged",
        *(c for _, c in pages[3:]),
    ]


@pytest.mark.parametrize("cut", [300, 700, 1200, 3000])
def test_archive_that_ends_early_is_told(cut: int) -> None:
    """A tar archive without the mark of its end, and a zip archive without its directory, are named as damaged."""
    pages = [(f"{i}.txt", bytes([97 + i]) * 600) for i in range(5)]
    for data in (tar(pages), zipped(pages, zipfile.ZIP_STORED)):
        items = read(data[:cut], "a.tar" if data.startswith(b"folder") else "a.zip")
        assert isinstance(items[-1], Reject)
        assert items[-1].outcome.value == "damaged"


def test_encrypted_member_is_refused_by_name() -> None:
    """A member that needs a password is refused; its neighbours are read."""
    data = bytearray(zipped([("a.txt", b"secret"), ("b.txt", b"page")]))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(magic)
        while b"a.txt" not in data[place : place + 60]:
            place = data.find(magic, place + 1)
        data[place + flags] |= 1
    assert told(read(bytes(data))) == [("a.txt", "unreadable"), ("b.txt", b"page")]


def test_office_documents_are_no_archives() -> None:
    """What is zipped but is a document or book stays one binary file."""
    for name in ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"):
        [item] = read(zip_of(name))
        assert isinstance(item, Record)
        assert item.kind == "text"


def zip_of(name: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(name, b"x")
        archive.writestr("page.html", b"<p>no")
    return sink.getvalue()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_compressed_lines_are_read_also_in_several_members(suffix: str) -> None:
    """Concatenated members are one stream; the offset counts decompressed bytes."""
    compress = COMPRESSIONS[suffix]
    data = compress(LINES[:10]) + compress(LINES[10:]) + (b"\0" * 16 if suffix in ("gz", "xz") else b"")
    items = read(data, f"dump.jsonl.{suffix}")
    assert [(item.content, item.offset) for item in items if isinstance(item, Record)] == [("a", 0), ("b", 14)]


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_cut_or_changed_stream_keeps_what_came_before_and_is_told(suffix: str) -> None:
    """Records before the damage are kept; the damage itself is a refusal, never silence."""
    lines = b"".join(b'{"text": "%d %d"}\n' % (i, i * i) for i in range(2000))
    data = COMPRESSIONS[suffix](lines)
    whole = [item.content for item in read(data, "a.jsonl")]
    for place in range(10, len(data), len(data) // 20):
        items = read(data[:place], "a.jsonl")
        assert isinstance(items[-1], Reject)
        assert items[-1].outcome.value == "damaged"
        good = [item.content for item in items if isinstance(item, Record)]
        assert good == whole[: len(good)]


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_bomb_ends_in_its_outcome(suffix: str) -> None:
    """Compressed zeros end as too large, whether as a page or as a line, without being expanded to their end."""
    data = COMPRESSIONS[suffix](b"\0" * 120_000_000)
    for name in (f"a.txt.{suffix}", f"a.jsonl.{suffix}"):
        [item] = read(data, name, limit=1_000_000)
        assert isinstance(item, Reject)
        assert item.outcome.value == "too-large"
