#!/usr/bin/env python3
"""A run on a cluster of separate processes that loses machines in the middle, compared with a run on this machine.

    scripts/demo_cluster.py                  # a Dask scheduler and 4 workers, started by their command line
    scripts/demo_cluster.py --namespaces     # each worker as a host with an address of its own (Linux, root, `ip`)
    scripts/demo_cluster.py --s3             # sources and dataset on a server of S3 (extra `s3-test`)

After the first parts are committed, one worker is killed with all its processes; with --namespaces another one loses
its network, too, and goes on working where nobody hears it. Prints what was measured, and exits with 1 if a row is
lost, doubled or different, or if `ingest verify` finds anything.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from same_rows import TABLES, differences, ordered

from ingest.dataset import Dataset, open_dataset

PART_BYTES = 400_000
WORDS = ["the", "pond", "was", "measured", "again", "rope", "from", "north", "to", "south", "and", "mayor", "relief"]
BRIDGE, NET = "ingest0", "10.77.0"
PYTHON = Path(sys.executable)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--pages", type=int, default=4000)
    parser.add_argument("--namespaces", action="store_true", help="workers in network namespaces of their own")
    parser.add_argument("--s3", action="store_true", help="sources and dataset on object storage")
    arguments = parser.parse_args()
    count = arguments.workers
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ingest-demo-")))
        raw = make_pages(folder / "raw", arguments.pages)
        here = f"{NET}.1" if arguments.namespaces else "127.0.0.1"
        hosts = stack.enter_context(network(count)) if arguments.namespaces else [Host(f"w{n}") for n in range(count)]
        size = sum(path.stat().st_size for path in raw.iterdir())
        print(
            f"{arguments.pages} pages in {len(list(raw.iterdir()))} files, {size / 1e6:.1f} MB; {os.cpu_count()} CPUs"
        )

        seconds, _ = ingest(str(raw), str(folder / "local"), "--workers", "2")
        print(f"this machine, 2 workers: {seconds:.1f} s")
        sources, output = str(raw), str(folder / "cluster")
        if arguments.s3:
            bucket = s3(folder, raw, here, stack)
            sources, output = f"{bucket}/raw", f"{bucket}/corpus"

        address = dask(folder, hosts, here, stack)
        before = traffic() if arguments.namespaces else 0
        seconds, told = ingest(
            sources, output, "--engine", "dask", "--engine-address", address,
            meanwhile=lambda: lose(output, hosts, unplug=arguments.namespaces),
        )  # fmt: skip
        print(f"dask, {count} workers, {address}: {seconds:.1f} s")
        if arguments.namespaces:
            print(f"over the network between the hosts: {(traffic() - before) / 1e6:.2f} MB")
        print(told.strip())
        return report(str(folder / "local"), output)


def make_pages(folder: Path, pages: int) -> Path:
    """Many small files and a large one, which is worked on in segments; some pages cannot be used."""
    folder.mkdir()
    draw = random.Random(7)
    small = [range(start, min(start + 100, pages * 3 // 4)) for start in range(0, pages * 3 // 4, 100)]
    for name, numbers in [*enumerate(small), ("large", range(pages * 3 // 4, pages))]:
        with (folder / f"{name:0>5}.jsonl").open("w") as file:
            for number in numbers:
                body = [" ".join(draw.choices(WORDS, k=40)).capitalize() + "." for _ in range(8)]
                lines = [f"The Gazette of site {number % 9}", "Home | News | Sport", f"Report {number}", *body, "Share"]
                row = {"text": "\n\n".join(lines), "url": f"http://site{number % 9}.example/{number}"}
                file.write((json.dumps(row) if number % 500 else '{"text": ') + "\n")
    return folder


def ingest(sources: str, output: str, *options: str, meanwhile: Callable[[], None] = lambda: None) -> tuple[float, str]:
    """Run `ingest run`; returns its seconds and what it says."""
    command = [PYTHON.with_name("ingest"), "run", sources, "-o", output, *options]
    settings = {"INGEST_PART_BYTES": str(PART_BYTES), "INGEST_SETTLE": "0"}
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, env={**os.environ, **settings}, stderr=told)
        meanwhile()
        code = process.wait()
        told.seek(0)
        text = told.read()
    if code not in (0, 3):
        sys.exit(f"ingest ended with {code}: {text}")
    return time.monotonic() - started, text


class Host:
    """Where a worker runs: this machine, or a network namespace with an address of its own."""

    def __init__(self, name: str, address: str = "127.0.0.1", namespace: str = "") -> None:
        self.name, self.address, self.namespace = name, address, namespace
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, log: Path, *command: str, **environment: str) -> None:
        prefix = ["ip", "netns", "exec", self.namespace] if self.namespace else []
        with log.open("ab") as file:
            self._processes.append(
                subprocess.Popen(
                    [*prefix, *command], stdout=file, stderr=file, start_new_session=True,
                    env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
                )
            )  # fmt: skip

    def kill(self) -> None:
        """All at once, as a power cut does."""
        for process in self._processes:
            for pid in [process.pid, *descendants(process.pid)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def unplug(self) -> None:
        sh("ip", "link", "set", f"v-{self.namespace}", "down")


def dask(folder: Path, hosts: list[Host], here: str, stack: ExitStack) -> str:
    """A scheduler and a worker on each host; returns the address."""
    file, log = folder / "scheduler.json", folder / "dask.log"
    command = [str(PYTHON), "-m", "dask"]
    head = Host("scheduler", here)
    stack.callback(head.kill)
    head.start(
        log, *command, "scheduler", "--host", here, "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    )
    until(file.exists, "the scheduler")
    address: str = json.loads(file.read_text())["address"]
    for host in hosts:
        stack.callback(host.kill)
        options = ["--nthreads", "1", "--host", host.address, "--no-dashboard", "--local-directory", str(folder)]
        host.start(log, *command, "worker", address, "--name", host.name, "--memory-limit", "0", *options)
    return address


@contextmanager
def network(count: int) -> Iterator[list[Host]]:
    """Hosts on a bridge of this machine, gone at the end of the block."""
    hosts = [Host(f"w{n}", f"{NET}.{n + 10}", f"ingest-w{n}") for n in range(count)]
    try:
        sh("ip", "link", "add", BRIDGE, "type", "bridge")
        sh("ip", "address", "add", f"{NET}.1/24", "dev", BRIDGE)
        sh("ip", "link", "set", BRIDGE, "up")
        for host in hosts:
            inside = ["ip", "-n", host.namespace]
            sh("ip", "netns", "add", host.namespace)
            sh("ip", "link", "add", f"v-{host.namespace}", "type", "veth", "peer", "eth0", "netns", host.namespace)
            sh("ip", "link", "set", f"v-{host.namespace}", "master", BRIDGE, "up")
            sh(*inside, "address", "add", f"{host.address}/24", "dev", "eth0")
            sh(*inside, "link", "set", "eth0", "up")
            sh(*inside, "link", "set", "lo", "up")
        yield hosts
    finally:
        for host in hosts:
            host.kill()
            subprocess.run(["ip", "netns", "delete", host.namespace], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["ip", "link", "delete", BRIDGE], stderr=subprocess.DEVNULL, check=False)


def lose(output: str, hosts: list[Host], *, unplug: bool) -> None:
    """When two parts are committed, kill the first host; and cut the second one off."""
    until(lambda: committed(output) >= 2, "two parts", 300)
    hosts[0].kill()
    print(f"killed {hosts[0].name} when {committed(output)} parts were committed")
    if unplug:
        hosts[1].unplug()
        print(f"cut {hosts[1].name} off the network")


def committed(output: str) -> int:
    with suppress(Exception):  # not there yet
        return len(Dataset.open(output).ledger().records)
    return 0


def report(local: str, output: str) -> int:
    """Compare all rows, and verify the dataset."""
    lost = 0
    for table in TABLES:
        one, other = (ordered(open_dataset(place).table(table)) for place in (local, output))
        found = differences(one, other)
        lost += len(found)
        print(
            f"{table}: {len(one)} rows here, {len(other)} from the cluster, " + ("different" if found else "the same")
        )
        print(*found[:5], sep="\n") if found else None
    findings = Dataset.open(output).verify().findings
    print(f"verify: {len(findings)} findings", *findings, sep="\n  ")
    return 1 if lost or findings else 0


def s3(folder: Path, raw: Path, here: str, stack: ExitStack) -> str:
    """A server of S3 with the sources, and an environment that leads there; returns the URL of its bucket."""
    server, address = Host("s3", here), f"http://{here}:5390"
    stack.callback(server.kill)
    code = "import sys; from moto.server import main; main(sys.argv[1:])"
    server.start(folder / "s3.log", str(PYTHON), "-c", code, "-H", here, "-p", "5390")
    until(lambda: reached(address), "the server of S3")
    for name, content in [("", b""), *((f"/raw/{path.name}", path.read_bytes()) for path in raw.iterdir())]:
        kind = {"Content-Type": "application/octet-stream"}
        put = urllib.request.Request(f"{address}/demo{name}", content, kind, method="PUT")
        urllib.request.urlopen(put, timeout=60).close()
    os.environ.update(
        AWS_ACCESS_KEY_ID="demo", AWS_SECRET_ACCESS_KEY="demo", AWS_REGION="us-east-1", AWS_ENDPOINT_URL=address
    )
    return "s3://demo"


def reached(address: str) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(address, timeout=5).close()
        return True
    return False


def traffic() -> int:
    """Bytes that the bridge has passed on, in both directions."""
    folder = Path("/sys/class/net", BRIDGE, "statistics")
    return sum(int((folder / name).read_text()) for name in ("rx_bytes", "tx_bytes"))


def descendants(pid: int) -> list[int]:
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def until(done: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.05)


def sh(*command: str) -> None:
    if shutil.which(command[0]) is None:
        sys.exit(f"{command[0]} is needed: install iproute2")
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
