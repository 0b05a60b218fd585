"""Folders of JSON lines beside a dataset, and runs over them that write articles and mark duplicates."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest import duplicates
from ingest.dataset import Dataset, SourceFile, open_dataset
from ingest.dataset.plan import make_plan
from ingest.dataset.status import status_of
from ingest.duplicates.result import Found, Mode
from ingest.schema import SCHEMAS, TABLES

LONG_AGO = 1_600_000_000

Article = tuple[str, "int | None"]
"""Text, and year of publication."""


class SmallWorld:
    def __init__(self, root: Path) -> None:
        self.raw, self.out = root / "raw", root / "out"
        self.raw.mkdir(parents=True)
        self.ticks = 0

    def put(self, name: str, *articles: Article) -> None:
        path = self.raw / name
        path.write_text(
            "".join(json.dumps({"name": name, "n": n, "article": a}) + "\n" for n, a in enumerate(articles))
        )
        self.ticks += 10
        os.utime(path, (LONG_AGO + self.ticks,) * 2)

    def run(self, *names: str, mode: Mode = "exact", drop: bool = False, group: int = 3, marking: bool = True) -> Found:
        """Write what is new or changed among the sources `names` (default all), then mark duplicates."""
        given = [SourceFile.at(self.raw, name) for name in names or sorted(os.listdir(self.raw))]
        with Dataset.open(self.out, create=True).lock() as dataset:
            plan = make_plan(dataset.ledger(), given, "c")
            dataset.retire(plan.retire, "run")
            for start in range(0, len(plan.todo), group):
                sources = plan.todo[start : start + group]
                with dataset.writer(sources, "c", "run", pipeline_version="0") as part:
                    for source in sources:
                        for table, rows in rows_of(source).items():
                            part.write(table, rows)
                    part.commit()
            if not marking:
                return Found()
            return duplicates.mark(dataset, "run", mode=mode, drop=drop)

    def retire(self, *names: str, **options: Any) -> None:
        for name in names:
            (self.raw / name).unlink()
        with Dataset.open(self.out).lock() as dataset:
            dataset.retire(names, "run")
        self.run(**options)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """All rows, in an order that does not depend on parts."""
        tables = open_dataset(self.out).tables()
        return {name: sorted(tables[name].to_pylist(), key=repr) for name in TABLES}

    def marks(self) -> dict[str, str | None]:
        """Title of the original by title (`source#record`) of each article."""
        rows = open_dataset(self.out).table("articles").to_pylist()
        titles = {row["id"]: row["title"] for row in rows}
        return {row["title"]: row["duplicate_of"] and titles[row["duplicate_of"]] for row in rows}

    def outcomes(self) -> dict[str, int]:
        return status_of(Dataset.open(self.out)).outcomes

    def findings(self) -> list[Any]:
        return Dataset.open(self.out).verify().findings


def rows_of(source: SourceFile) -> dict[str, pa.RecordBatch]:
    articles, removed = [], []
    for number, line in enumerate(Path(source.location).read_text().splitlines()):
        text, year = json.loads(line)["article"]
        common = {
            "id": blake2b(f"{source.digest} {number}".encode(), digest_size=16).hexdigest(),
            "source_path": source.path,
            "source_record": number,
        }
        published = datetime(year, 1, 1) if year else None
        digest = sha256(text.encode()).hexdigest()
        title = f"{source.path}#{number}"
        articles.append({**common, "title": title, "text": text, "text_sha256": digest, "published": published})
        removed.append({**common, "line": 1, "text": "menu", "role": "navigation"})
    rows = {"articles": articles, "removed": removed, "rejected": []}
    return {table: pa.RecordBatch.from_pylist(rows[table], SCHEMAS[table]) for table in TABLES}


def essay(number: int, words: int = 60) -> list[str]:
    """Words of a text that shares no shingle with that of another number."""
    return [f"{blake2b(f'{number} {n}'.encode(), digest_size=3).hexdigest()}" for n in range(words)]


def text_of(number: int, *, changed: Sequence[int] = (), words: int = 60) -> str:
    """The essay with the words at some places replaced."""
    tokens = essay(number, words)
    for place in changed:
        tokens[place] = "changed"
    return " ".join(tokens)
