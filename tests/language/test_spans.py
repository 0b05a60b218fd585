from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.language import Span, spans, spans_many, summarise

KAZAKH = "Бүгін Алматыда жаңа кітапхана ашылды, оған көптеген қонақ келді."
RUSSIAN = "Сегодня в городе открылась новая библиотека, пришло много гостей."
ENGLISH = "A new library opened in the city today and many guests came."
PIECE = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=30),
    st.sampled_from([KAZAKH, RUSSIAN, ENGLISH, "\n", " ", "123", "😀"]),
)


@given(st.lists(PIECE, max_size=8).map("".join))
@settings(max_examples=150, deadline=None)
def test_spans_cover_the_text(text: str) -> None:
    """Spans are adjacent, in order, never empty, change language at each border, and run from start to end."""
    found = spans(text)
    if not found:
        return
    assert found[0].start == 0
    assert found[-1].end == len(text)
    for span in found:
        assert span.start < span.end
        assert 0 <= span.score <= 1
    for one, two in itertools.pairwise(found):
        assert one.end == two.start
        assert one.language != two.language


@given(st.lists(st.lists(PIECE, max_size=5).map("".join), max_size=5))
@settings(max_examples=60, deadline=None)
def test_spans_do_not_depend_on_the_batch(texts: list[str]) -> None:
    """The spans of a text are the same alone and in a batch."""
    assert spans_many(texts) == [spans(text) for text in texts]


def test_lines_of_two_languages() -> None:
    """Each line of a mixed text is in the span of its language; offsets count code points."""
    text = f"😀 {KAZAKH}\n{RUSSIAN}"
    found = spans(text)
    assert [(text[span.start : span.end].strip(), span.language) for span in found] == [
        (f"😀 {KAZAKH}", "kk"),
        (RUSSIAN, "ru"),
    ]


@pytest.mark.parametrize(
    "inside",
    ["сегодня в городе открылась новая библиотека", "это очень важное решение"],
)
def test_switch_inside_a_line(inside: str) -> None:
    """A Russian passage of several words inside a Kazakh line is a span of its own."""
    text = f"Министр кеше журналистерге былай деді: «{inside}», сосын залдан шығып кетті."
    russian = [text[span.start : span.end] for span in spans(text) if span.language == "ru"]
    assert len(russian) == 1
    assert inside in russian[0]
    assert len(russian[0].split()) <= len(inside.split()) + 1


@pytest.mark.parametrize("text", [KAZAKH, RUSSIAN, ENGLISH])
def test_plain_text_is_one_span(text: str) -> None:
    """A sentence in one language is one span."""
    assert len(spans(text)) == 1


def test_names_do_not_break_a_line() -> None:
    """Two Latin names inside a Kazakh line do not make passages."""
    text = "Samsung Galaxy телефондары биыл Қазақстанда көп сатылды деп хабарлады Reuters агенттігі."
    assert [span.language for span in spans(text)] == ["kk"]


def test_foreign_quote_is_found() -> None:
    """Three or more words of another script are a passage of their own."""
    text = "Ол былай деді: a new library opened in the city today, деп жазды газет тілшісі бүгін."
    assert [span.language for span in spans(text)] == ["kk", "en", "kk"]


def test_text_without_evidence_has_no_spans() -> None:
    """Numbers, signs and nothing have no spans, and sum up to `und`."""
    for text in ("", "12.05.2021", "😀\n***"):
        assert spans(text) == []
        assert summarise(spans(text)).language == "und"


def test_context_decides_unclear_words() -> None:
    """The label given as context decides what the words alone leave open, and changes nothing clear."""
    assert spans("Спорт", context="kk")[0].language == "kk"
    assert spans("Спорт", context="ru")[0].language == "ru"
    assert spans(RUSSIAN, context="kk")[0].language == "ru"


def test_engine_without_spans_goes_by_lines() -> None:
    """An engine that only knows whole texts gives spans of lines."""
    found = spans(f"{KAZAKH}\n123\n{RUSSIAN}", engine="langdetect")
    assert [span.language for span in found] == ["kk", "ru"]
    assert found[0].end == found[1].start == len(KAZAKH) + 5


def test_summary_by_characters() -> None:
    """Shares are by characters, largest first; the article's language is the largest."""
    summary = summarise([Span(0, 30, "ru", 1.0), Span(30, 90, "kk", 0.9), Span(90, 100, "ru", 1.0)])
    assert summary.language == "kk"
    assert summary.score == pytest.approx(0.54)
    assert summary.languages == [("kk", 0.6), ("ru", 0.4)]
    assert summary.segments == [(0, 30, "ru"), (30, 90, "kk"), (90, 100, "ru")]
