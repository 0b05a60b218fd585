"""Which files and objects a run is asked to read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fnmatch import translate
from pathlib import Path

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.storage.places import Place, as_place, exists


def find_sources(
    arguments: Iterable[str | os.PathLike[str]], ignore: Iterable[str] = (), outside: Place | None = None
) -> tuple[list[SourceFile], list[Place]]:
    """All files below the arguments, sorted by path, and what was left out by the `ignore` patterns.

    A file named by the user is always taken; patterns hold for what a folder contains. Links to folders are not
    followed, so that a walk always ends. Nothing in the folder `outside`, the dataset that is written to, is a source.

    Raises:
        SourceError: an argument does not exist, or a folder cannot be listed.
        ConfigError: an argument is a URL that cannot be used.
    """
    walk = _Walk(ignore, outside)
    found: dict[str, SourceFile] = {}
    for argument in arguments:
        given = as_place(argument)
        root = root_of(given)
        if isinstance(given, str):
            for source in walk.objects(given, root):
                found.setdefault(source.location, source)
            continue
        for name in walk.below(root) if given.is_dir() else walk.named(root, given.name):
            with suppress(FileNotFoundError):  # gone since the folder was listed
                source = SourceFile.at(root, name)
                found.setdefault(source.location, source)
    return sorted(found.values(), key=lambda source: source.path), sorted(walk.ignored, key=str)


def roots_of(arguments: Iterable[str | os.PathLike[str]]) -> set[str]:
    """The folders to which the paths of the arguments' files are relative, as `SourceFile.root` writes them."""
    return {SourceFile.root_name(root_of(argument)) for argument in arguments}


def root_of(argument: str | os.PathLike[str]) -> str:
    """The folder itself, or that of a file, without links; of objects a URL. Raises SourceError if there is no such
    thing.
    """
    given = as_place(argument)
    if isinstance(given, str):
        return _root_url(given)
    if not given.exists():
        raise SourceError(f"{given}: no such file or folder", hint="check the path, or give another SOURCE")
    return os.path.realpath(given if given.is_dir() else given.parent)


def _root_url(url: str) -> str:
    """An object has the name it ends in; all else is taken for what lies below it, as long as something does."""
    with _told(url):
        if exists(url):
            return url.rpartition("/")[0]
        from ingest.storage.objects import below

        if next(below(url), None) is None:
            raise SourceError(f"{url}: no such object, and none below it", hint="check the URL, or give another SOURCE")
    return url


@contextmanager
def _told(url: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "check the bucket, its permissions, credentials and network"
        raise SourceError(f"{url}: cannot be listed: {error.strerror or error}", hint=hint) from None


class _Walk:
    """Lists files below folders, and remembers what it left out."""

    def __init__(self, ignore: Iterable[str], outside: Place | None) -> None:
        # one expression, and no Path objects: there may be a hundred thousand files, most of them known
        self._skip = re.compile("|".join(map(translate, ignore)) or "(?!)").match
        self._outside = None if outside is None else outside if isinstance(outside, str) else os.path.realpath(outside)
        self.ignored: list[Place] = []

    def below(self, root: str) -> Iterator[str]:
        """Paths relative to the root, in no particular order."""
        prefixes = [""] if self._is_source(root) else []
        while prefixes:
            prefix = prefixes.pop()
            try:
                entries = list(os.scandir(os.path.join(root, prefix)))
            except OSError as error:
                raise SourceError(f"{error.filename}: folder cannot be read: {error.strerror}") from None
            for entry in entries:
                path = prefix + entry.name
                if self._skip(entry.name):
                    self.ignored.append(Path(entry.path))
                elif entry.is_dir(follow_symlinks=False):
                    if self._is_source(entry.path):
                        prefixes.append(path + os.sep)
                elif entry.is_file():
                    if not entry.is_symlink() or self._is_source(entry.path):
                        yield path
                else:  # links to folders, pipes, devices
                    self.ignored.append(Path(entry.path))

    def named(self, root: str, name: str) -> Iterator[str]:
        """The one file that the user named."""
        if self._is_source(os.path.join(root, name)):
            yield name

    def objects(self, url: str, root: str) -> Iterator[SourceFile]:
        """The object that the user named, or all below its URL; names that end in a slash stand for folders."""
        from ingest.storage.objects import below

        if url != root:
            with _told(url):
                yield SourceFile.at(root, url.rpartition("/")[2])
            return
        with _told(url):
            for name, found in below(url):
                inside = self._outside is not None and f"{root}/{name}".startswith(f"{self._outside}/")
                if inside or any(map(self._skip, name.split("/"))):
                    self.ignored.append(f"{root}/{name}")
                else:
                    yield SourceFile.of_object(root, name, found)

    def _is_source(self, path: str) -> bool:
        """False, and remembered, for what lies in the folder that is written to."""
        if self._outside is None:
            return True
        real = os.path.realpath(path)
        if real == self._outside or real.startswith(self._outside + os.sep):
            self.ignored.append(Path(path))
            return False
        return True
