from __future__ import annotations

import numpy as np
import pytest

from ingest.language import log_likelihood

TEXTS = {
    "kk": "Бүгін Алматыда жаңа кітапхана ашылды, оған көптеген қонақ келді.",
    "ru": "Сегодня в городе открылась новая библиотека, пришло много гостей.",
    "uk": "Сьогодні в місті відкрилася нова бібліотека, прийшло багато гостей.",
    "bg": "Днес в града беше открита нова библиотека, дойдоха много гости.",
    "ky": "Бүгүн шаарда жаңы китепкана ачылды, ага көп конок келди.",
    "tt": "Бүген шәһәрдә яңа китапханә ачылды, анда күп кунак килде.",
}
WRONG = [("koi8-r", "cp1251"), ("cp1251", "koi8-r"), ("cp1251", "latin-1"), ("cp866", "cp1251"), ("utf-8", "cp1251")]


@pytest.mark.parametrize("label", TEXTS)
def test_a_language_is_likeliest_under_its_own_model(label: str) -> None:
    """Among the models, a text's own language gives it the highest likelihood, above -3 nats a letter."""
    values = log_likelihood([TEXTS[label]], list(TEXTS))[0]
    assert list(TEXTS)[int(values.argmax())] == label
    assert values.max() > -3


@pytest.mark.parametrize(("written", "read"), WRONG)
@pytest.mark.parametrize("label", ["ru", "uk", "bg"])
def test_wrong_code_page_is_unlikely(label: str, written: str, read: str) -> None:
    """Text read in a wrong code page is more than a nat a letter worse under every model than the sound text."""
    sound = log_likelihood([TEXTS[label]]).max()
    ruined = TEXTS[label].encode(written, "replace").decode(read, "replace")
    assert log_likelihood([ruined]).max() < sound - 1


def test_text_without_letters_has_no_likelihood() -> None:
    """Texts without a letter outside ASCII are NaN for Cyrillic models."""
    assert np.isnan(log_likelihood(["", "123", "plain ascii", "\ud800"])).all()


def test_batch_does_not_matter() -> None:
    """A text has the same likelihood alone and in a batch."""
    texts = list(TEXTS.values())
    together = log_likelihood(texts, ["ru", "kk", "en"])
    assert together.shape == (6, 3)
    for row, text in zip(together, texts, strict=True):
        assert log_likelihood([text], ["ru", "kk", "en"])[0].tolist() == row.tolist()


def test_unknown_label() -> None:
    """A label without a model is a programming error and raises."""
    with pytest.raises(ValueError, match="el"):
        log_likelihood(["text"], ["el"])
