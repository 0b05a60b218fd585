#!/usr/bin/env python3
"""Peak memory of reading: large files of each format, and bombs.

    scripts/bench_memory.py                      files of 2 GB of pages, and all bombs
    scripts/bench_memory.py --size 100 jsonl     100 MB of JSONL only
    scripts/bench_memory.py --bombs

Each input is made in a folder of its own and read in a process of its own by `ingest.readers.batches`, as in a run.
Told are the size of the file, its records, how they ended, seconds, and the largest resident size of the process;
the program ends with 1 where a bomb needs 300 MB or more.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

MB = 1_000_000
BOMB_LIMIT = 300  # MB
_WORDS = [f"word{i * i % 9973}" for i in range(5000)]


def pages(size: int) -> Iterator[str]:
    """Texts of some 10 KB, no two alike, of `size` bytes in all."""
    for number in range(size // 10_000):
        begin = number * 7 % 3000
        yield f"{number} " + " ".join(_WORDS[begin : begin + 1200])


def jsonl(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for page in pages(size):
            file.write(json.dumps({"text": page}).encode() + b"\n")


def packed_jsonl(path: Path, size: int) -> None:
    with gzip.open(path, "wb", 1) as file:
        for page in pages(size):
            file.write(json.dumps({"text": page}).encode() + b"\n")


def csv(path: Path, size: int) -> None:
    with path.open("w") as file:
        file.write("url,text\n")
        for page in pages(size):
            file.write(f'https://a.invalid/,"{page}"\n')


def array(path: Path, size: int) -> None:
    with path.open("w") as file:
        file.write("[")
        for number, page in enumerate(pages(size)):
            file.write(("," if number else "") + json.dumps({"text": page}, indent=1))
        file.write("]")


def parquet(path: Path, size: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("text", pa.string()), ("url", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        rows: list[str] = []
        for page in pages(size):
            rows.append(page)
            if len(rows) == 20_000:  # row groups of some 200 MB
                writer.write_table(pa.table([rows, ["https://a.invalid/"] * len(rows)], schema=schema))
                rows = []
        writer.write_table(pa.table([rows, ["https://a.invalid/"] * len(rows)], schema=schema))


def record(page: str) -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>{page}".encode()
    head = "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: "
    return f"{head}{len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def warc(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for page in pages(size):
            file.write(record(page))


def packed_warc(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for page in pages(size):
            file.write(gzip.compress(record(page), 1))


def zipped(path: Path, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, page in enumerate(pages(size)):
            archive.writestr(f"{number}.txt", page)


FILES: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "jsonl": ("a.jsonl", jsonl),
    "jsonl.gz": ("a.jsonl.gz", packed_jsonl),
    "csv": ("a.csv", csv),
    "json": ("a.json", array),
    "parquet": ("a.parquet", parquet),
    "warc": ("a.warc", warc),
    "warc.gz": ("a.warc.gz", packed_warc),
    "zip": ("a.zip", zipped),
}


def _zeros(path: Path, size: int) -> None:
    """gzip data that expands to `size` zeros; a member is doubled, as compressing takes longer than reading."""
    member = gzip.compress(b"\0" * 100 * MB, 9)
    with path.open("wb") as file:
        for _ in range(size // (100 * MB)):
            file.write(member)


def _nested(path: Path) -> None:
    """Like 42.zip: 16 archives in each of 16 archives, five deep, and a large file of zeros in each of the last."""
    content, name = b"\0" * 50 * MB, "0.dll"
    for _ in range(6):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(1 if name == "0.dll" else 16):
                archive.writestr(name if name == "0.dll" else f"{number}.zip", content)
        content, name = sink.getvalue(), "x.zip"
    path.write_bytes(content)


def _line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(1000):
            file.write(b"x" * MB)
        file.write(b'"}\n{"text": "after"}\n')


def _cell(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'url,text\n1,"')
        for _ in range(1000):
            file.write(b"x" * MB)
        file.write(b'"\n2,after\n')


def _element(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'[{"text": "')
        for _ in range(1000):
            file.write(b"x" * MB)
        file.write(b'"}, {"text": "after"}]')


def _member(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("bomb.jsonl", "w", force_zip64=True) as file:
            for _ in range(1000):
                file.write(b"\0" * MB)
        archive.writestr("after.txt", "after")


def _response(path: Path) -> None:
    # in pieces: a process begins with the largest size that its parent had
    packer = zlib.compressobj(1, wbits=31)
    body = b"".join(packer.compress(b"\0" * MB) for _ in range(1000)) + packer.flush()
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + body
    head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: "
    path.write_bytes(head + b"%d\r\n\r\n" % len(block) + block + b"\r\n\r\n" + record("after"))


def _shared_text(path: Path) -> None:
    """One text of 20 MB in each of 100,000 rows: two terabytes, were they put side by side."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x " * 10 * MB]))
    pq.write_table(pa.table({"text": texts}), path, compression="zstd")


