"""What the other pages of its site say of each line of a page, as numbers for the model of sites.

Each number means what the other pages say, the page at hand taken out, and what the page itself shows beside it: how
much of it is its own, whether a repeated line stands among repeated ones or alone amid its own text.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.sites.page_lines import MIDDLE, STEPS, PageLines
from ingest.sites.tally import within
from ingest.sites.template import PARTS, By, Flags, Sum, nearest, of_kind

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

FAR = 1000.0  # lines to what is nowhere
REACH = 3  # lines on either side whose opinions are averaged

NAMES = (
    "logit", "size", "logit_before", "logit_after", "logit_around", "logit_far",
    "share", "on", "exact_share", "mask_share", "before_share", "after_share", "repeated",
    "repeated_before", "repeated_after", "repeated_around", "run_lines", "run_weight",
    "own_above", "own_share", "own_weight", "mass_above", "mass_below", "to_own_above", "to_own_below",
    "page_logit", "logit_of_page", "own_mass_share", "mass_share",
    "pages", "copied",
    "line_opinion", "line_where", "mask_opinion",
    "below_share", "below_opinion", "below_lines", "below_weight", "below_where",
    "above_share", "above_opinion", "above_lines", "above_weight", "above_where",
    "between_share", "between_opinion",
    "place_share", "place_lines", "place_opinion", "place_where", "html",
    "copies", "copy", "known_around", "known_far", "line_mass", "line_paragraphs",
    "below_repeated", "below_paragraphs", "below_mass", "above_repeated", "above_paragraphs", "above_mass",
    "between_repeated", "between_paragraphs", "between_mass", "place_repeated", "place_paragraphs", "place_mass",
    "to_paragraph_above", "to_paragraph_below", "paragraphs_above", "paragraphs_below", "own_paragraphs",
    "known_mass_share", "paragraph", "slot_known", "slot_mass", "slot_paragraphs",
)  # fmt: skip
N = len(NAMES)


def _is_copy(seen: PageLines) -> Flags:
    """bool[n]: lines that stand further up on their page, too."""
    key, page = seen.key, seen.page
    order = np.lexsort((key, page))
    again = np.zeros(len(seen), bool)
    again[order[1:]] = (key[order[1:]] == key[order[:-1]]) & (page[order[1:]] == page[order[:-1]])
    return again


def evidence(seen: PageLines, sums: I64, others: I64, anchor: Flags) -> F32:
    """float32[n, N] for the n lines of some pages.

    sums: int64[len(By), n, len(Sum)], of the other pages of the site · others: int64[n], how many these are, one or
    more · anchor: bool[n].
    """
    n, logit, weight = len(seen), seen.logit, seen.weight
    out = np.zeros((n, N), np.float32)
    if not n:
        return out
    size = np.diff(seen.offsets)
    first, last = np.repeat(seen.offsets[:-1], size), np.repeat(seen.offsets[1:], size) - 1
    row = np.arange(n)
    pages = sums[:, :, Sum.PAGES]
    share = (pages / others).astype(np.float32)

    def running(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        """Sums up to each line of the batch, with one for none before."""
        return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])

    def around(values: npt.NDArray[np.generic], reach: int) -> npt.NDArray[np.float64]:
        run, low, high = running(values), np.maximum(row - reach, first), np.minimum(row + reach, last) + 1
        mean: npt.NDArray[np.float64] = (run[high] - run[low]) / (high - low)
        return mean

    def of_page(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        run = running(values)
        return run[last + 1] - run[first]

    def above_line(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        run = running(values)
        return run[:-1] - run[first]

    columns: dict[str, npt.NDArray[np.generic]] = {}
    steps = seen.opinion.astype(np.int64) - MIDDLE
    columns["logit"], columns["size"] = logit, seen.characters
    columns["logit_before"] = np.where(row > first, np.append(0, logit[:-1]), -6)
    columns["logit_after"] = np.where(row < last, np.append(logit[1:], 0), -6)
    columns["logit_around"] = around(steps, REACH) / STEPS
    columns["logit_far"] = around(steps * weight, 12) / np.maximum(around(weight, 12), 1e-9) / STEPS

    columns["share"], columns["on"] = share[By.LINE], pages[By.LINE]
    columns["exact_share"], columns["mask_share"] = share[By.EXACT], share[By.MASK]
    columns["before_share"], columns["after_share"] = share[By.BEFORE], share[By.AFTER]
    columns["repeated"] = anchor
    columns["repeated_before"] = np.where(row > first, np.append(0, share[By.LINE][:-1]), 1)
    columns["repeated_after"] = np.where(row < last, np.append(share[By.LINE][1:], 0), 1)
    columns["repeated_around"] = around(anchor, REACH)
    begins = row == first
    begins[1:] |= anchor[1:] != anchor[:-1]
    start = np.flatnonzero(begins)
    length = np.diff(np.append(start, n))
    columns["run_lines"] = np.repeat(length, length)

    def of_run(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = np.repeat(np.add.reduceat(values, start, dtype=np.float64), length)
        return found

    columns["run_weight"] = of_run(weight)

    own = np.where(anchor, 0, weight)
    whole = of_page(own)
    columns["own_above"] = (above_line(own) + own / 2) / np.maximum(whole, 1)
    columns["own_share"], columns["own_weight"] = whole / np.maximum(of_page(weight), 1), whole
    every = of_page(seen.mass)
    of_text = of_page(seen.mass * steps) / np.maximum(every, 1) / STEPS
    columns["page_logit"], columns["logit_of_page"] = of_text, logit - of_text
    mass = np.where(anchor, 0, seen.mass)
    whole = of_page(mass)
    columns["own_mass_share"], columns["mass_share"] = whole / np.maximum(every, 1), every / 256 / of_page(weight)
    columns["mass_above"] = above_line(mass) / np.maximum(whole, 1)
    columns["mass_below"] = (whole - above_line(mass) - mass) / np.maximum(whole, 1)
    up, down = nearest(~anchor & (logit > 0) & (weight >= 10), seen.offsets)
    columns["to_own_above"] = np.where(up < 0, FAR, row - up)
    columns["to_own_below"] = np.where(down < 0, FAR, down - row)

    columns["pages"] = others
    paragraph = seen.is_paragraph
    few = paragraph & (pages[By.LINE] > 0) & (share[By.LINE] <= np.maximum(0.3, 1 / others))
    columns["copied"] = of_page(few) / np.maximum(of_page(paragraph), 1)

    with np.errstate(divide="ignore", invalid="ignore"):
        # where no other page has an opinion, the line's own
        opinion = np.where(sums[:, :, Sum.WEIGHT] > 0, sums[:, :, Sum.OPINION] / sums[:, :, Sum.WEIGHT] / STEPS, logit)
        place = np.where(sums[:, :, Sum.LINES] > 0, sums[:, :, Sum.WHERE] / sums[:, :, Sum.LINES] / 255, -1)
        lines = np.where(pages > 0, sums[:, :, Sum.LINES] / pages, 0)
        heavy = np.where(sums[:, :, Sum.LINES] > 0, sums[:, :, Sum.WEIGHT] / sums[:, :, Sum.LINES], 0)
    columns["line_opinion"], columns["line_where"] = opinion[By.LINE], place[By.LINE]
    columns["mask_opinion"] = opinion[By.MASK]
    for name, by in (("below", By.BELOW), ("above", By.ABOVE)):
        columns[f"{name}_share"], columns[f"{name}_opinion"] = share[by], opinion[by]
        columns[f"{name}_lines"], columns[f"{name}_weight"], columns[f"{name}_where"] = lines[by], heavy[by], place[by]
    columns["between_share"], columns["between_opinion"] = share[By.BETWEEN], opinion[By.BETWEEN]
    columns["place_share"], columns["place_lines"] = share[By.PLACE], lines[By.PLACE]
    columns["place_opinion"], columns["place_where"] = opinion[By.PLACE], place[By.PLACE]
    columns["html"] = seen.place != 0

    same = within(of_kind(seen.key, By.LINE), seen.page, np.empty((n, 0), np.int64))[:, Sum.LINES]
    columns["copies"], columns["copy"] = same, _is_copy(seen)
    known = (pages[By.LINE] > 0).astype(np.int64)
    columns["known_around"] = around(known, REACH)
    columns["known_far"] = around(known * weight, 12) / np.maximum(around(weight, 12), 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        heaviest = sums[:, :, Sum.WEIGHT]
        repeated = np.where(heaviest > 0, sums[:, :, Sum.REPEATED] / heaviest, -1)
        paragraphs = np.where(heaviest > 0, sums[:, :, Sum.PARAGRAPHS] / heaviest, -1)
        mean_mass = np.where(pages > 0, sums[:, :, Sum.MASS] / PARTS / pages, -1)
    columns["line_mass"], columns["line_paragraphs"] = mean_mass[By.LINE], paragraphs[By.LINE]
    for name, by in (("below", By.BELOW), ("above", By.ABOVE), ("between", By.BETWEEN), ("place", By.PLACE)):
        columns[f"{name}_repeated"], columns[f"{name}_paragraphs"] = repeated[by], paragraphs[by]
        columns[f"{name}_mass"] = mean_mass[by]
    own_paragraph = paragraph & (known == 0)
    up, down = nearest(own_paragraph, seen.offsets)
    columns["to_paragraph_above"] = np.where(up < 0, FAR, row - up)
    columns["to_paragraph_below"] = np.where(down < 0, FAR, down - row)
    of_paragraphs = np.where(own_paragraph, weight, 0)
    whole = of_page(of_paragraphs)
    columns["paragraphs_above"] = above_line(of_paragraphs) / np.maximum(whole, 1)
    columns["paragraphs_below"] = (whole - above_line(of_paragraphs) - of_paragraphs) / np.maximum(whole, 1)
    columns["own_paragraphs"] = whole / np.maximum(of_page(weight), 1)
    columns["known_mass_share"] = of_page(known * seen.mass) / np.maximum(every, 1)
    columns["paragraph"] = paragraph
    columns["slot_known"] = of_run(known * weight) / of_run(weight)
    columns["slot_mass"] = of_run(seen.mass) / np.maximum(every, 1)
    columns["slot_paragraphs"] = of_run(of_paragraphs) / of_run(weight)

    for number, name in enumerate(NAMES):
        out[:, number] = columns[name]
    return out
