"""An S3 server on this machine, and datasets on it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from dataset.conftest import World

STARTS_WITHIN = 60.0  # seconds


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a moto server (https://docs.getmoto.org), a process of its own."""
    if find_spec("moto") is None or find_spec("flask") is None:
        pytest.skip("needs the extra s3-test")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = "import sys; from moto.server import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            end = time.monotonic() + STARTS_WITHIN
            while time.monotonic() < end and process.poll() is None:
                with suppress(OSError), urllib.request.urlopen(address, timeout=5):
                    break
                time.sleep(0.1)
            else:
                pytest.fail("the S3 server does not start")
            yield address
        finally:
            process.kill()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket, as URL; the environment leads there, for this process and those that it starts."""
    pytest.importorskip("obstore")
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_server,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    bucket = f"bucket-{uuid.uuid4().hex[:12]}"
    urllib.request.urlopen(urllib.request.Request(f"{s3_server}/{bucket}", method="PUT"), timeout=10).close()
    return f"s3://{bucket}"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket in the memory of this process, as URL."""
    obstore_store = pytest.importorskip("obstore.store")
    from ingest.storage import objects

    stores: dict[str, Any] = {}
    monkeypatch.setattr(objects, "_store", lambda bucket, small: stores.setdefault(bucket, obstore_store.MemoryStore()))
    return "s3://memory"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder of sources, and a dataset beside it until a test puts it elsewhere."""
    return World(tmp_path / "world")


@pytest.fixture
def new_world(tmp_path: Path) -> Callable[[str], World]:
    """Make further worlds in the same test."""
    return lambda name: World(tmp_path / name)
