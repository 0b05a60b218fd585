"""What the line model goes by is measured on real changes of the page, by its public interface alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.config import Settings
from ingest.document import Record
from ingest.inspection import look
from ingest.inspection.occlusion import PROBES, ModelView
from ingest.inspection.occlusion import effects as effects_of
from ingest.inspection.perturbation import Copy
from ingest.models import line_model
from ingest.pipeline import Chain

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
CHAIN = Chain(Settings())


def effects(lines: list[str], place: int) -> ModelView:
    """The effects on a line of a page of text."""
    [found] = look(CHAIN, [Record("p", 0, "\n".join(lines), "text")])
    return effects_of(found.document, CHAIN, found.page.texts(), place)


def test_effects_are_differences_of_real_predictions() -> None:
    """The base is the model's own verdict on the page; each effect is that minus the verdict on the changed page."""
    told = effects(PAGE, SUBSCRIBE)
    plain = line_model.load().predict(PAGE, np.array([0, len(PAGE)]), named=CHAIN.resources.rules.named(PAGE))
    assert told.in_context == pytest.approx(float(plain.content[SUBSCRIBE]), abs=1e-4)
    assert told.alone == pytest.approx(float(plain.alone[SUBSCRIBE]), abs=1e-4)
    once = next(effect for effect in told.effects if effect.feature == "its words")
    changed = [*PAGE[:SUBSCRIBE], "Ebircsbus ot ruo rettelswen", *PAGE[SUBSCRIBE + 1 :]]
    named = CHAIN.resources.rules.named(changed)
    other = line_model.load().predict(changed, np.array([0, len(changed)]), named=named).content[SUBSCRIBE]
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
    page = Copy(tuple(enumerate(lines)), data.draw(st.sampled_from(full)))
    for _, _, probe in PROBES:
        found = probe(page)
        if found is not None:
            assert found.lines[found.at][1].strip()


HTML = f"""<html><head><title>Otters take over</title></head><body><nav class="menu"><a href="/">Home</a></nav>
<article class="story"><h1>Otters take over</h1><p>{PAGE[4]}</p><p>{PAGE[5]}</p></article>
<div class="social-share"><a href="/s">Send this to a friend of yours</a></div><p class="note">{PAGE[6]}</p></body>
</html>"""


def test_html_is_asked_of_the_model_that_sees_the_tree() -> None:
    """What the elements are named, and that they are links, has an effect, beside what the line says itself."""
    [found] = look(CHAIN, [Record("p", 0, HTML, "html")])
    texts = found.page.texts()
    told = effects_of(found.document, CHAIN, texts, texts.index("Send this to a friend of yours"))
    features = {effect.feature: effect.change for effect in told.effects}
    assert features["the classes and ids of the elements"] < 0
    assert features["the links of the page"] < 0
    assert "its shortness" in features


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["Home", "", PAGE[4], "<b>A</b> line", "<i></i>", "漢字"]), min_size=1, max_size=6))
def test_any_html_page_can_be_probed(pieces: list[str]) -> None:
    """Every change of a page of HTML, however small, is a page that the model can be asked about."""
    page = "".join(f"<div id='d{n}'><nav><a href='/'>{piece}</a></nav></div>" for n, piece in enumerate(pieces))
    [found] = look(CHAIN, [Record("p", 0, f"<html><body>{page}</body></html>", "html")])
    for line in found.page.lines:
        told = effects_of(found.document, CHAIN, found.page.texts(), line.line - 1)
        assert 0 <= told.in_context <= 1
