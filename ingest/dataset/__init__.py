"""The dataset on disk: parts, ledger, lock, commit, verify. See docs/dataset.md for the protocol.

with Dataset.open("processed", create=True).lock() as dataset:
    dataset.recover()
    plan = make_plan(dataset.ledger(), sources, config_hash)
    dataset.retire(plan.retire, run_id)
    with dataset.writer(plan.todo, config_hash, run_id) as part:
        part.write("articles", batch)
        part.commit()
"""

from ingest.dataset.ledger import Ledger
from ingest.dataset.plan import Plan, make_plan
from ingest.dataset.reader import Snapshot, open_dataset
from ingest.dataset.records import CommitRecord, PartFile, SourceEntry
from ingest.dataset.sources import SourceFile
from ingest.dataset.status import Status, status_of
from ingest.dataset.store import Dataset
from ingest.dataset.verify import Finding, Verification

__all__ = [
    "CommitRecord",
    "Dataset",
    "Finding",
    "Ledger",
    "PartFile",
    "Plan",
    "Snapshot",
    "SourceEntry",
    "SourceFile",
    "Status",
    "Verification",
    "make_plan",
    "open_dataset",
    "status_of",
]
