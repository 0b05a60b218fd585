"""What the line model goes by is measured on real changes of the page, by its public interface alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.inspection.probes import PROBES, effects
from ingest.models import line_model

PAGE_TEXT = """Home | News | Sport

Otters take over the town pond

The otters arrived on Monday with three umbrellas and a clear plan for the pond, which nobody had asked them to make.
By Wednesday they had moved the benches to the north side, and the mayor thanked them for it in a long speech.
The older ducks have lodged a complaint, saying that the umbrellas hide the sun from nine until a quarter to five.

Share
Subscribe to our newsletter
Subscribe to our newsletter
© 2021 The Pond Gazette"""
PAGE = PAGE_TEXT.split("\n")
SHARE, SUBSCRIBE, BODY = 8, 9, 5


def test_effects_are_differences_of_real_predictions() -> None:
    """The base is the model's own verdict on the page; each effect is that minus the verdict on the changed page."""
    told = effects(PAGE, SUBSCRIBE)
    plain = line_model.load().predict(PAGE, np.array([0, len(PAGE)]))
    assert told.in_context == pytest.approx(float(plain.content[SUBSCRIBE]), abs=1e-4)
    assert told.alone == pytest.approx(float(plain.alone[SUBSCRIBE]), abs=1e-4)
    once = next(effect for effect in told.effects if effect.feature == "its words")
    changed = [*PAGE[:SUBSCRIBE], "Ebircsbus ot ruo rettelswen", *PAGE[SUBSCRIBE + 1 :]]
    other = line_model.load().predict(changed, np.array([0, len(changed)])).content[SUBSCRIBE]
    assert once.probability == pytest.approx(float(other), abs=1e-4)
    odds = np.log(plain.content[SUBSCRIBE] / (1 - plain.content[SUBSCRIBE])) - np.log(other / (1 - other))
    assert once.change == pytest.approx(float(odds), abs=0.01)


def test_strongest_effects_come_first_and_weak_ones_are_left_out() -> None:
    """A paragraph amid others is kept for its length and place, a share button goes for its shortness and place."""
    for place in (SHARE, BODY):
        changes = [abs(effect.change) for effect in effects(PAGE, place).effects]
        assert changes == sorted(changes, reverse=True)
        assert min(changes) >= 0.1
    assert any(effect.feature == "its length" and effect.change > 0 for effect in effects(PAGE, BODY).effects)
    assert all(effect.feature != "its digits" for effect in effects(PAGE, BODY).effects)  # it has none


def test_a_line_alone_on_its_page_is_explained() -> None:
    """Probes that need other lines stay silent where there are none."""
    assert 0 <= effects(["Share"], 0).in_context <= 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("aB7. |ңҚ漢ש\t", max_size=30).map(str.strip), min_size=1, max_size=8), st.data())
def test_probes_change_one_page_and_find_their_line(lines: list[str], data: st.DataObject) -> None:
    """Whatever the page, each probe gives a page whose marked line is not blank, or says that it has nothing to ask."""
    full = [row for row, line in enumerate(lines) if line]
    if not full:
        return
    place = data.draw(st.sampled_from(full))
    for _, _, probe in PROBES:
        found = probe(list(lines), place)
        if found is not None:
            changed, at = found
            assert changed[at].strip()
    effects(lines, place)
