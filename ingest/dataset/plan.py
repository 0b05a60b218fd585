"""What a run has to do, given what is there and what the ledger knows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from msgspec.structs import replace

from ingest import stopping
from ingest.dataset.forgotten import Filter
from ingest.dataset.gone import is_gone
from ingest.dataset.ledger import Ledger
from ingest.dataset.records import SourceEntry
from ingest.dataset.sources import SourceFile, digested, is_folder, of_content
from ingest.errors import SourceError
from ingest.storage.locations import exists, joined

Reprocess = Literal["none", "stale", "all"]

# Time stamps of some file systems tick in steps of up to 2 s (FAT; 1 s on many others). A file that was last
# written less than a tick before it was looked at can change again without its time moving, so its time
# proves nothing.
_TICK_NS = 2_000_000_000


# A run waits so long, in seconds, for files that were just written, before it leaves them for the next run.
_PATIENCE = 1.0


@dataclass(slots=True)
class Plan:
    """Each source given is in exactly one of the first eight lists, sorted by path.

    new         content not in the dataset
    changed     a known path with other content; its old rows are replaced when it is committed
    done        content in the dataset with this configuration, under this or (moved) another path
    stale       content in the dataset with another configuration
    copies      content of another source given, which stands for both
    unreadable  a known path that cannot be read now; its rows stay
    unsettled   written to within the settling time; left for the next run
    forgotten   sources that are not to be read, see `ingest forget`
    moved       (entry, source): known content whose path is gone and which is now elsewhere
    missing     entries whose path and content are gone; their rows stay, unless the setting `gone` is `drop`. What lies
                in a folder that cannot be listed now is in none of the lists: nobody knows whether it is gone
    retire      known paths whose new content the dataset has, or will have, under another path: their old
                rows belong to no file any more, and `Dataset.retire` takes them out
    todo        what the run has to process: new, changed, what `reprocess` adds, and sources that hold pages which
                were forgotten and no longer are
    """

    new: list[SourceFile] = field(default_factory=list)
    changed: list[SourceFile] = field(default_factory=list)
    done: list[SourceFile] = field(default_factory=list)
    stale: list[SourceFile] = field(default_factory=list)
    copies: list[SourceFile] = field(default_factory=list)
    unreadable: list[SourceFile] = field(default_factory=list)
    unsettled: list[SourceFile] = field(default_factory=list)
    forgotten: list[SourceFile] = field(default_factory=list)
    moved: list[tuple[SourceEntry, SourceFile]] = field(default_factory=list)
    missing: list[SourceEntry] = field(default_factory=list)
    retire: list[str] = field(default_factory=list)
    todo: list[SourceFile] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many sources there are in each list."""
        names = ("new", "changed", "done", "stale", "copies", "unreadable", "unsettled", "forgotten", "moved")
        return {name: len(getattr(self, name)) for name in (*names, "missing", "todo")}


def make_plan(
    ledger: Ledger,
    sources: Iterable[SourceFile],
    config_hash: str,
    *,
    reprocess: Reprocess = "none",
    verify_digests: bool = False,
    roots: Collection[str] | None = None,
    settle: float = 0.0,
    moved_root: bool = False,
    seen: Callable[[int, int], None] = lambda done, planned: None,
    forgotten: Filter | None = None,
    sidecars: Collection[str] = (),
) -> Plan:
    """Compare `sources` with the ledger.

    A file whose root, path, size and mtime are those of its entry is taken as unchanged without reading it,
    unless `verify_digests`, or unless its mtime was too fresh when it was read to prove anything; of an object its
    ETag has to be the same, and proves it. `roots`
    limits `missing` to sources that were read from these roots (default: all). `settle` is in seconds.

    Rows are told apart by path relative to the root. So two different files of one such path are refused with
    SourceError, be they given together or be one of them known under another root where it still is; the
    latter passes with `moved_root`, for a collection that has moved while its old place still stands.

    `seen` is called with the number of sources whose content is known, and of all. `sidecars` are paths of files that
    are read with their pages: rows of the time when they were read as documents are retired.
    """
    plan = Plan()
    forgotten = forgotten or Filter()
    recalled: list[SourceFile] = []
    settled: list[SourceFile] = []
    for source in sorted(_by_path(sources).values(), key=lambda source: source.path):
        if source.path in forgotten.paths:
            plan.forgotten.append(source)
        elif source.is_fresh(settle):
            plan.unsettled.append(source)
        else:
            settled.append(source if verify_digests else _trusting(ledger, source))
    present: dict[str, SourceFile] = {}
    for number, found in enumerate(digested(settled), start=1):
        if found is not None and forgotten.has_source(found):
            plan.forgotten.append(found)
        elif found is not None:  # else it was removed since it was listed
            present[found.path] = found
        stopping.check()
        seen(number, len(settled))

    replaced = {path for path, source in present.items() if _replaces_content(ledger, source, moved_root)}
    kept = {entry.digest: entry for entry in ledger.entries() if entry.path not in replaced}
    chosen: dict[str, str] = {}  # digest -> path of the source that stands for it
    for path, source in present.items():
        known = ledger.by_path.get(path)
        owner = kept.get(source.digest)
        if source.error and known and known[1].digest != source.digest:
            plan.unreadable.append(source)
            continue
        if (owner and _holds(present, owner) and owner.path != path) or source.digest in chosen:
            plan.copies.append(source)
        else:
            chosen[source.digest] = path
            if owner is None:
                (plan.changed if known else plan.new).append(source)
                continue
            (plan.done if owner.config_hash == config_hash else plan.stale).append(source)
            if not forgotten.ids.issuperset(owner.forgotten):
                recalled.append(source)
            if owner.path != path:
                plan.moved.append((owner, source))
        if path in replaced:
            plan.retire.append(path)

    there = {*present, *(source.path for source in plan.unsettled)}
    elsewhere = {entry.path for entry, _ in plan.moved}
    closed = [source for source in present.values() if source.is_folder]
    absent = (
        entry
        for entry in ledger.entries()
        if entry.path not in there and entry.path not in elsewhere and (roots is None or entry.root in roots)
    )
    for entry in sorted(absent, key=lambda entry: entry.path):
        if is_folder(entry.path) or entry.path in sidecars:
            plan.retire.append(entry.path)  # it can be listed again, is gone, or is a sidecar
        elif not any(folder.hides(entry) for folder in closed) and is_gone(entry):
            plan.missing.append(entry)
    asked = {"none": [], "stale": plan.stale, "all": plan.stale + plan.done}[reprocess]
    again = {source.path: source for source in [*asked, *recalled]}
    plan.todo = sorted([*plan.new, *plan.changed, *again.values()], key=lambda source: source.path)
    return plan


