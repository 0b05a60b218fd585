"""Features and targets of pages as flat arrays, in the page's own form and in augmented ones."""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.lines import scan, unicode, words
from ingest.models import edges, features, overlap, repeats, rule_features
from ingest.roles import Role
from ingest.rules import load as load_rules
from scripts.line_model import data, labels, pseudo, renderings, threads, transplant
from scripts.line_model.data import Page
from scripts.line_model.renderings import RENDERINGS

# Roles that the model tells apart; lines with another weak label or none do not train the roles.
ROLES = (
    Role.BODY, Role.TITLE, Role.CAPTION, Role.BYLINE, Role.DATE, Role.TAG, Role.NAVIGATION, Role.SHARE,
    Role.NEWSLETTER, Role.RELATED, Role.READ_MORE, Role.COMMENTS, Role.MOST_READ, Role.FOLLOW_US,
    Role.LEGAL_NOTICE, Role.AUTHOR_BIO, Role.IMAGE_PLACEHOLDER, Role.ADVERTISEMENT, Role.COOKIE_NOTICE,
    Role.PAGINATION, Role.OTHER_BOILERPLATE,
)  # fmt: skip
ROLE_INDEX = {int(role): i for i, role in enumerate(ROLES)}


@dataclass
class Prepared:
    """r rows of d documents; document i owns rows span[i]:span[i + 1] and tokens head_span, tail_span alike.

    words, kept: float32[r] · role: int64[r], index into `ROLES` or -1 · title: bool[r] · line: int64[r],
    number of the row's line in its document · word: uint16, the bucket of each word within its document, n_words:
    int64[r], how many of them the rows have · named: uint8[r], the group of rules that knows the line
    (`models.rule_features`) · gold: float32[d], words of the gold text · page: int64[d], index of the page.
    """

    alone: npt.NDArray[np.float16]
    context: npt.NDArray[np.float16]
    size: npt.NDArray[np.float32]
    words: npt.NDArray[np.float32]
    kept: npt.NDArray[np.float32]
    role: npt.NDArray[np.int64]
    title: npt.NDArray[np.bool_]
    line: npt.NDArray[np.int64]
    named: npt.NDArray[np.uint8]
    head: npt.NDArray[np.uint64]
    head_row: npt.NDArray[np.int64]
    tail: npt.NDArray[np.uint64]
    tail_row: npt.NDArray[np.int64]
    word: npt.NDArray[np.uint16]
    n_words: npt.NDArray[np.int64]
    span: npt.NDArray[np.int64]
    word_span: npt.NDArray[np.int64]
    head_span: npt.NDArray[np.int64]
    tail_span: npt.NDArray[np.int64]
    gold: npt.NDArray[np.float32]
    page: npt.NDArray[np.int64]


Lines = tuple[list[str], list[int], list[int], list[int]]  # lines, words, kept, role


def render(page: Page, name: str) -> Lines:
    """The page's lines and labels in another rendering; a line made of several takes their words together."""
    lines, sources = RENDERINGS[name](page.lines)
    n_words, kept, role = [], [], []
    for line, source in zip(lines, sources, strict=True):
        total = sum(page.words[i] for i in source)
        share = sum(page.kept[i] for i in source) / total if total else 0.0
        n = len(labels.words_of(line))
        n_words.append(n)
        kept.append(round(share * n))
        roles = {page.role[i] for i in source}
        role.append(roles.pop() if len(roles) == 1 else 0)
    return lines, n_words, kept, role


def rewrite(page: Page, seed: int, texts: Path | None) -> Lines:
    """The page in another language, or a pseudo script; word counts as of the new script."""
    lines = transplant.rewrite(page.lines, texts, seed)
    n_words = [len(labels.words_of(line)) for line in lines]
    kept = [round(n * k / w) if w else 0 for n, k, w in zip(n_words, page.kept, page.words, strict=True)]
    return lines, n_words, kept, page.role


AROUND = 6  # non-blank lines on either side of the article that stay with it when its page is changed


def core(page: Page) -> tuple[int, int]:
    """The line range from a little before the first line of article text to a little after the last."""
    body = [i for i, (n, k) in enumerate(zip(page.words, page.kept, strict=True)) if n > 8 and k > 0.6 * n]
    if not body:
        return 0, 0
    first, last = body[0], body[-1] + 1
    for _ in range(AROUND):
        first = next((i for i in range(first - 1, -1, -1) if page.lines[i].strip()), first)
        last = next((i + 1 for i in range(last, len(page.lines)) if page.lines[i].strip()), last)
    return first, last


