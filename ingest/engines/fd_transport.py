"""Messages between a run and its workers: one byte over a socket, and with it the descriptor of an anonymous file.

What is large lies in the file, so a message is sent whole or not at all: neither side can be left with half of one, or
be kept waiting in the middle of one, by a partner that was killed. Files are memory (memfd) where the system has it,
and vanish with the last process that holds them.
"""

from __future__ import annotations

import mmap
import os
import socket
import tempfile
from collections.abc import Callable
from typing import IO, Any


def send(channel: socket.socket, kind: bytes, write: Callable[[IO[bytes]], object]) -> None:
    """Send what `write` writes. `kind` is one byte. Raises OSError if the other side is gone."""
    with _anonymous() as file:
        write(file)
        file.flush()
        socket.send_fds(channel, [kind], [file.fileno()])


def receive(channel: socket.socket) -> tuple[bytes, Any]:
    """(kind, content); the content is a buffer in shared memory. Raises EOFError if the other side is gone."""
    try:
        kind, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    except ConnectionError:
        kind, descriptors = b"", []
    if not descriptors:
        raise EOFError
    [descriptor] = descriptors
    try:
        size = os.fstat(descriptor).st_size
        return kind, mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) if size else b""
    finally:
        os.close(descriptor)


def _anonymous() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("ingest"), "wb")  # closed by the caller's `with`
    return tempfile.TemporaryFile()
