"""From record to record through a WARC or ARC file, and past what is damaged.

warcio and FastWARC end at the first damaged member without a word and take a cut last record for a whole one. This walk
goes on at the next place where a record begins, tells the bytes in between, and takes a record for whole only if its
block has the length that its head tells and is followed by what follows a block. Where the length is wrong, the next
record tells the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.readers.broken import BrokenInputError
from ingest.readers.warc import heads
from ingest.readers.warc.tape import Tape

_NEWLINES = b"\r\n"
_AFTER_BYTES = 4
_ENOUGH = heads.HEAD_LIMIT // 2  # bytes in which the head of a record must show


@dataclass(frozen=True, slots=True)
class Entry:
    """A record; `block` is None where it is larger than the limit. `length` in stored bytes, if it can be told.
    `fault` says what is wrong with the block, which then goes as far as the next record.
    """

    fields: dict[str, str]
    block: bytes | None
    size: int
    offset: int
    length: int | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Stored bytes, `end` exclusive, that hold no record that can be read."""

    start: int
    end: int
    reason: str
    too_large: bool = False


class _MalformedError(Exception):
    """The bytes can be read but make no record; `at` is where in the tape's data to look for the next one."""

    def __init__(self, reason: str, at: int = 1) -> None:
        super().__init__(reason)
        self.at = at


def walk(tape: Tape, limit: int) -> Iterator[Entry | Gap]:
    """Records and gaps in the order of the file. Neighbouring gaps are one."""
    gap: Gap | None = None
    while True:
        start = tape.offset
        entry = _next(tape, limit)
        if isinstance(entry, Gap):
            gap = entry if gap is None else Gap(gap.start, entry.end, gap.reason, gap.too_large)
            continue
        if gap is not None:
            yield gap
            gap = None
        if entry is None:
            return
        yield entry
        assert tape.offset > start or tape.data, "the walk stands still"


def _next(tape: Tape, limit: int) -> Entry | Gap | None:
    start = tape.offset
    try:
        if not _skip_newlines(tape):
            return None
        start = tape.offset
        return _entry(tape, limit)
    except _MalformedError as fault:
        reason = str(fault)
        try:
            _find_next(tape, fault.at)
        except BrokenInputError:
            tape.recover(tape.offset)
        return Gap(start, tape.offset, reason)
    except BrokenInputError as fault:
        tape.recover(start)
        return Gap(start, tape.offset, fault.reason, fault.outcome.value == "too-large")


def _skip_newlines(tape: Tape) -> bool:
    """Whether something else follows."""
    while True:
        rest = tape.data.lstrip(_NEWLINES)
        tape.drop(len(tape.data) - len(rest))
        if tape.data:
            return True
        if not tape.feed():
            return False


def _entry(tape: Tape, limit: int) -> Entry:
    start = tape.offset
    while (head := heads.parse(tape.data)) == "":
        if not tape.feed():
            raise _MalformedError("the last record is cut: the file ends in its head")
    if isinstance(head, str):
        raise _MalformedError(head)
    block: bytes | None = None
    fault = ""
    if head.length <= limit:
        if fault := _fault_of_block(tape, head):
            following = _next_start(tape, head.size, limit)
            end = head.size + len(tape.data[head.size : following].rstrip(_NEWLINES))
        else:
            following = end = head.size + head.length
        block = bytes(memoryview(tape.data)[head.size : end])
        tape.drop(following)
    else:
        _pass_over(tape, head)
    _skip_newlines_of_member(tape)
    length = tape.offset - start
    return Entry(head.fields, block, head.length, start, length if length > 0 else None, fault)


def _fault_of_block(tape: Tape, head: heads.Head) -> str:
    """Read the block. What is wrong with it, if another record follows; a last record that is cut is none."""
    end = head.size + head.length
    while (have := len(tape.data)) < end:
        if tape.feed(cross=False):
            continue
        if tape.feed():
            # a record may go on in the next compressed member, but not into another record
            if heads.is_start(tape.data[have : have + heads.HEAD_LIMIT]):
                return f"the record is cut: {have - head.size:,} of {head.length:,} bytes are there"
        elif heads.find_start(tape.data, head.size) >= 0:
            return "the length of the record is not what it tells"
        else:
            reason = f"the last record is cut: {have - head.size:,} of {head.length:,} bytes are there"
            raise _MalformedError(reason, have)
    return "" if _is_framed(tape, end, head.after) else "the length of the record is not what it tells"


def _is_framed(tape: Tape, end: int, expected: tuple[bytes, ...]) -> bool:
    """Whether a block ends at index `end`: newlines follow it, or a record, or nothing."""
    while True:
        after = tape.data[end : end + heads.HEAD_LIMIT]
        rest = after.lstrip(_NEWLINES)
        if len(after) >= _AFTER_BYTES and rest:
            if after.startswith(expected) or heads.is_start(rest) or heads.is_start(after[_AFTER_BYTES:]):
                return True
            if len(rest) > _ENOUGH:
                return False
        if not tape.feed(cross=False):
            return not rest or after.startswith(expected)


def _next_start(tape: Tape, begin: int, limit: int) -> int:
    """Index of the start of the next record, which tells where one of unknown length ends."""
    while len(tape.data) < begin + limit + heads.HEAD_LIMIT:
        if (found := heads.find_start(tape.data, begin)) >= 0:
            return found
        searched = max(begin, len(tape.data) - heads.HEAD_LIMIT)
        begin_of_member = len(tape.data)
        if not tape.feed(cross=False):
            if not tape.feed():
                break
            if heads.is_start(tape.data[begin_of_member : begin_of_member + heads.HEAD_LIMIT]):
                return begin_of_member
        begin = searched
    raise _MalformedError("the length of the record is not what it tells")


def _pass_over(tape: Tape, head: heads.Head) -> None:
    """Go past a block that is too large to hold; back to its beginning, if it is not what its head says."""
    start = tape.offset
    goes_beyond = f"the record tells a length of {head.length:,} bytes, which goes beyond the end"
    left = head.size + head.length
    while left > len(tape.data):
        left -= len(tape.data)
        tape.drop(len(tape.data))
        if tape.feed(cross=False):
            continue
        if not tape.feed():
            raise _MalformedError(goes_beyond if tape.go_back(start) else "the last record is cut")
        if heads.is_start(tape.data):
            raise _MalformedError(goes_beyond, 0)
    if not _is_framed(tape, left, head.after):
        tape.go_back(start)
        raise _MalformedError("the length of the record is not what it tells")
    tape.drop(left)


def _skip_newlines_of_member(tape: Tape) -> None:
    while True:
        rest = tape.data.lstrip(_NEWLINES)
        tape.drop(len(tape.data) - len(rest))
        if tape.data or not tape.feed(cross=False):
            return


def _find_next(tape: Tape, begin: int) -> None:
    """Drop all before the next start of a record at or behind index `begin`; everything, if there is none."""
    while True:
        if len(tape.data) > begin and (found := heads.find_start(tape.data, begin)) >= 0:
            tape.drop(found)
            return
        # what was searched goes, but for a line that may begin a record and is not there in full
        searched = max(tape.data.rfind(b"\n"), len(tape.data) - heads.HEAD_LIMIT)
        if searched > begin:
            tape.drop(searched)
            begin = 1
        if not tape.feed():
            tape.drop(len(tape.data))
            return
