"""Choose a page's title: the headline that it prints, without the site's name and not as worded for social
media."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_SEPARATOR = re.compile(
    r"\s+[-–—|·•»«:/~]+\s+|\s*[|｜]\s*|\s+::\s+|:\s+|\s*_\s*(?=[^_]*$)|\s*[-－]+(?=[\u3040-\u9fff][^-]*$)"
)
_WORD = re.compile(r"\w+")

#: Share of common words from which a heading and a declared title are one headline in two wordings.
SAME = 0.5


@dataclass(frozen=True, slots=True)
class Title:
    text: str
    source: str


def key(text: str) -> str:
    """Words of a text in one form, for comparison."""
    return " ".join(_WORD.findall(text.casefold()))


def similarity(a: str, b: str) -> float:
    """0..1: common words by the longer of both (multiset); of one-word texts, of scripts without blanks,
    characters."""
    ka, kb = key(a), key(b)
    if not ka or not kb:
        return 0.0
    if ka == kb:
        return 1.0
    wa, wb = ka.split(), kb.split()
    if len(wa) < 3 or len(wb) < 3:
        wa, wb = list(ka), list(kb)
    common = 0
    counts: dict[str, int] = {}
    for w in wa:
        counts[w] = counts.get(w, 0) + 1
    for w in wb:
        if counts.get(w, 0):
            counts[w] -= 1
            common += 1
    return common / max(len(wa), len(wb))


def _is_site(part: str, site: str | None, url: str | None) -> bool:
    """Whether a part of a title names the site: its name, or its host's first label."""
    flat = key(part).replace(" ", "")
    if not flat:
        return True
    if site and (
        flat == (name := key(site).replace(" ", ""))
        or (len(flat) > 3 and name.startswith(flat))
        or (len(name) > 3 and flat.startswith(name))
    ):
        return True
    host = (urlsplit(url).hostname or "") if url else ""
    labels = [label for label in host.split(".") if len(label) > 2 and label != "www"]
    return any(
        flat == label.replace("-", "")
        or flat == host.replace(".", "")
        or (len(label) > 4 and label.replace("-", "") in flat and len(flat) < len(label) + 8)
        for label in labels
    )


def cut_site(title: str, *, site: str | None = None, url: str | None = None, votes: Sequence[str] = ()) -> str:
    """`title` without the name of the site at its end or start; a vote that equals the rest confirms the
    cut."""
    wanted = {key(v) for v in votes if v}
    for _ in range(3):
        marks = list(_SEPARATOR.finditer(title))
        if not marks:
            break
        cut = None
        for m in reversed(marks):
            if m[0].startswith(":"):
                continue  # «Kicker: headline» is for the caller to judge
            head, tail = title[: m.start()].strip(), title[m.end() :].strip()
            if head and key(head) in wanted:
                return head
            if tail and key(tail) in wanted and len(tail) > len(head):
                return tail
        last, first = marks[-1], marks[0]
        if _is_site(title[last.end() :], site, url) and title[: last.start()].strip():
            cut = title[: last.start()].strip()
        elif _is_site(title[: first.start()], site, url) and title[first.end() :].strip():
            cut = title[first.end() :].strip()
        if not cut or len(key(cut)) < 2:
            break
        title = cut
    return title


_KICKER = re.compile(r"\s*[:|–—/-]\s+")


def _without_kicker(heading: str, votes: Sequence[Title]) -> str:
    """A heading without the kicker before it («Economy: …», «Middle East - …») where a vote is the rest, or
    the rest after a kicker of its own."""
    wanted = {key(v.text) for v in votes}
    if key(heading) in wanted:
        return heading
    wanted |= {key(v.text[m.end() :]) for v in votes for m in _KICKER.finditer(v.text)}
    for m in _KICKER.finditer(heading):
        rest = heading[m.end() :]
        if len(key(rest)) > 12 and key(rest) in wanted:
            return rest
    return heading


def choose_title(
    printed: Sequence[str],
    votes: Sequence[Title],
    *,
    filed: str | None = None,
    site: str | None = None,
    url: str | None = None,
) -> Title | None:
    """The title of a page.

    printed: headings of the first rank as the page shows them, in order; votes: what its metadata calls it,
    best first. The heading that the votes point at wins, as printed; without such a heading, the best vote.
    """
    shown = [h for h in dict.fromkeys(printed) if len(key(h)) > 1]
    cut = [
        Title(
            cut_site(v.text, site=site, url=url, votes=[*shown, *(o.text for o in votes if o is not v)]),
            v.source,
        )
        for v in votes
    ]
    cut = [v for v in cut if key(v.text) and not _is_site(v.text, site, url)]
    if filed:
        filed = cut_site(filed, site=site, url=url, votes=[*shown, *(o.text for o in votes if o.text != filed)])
        if key(filed) and not _is_site(filed, site, url):
            printed_so = next((h for h in shown if key(h) == key(filed)), None)
            return Title(printed_so, "h1") if printed_so else Title(filed, "json-ld")
    if shown and cut:
        scored = [(max(similarity(h, v.text) for v in cut), -i, h) for i, h in enumerate(shown)]
        best, _, heading = max(scored)
        if best >= SAME:
            return Title(_without_kicker(heading, cut), "h1")
        inside = [
            h for h in shown if len(key(h)) > 15 and any(key(h) in key(v.text) or key(v.text) in key(h) for v in cut)
        ]
        if inside:
            return Title(_without_kicker(inside[0], cut), "h1")
    if cut:
        return cut[0]
    named = [h for h in shown if not _is_site(h, site, url)]
    return Title(named[0], "h1") if named else (votes[0] if votes else None)
