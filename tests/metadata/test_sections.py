"""What stands above a headline is a section only where it is a short name."""

from __future__ import annotations

import pytest

from ingest.metadata.sections import section_of

SECTIONS = {
    "Спорт": "Спорт",
    "KAZAKHSTAN - CHINA": "KAZAKHSTAN - CHINA",
    "World News": "World News",
    "Formula 1": "Formula 1",
    "サッカー": "サッカー",
    "ملفات وتقارير": "ملفات وتقارير",
    "Әлем жаңалықтары": "Әлем жаңалықтары",
    "Час назад / Бизнес": "Бизнес",
    "20 марта, 18:38 / Общество": "Общество",
    "Home › News › Politics": "Politics",
    "Главная » Новости » Общество": "Общество",
}
NONE = [
    "14,2 тыс подписчиков", "12.480 Abonnenten", "@harbour_news", "#bridge", "Tiempo de lectura: 2 min", "+", "}",
    "Вчера, 18:20", "3 hours ago", "12:30", "首页 >> 正文", "HOMEABOUTBlogContact", "Existing customer? Sign in",
    "Главная", "Басты бет", "ホーム", "Мамытов Талант Турдумаматович", "Antonio Guillem, pond.example", "$408.99",
    "Contact us • FAQ • Policies", "cover", "Sie sind hier:", "Powered by", "Medium Logo", "Updated",
]  # fmt: skip


@pytest.mark.parametrize(("line", "section"), SECTIONS.items())
def test_section_is_named(line: str, section: str) -> None:
    """A short name is the section; of a path of links, the last step."""
    assert section_of(line) == section


@pytest.mark.parametrize("line", NONE)
def test_other_small_lines_are_no_section(line: str) -> None:
    """Counters, handles, times, buttons, persons and links home name no section."""
    assert section_of(line) is None


@pytest.mark.parametrize("line", ["Поиск Закрыть", "Search Close", "小 中 大", "大 中 小", "A A A"])
def test_buttons_side_by_side_name_no_section(line: str) -> None:
    """A line of buttons alone, or of single letters, is no section."""
    assert section_of(line) is None
