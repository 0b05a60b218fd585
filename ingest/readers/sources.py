"""Which files a run is asked to read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

from ingest.dataset import SourceFile
from ingest.errors import SourceError


def find_sources(arguments: Iterable[str | Path], ignore: Iterable[str] = ()) -> tuple[list[SourceFile], list[Path]]:
    """All files below the arguments, sorted by path, and what was left out by the `ignore` patterns.

    A file named by the user is always taken; patterns hold for what a folder contains. Links to folders are not
    followed, so that a walk always ends.

    Raises:
        SourceError: an argument does not exist, or a folder cannot be listed.
    """
    patterns = tuple(ignore)
    found: dict[Path, SourceFile] = {}
    ignored: list[Path] = []
    for argument in arguments:
        given = Path(argument)
        if not given.exists():
            raise SourceError(f"{given}: no such file or folder", hint="check the path, or give another SOURCE")
        root = (given if given.is_dir() else given.parent).resolve()
        names = _walk(root, patterns, ignored) if given.is_dir() else iter([given.name])
        for name in names:
            with suppress(FileNotFoundError):  # gone since the folder was listed
                found.setdefault(root / name, SourceFile.at(root, name))
    return sorted(found.values(), key=lambda source: source.path), sorted(ignored)


def _walk(root: Path, patterns: tuple[str, ...], ignored: list[Path]) -> Iterator[str]:
    stack = [root]
    while stack:
        try:
            entries = sorted(os.scandir(stack.pop()), key=lambda entry: entry.name)
        except OSError as error:
            raise SourceError(f"{error.filename}: folder cannot be read: {error.strerror}") from None
        for entry in entries:
            if any(fnmatch(entry.name, pattern) for pattern in patterns):
                ignored.append(Path(entry.path))
            elif entry.is_dir(follow_symlinks=False):
                stack.append(Path(entry.path))
            elif entry.is_file():
                yield os.path.relpath(entry.path, root)
            else:  # links to folders, pipes, devices
                ignored.append(Path(entry.path))
