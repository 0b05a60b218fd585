from __future__ import annotations

import numpy as np
import pytest

from ingest.language import detect, detect_lines, spans_many
from ingest.lines import chunks

KAZAKH = "Бүгін Алматыда жаңа кітапхана ашылды, оған көптеген қонақ келді."
RUSSIAN = "Сегодня в городе открылась новая библиотека, пришло много гостей."
BULGARIAN = "Днес в града беше открита нова библиотека, дойдоха много гости от цялата страна."
UKRAINIAN = "Сьогодні в місті відкрилася нова бібліотека, прийшло багато гостей."


@pytest.mark.parametrize(("article", "label"), [(KAZAKH, "kk"), (RUSSIAN, "ru"), (UKRAINIAN, "uk")])
def test_short_lines_follow_their_document(article: str, label: str) -> None:
    """A word that several languages share takes the language of the clear lines around it."""
    found = detect_lines([article, "Спорт", "Театр", article], np.array([0, 4]))
    assert found.labels == [label] * 4


def test_clear_lines_stay_what_they_are() -> None:
    """Context never overrules a line that is clear by itself, however little of the document it is."""
    lines = [KAZAKH] * 20 + [RUSSIAN, "Ваш адрес email не будет опубликован."] + [KAZAKH] * 20
    found = detect_lines(lines, np.array([0, len(lines)]))
    assert found.labels == ["kk"] * 20 + ["ru", "ru"] + ["kk"] * 20


def test_documents_do_not_touch_each_other() -> None:
    """Lines take context from their own document alone, wherever it stands in the batch."""
    one = [UKRAINIAN, "Спорт"]
    two = [KAZAKH, "Спорт"]
    both = detect_lines([*one, *two], np.array([0, 2, 4]))
    apart = [detect_lines(lines, np.array([0, 2])) for lines in (one, two)]
    assert both.labels == apart[0].labels + apart[1].labels
    assert both.labels[1] != both.labels[3]


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels and scores are the same wherever a batch is cut into chunks; no document is cut."""
    documents = [[UKRAINIAN, "Спорт"], [], [KAZAKH, "Спорт", RUSSIAN], ["2021"], [BULGARIAN, "Спорт"]]
    lines = [line for document in documents for line in document]
    offsets = np.cumsum([0, *map(len, documents)])
    whole, passages = detect_lines(lines, offsets), spans_many(lines)
    for size in (1, 80, 200):
        monkeypatch.setattr(chunks, "CHUNK", size)
        found = detect_lines(lines, offsets)
        assert found.labels == whole.labels
        assert found.scores.tobytes() == whole.scores.tobytes()
        assert spans_many(lines) == passages


def test_numbers_stay_undetermined() -> None:
    """Context gives no language to a line without letters."""
    assert detect_lines([KAZAKH, "2021", ""], np.array([0, 3])).labels == ["kk", "und", "und"]


def test_documents_without_lines() -> None:
    """Empty documents are allowed; with no context at all lines are decided as `detect` does."""
    lines = ["Спорт", "Пікір"]
    assert detect_lines(lines, np.array([0, 0, 1, 1, 2])).labels == detect(lines).labels
    assert detect_lines([], np.array([0, 0])).labels == []


def test_offsets_must_cover_the_lines() -> None:
    """Offsets that do not fit the lines are a programming error and raise."""
    with pytest.raises(ValueError, match="offsets"):
        detect_lines(["a"], np.array([0, 2]))


def test_other_engines_take_the_main_language() -> None:
    """With an engine that gives labels only, an unsure line takes the document's main language."""
    found = detect_lines([KAZAKH, RUSSIAN, KAZAKH, "1"], np.array([0, 4]), engine="langdetect")
    assert found.labels == ["kk", "ru", "kk", "und"]