def _entities(path: Path) -> None:
    kinds = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "lol">{kinds}]><html><body><p>&l11;</p></body></html>'
    )


def _deep(path: Path) -> None:
    path.write_text("<html><body>" + "<div>" * 1_000_000 + "text")


BOMBS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "gzip of 10 GB of zeros, as a page": ("a.txt.gz", lambda path: _zeros(path, 10_000 * MB)),
    "gzip of 10 GB of zeros, as lines": ("a.jsonl.gz", lambda path: _zeros(path, 10_000 * MB)),
    "gzip of 10 GB of zeros, as WARC": ("a.warc.gz", lambda path: _zeros(path, 10_000 * MB)),
    "bzip2 of 1 GB of zeros": (
        "a.txt.bz2",
        lambda path: path.write_bytes(bz2.compress(b"\0" * 100 * MB) * 10) and None,
    ),
    "archives in archives, as 42.zip": ("a.zip", _nested),
    "1 GB member of a zip archive": ("a.zip", _member),
    "line of 1 GB": ("a.jsonl", _line),
    "cell of 1 GB": ("a.csv", _cell),
    "JSON string of 1 GB": ("a.json", _element),
    "HTTP body that expands to 1 GB": ("a.warc", _response),
    "Parquet: a text of 20 MB in 100,000 rows": ("a.parquet", _shared_text),
    "XML entities": ("a.html", _entities),
    "a million nested tags": ("a.html", _deep),
}


def read(path: Path, whole: bool) -> None:
    """In a process of its own: read a file, or bring it through the whole pipeline, and print what came of it."""
    from ingest.config import Settings
    from ingest.dataset import SourceFile
    from ingest.document import Record
    from ingest.readers import Limits
    from ingest.readers.batches import batches

    settings = Settings()
    found: Counter[str] = Counter()
    started = time.monotonic()
    source = SourceFile.at(path.parent, path.name)
    limits = Limits.of(settings)
    if whole:
        from ingest.run import run

        report = run([path], path.parent / "out", Settings(workers=0))
        found.update(report.outcomes)
    else:
        for number, batch in enumerate(batches(source, settings, limits)):
            found.update("page" if isinstance(item, Record) else item.outcome.value for item in batch)
            if sum(found.values()) > 5_000_000 or (
                number > 200 and path.suffix == ".parquet" and path.stat().st_size < MB
            ):
                break
    print(
        json.dumps({"peak": peak() * 1024, "seconds": time.monotonic() - started, "found": dict(sorted(found.items()))})
    )


def peak() -> int:
    """Largest resident size of this process in KiB. `ru_maxrss` begins with that of the parent."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(title: str, path: Path, whole: bool = False) -> float:
    """Peak memory in MB."""
    command = [sys.executable, __file__, "--read", str(path), *(["--run"] if whole else [])]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = ", ".join(f"{count:,} {name}" for name, count in result["found"].items())
    size, largest = path.stat().st_size / MB, result["peak"] / MB
    print(f"{title:<44}{size:>9,.1f} MB  peak {largest:>5.0f} MB  {result['seconds']:>6.1f} s  {found}", flush=True)
    return largest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="*", help=f"of {', '.join(FILES)} (default: all, and the bombs)")
    parser.add_argument("--size", type=int, default=2000, help="MB of pages in each file")
    parser.add_argument("--bombs", action="store_true", help="the bombs only")
    parser.add_argument("--run", action="store_true", help="bring bombs through the whole pipeline")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read(options.read, options.run)
        return 0
    too_much = False
    for name, (file_name, make) in FILES.items():
        if not options.bombs and (not options.formats or name in options.formats):
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder, file_name), options.size * MB)
                measure(name, Path(folder, file_name))
    for name, (file_name, prepare) in BOMBS.items():
        if not options.formats:
            with tempfile.TemporaryDirectory() as folder:
                prepare(Path(folder, file_name))
                too_much |= measure(name, Path(folder, file_name), options.run) >= BOMB_LIMIT
    return 1 if too_much else 0


if __name__ == "__main__":
    sys.exit(main())
