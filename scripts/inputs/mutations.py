"""Seeds changed at random: bytes changed, cut, doubled, moved and joined with other seeds, tokens put in."""

from __future__ import annotations

import contextlib
import gzip
import random
import zlib

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
