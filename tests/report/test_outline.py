"""What is shown of a site: its template in page order, the slots between, and what changed in the last run."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from ingest.cli import cli
from ingest.config import Settings
from ingest.report.outline import Anchor, Outline, Template, outline_of, runs_of
from ingest.run import run
from ingest.sites.templates import NO_TEMPLATES

OLD, NEW = datetime(2021, 1, 1), datetime(2021, 1, 2)
MENU, FOOTER = ["Home", "Ponds", "Rivers"], ["Printed on reeds", "Write to the keeper"]


def rows(
    pages: list[list[tuple[str, str]]], when: list[datetime] | None = None, order: list[int] | None = None
) -> Outline:
    """The outline of pages, given by lines and their roles, "text" for those that stay."""
    articles, removed = [], {}
    for number, lines in enumerate(pages):
        kept = [(at, line) for at, (line, role) in enumerate(lines, 1) if role == "text"]
        articles.append(
            {
                "id": f"{number:03}",
                "text": "\n\n".join(line for _, line in kept),
                "text_lines": [at for at, _ in kept],
                "removed_lines": len(lines) - len(kept),
                "ingested_at": when[number] if when else OLD,
            }
        )
        removed[f"{number:03}"] = [
            {"line": at, "text": line, "role": role, "stage": "sites", "evidence": "site", "rule": None, "score": 1.0,
             "language": "en", "altered_to": None}
            for at, (line, role) in enumerate(lines, 1) if role != "text"
        ]  # fmt: skip
    given = [articles[number] for number in order] if order else articles
    return outline_of(given, removed, lambda keys: NO_TEMPLATES)


def only(outline: Outline) -> Template:
    [template] = outline.templates
    return template


def page(number: int, *, menu: list[str] = MENU, body: int = 2) -> list[tuple[str, str]]:
    word = "abcdefghijklmnop"[number]
    text = [(f"The pond {word} {line} was measured again".replace("0", "once"), "text") for line in "xyz"[:body]]
    return [*((line, "navigation") for line in menu), *text, *((line, "legal-notice") for line in FOOTER)]


def texts(anchors: list[Anchor]) -> list[str]:
    return [anchor.text for anchor in anchors]


def test_lines_stand_in_page_order_with_their_slots() -> None:
    """Menu, what differs from page to page, footer; the slot tells pages, sizes, variety, roles and an example."""
    template = only(rows([page(n, body=1 + n % 2) for n in range(6)]))
    assert texts(template.anchors) == [*MENU, *FOOTER]
    slot = template.anchors[len(MENU) - 1].slot
    assert slot is not None
    assert (slot.pages, slot.lines, slot.different, slot.roles) == (6, (1, 2, 2), 6, {"text": 9})
    assert slot.example.startswith("The pond")
    assert [anchor.slot for anchor in template.anchors if anchor.text != MENU[-1]] == [None] * 4
    assert template.top is None
    assert {anchor.share for anchor in template.anchors} == {1.0}


def test_order_is_that_of_the_pages_although_some_lack_lines() -> None:
    """A line that half of the pages have stands where these have it."""
    pages = [page(n, menu=["Home", "Ponds", "Lakes", "Rivers"] if n % 2 else MENU) for n in range(8)]
    template = only(rows(pages))
    assert texts(template.anchors) == ["Home", "Ponds", "Lakes", "Rivers", *FOOTER]
    assert template.anchors[2].share == 0.5


def test_the_name_of_a_section_above_an_article_is_no_menu() -> None:
    """A line of the menu that stands again amid some pages does not cut their slot in two."""
    pages = [page(n) for n in range(9)]
    pages[2].insert(4, ("Ponds", "section"))
    template = only(rows(pages))
    slot = template.anchors[2].slot
    assert texts(template.anchors) == [*MENU, *FOOTER]
    assert slot is not None
    assert (slot.pages, slot.roles) == (9, {"text": 18, "section": 1})


def test_every_line_is_in_the_template_or_in_a_slot() -> None:
    """Nothing is left out unsaid: lines of anchors and slots add up to those of the pages, in random ones too."""
    rng = random.Random(1)
    for _ in range(20):
        pages = [
            [(rng.choice("abcdefgh") * 3, rng.choice(["text", "navigation"])) for _ in range(rng.randint(1, 12))]
            for _ in range(rng.randint(2, 12))
        ]
        template = only(rows(pages))
        fillings = [a.slot for a in template.anchors if a.slot] + ([template.top] if template.top else [])
        told = sum(sum(slot.roles.values()) for slot in fillings) + sum(a.pages for a in template.anchors)
        repeated = sum(sum(slot.roles.values()) for slot in fillings)
        assert told >= sum(map(len, pages)) >= repeated
        assert template.seldom == 0


def test_few_lines_in_common_are_looked_for_on_fewer_pages() -> None:
    """Where hardly a line stands on half of the pages, those on a quarter are told, and it is said which."""
    pages = [page(n, menu=[f"Menu {'abc'[n % 3]} of {word}" for word in ("fog", "reed")])[:-2] for n in range(9)]
    template = only(rows(pages))
    assert template.often == 0.25
    assert len(template.anchors) == 6


def test_what_a_redesign_changed_is_told() -> None:
    """Lines that the pages of the last run lack, and those that only they have, are marked as such."""
    pages = [page(n, menu=MENU if n < 4 else ["Start", *MENU[1:]]) for n in range(8)]
    outline = rows(pages, [OLD] * 4 + [NEW] * 4)
    changed = {a.text: (a.before, a.now) for a in only(outline).anchors if a.before is not None}
    assert outline.now == 4
    assert changed == {"Home": (1, 0), "Start": (0, 1)}
    assert all(a.before is None for a in only(rows(pages)).anchors)


def test_order_of_rows_is_nothing() -> None:
    """The same rows in another order give the same outline."""
    pages = [page(n) for n in range(7)]
    numbers = list(range(7))
    assert rows(pages) == rows(pages, order=numbers[::-1]) == rows(pages, order=numbers[3:] + numbers[:3])


def test_equal_lines_are_told_in_one() -> None:
    """Neighbours with one role and about the same share; a slot, another role or a change divides them."""
    runs = [texts(run) for run in runs_of(only(rows([page(n) for n in range(5)])))]
    assert runs == [MENU, FOOTER]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host with two templates, in Russian and Chinese, read in two runs."""
    folder = tmp_path_factory.mktemp("site")
    rng = np.random.default_rng(1)

    def dump(name: str, menu: list[str], footer: list[str], letters: str) -> None:
        with (folder / name).open("w", encoding="utf-8") as file:
            for n in range(5):
                own = ["".join(rng.choice(list(letters), 90)) + "." for _ in range(4)]
                text = "\n".join([*menu, "", *own, "", *footer])
                file.write(json.dumps({"text": text, "url": f"http://pond.example/{name}/{n}"}) + "\n")

    russian = ["Главная страница", "Новости водоёмов и берегов", "Происшествия на воде и под водой"]
    dump("1.jsonl", russian, ["Редакция: город Пруд, улица Камышовая, дом без номера"], "абвгд еж зи")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    run([folder / "1.jsonl"], folder / "out", Settings(workers=0, settle=0.0))
    patch.undo()
    chinese = ["首页 新闻 国内 国际 港澳 台湾", "池塘与河流的所有消息都在这里", "关于我们 联系我们 广告服务"]
    dump("2.jsonl", chinese, ["本网站所刊载信息不代表池塘观点 刊用务经书面授权"], "水面波光在风中静静流动")
    run([folder / "2.jsonl"], folder / "out", Settings(workers=0, settle=0.0))
    return folder / "out"


def show(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["sites", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_show_tells_each_template(dataset: Path) -> None:
    """A person finds the menu and footer of both designs, whole, and how many pages have them."""
    told = show("show", "pond.example", "-o", str(dataset))
    assert told.count("── Template") == 2
    assert "5 pages of 10" in told
    for line in ("Новости водоёмов и берегов", "池塘与河流的所有消息都在这里", "улица Камышовая, дом без номера"):
        assert line in told
    assert "2 templates" in show("list", "-o", str(dataset))


def test_show_as_json(dataset: Path) -> None:
    """Programs get the same, anchors and slots one by one."""
    told: dict[str, Any] = json.loads(show("show", "pond.example", "--json", "-o", str(dataset)))
    templates = told["outline"]["templates"]
    assert (told["templates"], len(templates), told["articles"]) == (2, 2, 10)
    assert [template["now"] for template in templates] in ([0, 5], [5, 0])
    anchor = templates[0]["anchors"][0]
    assert anchor.keys() == {"text", "pages", "share", "roles", "before", "now", "slot"}
