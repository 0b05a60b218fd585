"""Who runs on a corpus: `ingest`, and the programs it is compared with, each a command and how to read its texts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program. `command` gets corpus and output; `texts` reads the texts by number of page back from the output."""

    name: str
    command: Callable[[Path, Path], list[str]]
    texts: Callable[[Path], dict[int, str]]
    prepare: Callable[[Path, Path], Path] = lambda corpus, folder: corpus


def ingest(workers: int) -> Contestant:
    def command(corpus: Path, output: Path) -> list[str]:
        return [sys.executable, "-m", "ingest", "run", str(corpus), "-o", str(output), "-q", "--workers", str(workers)]

    return Contestant(f"ingest, {workers} worker{'s' * (workers > 1)}", command, _articles)


def _articles(output: Path) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in sorted((output / "articles").glob("*.parquet")):
        table = pq.read_table(part, columns=["source_record", "text"])
        found.update(zip(table["source_record"].to_pylist(), table["text"].to_pylist(), strict=True))
    return found


def peers(kind: str, python: str) -> list[Contestant]:
    """The peers for a kind of corpus; `python` is the interpreter that has them installed."""
    if kind not in ("text", "html"):
        return []
    datatrove = Contestant(
        "datatrove" + (" with trafilatura" if kind == "html" else ""),
        lambda corpus, output: [python, str(PEERS / "datatrove_run.py"), kind, str(corpus), str(output)],
        lambda output: {
            int(record["id"]): record["text"]
            for part in sorted(output.glob("*.jsonl"))
            for record in map(json.loads, part.open(encoding="utf-8"))
        },
    )
    if kind == "text":
        return [datatrove]
    resiliparse = Contestant(
        "resiliparse (text alone)",
        lambda corpus, output: [python, str(PEERS / "resiliparse_run.py"), str(corpus), str(output)],
        lambda output: {int(r["id"]): r["text"] for r in map(json.loads, output.open(encoding="utf-8"))},
    )
    trafilatura = Contestant(
        "trafilatura, batch mode",
        lambda folder, output: [
            # with another folder than the current one its `--keep-dirs` writes nothing
            *(
                "env",
                "-C",
                str(folder),
                python,
                "-m",
                "trafilatura.cli",
                "--input-dir",
                ".",
                "--output-dir",
                str(output),
            ),
            *("--json", "--with-metadata", "--keep-dirs", "--parallel", "1"),
        ],
        lambda output: {
            int(file.stem): json.loads(file.read_text(encoding="utf-8")).get("text") or ""
            for file in sorted(output.rglob("*.json"))
        },
        _as_files,
    )
    return [trafilatura, datatrove, resiliparse]


def _as_files(corpus: Path, folder: Path) -> Path:
    """The pages of a JSONL corpus as files, which trafilatura's batch mode wants."""
    folder.mkdir()
    with corpus.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            (folder / f"{number}.html").write_text(json.loads(line)["html"], encoding="utf-8")
    return folder
