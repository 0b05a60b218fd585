"""Sites named by where their pages are saved: «this folder is that site»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ingest.config import Settings
    from ingest.document import Record

GROUP = "site"  # of a pattern, that holds the name


@dataclass(frozen=True)
class PathSites:
    """How paths name sites: by a pattern with a group `site`, "" for none, and else by a folder, if by any.

    A path is that of the source below the place given, and goes on into archives: `dumps/pond.tar/2024/1.html`.
    """

    site: Literal["auto", "folder", "top-folder"] = "auto"
    pattern: str = ""

    @classmethod
    def of(cls, settings: Settings) -> PathSites:
        return cls(settings.site, settings.site_pattern)

    def name(self, record: Record) -> str | None:
        """The site of a record by its path; None where the path does not tell it."""
        if self.site == "auto" and not self.pattern:
            return None
        path = record.source if record.member is None else f"{record.source}/{record.member.replace('!/', '/')}"
        if self.pattern and (match := self._compiled.search(path)) and match[GROUP]:
            return match[GROUP]
        folders = [part for part in path.split("/")[:-1] if part]
        if self.site == "auto" or not folders:
            return None
        return folders[0 if self.site == "top-folder" else -1]

    def version(self, rules: str) -> str:
        """What the sites of contributions depend on, given the version of the rules, as a part of names of files."""
        if self == PathSites():
            return rules
        return blake2b(f"{rules}\0{self.site}\0{self.pattern}".encode(), digest_size=8).hexdigest()

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)
