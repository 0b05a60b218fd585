"""Which site profiles the sources of a run are worked on with: today's, or those that a large one was begun with.

Between a run that was cut off in the midst of a large source and the next one, new files may have come, and with them
other profiles. What is finished of the large source would then be of no use, and on a folder that always grows it might
never come to its end. So the digests of the sources that a profile was made of are kept until all is done, and the
large source is gone on with as it was begun: as if that run had not been cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from ingest.dataset import Dataset, SourceFile
from ingest.dataset.segments import read_staging
from ingest.pipeline import Chain
from ingest.sites.store import ContributionStore, Stored

FOLDER = "begun/"


def portions(
    dataset: Dataset,
    store: ContributionStore | None,
    todo: Iterable[SourceFile],
    pipeline: Chain,
    freeze: Callable[[Stored], Chain],
) -> Iterator[tuple[Chain, list[SourceFile]]]:
    """The sources in portions, each with the chain that has the profiles for it, which `freeze` makes. Without a store
    nothing is learned.
    """
    left = list(todo)
    if store is None:
        yield pipeline, left
        return
    for version, begun in _begun(dataset, left, pipeline.config_hash).items():
        digests = _recall(dataset, version)
        if digests is not None:
            frozen = freeze(store.of(digests))
            if frozen.profiles.version == version:
                yield frozen, begun
                paths = {source.path for source in begun}
                left = [source for source in left if source.path not in paths]
    digests = store.wanted(todo)
    frozen = freeze(store.of(digests))
    if any(source.size > pipeline.settings.part_bytes for source in left):
        dataset.put_state(f"{FOLDER}{frozen.profiles.version}.json", msgspec.json.encode(sorted(digests)))
    if left:
        yield frozen, left
    for name in dataset.list_state(FOLDER):
        dataset.delete_state(name)


def _begun(dataset: Dataset, todo: Iterable[SourceFile], config_hash: str) -> dict[str, list[SourceFile]]:
    """Sources of which there are finished segments, by the version of the profiles that these were made with."""
    sources = {(source.path, source.digest): source for source in todo}
    found: dict[str, list[SourceFile]] = {}
    for segments in read_staging(dataset.storage).values():
        first = segments[0]
        source = sources.get((first.path, first.digest))
        if source is not None and first.purpose == "apply" and first.work[-2:-1] == [config_hash]:
            found.setdefault(first.work[-1], []).append(source)
    return found


def _recall(dataset: Dataset, version: str) -> set[str] | None:
    data = dataset.get_state(f"{FOLDER}{version}.json")
    try:
        return None if data is None else msgspec.json.decode(data, type=set[str])
    except msgspec.MsgspecError:
        return None
