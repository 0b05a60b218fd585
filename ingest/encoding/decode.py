"""Bytes to text: which charset a document is in, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from ingest.document import Outcome
from ingest.encoding.binary import format_of, is_data
from ingest.encoding.charsets import REPLACEMENT, decode_as, decoding_table, lookup, normalise
from ingest.encoding.detect import IMPLAUSIBLE, SAMPLE, Guess, detect, detect_wide, sample
from ingest.encoding.lines import decode_by_line
from ingest.encoding.plausibility import score
from ingest.encoding.prescan import declared_charset
from ingest.lines.scan import whole

Source = Literal["bom", "transport", "meta", "detected", "fallback"]
Claim = tuple[Source, str]  # who says it, and the charset's stored name

FALLBACK = "windows-1252"  # what browsers take for pages in no known charset
MAX_REPLACED = 0.1  # share of characters that may be lost before a document counts as undecodable
FEW_REPLACED = 8  # characters that may be lost in a document of any size
MAX_MISFIT = 0.01  # share of characters that a declared charset may fail to decode
CLEARLY_BETTER = 2.0  # nats per pair that evidence must be ahead of a declaration
SURE_SEQUENCES = 3  # multi-byte sequences that do not all come out as UTF-8 by chance

MIN_UTF8 = 0.25  # share of the bytes beyond ASCII in sound UTF-8 from which on a document is UTF-8 with faults
MAX_UNKNOWN = 0.3  # share of bytes beyond ASCII that a document in no known charset may have
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_ASCII = bytes(range(0x80))
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_ESCAPES = re.compile(rb"\x1b[$(]|~\{")
_MARKUP = re.compile(rb"[\t\n\f\r ]*<")


@dataclass(slots=True)
class Decoded:
    """A document as text, and how it got there.

    `encoding` names the charset used in a form that `codecs.lookup` knows; `declared` is the first label that transport
    or page claim, as written in lower case. `mixed` counts the lines that were read in another charset than `encoding`.
    `as_is`: the content is the text in UTF-8.
    """

    text: str = ""
    encoding: str = "utf-8"
    declared: str | None = None
    source: Source = "fallback"
    replaced: int = 0
    mixed: dict[str, int] = field(default_factory=dict)
    outcome: Outcome | None = None
    reason: str = ""
    remedy: str = ""
    as_is: bool = False


def decode(content: bytes, *, transport: str | None = None, html: bool = False) -> Decoded:
    r"""Decode one document; never raises.

    `transport` is the charset that HTTP or WARC headers give; `html` looks for `<meta charset>` (else only a document
    that starts like markup is asked). The text is NFC with `\n` line ends and no byte order mark. Binary
    content ends in `Outcome.BINARY`, bytes that no charset fits in `Outcome.UNDECODABLE`, both with an empty text.
    """
    if not content:
        return Decoded(declared=_clean_label(transport))
    page = declared_charset(content, html=html) if html or _MARKUP.match(content) else None
    declared = _clean_label(transport) or _clean_label(page)
    for mark, name in _BOMS:
        if content.startswith(mark):
            return _finish(content[len(mark) :], name, declared, "bom")
    if (kind := format_of(content)) is not None:
        return _binary(declared, kind)
    claims: list[Claim] = []
    if transport and (known := lookup(transport)):
        claims.append(("transport", known))
    if page and (known := lookup(page)):
        claims.append(("meta", known))
    wide = _decide_wide(content, claims)
    if wide is not None:
        return _finish(content, wide[1], declared, wide[0])
    if is_data(content):
        return _binary(declared, "data with control bytes")
    # A page cannot say in UTF-16 that it is UTF-16: what is read as ASCII is then taken as UTF-8.
    claims = [(source, "utf-8" if name.startswith("utf-") else name) for source, name in claims]
    if content.isascii() and not _ESCAPES.search(content):
        source, name = claims[0] if claims else ("detected", "utf-8")
        return _finish(content, name, declared, source)
    return _decide(content, claims, declared)


def _binary(declared: str | None, kind: str) -> Decoded:
    remedy = "leave such files out of the sources, or convert them to text first"
    return Decoded(declared=declared, outcome=Outcome.BINARY, reason=f"not text but {kind}", remedy=remedy)


def _undecodable(name: str, declared: str | None, source: Source, reason: str, replaced: int = 0) -> Decoded:
    remedy = "check the file for damage, or give the charset with the source"
    return Decoded("", name, declared, source, replaced, {}, Outcome.UNDECODABLE, reason, remedy)


def _clean_label(label: str | None) -> str | None:
    text = (label or "").strip(" \t\n\f\r\"'").lower()
    return text[:64] or None


def _decide_wide(content: bytes, claims: list[Claim]) -> Claim | None:
    """UTF-16 or UTF-32 without BOM, where zero bytes or a transport's claim say so and the reading is text."""
    claimed = [name for source, name in claims if source == "transport" and name.startswith(("utf-16", "utf-32"))]
    if 0 not in content[:SAMPLE] and not claimed:  # even Chinese has a line end or a space somewhere
        return None
    guess = detect_wide(content)
    if guess is None:
        return None
    return ("transport" if guess.name in claimed else "detected"), guess.name


