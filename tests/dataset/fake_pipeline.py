"""A pipeline small enough to predict, over folders of JSON lines; the fault tests run it in place of the real
one.

Each line is a record. One with a text of at least two words becomes an article without its last line, which
goes to `removed`; anything else is rejected. As a program: `python fake_pipeline.py RAW DATASET [--group N]`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.dataset import Dataset, SourceFile
from ingest.dataset.plan import make_plan
from ingest.errors import IngestError
from ingest.schema import SCHEMAS, TABLES


def rows_of(source: SourceFile, config: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of one source, by table."""
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    lines = [] if source.error else Path(source.location).read_bytes().splitlines()
    for number, line in enumerate(lines or [b""]):
        id_ = blake2b(f"{source.digest} {number}".encode(), digest_size=16).hexdigest()
        common = {"id": id_, "source_path": source.path, "source_record": number}
        version = {"pipeline_version": "0", "config_hash": config, "ingested_at": 0}
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError):
            rows["rejected"].append({**common, **version, "outcome": "invalid", "reason": "no JSON"})
            continue
        body, _, last = text.rpartition("\n")
        if len(body.split()) < 2:
            rows["rejected"].append({**common, **version, "outcome": "too-short", "reason": "too short"})
            continue
        digest = sha256(body.encode()).hexdigest()
        rows["articles"].append({**common, **version, "text": body, "text_sha256": digest})
        rows["removed"].append({**common, "line": 2, "text": last, "role": "navigation", "stage": "fake"})
    return rows


def to_batch(table: str, rows: list[dict[str, Any]]) -> Any:
    schema = SCHEMAS[table]
    return pa.RecordBatch.from_pylist([{**dict.fromkeys(schema.names), **row} for row in rows], schema)


def sources_in(raw: Path) -> Iterator[SourceFile]:
    for path in sorted(raw.rglob("*")):
        if path.is_file():
            yield SourceFile.at(raw, path.relative_to(raw))


def run(raw: Path, out: Path, *, config: str = "c1", group: int = 3, run_id: str = "run", **options: Any) -> None:
    """One run as the real pipeline makes it: lock, recover, plan, retire, a part per group, a run record."""
    with Dataset.open(out, create=True).lock() as dataset:
        dataset.recover()
        plan = make_plan(dataset.ledger(), sources_in(raw), config, **options)
        dataset.retire(plan.retire, run_id)
        for start in range(0, len(plan.todo), group):
            sources = plan.todo[start : start + group]
            with dataset.writer(sources, config, run_id, pipeline_version="0") as part:
                for source in sources:
                    for table, rows in rows_of(source, config).items():
                        part.write(table, to_batch(table, rows))
                part.commit()
        dataset.put_state(f"runs/{run_id}.json", json.dumps({"parts": len(plan.todo)}).encode())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--group", type=int, default=3)
    arguments = parser.parse_args()
    try:
        run(arguments.raw, arguments.dataset, group=arguments.group)
    except IngestError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
