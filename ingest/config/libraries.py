"""Code of others that can change a row: its versions are part of `config_hash`.

So `--reprocess stale` reads again what another version has read, and a cluster whose machines differ is refused. What
only carries values (NumPy, Arrow, decompression, storage, the command line) is left out: rows stay the same with its
versions. langdetect is not here since its engine tells its own version, where it is the engine in use.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from lxml import etree

LIBRARIES = (
    "ftfy",  # repairs mojibake
    "lxml",  # trees of HTML pages, by libxml2
    "msgspec",  # which JSON is read
    "trafilatura",  # its choice of main text is a vote
)


@cache
def versions() -> dict[str, str]:
    """Version of each library by name, of libxml2, and of Python's Unicode data, which say what is a letter.

    The libraries themselves are not imported: that would take a second, and some runs need none of them.
    """
    found = {name: _version(name) for name in LIBRARIES}
    # not always the one that came with lxml: systems build it with their own
    found["libxml2"] = ".".join(map(str, etree.LIBXML_VERSION))
    found["unicode"] = unicodedata.unidata_version
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # copied without its metadata, as freezing tools do
        return "unknown"
