"""The format of a file is told by its content first."""

from __future__ import annotations

import pytest

from ingest.readers import Input, choose, jsonl, page

CASES = [
    ("a.txt", b"Plain text, a < b and c > d.", page.read_text),
    ("a.txt", b"<!DOCTYPE html><html><body>x</body></html>", page.read_html),
    ("a.txt", b"\xef\xbb\xbf\n <html lang=kk>", page.read_html),
    ("a.txt", b"<div><p>fragment</p><p>of a page</p></div>", page.read_html),
    ("a.txt", "<html><p>".encode("utf-16"), page.read_html),
    ("a.html", b"somebody flattened this", page.read_text),
    ("a.html", b"one <p>paragraph only", page.read_html),
    ("a.HTM", b"<!-- saved --> <html>", page.read_html),
    ("a.xhtml", b'<?xml version="1.0"?><!DOCTYPE html><html>', page.read_html),
    ("a.jsonl", b"not JSON at all", jsonl.read),
    ("a.ndjson", b'{"text": "<html><p><p><p>"}', jsonl.read),
    ("dump", b'{"text": "x"}', jsonl.read),
    ("dump", b"no suffix, no markup", page.read_text),
    ("a.txt", b'{"quoted": "a text file may begin like this"}', page.read_text),
    ("a.txt", b"The tags <b> and </b> make text bold.", page.read_text),
]


@pytest.mark.parametrize(("name", "head", "reader"), CASES)
def test_reader_is_chosen_by_content_then_suffix(name: str, head: bytes, reader: object) -> None:
    """HTML is known by its markup whatever the file is called; JSON Lines by suffix, or by content without one."""
    assert choose(Input.of_bytes(head, name)) is reader