CROPPED = 0.5  # share of the articles that are cut short when they are put amid another page's surroundings
FEWEST = 2  # lines of text that such an article keeps at least


def crop(page: Page, share: float) -> tuple[int, int, int]:
    """(first, end of the kept text, past last) of the article's lines: short articles are rare in the sets, and the
    rule in some countries.
    """
    first, last = core(page)
    body = [i for i in range(first, last) if page.words[i] > 8 and page.kept[i] > 0.6 * page.words[i]]
    draw = random.Random(zlib.crc32(page.id.encode()))
    if len(body) <= FEWEST or draw.random() > share:
        return first, last, last
    # the shorter, the more often; what stands after the article stays
    keep = min(len(body), int(FEWEST * (len(body) / FEWEST) ** draw.random()))
    return first, body[keep - 1] + 1, body[-1] + 1


def mix(page: Page, other: Page) -> Page:
    """The article of `page`, perhaps cut short, amid the surroundings of `other`, so that no article is known by its
    site's menus, nor by being in another language than those.
    """
    b = core(other)
    first, end, after = crop(page, CROPPED)
    last = core(page)[1]
    if first == last or b[0] == b[1]:
        return page
    out = replace(page, lines=[], words=[], kept=[], role=[])
    for source, start, stop, own in (
        (other, 0, b[0], False), (page, first, end, True), (page, after, last, True),
        (other, b[1], len(other.lines), False),
    ):  # fmt: skip
        out.lines.extend(source.lines[start:stop])
        out.words.extend(source.words[start:stop])
        out.kept.extend(source.kept[start:stop] if own else [0] * (stop - start))
        out.role.extend(source.role[start:stop])
    return out


def shorten(page: Page) -> Page:
    """The page with its article cut short."""
    _, end, after = crop(page, 1.0)
    left = [*range(end), *range(after, len(page.lines))]
    return replace(
        page,
        lines=[page.lines[i] for i in left],
        words=[page.words[i] for i in left],
        kept=[page.kept[i] for i in left],
        role=[page.role[i] for i in left],
    )


def is_moved(page: Page) -> bool:
    """Whether a page in a foreign language also stands in other surroundings: half of the sites do."""
    return zlib.crc32(f"moved {page.site}".encode()) & 1 == 1


def moved(page: Page, other: Page | None) -> Page:
    """The page that is written in a foreign language: every other one stands in the surroundings of `other`."""
    return mix(page, other) if other is not None and is_moved(page) else page


def variant(page: Page, name: str, other: Page | None = None, texts: Path | None = None) -> Lines:
    """`name`: "own", "short", "pseudo", "foreign", "mix", "thread" (the last three with `other`) or a rendering;
    "render" picks one by the site.

    texts: folder of texts by language.
    """
    seed = zlib.crc32(page.site.encode())  # one rendering or script for all pages of a site, so that lines still repeat
    if name == "mix":
        page = mix(page, other or page)
    elif name == "thread":
        if other is not None and page.type == "article":
            page = threads.discuss(page, core(page)[1], other, core(other))
    elif name == "short":
        page = shorten(page)
    elif name == "pseudo":
        return rewrite(page, seed, None)
    elif name == "foreign":
        return rewrite(moved(page, other), seed, texts)
    elif name == "render":
        name = MEANT[seed % len(MEANT)]
    if name in ("own", "mix", "thread", "short"):
        return page.lines, page.words, page.kept, page.role
    return render(page, name)


# What the model puts back before it judges need not be learned.
MEANT = [name for name in RENDERINGS if name != "wrapped"]


def partner(page: Page, around: Sequence[Sequence[Page]], kind: str = "article") -> Page | None:
    """The page whose surroundings, or thread, `page` gets: one of a `kind`, of another site in the same fold, so that
    no fold sees the pages of another, and of the same rendering. Each of the sets `around` is as likely to be taken.
    """
    seed = zlib.crc32(f"around {page.id} {page.rendering}".encode())
    some = around[seed % len(around)]
    for step in range(1, len(some)):
        other = some[(seed + step * 613) % len(some)]
        if data.fold_of(other.site) != data.fold_of(page.site):
            continue
        if other.site != page.site and other.rendering == page.rendering and other.type == kind:
            return other
    return None


@dataclass(frozen=True)
class Material:
    """What variants are made with. around: sets of pages whose surroundings are lent · texts: folder of texts by
    language.
    """

    around: Sequence[Sequence[Page]] = ()
    texts: Path | None = None


