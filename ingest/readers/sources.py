"""Which files and objects a run is asked to read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fnmatch import translate
from pathlib import Path
from typing import NamedTuple

from ingest.dataset import SourceFile
from ingest.dataset.layout import MARKER, OWN, REPORT
from ingest.errors import SourceError
from ingest.storage.locations import Place, as_place, exists, is_url


class Absent(NamedTuple):
    """An argument that is not there, or a URL below which nothing can be found."""

    argument: str
    reason: str
    remedy: str


class Found(NamedTuple):
    """What lies below some arguments.

    Attributes:
        sources: sorted by path; a folder that cannot be listed is one, with an `error`.
        ignored: what was left out, by the `ignore` patterns or as no file.
        datasets: folders of datasets, whose own files are no sources.
        absent: arguments that are not there, beside others that are.
        sidecars: paths of files that were read as sidecars and are no documents.
        notes: what is worth telling of sidecars, with counts.
    """

    sources: list[SourceFile]
    ignored: list[Place]
    datasets: list[Place]
    absent: list[Absent]
    sidecars: frozenset[str] = frozenset()
    notes: Mapping[str, int] = {}


def find_sources(
    arguments: Iterable[str | os.PathLike[str]], ignore: Iterable[str] = (), outside: Iterable[Place] = ()
) -> Found:
    """All files below the arguments.

    A file named by the user is always taken; patterns hold for what a folder contains. Links to folders are not
    followed, so that a walk always ends. Nothing in the folders `outside`, those of the dataset that is written to, is
    a source, nor what another dataset below an argument keeps for itself.

    What cannot be looked at costs itself: a file, link or folder becomes a source with an `error`, an argument that is
    not there is told, the rest is found.

    Raises:
        SourceError: none of the arguments exists.
        ConfigError: an argument is a URL that cannot be used.
    """
    walk = _Walk(ignore, outside)
    found: dict[str, SourceFile] = {}
    there, errors = _rooted(arguments)
    for given, root in there:
        if isinstance(given, str):
            for source in walk.objects(given, root):
                found.setdefault(source.location, source)
            continue
        for name in walk.below(root) if os.path.isdir(given) else walk.named(root, given.name):
            with suppress(FileNotFoundError):  # gone since the folder was listed
                source = SourceFile.at(root, name)
                found.setdefault(source.location, source)
    found.update((source.location, source) for source in walk.unlistable)
    return Found(
        sorted(found.values(), key=lambda source: source.path),
        sorted(walk.ignored, key=str),
        sorted(set(walk.datasets), key=str),
        [_absent(given, error) for given, error in errors],
    )


def roots_of(arguments: Iterable[str | os.PathLike[str]]) -> set[str]:
    """The folders to which the paths of the arguments' files are relative, as `SourceFile.root` writes them, without
    those of arguments that are not there.
    """
    return {SourceFile.root_name(root) for _, root in _rooted(arguments)[0]}


def _rooted(
    arguments: Iterable[str | os.PathLike[str]],
) -> tuple[list[tuple[Place, str]], list[tuple[Place, SourceError]]]:
    """The arguments that are there with their roots, the others with what is wrong. Raises SourceError where all are
    others.
    """
    there: list[tuple[Place, str]] = []
    errors: list[tuple[Place, SourceError]] = []
    for given in map(as_place, arguments):
        try:
            there.append((given, root_of(given)))
        except SourceError as error:
            errors.append((given, error))
    if errors and not there:
        raise errors[0][1]
    return there, errors


def _absent(given: Place, error: SourceError) -> Absent:
    return Absent(SourceFile.root_name(given), error.message.removeprefix(f"{given}: "), error.hint)


def root_of(argument: str | os.PathLike[str]) -> str:
    """The folder itself, or that of a file, without links; of objects a URL. Raises SourceError if there is no such
    thing.
    """
    given = as_place(argument)
    if isinstance(given, str):
        return _root_url(given)
    try:
        os.stat(given)
    except (FileNotFoundError, NotADirectoryError):
        raise SourceError(
            f"{given}: no such file or folder", source=given, hint="check the path, or give another SOURCE"
        ) from None
    except OSError:
        pass  # it is there, and will be told with the reason why it cannot be read
    return os.path.realpath(given if os.path.isdir(given) else given.parent)


def _root_url(url: str) -> str:
    """An object has the name it ends in; all else is taken for what lies below it, as long as something does."""
    with _told(url):
        if exists(url):
            return url.rpartition("/")[0]
        from ingest.storage.objects import below

        if next(below(url), None) is None:
            raise SourceError(
                f"{url}: no such object, and none below it", source=url, hint="check the URL, or give another SOURCE"
            )
    return url


@contextmanager
def _told(url: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "check the bucket, its permissions, credentials and network"
        raise SourceError(f"{url}: cannot be listed: {error.strerror or error}", source=url, hint=hint) from None


class _Walk:
    """Lists files below folders, and remembers what it left out and what it could not list."""

    def __init__(self, ignore: Iterable[str], outside: Iterable[Place]) -> None:
        # one expression, and no Path objects: there may be a hundred thousand files, most of them known
        self._skip = re.compile("|".join(map(translate, ignore)) or "(?!)").match
        self._outside = [str(place) if is_url(place) else os.path.realpath(place) for place in outside]
        self.ignored: list[Place] = []
        self.datasets: list[Place] = []
        self.unlistable: list[SourceFile] = []

    def below(self, root: str) -> Iterator[str]:
        """Paths relative to the root, in no particular order."""
        prefixes = [""] if self._is_source(root) else []
        while prefixes:
            prefix = prefixes.pop()
            entries = self._entries(root, prefix)
            skipped = self._own_of_dataset(root, prefix, entries)
            for entry in entries:
                path = prefix + entry.name
                try:
                    if self._skip(entry.name):
                        self.ignored.append(Path(entry.path))
                    elif entry.name in skipped:
                        continue
                    elif entry.is_dir(follow_symlinks=False):
                        if self._is_source(entry.path):
                            prefixes.append(path + os.sep)
                    elif entry.is_file():
                        if not entry.is_symlink() or self._is_source(entry.path):
                            yield path
                    else:  # links to folders, pipes, devices
                        self.ignored.append(Path(entry.path))
                except OSError:  # a link to itself, a disk that is gone: whoever looks again tells the reason
                    yield path

    def _entries(self, root: str, prefix: str) -> list[os.DirEntry[str]]:
        """What a folder holds, as far as it can be listed."""
        found: list[os.DirEntry[str]] = []
        try:
            with os.scandir(os.path.join(root, prefix)) as entries:
                found.extend(entries)
        except FileNotFoundError:
            pass  # gone since its own folder was listed
        except OSError as error:
            self.unlistable.append(SourceFile.unlistable(root, prefix.rstrip(os.sep).replace(os.sep, "/"), error))
        return found

    def _own_of_dataset(self, root: str, prefix: str, entries: list[os.DirEntry[str]]) -> frozenset[str]:
        """The names in a folder that are a dataset's own; none where it is no dataset."""
        if not any(entry.name == _META for entry in entries):
            return frozenset()
        folder = os.path.join(root, prefix)
        if not os.path.exists(os.path.join(folder, MARKER)):
            return frozenset()
        self.datasets.append(Path(folder))
        return _OWN

    def named(self, root: str, name: str) -> Iterator[str]:
        """The one file that the user named."""
        if self._is_source(os.path.join(root, name)):
            yield name

    def objects(self, url: str, root: str) -> Iterator[SourceFile]:
        """The object that the user named, or all below its URL; names that end in a slash stand for folders."""
        from ingest.storage.objects import Found as Object
        from ingest.storage.objects import below

        if url != root:
            with _told(url):
                yield SourceFile.at(root, url.rpartition("/")[2])
            return
        listed: list[tuple[str, Object]] = []
        try:
            listed.extend(below(url))
        except OSError as error:
            self.unlistable.append(SourceFile.unlistable(root, "", error))
        datasets = {name.removesuffix(MARKER) for name, _ in listed if f"/{name}".endswith(f"/{MARKER}")}
        self.datasets += [f"{root}/{prefix}".rstrip("/") for prefix in datasets if self._is_source(f"{root}/{prefix}")]
        for name, found in listed:
            if datasets and _is_own(name, datasets):
                continue
            if not self._is_source(f"{root}/{name}"):
                continue
            if any(map(self._skip, name.split("/"))):
                self.ignored.append(f"{root}/{name}")
            else:
                yield SourceFile.of_object(root, name, found)

    def _is_source(self, path: str) -> bool:
        """False, and remembered, for what lies in a folder that is written to."""
        if not self._outside:
            return True
        sep = "/" if is_url(path) else os.sep
        real = path.rstrip("/") if is_url(path) else os.path.realpath(path)
        if any(real == outside or real.startswith(outside + sep) for outside in self._outside):
            self.ignored.append(path if is_url(path) else Path(path))
            return False
        return True


_META = MARKER.partition("/")[0]
_OWN = OWN | {REPORT}


def _is_own(name: str, datasets: set[str]) -> bool:
    """Whether an object is one that a dataset with one of these prefixes keeps for itself."""
    place = 0
    while place >= 0:
        if name[:place] in datasets and name[place:].partition("/")[0] in _OWN:
            return True
        place = name.find("/", place) + 1 or -1
    return False
