"""Sidecars: files that scrapers write beside their pages, which say where, when and by whom these were written.

A file named in the setting `sidecars` that speaks of a page is no document. What it says is part of what the page is
known by (`SourceFile.said`): where it changes, the page is read again. A sidecar with a fault stays a source, which
ends in `rejected`; its pages are read with what else is known.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from ingest.config import Settings
from ingest.config import sidecars as names
from ingest.dataset import SourceEntry, SourceFile
from ingest.readers import jsonl, rows
from ingest.readers.compressed import inner_name
from ingest.readers.limits import Limits
from ingest.readers.sources import Found, find_sources
from ingest.storage.locations import is_url

FILE_KEYS = ("file", "filename", "file_name", "path", "filepath", "file_path", "local_path", "saved_as", "файл")
UP = 2  # folders above that of the page, where a list of pages may lie: a page is told the same by whatever argument
_HTML = {".html", ".htm", ".xhtml"}
_OTHER = {"", ".txt", ".text", ".md", ".php", ".asp", ".aspx", ".shtml"}


class Sidecar(NamedTuple):
    """What one file says: `named` of pages, by path below its folder; `single` of the one page beside it. The values
    are the keys of `Record.given`, and `url`. `faults` tell what of it is of no use, and why.
    """

    named: dict[str, dict[str, str]]
    single: dict[str, str]
    faults: list[str]


def parse(source: SourceFile, of_one: bool, limits: Limits) -> Sidecar:
    """Read a sidecar: an object, an array or lines of objects, or an object of objects by file name.

    `of_one`: its name is made from that of its page. Of a page that is named again the last row counts, as a scraper
    that fetches it anew appends one. Raises FileNotFoundError.
    """
    found = Sidecar({}, {}, [])
    try:
        for where, row in _rows(source, of_one, limits, found.faults):
            if not isinstance(row, dict):
                found.faults.append(f"{where}{rows.type_name(row)}, not an object: write one object a page")
                continue
            name = next((row[key] for key in FILE_KEYS if isinstance(row.get(key), str)), "")
            url, said = rows.told({key: value for key, value in row.items() if key not in FILE_KEYS}, limits)
            said |= {"url": url} if url else {}
            if name and not of_one:
                found.named[name.replace("\\", "/").removeprefix("./")] = said
            elif found.single and found.single != said:
                found.faults.append(f"{where}names no page: name its file in the key `file`")
            else:
                found.single.update(said)
    except FileNotFoundError:
        raise
    except OSError as error:
        found.faults.append(f"cannot be read: {error.strerror or error}")
    return found


def _rows(source: SourceFile, of_one: bool, limits: Limits, faults: list[str]) -> Iterator[tuple[str, Any]]:
    """(place, value) of each row; faults of the JSON are appended."""
    with source.open() as file:
        if source.location.endswith(".json"):
            content = file.read(limits.max_bytes + 1)
            lines: Iterable[bytes | None] = [content if len(content) <= limits.max_bytes else None]
        else:
            head = file.read(4)
            file.seek(0)
            lines = (line for _, _, line in jsonl.lines_of(jsonl.as_utf8(file, head), limits.max_bytes))
        for number, line in enumerate(lines, 1):
            where = "" if source.location.endswith(".json") else f"line {number}: "
            if line is None:
                faults.append(f"{where}longer than max_document_bytes: raise it, or write a line a page into a .jsonl")
            elif line.strip() or not where:
                try:
                    value = jsonl.decode(line, limits)
                except (ValueError, RecursionError) as error:
                    faults.append(f"{where}not valid JSON: {error}: mend or delete it")
                    continue
                yield from [(where, value)] if of_one or where else _listed(value)


def _listed(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"item {number}: ", row) for number, row in enumerate(value))
    elif isinstance(value, dict) and value and all(isinstance(row, dict) for row in value.values()):
        yield from ((f"{name[:80]!r}: ", {**row, FILE_KEYS[0]: name}) for name, row in value.items())
    else:
        yield "", value


def find(arguments: Iterable[str | os.PathLike[str]], settings: Settings) -> Found:
    """All sources below the arguments, as `find_sources`, each page with what its sidecars say."""
    return paired(find_sources(arguments, settings.ignore), settings)


def of_entry(entry: SourceEntry, settings: Settings) -> SourceFile:
    """The file of an entry as it is now, with what its sidecars say if some did. Raises FileNotFoundError."""
    source = SourceFile.at(entry.root, entry.path)
    if not entry.has_sidecar:
        return source
    return paired(Found([source], [], [], []), settings).sources[0]


def paired(found: Found, settings: Settings) -> Found:
    """Give each page what its sidecars say, and take these out of the sources, but for those with a fault."""
    if not settings.sidecars:
        return found
    beside = _Beside(found.sources, settings)
    told = {page.location: beside.told(page) for page in found.sources if is_page(page.path, settings)}
    sources: list[SourceFile] = []
    paths: list[str] = []
    notes = Counter(beside.limits.notes)
    for source in found.sources:
        sidecar = beside.read.get(source.location)
        if sidecar is None:
            sources.append(replace(source, said=told.get(source.location, "")))
            continue
        paths.append(source.path)
        if sidecar.faults:
            more = f" (and {len(sidecar.faults) - 1} more)" if len(sidecar.faults) > 1 else ""
            sources.append(source.with_fault(f"{sidecar.faults[0]}{more}"))
        if absent := sorted(sidecar.named.keys() - beside.met[source.location]):
            notes[f"sidecar {source.path}: names files that are no pages here, e.g. {absent[0][:80]!r}"] += len(absent)
    return found._replace(sources=sources, sidecars=frozenset(paths), notes=notes)


class _Beside:
    """The sidecars of some pages, each read once. `met`: the names in it that are those of pages."""

    def __init__(self, sources: list[SourceFile], settings: Settings) -> None:
        self._settings, self._listed = settings, {source.location: source for source in sources}
        self._pages: dict[str, int] = {}  # by folder
        self.limits = Limits.of(settings)
        self.read: dict[str, Sidecar | None] = {}
        self.met: dict[str, set[str]] = {}

    def told(self, page: SourceFile) -> str:
        """What sidecars say of a page as JSON: what the first pattern finds goes before, and the nearest folder."""
        separator = "/" if is_url(page.location) else os.sep
        *folders, name = page.location.split(separator)
        stem = PurePosixPath(inner_name(name)).stem
        said: dict[str, str] = {}
        for pattern in self._settings.sidecars:
            of_one = names.is_of_one_page(pattern)
            for up in range(1 if of_one else min(UP + 1, len(folders))):
                folder = separator.join(folders[: len(folders) - up])
                place = f"{folder}{separator}{names.filled(pattern, stem, name)}"
                if place == page.location or (sidecar := self._sidecar(place, of_one)) is None:
                    continue
                within = "/".join([*folders[len(folders) - up :], name])
                if within in sidecar.named:
                    self.met[place].add(within)
                    said = sidecar.named[within] | said
                elif sidecar.single and not up:
                    if of_one or self._count(folder) == 1:
                        said = sidecar.single | said
                    elif (
                        fault := "tells of one page, but more lie beside it: name its file in the key `file`"
                    ) not in (sidecar.faults):
                        sidecar.faults.append(fault)
        return msgspec.json.encode(said, order="sorted").decode() if said else ""

    def _sidecar(self, place: str, of_one: bool) -> Sidecar | None:
        """The file at a place; None where there is none."""
        if place not in self.read:
            self.read[place], self.met[place] = None, set()
            source = self._listed.get(place)
            if source is not None or not is_url(place) or len(self._listed) == 1:  # else the store listed all there is
                folder, _, name = place.rpartition("/" if is_url(place) else os.sep)
                with suppress(FileNotFoundError, NotADirectoryError):
                    self.read[place] = parse(source or SourceFile.at(folder, name), of_one, self.limits)
        return self.read[place]

    def _count(self, folder: str) -> int:
        """How many pages lie in a folder, whether they are asked for or not."""
        if folder not in self._pages:
            inside = os.listdir(folder) if not is_url(folder) else _names_in(folder, self._listed)
            self._pages[folder] = sum(is_page(name, self._settings) for name in inside)
        return self._pages[folder]


def is_page(path: str, settings: Settings) -> bool:
    """Whether a file is one page, by its name; one that holds many has what is known of them inside."""
    suffix = PurePosixPath(inner_name(path)).suffix.lower()
    return suffix in _HTML or (suffix in _OTHER and settings.records == "file")


def _names_in(folder: str, locations: Iterable[str]) -> list[str]:
    return [location.rpartition("/")[2] for location in locations if location.rpartition("/")[0] == folder]
