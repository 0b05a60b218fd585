"""Input that breaks off while it is read."""

from __future__ import annotations

from ingest.document import Outcome


class BrokenInputError(Exception):
    """From here on an input cannot be read. Streams raise it, and raise it again if they are asked again; readers let
    it pass, and it becomes a refusal that follows the records read before. `offset` counts the bytes
    as they are stored.
    """

    def __init__(self, outcome: Outcome, reason: str, remedy: str, offset: int | None = None) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.remedy, self.offset = outcome, reason, remedy, offset


def damaged(reason: str, offset: int | None = None) -> BrokenInputError:
    """What was stored or sent in part only, or changed on its way."""
    return BrokenInputError(Outcome.DAMAGED, reason, "fetch the file again, or restore it from a copy", offset)


def too_deep(limit: int) -> BrokenInputError:
    """Archives in archives in archives, as bombs are made."""
    reason = f"more than {limit} archives or compressions inside each other"
    return BrokenInputError(Outcome.TOO_LARGE, reason, "unpack the outer ones, or raise max_nesting")
