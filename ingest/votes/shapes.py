"""Lines of flattened text that no article is made of, told by their characters: code of the page, handles, counters.

Code is hard: an article may show some. What loads advertising and counts visitors is nobody's example, and where it was
left in, so were style sheets; other code goes only where it stands below the last paragraph and no code above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.document import Batch, Voter, Votes
from ingest.lines.fingerprints import is_paragraph
from ingest.roles import Evidence, Role

VOTER = Voter("shapes", Evidence.RULE, "label")
SURE, LIKELY = 0.97, 0.92
NEAR = 2  # lines between a counter and the article's first or last paragraph

_TRACKING = re.compile(
    r"googletag|adsbygoogle|dataLayer|\bgtag\(|\b_gaq\b|\bfbq\(|\bga\(['\"]|\bym\(\d|_paq\b|fbAsyncInit|FB\.init|"
    r"\('(?:create|send|init|track)'|doubleclick|adfox|yandex_?(?:metrika|rtb)|Ya\.(?:Context|adfox)|\bpbjs\b|OneSignal|"
    r"window\.\w+ ?= ?window\.\w+ ?\|\||\.push\(\{\}\)|<ins class=|disqus_|addthis_"
)
_PLUMBING = re.compile(
    r"<script\b|</script>|<iframe\b|<noscript|document\.write\(|\bnew (?:Image\(\)|\w*Counter\()|\"@context\"|"
    r"\bdocument\.(?:get|create|query|cookie|add|body)|\bwindow\.|jQuery\(|\$\(['\"(a-z]|"
    r"\bfunction ?\w*\([\w, $]*\) ?\{|"
    r"addEventListener|typeof \w+ ?[!=]==?|\.innerHTML|\.style\.|^\s*<(?:div|style|link|img|a|span)\b[^<]*>|"
    r"!function\(|^\s*[.#]?[\w-]+ ?\{[^{}]*:[^{}]*\}|@media\b|!important|^\s*<!--.*-->\s*$|"
    r"^\s*(?:\[/?[a-z]+(?:[_-][a-z]+)*(?: [\w-]+=['\"\u201c\u201d\u2033][^\]]*)?\]\s*)+$"
)
_STYLE = re.compile(r"^\s*(?:@media\b.*|[.#][\w-]+(?: [.#]?[\w-]+)* ?\{[^{}]*:[^{}]*)\}\s*$|^\s*<!--.*-->\s*$")
_CODE = re.compile(
    r"[{};]\s*(?://.*)?$|^[\s})\]]+[;,)]*$|^\s*[\w$.-]+ ?[:=] ?[\"'\w.-]+,?$|^\s*[\w-]+=\"[^\"]*\"[>\s]*$"
)
_ENDS = frozenset("{};>,)]")
_STARTS = frozenset("<$(!}.@#[★☆⭐")
_HANDLE = re.compile(r"@[A-Za-z0-9_.]{3,30}")
_TAGS = re.compile(r"#[^\W\d]\w{2,40}(?:[\s,;|]+#[^\W\d]\w{2,40})*")
_STARS = re.compile(r"[★☆⭐✩✭\s\d.,/()]+")
_COUNT = re.compile(
    r"\W*\d{1,3}(?:[ ,.\u00a0\u202f]?\d{3}){0,2}\W*|\W*\d{1,3}(?:[.,]\d)? ?(?:[KMkКМ]|тыс\.?|мың|ming|mil|Tsd\.?)\W*"
)


_ODD = re.compile(f"{_TRACKING.pattern}|{_PLUMBING.pattern}|^\\s*[@#★☆⭐]")


def vote(batch: Batch) -> Votes:
    """Votes on the lines of flattened pages; silent on HTML, where the tree tells."""
    lines = batch.lines
    votes = Votes.silent(VOTER, len(lines))
    for position, document in batch.alive():
        if document.record.kind != "html":
            span = lines.span(position)
            for place, (role, score, rule) in _page(lines.texts[span.start : span.stop]).items():
                votes.give(span.start + place, role, score, rule)
    return votes


def _page(texts: Sequence[str]) -> dict[int, tuple[Role, float, str]]:
    found: dict[int, tuple[Role, float, str]] = {}
    odd = [i for i, text in enumerate(texts) if text and (text[-1] in _ENDS or text.lstrip()[:1] in _STARTS)]
    odd = [i for i in odd if _ODD.search(texts[i])]
    counts = [
        i for i, text in enumerate(texts) if 0 < len(text) <= 14 and not text.isalpha() and _COUNT.fullmatch(text)
    ]
    if not odd and not counts:
        return found
    body = [i for i, text in enumerate(texts) if len(text) >= 28 and is_paragraph(text) and not _TRACKING.search(text)]
    for i in _code(texts, odd, body):
        found[i] = (Role.OTHER_BOILERPLATE, SURE, "shape.code")
    for i in odd:
        text = texts[i].strip()
        if _HANDLE.fullmatch(text):
            found[i] = (Role.FOLLOW_US, LIKELY, "shape.handle")
        elif text[0] == "#" and _TAGS.fullmatch(text) and body and not body[0] < i < body[-1]:
            found[i] = (Role.TAG, LIKELY, "shape.hashtags")
        elif text[0] in "★☆⭐" and _STARS.fullmatch(text):
            found[i] = (Role.OTHER_BOILERPLATE, LIKELY, "shape.stars")
    for i in _counters(texts, counts, body):
        found[i] = (Role.OTHER_BOILERPLATE, LIKELY, "shape.counter")
    return found


def _code(texts: Sequence[str], odd: Sequence[int], body: Sequence[int]) -> list[int]:
    """Lines of runs of code that hold what no article shows, or that stand below all its paragraphs."""
    tracking = {i for i in odd if _TRACKING.search(texts[i])}
    plumbing = {i for i in odd if _PLUMBING.search(texts[i])} - tracking
    last = body[-1] if body else -1
    if tracking:  # the flattener left the page's own code in, style sheets too
        tracking |= {i for i in plumbing if i < last and _STYLE.search(texts[i])}
        plumbing -= tracking
    if any(i < last for i in plumbing):
        plumbing = set()  # the article speaks of code
    certain = tracking | {i for i in plumbing if i > last}
    taken = set(certain)
    for i in sorted(certain):
        for step in (1, -1):
            j = i + step
            while 0 <= j < len(texts) and (not texts[j].strip() or _CODE.search(texts[j])) and j not in taken:
                if texts[j].strip():
                    taken.add(j)
                j += step
    return sorted(taken)


def _counters(texts: Sequence[str], counts: Sequence[int], body: Sequence[int]) -> list[int]:
    """Numbers that stand by themselves right above the first paragraph or right below the last."""
    if not counts or len(body) < 1 or len(counts) > 4:
        return []  # a page of numbers is a table
    filled = [i for i, text in enumerate(texts) if text.strip()]
    place = {i: n for n, i in enumerate(filled)}
    known = set(counts)
    found = []
    for i in counts:
        n = place[i]
        beside = {filled[m] for m in (n - 1, n + 1) if 0 <= m < len(filled)}
        above, below = place[body[0]] - n, n - place[body[-1]]
        if not beside & known and (0 < above <= NEAR or 0 < below <= NEAR):
            found.append(i)
    return found
