"""What was learned of sites, as a dataset keeps it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from ingest.dataset import Dataset
from ingest.sites import store
from ingest.sites.contributions import SCHEMA
from ingest.sites.store import ContributionStore


def rows(*digests: str) -> pa.RecordBatch:
    """Two pages of each source."""
    empty = {"site": None, "identity": 1, "lines": [4], "masks": [8], "head_day_first": 0, "head_month_first": 0}
    found = [{"digest": digest, "page": f"{digest}{n}", **empty} for digest in digests for n in range(2)]
    return pa.RecordBatch.from_pylist(found, SCHEMA)


def pages(known: ContributionStore, *digests: str) -> list[str]:
    return sorted(page for table in known.of({*digests}) for page in table["page"].to_pylist())


def test_sources_are_counted_once(tmp_path: Path) -> None:
    """A source whose pages stand in two files, as after a killed `compact`, or in another version, counts once."""
    with Dataset.open(tmp_path / "out", create=True).lock() as dataset:
        store.save(dataset, "old", ["a"], [rows("a")])
        known = ContributionStore(dataset, "new")
        assert (known.learned, pages(known, "a")) == (set(), ["a0", "a1"])
        for group in (["a"], ["b", "c"], ["a", "b", "c"]):
            known.add(group, [rows(*group)])
            known.add(group, [rows(*group)])
        for found in (known, ContributionStore(dataset, "new")):
            assert found.learned == {"a", "b", "c"}
            assert pages(found, "a", "b", "z") == ["a0", "a1", "b0", "b1"]


@pytest.mark.parametrize("limit", [1, 10**9])
def test_gathering_leaves_out_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Small files become one, version by version; sources that the dataset no longer holds are dropped from all."""

    class Ledger:
        @staticmethod
        def entries() -> list[object]:
            return [type("Entry", (), {"digest": digest}) for digest in "abcd"]

    monkeypatch.setattr(Dataset, "ledger", lambda self: Ledger)
    with Dataset.open(tmp_path / "out", create=True).lock() as dataset:
        for group in (["a", "x"], ["b"], ["c"]):
            store.save(dataset, "new", group, [rows(*group)])
        store.save(dataset, "old", ["d"], [rows("d")])
        store.save(dataset, "older", ["y"], [rows("y")])
        assert store.gather(dataset, target_bytes=limit) == (5, 2 if limit > 1 else 4)
        known = ContributionStore(dataset, "new")
        assert pages(known, *"abcdxy") == ["a0", "a1", "b0", "b1", "c0", "c1", "d0", "d1"]
        assert store.gather(dataset, target_bytes=limit)[0] == store.gather(dataset, target_bytes=limit)[1]
