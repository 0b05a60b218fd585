"""State files: small things beside the tables, such as site profiles and run records, written atomically."""

from __future__ import annotations

from ingest.dataset import layout
from ingest.errors import DatasetError
from ingest.storage import Storage
from ingest.storage.disk import disk_errors

# what the dataset itself keeps in the same folder
_RESERVED = frozenset({"ledger", "dropped", "staging", "dataset.json", "epoch", "lock", "lock.clock", "lock.owner"})


def put_state(storage: Storage, name: str, data: bytes) -> None:
    """Write a state file in one step."""
    path = _path(name)
    with disk_errors("write", storage.at(path)):
        storage.prepare([path.rpartition("/")[0]])
        storage.replace(path, data)


def get_state(storage: Storage, name: str) -> bytes | None:
    """Content of a state file; None if there is none."""
    path = _path(name)
    with disk_errors("read", storage.at(path)):
        try:
            return storage.read(path)
        except FileNotFoundError:
            return None


def list_state(storage: Storage, prefix: str = "") -> list[str]:
    """Names of all state files that start with `prefix`, sorted."""
    folder = f"{layout.META}/{prefix}".rpartition("/")[0]
    found = (path.removeprefix(f"{layout.META}/") for path in storage.walk(folder))
    return sorted(name for name in found if name.startswith(prefix) and _is_state(name))


def delete_state(storage: Storage, name: str) -> bool:
    """Delete a state file; False if there was none."""
    path = _path(name)
    with disk_errors("delete", storage.at(path)):
        if storage.is_missing(path):
            return False
        storage.remove([path])
        return True


def _is_state(name: str) -> bool:
    first, _, _ = name.partition("/")
    return first not in _RESERVED and not name.rpartition("/")[2].startswith(".")


def _path(name: str) -> str:
    parts = name.split("/")
    if any(not part or part.startswith(".") or "\0" in part for part in parts) or parts[0] in _RESERVED:
        raise DatasetError(f"{name!r} is no name for a state file", hint="use names like runs/<run id>.json")
    if name.endswith((".parquet", ".tmp")):
        raise DatasetError(f"state file {name!r} must not end in .parquet or .tmp", hint="use another suffix")
    return f"{layout.META}/{name}"
