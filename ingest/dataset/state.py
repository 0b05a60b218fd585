"""State files: small things beside the tables, such as site profiles and run records, written atomically."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from ingest.dataset import disk, layout
from ingest.errors import DatasetError

# what the dataset itself keeps in the same folder
_RESERVED = frozenset({"ledger", "dropped", "staging", "dataset.json", "epoch", "lock", "lock.owner"})


def put_state(root: Path, name: str, data: bytes) -> None:
    path = _path(root, name)
    with disk.disk_errors("write", path):
        for folder in reversed(path.relative_to(root / layout.META).parents[:-1]):
            disk.make_folder(root / layout.META / folder)
        disk.write_atomically(path, data)


def get_state(root: Path, name: str) -> bytes | None:
    path = _path(root, name)
    with disk.disk_errors("read", path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def list_state(root: Path, prefix: str = "") -> list[str]:
    """Names of all state files that start with `prefix`, sorted."""
    meta = root / layout.META
    found = []
    for folder, folders, files in os.walk(meta / prefix.rpartition("/")[0]):
        relative = PurePosixPath(Path(folder).relative_to(meta).as_posix())
        if relative == PurePosixPath("."):
            folders[:] = [name for name in folders if name not in _RESERVED]
            files = [name for name in files if name not in _RESERVED]
        found += [str(relative / name) for name in files if not name.startswith(".")]
    return sorted(name for name in found if name.startswith(prefix))


def delete_state(root: Path, name: str) -> bool:
    path = _path(root, name)
    with disk.disk_errors("delete", path):
        return disk.remove(path)


def _path(root: Path, name: str) -> Path:
    parts = name.split("/")
    if any(not part or part.startswith(".") or "\0" in part for part in parts) or parts[0] in _RESERVED:
        raise DatasetError(f"{name!r} is no name for a state file", hint="use names like runs/<run id>.json")
    if name.endswith((".parquet", ".tmp")):
        raise DatasetError(f"state file {name!r} must not end in .parquet or .tmp", hint="use another suffix")
    return root / layout.META / name