def prepare(pages: Sequence[Page], name: str, material: Material = Material(), batch: int = 200) -> Prepared:
    """Arrays of all pages in one variant."""
    around = material.around or [pages]
    if name == "thread":
        around = [some for some in around if any(page.type == "forum" for page in some)]
    kind = {"mix": "article", "foreign": "article", "thread": "forum"}.get(name)
    parts: dict[str, list[npt.NDArray[np.generic]]] = {f.name: [] for f in fields(Prepared)}
    rows_before = head_before = tail_before = words_before = 0
    for first in range(0, len(pages), batch):
        chosen = pages[first : first + batch]
        others = [partner(page, around, kind) if kind and around else None for page in chosen]
        some = [variant(page, name, other, material.texts) for page, other in zip(chosen, others, strict=True)]
        every = [line for lines, *_ in some for line in lines]
        # a page in a foreign language is as well known to the rules as it was before
        known = (
            every
            if name != "foreign"
            else [line for pair in zip(chosen, others, strict=True) for line in moved(*pair).lines]
        )
        offsets = np.cumsum([0] + [len(lines) for lines, *_ in some])
        f = features.extract(scan.scan(every), offsets)
        n_words = np.array([n for _, words_, *_ in some for n in words_], np.float32)[f.rows]
        kept = np.array([k for *_, kept_, _ in some for k in kept_], np.float32)[f.rows]
        role = np.array([r for *_, role_ in some for r in role_], np.int64)[f.rows]
        counts = np.bincount(f.doc, minlength=len(some))
        head_order = np.argsort(f.head_row, kind="stable")
        tail_order = np.argsort(f.tail_row, kind="stable")
        ends = np.cumsum(counts)
        parts["alone"].append(f.alone.astype(np.float16))
        parts["context"].append(f.context.astype(np.float16))
        parts["size"].append(f.size)
        parts["words"].append(n_words)
        parts["kept"].append(kept)
        parts["role"].append(np.array([ROLE_INDEX.get(r, -1) for r in role.tolist()], np.int64))
        parts["title"].append(role == Role.TITLE)
        parts["line"].append(f.rows - offsets[f.doc])
        parts["named"].append(rule_features.groups(load_rules().named(known))[f.rows])
        parts["head"].append(f.head[head_order])
        parts["head_row"].append(f.head_row[head_order] + rows_before)
        parts["tail"].append(f.tail[tail_order])
        parts["tail_row"].append(f.tail_row[tail_order] + rows_before)
        parts["word"].append((f.words.hashes & np.uint64(overlap.BUCKETS - 1)).astype(np.uint16))
        parts["n_words"].append(np.diff(f.words.first))
        parts["span"].append(rows_before + ends)
        parts["word_span"].append(words_before + f.words.first[ends])
        parts["head_span"].append(head_before + np.searchsorted(f.head_row[head_order], ends))
        parts["tail_span"].append(tail_before + np.searchsorted(f.tail_row[tail_order], ends))
        parts["gold"].append(np.array([len(labels.words_of(p.gold)) for p in chosen], np.float32))
        parts["page"].append(np.arange(first, first + len(some)))
        rows_before += len(f.rows)
        head_before += len(f.head)
        tail_before += len(f.tail)
        words_before += len(f.words.row)
    arrays = {key: np.concatenate(value) for key, value in parts.items()}
    for key in ("span", "word_span", "head_span", "tail_span"):
        arrays[key] = np.concatenate([[0], arrays[key]])
    return Prepared(**arrays)


def cached(pages: Sequence[Page], name: str, key: str, cache: Path, material: Material = Material()) -> Prepared:
    """As `prepare`, kept in `cache` under the set's name and the digest of the code that it depends on."""
    made_by = data.digest_of(
        unicode,
        scan,
        edges,
        features,
        overlap,
        repeats,
        words,
        labels,
        pseudo,
        threads,
        transplant,
        renderings,
        sys.modules[__name__],
    )
    pages_key = zlib.crc32("".join(f"{p.id} {len(p.lines)}\n" for p in pages).encode())
    made_with = (
        f"{len(material.around)}{'' if material.texts is None else 't'}" if name in ("mix", "foreign", "thread") else ""
    )
    file = cache / f"{key}-{name}{made_with}-{pages_key:08x}-{made_by}-{load_rules().version}.npz"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = prepare(pages, name, material)
        np.savez(file, **{f.name: getattr(made, f.name) for f in fields(Prepared)})
        return made
    with np.load(file) as archive:
        return Prepared(**{f.name: archive[f.name] for f in fields(Prepared)})