def await_settled(sources: Iterable[SourceFile], settle: float) -> list[SourceFile]:
    """The sources, where those written to within `settle` seconds have been looked at again once they are older, if
    that needs no more than a short wait. `Ledger.plan` with the same `settle` leaves out what is still fresh then.
    """
    sources = list(sources)
    fresh = [source for source in sources if source.is_fresh(settle)]
    if not fresh:
        return sources
    now = time.time_ns()
    waits = [(source.mtime_ns - now) / 1e9 + settle for source in fresh]
    time.sleep(max((wait for wait in waits if 0 < wait <= _PATIENCE), default=0))
    again: dict[str, SourceFile] = {}
    for source in fresh:
        with suppress(FileNotFoundError):  # gone meanwhile
            again[source.location] = source.again()
    left = {source.location for source in fresh} - again.keys()
    return [again.get(source.location, source) for source in sources if source.location not in left]


def _by_path(sources: Iterable[SourceFile]) -> dict[str, SourceFile]:
    found: dict[str, SourceFile] = {}
    for source in sources:
        other = found.setdefault(source.path, source)
        if other is not source and not _same_file(other.location, source.location):
            raise SourceError(
                f"two sources are both called {source.path}: {other.location} and {source.location}",
                source=source.path,
                hint="give the folder that holds both as the one source",
            )
    return found


def _same_file(a: str, b: str) -> bool:
    try:
        return a == b or os.path.samefile(a, b)
    except OSError:
        return False


def _trusting(ledger: Ledger, source: SourceFile) -> SourceFile:
    """The source with its entry's digest, if size and time prove that the content is the same."""
    known = ledger.by_path.get(source.path)
    if known is None or source.digest or source.error or known[1].digest.startswith("unreadable:"):
        return source
    entry = known[1]
    same = (source.root, source.size, source.mtime_ns, source.etag, source.said_key) == (
        entry.root,
        entry.size,
        entry.mtime_ns,
        entry.etag,
        entry.digest.removeprefix(of_content(entry.digest)),
    )
    settled = bool(entry.etag) or entry.seen_ns - entry.mtime_ns > _TICK_NS
    return replace(source, digest=entry.digest) if same and settled else source


def _replaces_content(ledger: Ledger, source: SourceFile, moved_root: bool) -> bool:
    """True if the source is a known path with other content; raises SourceError if it is another file
    altogether.
    """
    known = ledger.by_path.get(source.path)
    if known is None or known[1].digest == source.digest or source.error:
        return False
    entry = known[1]
    if entry.root and entry.root != source.root and not moved_root:
        old = joined(entry.root, entry.path)
        if exists(old) and not _same_file(old, source.location):
            raise SourceError(
                f"{source.location} would replace the rows of {old}: both are called {source.path}",
                source=source.path,
                hint="give the folder that holds both as the one source, or use another dataset",
            )
    return True


def _holds(present: dict[str, SourceFile], entry: SourceEntry) -> bool:
    """True if the entry's path still holds the entry's content."""
    source = present.get(entry.path)
    return source is not None and source.digest == entry.digest