def _as_utf8(content: bytes) -> str | None:
    """The content as UTF-8 if it is that throughout, but for a last character that may be cut."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and error.start > 0
        return content[: error.start].decode("utf-8") + REPLACEMENT if cut else None


def _decide(content: bytes, claims: list[Claim], declared: str | None) -> Decoded:
    """Weigh claims against evidence for content with bytes beyond ASCII, or with escape sequences."""
    escaped = content.isascii()
    text = None if escaped else _as_utf8(content)
    if text is not None:
        source = next((source for source, name in claims if name == "utf-8"), None)
        if source is not None or not claims or _surely_utf8(content, claims[0][1]):
            return _finish(content, "utf-8", declared, source or "detected", text)
    mostly_utf8 = not escaped and _mostly_utf8(content)
    guess = None if mostly_utf8 and not claims else detect(content)
    for source, name in claims:
        if mostly_utf8 if name == "utf-8" else _fits(content, name, guess):
            return _finish(content, name, declared, source)
    if mostly_utf8 or (guess is None and escaped):
        return _finish(content, "utf-8", declared, "detected")
    if guess is not None:
        return _finish(content, guess.name, declared, "detected")
    if not claims and len(sample(content).translate(None, _ASCII)) > MAX_UNKNOWN * len(content[:SAMPLE]):
        return _undecodable(FALLBACK, declared, "fallback", "its bytes are no text in any known charset")
    source, name = claims[0] if claims else ("fallback", FALLBACK)
    return _finish(content, name, declared, source)


def _surely_utf8(content: bytes, claimed: str) -> bool:
    """Whether valid UTF-8 beats a claim of something else: by number of sequences, or by likelihood where few."""
    part = sample(content)
    readings = [part.decode("utf-8", "replace"), decode_as(part, claimed)[0]]
    if sum(1 for char in readings[0] if char > "\x7f") >= SURE_SEQUENCES and decoding_table(claimed) is not None:
        return True
    as_utf8, as_claimed = score(whole(readings)).cost
    return bool(as_utf8 <= as_claimed)


def _mostly_utf8(content: bytes) -> bool:
    """UTF-8 with some damage or some foreign lines: many bytes beyond ASCII stand in runs that decode.

    In other charsets next to none do; the lines that are not UTF-8 are looked at one by one later on.
    """
    runs = _HIGH_RUN.findall(sample(content))
    good = [len(run) for run in runs if _is_utf8(run)]
    return len(good) >= SURE_SEQUENCES and sum(good) > MIN_UTF8 * sum(map(len, runs))


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _fits(content: bytes, name: str, guess: Guess | None) -> bool:
    """Whether a declared charset is good enough to stand against the likeliest one."""
    part = sample(content) or content[:SAMPLE]
    text, replaced = decode_as(part, name)
    if replaced > max(1, MAX_MISFIT * len(text)):
        return False
    if guess is None or guess.name == name:
        return True
    mean = float(score(whole([normalise(text)])).mean[0])
    return mean < IMPLAUSIBLE and mean < guess.mean + CLEARLY_BETTER


def _finish(content: bytes, name: str, declared: str | None, source: Source, text: str | None = None) -> Decoded:
    """Decode, count what is lost, and refuse where that is too much. `text` is the content if it is decoded already."""
    mixed: dict[str, int] = {}
    if text is not None:
        replaced = 1 if text.endswith(REPLACEMENT) and not content.endswith(REPLACEMENT.encode()) else 0
    elif name == "utf-8":
        text, replaced, mixed = decode_by_line(content)
    else:
        text, replaced = decode_as(content, name)
    if replaced > FEW_REPLACED and replaced > MAX_REPLACED * len(text):
        beyond = len(text) - len(text.encode("ascii", "ignore"))
        if 2 * replaced > beyond:
            reason = f"{replaced} byte sequences fit no known charset; {name} came nearest"
            return _undecodable(name, declared, source, reason, replaced)
    normal = normalise(text)
    as_is = normal is text and name == "utf-8" and source != "bom" and not (replaced or mixed)
    return Decoded(normal, name, declared, source, replaced, mixed, as_is=as_is)
