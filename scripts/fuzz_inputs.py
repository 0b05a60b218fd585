#!/usr/bin/env python3
"""Throw mutated inputs at readers, decoding, repair, labelling, language and HTML, and count what goes wrong.

    scripts/fuzz_inputs.py --seconds 600                  all targets in turn, mutations of the built-in seeds
    scripts/fuzz_inputs.py --target warc --runs 100000
    scripts/fuzz_inputs.py --replay tests/readers/found   only the cases found so far
    scripts/fuzz_inputs.py --atheris --target archive     guided by coverage (pip install atheris)

A case fails if it raises, takes longer than `--limit` seconds of the processor, or breaks what its target promises:
readers number their items without a gap and give at least one; decoding ends in text or an outcome; each line ends with
a role. Failing inputs are written to `--keep`, by target and hash, and make the program end with 1. The same seed gives
the same inputs. `--state FILE` adds the number of executions to those of earlier runs.

Mutations: bytes changed, cut, doubled, moved and joined with other seeds, and tokens that parsers look for put in.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from inputs.mutations import MAX_INPUT, mutated  # noqa: E402
from inputs.seeds import seeds  # noqa: E402
from inputs.targets import TARGETS  # noqa: E402


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


if __name__ == "__main__":
    sys.exit(main())
