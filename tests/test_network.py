"""A run needs no network, and pages cannot make it use one."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

WATCH = """
import os, sys

def watch(event, arguments):
    if not event.startswith("socket."):
        return
    # Processes of one machine may speak with each other, and the lock tells the machine's name. urllib3, which
    # trafilatura brings, looks when it is imported whether this machine knows IPv6.
    is_local = getattr(arguments[0], "family", 0) == 1 if arguments else False
    is_probe = event == "socket.bind" and arguments[1] == ("::1", 0)
    quiet = event in ("socket.__new__", "socket.gethostname")
    if not (quiet or is_local or is_probe):
        with open(os.environ["WATCHED"], "a") as log:
            log.write(f"{event} {arguments}\\n")
        raise PermissionError(f"a run uses the network: {event}")

sys.addaudithook(watch)
"""

PAGE = """<?xml version="1.0"?>
<!DOCTYPE html SYSTEM "http://127.0.0.1:{port}/page.dtd" [<!ENTITY more SYSTEM "http://127.0.0.1:{port}/more">]>
<html><head><link rel="stylesheet" href="http://127.0.0.1:{port}/a.css"><script src="http://127.0.0.1:{port}/a.js">
</script></head><body><p>The surveyors came back on Tuesday with a longer rope &more; and measured the pond.</p>
<img src="http://127.0.0.1:{port}/a.png"><iframe src="http://127.0.0.1:{port}/frame"></iframe></body></html>
"""


def pages(folder: Path, port: int) -> None:
    """One file of each kind of reader, full of addresses to fetch."""
    page = PAGE.format(port=port).encode()
    (folder / "page.html").write_bytes(page)
    (folder / "text.txt").write_text(f"http://127.0.0.1:{port}/\n\nThe pond was measured again on Tuesday.\n")
    (folder / "rows.csv").write_text(f"url,text\nhttp://127.0.0.1:{port}/,The pond was measured again.\n")
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://127.0.0.1:{port}/\r\n"
    kind = f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
    (folder / "crawl.warc").write_bytes((head + kind).encode() + block + b"\r\n\r\n")
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("page.html", page)
    (folder / "pages.zip").write_bytes(sink.getvalue())


@pytest.mark.parametrize("workers", ["0", pytest.param("2", marks=pytest.mark.slow)])
def test_no_socket_is_used_in_a_run(tmp_path: Path, workers: str) -> None:
    """No process of a run speaks through a socket, and no address in a page is asked, not even by the XML parser."""
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    (tmp_path / "in").mkdir()
    log = tmp_path / "watched"
    with socket.create_server(("127.0.0.1", 0)) as server:
        pages(tmp_path / "in", server.getsockname()[1])
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "WATCHED": str(log), "INGEST_WORKERS": workers}
        command = [sys.executable, "-m", "ingest", "run", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=100)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert not log.exists(), log.read_text()
    assert done.returncode == 0, done.stderr
    assert "records   5 = " in done.stderr, done.stderr


def test_the_watch_sees_sockets(tmp_path: Path) -> None:
    """The watch itself works: a connection is refused and told."""
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "WATCHED": str(tmp_path / "watched")}
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    assert subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True).returncode == 1
    assert "socket." in (tmp_path / "watched").read_text()
