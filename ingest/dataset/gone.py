"""Sources that are gone: which certainly are, and whose rows may go with them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable

from ingest.dataset.records import SourceEntry
from ingest.storage.locations import exists, is_url, joined

_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


def is_gone(entry: SourceEntry) -> bool:
    """True if there certainly is no such file or object. Not so where nobody can say: in a folder that cannot be
    entered, on a mount that does not answer, or where the program could not write the name down.
    """
    place = joined(entry.root, entry.path)
    if is_url(place):
        try:
            return not exists(place)
        except OSError:
            return False
    names = [os.fsencode(place)]
    names.append(_ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), names[0]))  # a name that is not UTF-8
    return all(map(_is_missing, dict.fromkeys(names)))


def may_go(missing: Iterable[SourceEntry], known: Iterable[SourceEntry], limit: float) -> tuple[list[str], list[str]]:
    """Paths of the missing sources whose rows may be dropped, and of those that stay because of their root more than
    the share `limit` of the known sources is missing: so many do not go by themselves, but a disk may be unmounted.
    """
    missing = list(missing)
    of_root = Counter(entry.root for entry in known)
    gone = Counter(entry.root for entry in missing)
    go: list[str] = []
    stay: list[str] = []
    for entry in missing:
        (go if gone[entry.root] <= limit * of_root[entry.root] else stay).append(entry.path)
    return go, stay


def _is_missing(path: bytes) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
