"""What stands at the same place on the other pages of a site."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.config import Settings
from ingest.document import Record
from ingest.models import dom_model
from ingest.pipeline import Chain
from ingest.sites import contributions
from ingest.sites.places import moved, sums, told
from ingest.stages.assemble import Stamp

BODY, MENU = 8 << 8, 8 << 9
STAMP = Stamp("test", "hash", datetime(2026, 1, 1))


def page(*lines: tuple[int, float]) -> tuple[np.ndarray, np.ndarray]:
    """(content, what it contributes) of lines given by their place and probability."""
    content = np.array([p for _, p in lines], np.float32)
    return content, told(np.array([place for place, _ in lines], np.uint64), content)


def test_other_pages_move_the_lines_of_a_place() -> None:
    """Where text stands on the other pages a doubtful line becomes likelier, where none does less likely, elsewhere it
    stays; the step towards text is the longer one."""
    content, own = page((BODY, 0.5), (MENU, 0.5), (8 << 10, 0.5), (0, 0.5))
    others = [page((BODY, 0.95), (BODY, 0.99), (MENU, 0.03), (MENU, 0.01))[1] for _ in range(4)]
    body, menu, unknown, no_place = moved(content, own, *sums(np.concatenate([own, *others])))
    assert body > 0.8
    assert menu < 0.35
    assert body - 0.5 > 0.5 - menu
    assert [unknown, no_place] == [0.5, 0.5]


def test_a_page_tells_itself_nothing() -> None:
    """What the page itself contributed does not count, so the only page of a site stays as it is."""
    content, own = page((BODY, 0.9), (BODY, 0.2), (MENU, 0.1))
    assert moved(content, own, *sums(own)).tolist() == content.tolist()


@given(st.lists(st.tuples(st.sampled_from([0, BODY, MENU]), st.floats(0, 1, width=32)), max_size=30))
def test_sums_do_not_depend_on_order_or_parts(lines: list[tuple[int, float]]) -> None:
    """Sums over parts, in whatever order they come, are those over the whole."""
    whole = page(*lines)[1]
    backwards = np.concatenate([page(line)[1] for line in reversed(lines)] or [whole])
    assert [part.tolist() for part in sums(whole)] == [part.tolist() for part in sums(backwards)]


def test_contributions_name_the_model_that_judged() -> None:
    """New weights judge differently: what was learned with the old ones must not be mixed in, so the format grows."""
    assert dom_model.load().version == contributions.JUDGED_BY, "raise FORMAT and set JUDGED_BY with new weights"


SENTENCE = "The {} surveyors came back on {} with a longer rope and measured the {} pond from north to south."
WORDS = ["eager", "idle", "merry", "sober"]
DAYS = ["Monday", "Tuesday", "Friday", "Sunday", "the eve", "the morrow"]


def site(number: int) -> Record:
    word = WORDS[number]
    body = "".join(f"<p>{SENTENCE.format(word, day, word)}</p>" for day in DAYS)
    html = (
        f"<html><head><title>The {word} pond</title></head><body><nav><ul><li><a href=/>All {word} ponds</a></ul></nav>"
        f"<div class=story><h1>The {word} pond</h1>{body}</div>"
    )
    return Record("p.jsonl", number, html, "html", url=f"https://pond.example/{number}")


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_profiles_hold_places_whatever_the_order(order: list[int]) -> None:
    """Pages of HTML teach where the text of their site sits; batches and order change neither profile nor rows."""
    chain, other = Chain(Settings()), Chain(Settings())
    records = [site(number) for number in range(4)]
    chain.freeze([contributions.table(chain.learn(records, {"p.jsonl": "d"}))])
    parts = [part for i in order for part in other.learn([records[i]], {"p.jsonl": "d"})]
    other.freeze([contributions.table(parts)])
    profile = chain.profiles.sites["pond.example"]
    assert (profile.place_opinion > 0).any()
    assert (profile.place_opinion < 0).any()
    assert other.profiles.version == chain.profiles.version
    [whole] = chain.process(records, STAMP)
    singly = [rows for record in records for rows in other.process([record], STAMP)]
    assert whole.articles.to_pylist() == [row for rows in singly for row in rows.articles.to_pylist()]
