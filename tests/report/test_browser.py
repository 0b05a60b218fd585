"""The report in a real browser: it draws, filters, searches and corrects, and nothing that a page says runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report import hostile

from ingest.config import Settings
from ingest.dataset import open_dataset
from ingest.inspection.line_refs import corrections_from
from ingest.report import write_report
from ingest.run import run

TIMEOUT = 30  # seconds
FIND = "const p = R.pages.find(p => p.source.startsWith('all') && p.record === arguments[0]); select(p);"


@pytest.fixture(scope="module")
def world(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample dump and hostile pages as a dataset, and its report."""
    folder = tmp_path_factory.mktemp("seen")
    hostile.write_pages(folder / "hostile")
    (folder / "bad.jsonl").write_text('{"text": 5}\n')
    run([raw, folder / "hostile", folder / "bad.jsonl"], folder / "out", Settings())
    write_report(folder / "out", folder / "report.html")
    return folder


@pytest.fixture
def page(browser: Any, world: Path) -> Any:
    """The report, opened from disk and ready; at the end the browser's console must be empty."""
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get((world / "report.html").as_uri())
    wait(lambda: browser.execute_script("return document.documentElement.dataset.ready") == "yes")
    yield browser
    assert browser.get_log("browser") == []
    assert browser.execute_script("return window.__ran") is None


def wait(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + TIMEOUT
    while not (value := condition()):
        assert time.monotonic() < end, "the report did not get there in time"
        time.sleep(0.02)
    return value


def all_of(page: Any, selector: str) -> list[Any]:
    found: list[Any] = page.find_elements("css selector", selector)
    return found


def text_of(page: Any, selector: str) -> str:
    text: str = page.find_element("css selector", selector).get_property("textContent")
    return text


def press(page: Any, keys: str) -> None:
    page.switch_to.active_element.send_keys(keys)


def search(page: Any, words: str) -> None:
    field = page.find_element("id", "search")
    field.clear()
    field.send_keys(words)
    wait(lambda: page.execute_script("return R.words.join(' ')") == words.lower())  # the last letter has counted


def marks(page: Any) -> set[str]:
    found = page.execute_script("return [...document.querySelectorAll('#page mark')].map(m => m.textContent)")
    return {mark.lower() for mark in found}


def test_totals_and_charts_are_drawn(page: Any, world: Path) -> None:
    """The sum balances and is that of the dataset; every canvas holds more than one colour."""
    articles = open_dataset(world / "out").table("articles")
    rejected = open_dataset(world / "out").table("rejected")
    assert text_of(page, "#balance .total") == str(len(articles) + len(rejected))
    assert text_of(page, "#balanced").startswith("✓ the totals balance")
    colours = page.execute_script(
        """return [...document.querySelectorAll('canvas')].map(canvas => {
             const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
             return new Set(new Uint32Array(data.buffer)).size; })"""
    )
    assert len(colours) >= 6
    assert min(colours) > 2
    titles = {title.text for title in all_of(page, "#charts h2")}
    assert {"What was removed", "Languages", "Length", "Dates", "Removed share", "Slowest stages"} == titles


def test_the_theme_follows_the_key(page: Any) -> None:
    """Light and dark differ on paper and in the charts, and are remembered as chosen."""
    grounds = []
    for _ in range(2):
        press(page, "t")
        grounds.append(page.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert len(set(grounds)) == 2


def test_filters_leave_the_right_pages(page: Any, world: Path) -> None:
    """By site, language, role and evidence; together they narrow; Clear brings all back."""
    press(page, "3")
    everything = len(all_of(page, "#list li"))
    rows = open_dataset(world / "out").table("articles").to_pylist()
    site = max((row["site"] for row in rows if row["site"]), key=lambda name: sum(r["site"] == name for r in rows))
    page.execute_script("setFilter('site', arguments[0])", site)
    assert len(all_of(page, "#list li")) == sum(row["site"] == site for row in rows)
    page.execute_script("setFilter('site', ''); setFilter('language', 'he')")
    assert len(all_of(page, "#list li")) == 1
    page.execute_script("setFilter('language', ''); setFilter('role', 'share'); setFilter('evidence', 'rule')")
    shown = len(all_of(page, "#list li"))
    removed = open_dataset(world / "out").table("removed").to_pylist()
    assert shown == len(
        {r["id"] for r in removed if r["role"] == "share" and r["evidence"] == "rule" and r["altered_to"] is None}
    )
    page.find_element("id", "clear-filters").click()
    assert len(all_of(page, "#list li")) == everything == len(rows) + len(open_dataset(world / "out").table("rejected"))


def test_search_finds_text_in_any_script_and_marks_it(page: Any) -> None:
    """All words must stand on the page, in any case; found words are marked; nothing found is said."""
    press(page, "/")
    search(page, "TEAPOT thimble")
    wait(lambda: 0 < len(all_of(page, "#list li")) < 5)
    assert marks(page) >= {"teapot", "thimble"}
    search(page, "Ұйқы күні")
    wait(lambda: "Ұйқыс" in text_of(page, "#page h3"))
    search(page, "no such words anywhere")
    wait(lambda: "No page meets these filters" in text_of(page, "#page"))


def test_before_and_after_stand_side_by_side(page: Any, raw: Path) -> None:
    """All lines of the page in order on the left, kept ones on the right; a click on one side shows the other."""
    press(page, "3")
    search(page, "Forty teapots crossed the market square")
    wait(lambda: "one very small teapot" in text_of(page, "#page h3"))
    source = (raw / "kettle-post/teapot-parade.txt").read_text(encoding="utf-8").split("\n")
    before = [
        (int(e.get_attribute("data-line")), e.find_element("css selector", ".text").text)
        for e in all_of(page, ".before .line")
    ]
    assert before == [(number, line.strip()) for number, line in enumerate(source, 1) if line.strip()]
    after = [paragraph.text for paragraph in all_of(page, ".article p")]
    gone = [line.find_element("css selector", ".text").text for line in all_of(page, ".before .line.gone")]
    assert sorted(after + gone) == sorted(text for _, text in before)
    all_of(page, ".article p")[2].click()
    assert [e.text for e in all_of(page, ".article p.at")] == [after[2]]
    assert after[2] in all_of(page, ".before .line.at")[0].text


def test_keys_walk_pages_and_lines_and_collect_corrections(page: Any, tmp_path: Path) -> None:
    """j and k change the page, arrows the line, s and g mark it; the command names each line, and the file is TOML."""
    press(page, "3")
    first = text_of(page, "#list [aria-selected=true]")
    press(page, "j")
    assert text_of(page, "#list [aria-selected=true]") != first
    press(page, "k")
    assert text_of(page, "#list [aria-selected=true]") == first
    page.execute_script("select(R.pages.find(p => p.source.includes('teapot-parade')))")
    identifier = page.execute_script("return R.page.id")
    while page.execute_script("return !R.at || R.at.kept"):
        press(page, "\ue015")  # arrow down
    removed = page.execute_script("return R.at.line")
    press(page, "s")
    while page.execute_script("return !R.at.kept"):
        press(page, "\ue015")
    kept = page.execute_script("return R.at.line")
    press(page, "g")
    press(page, "4")
    command = re.sub(r"\s*\\\n\s*", " ", text_of(page, "#command"))
    option = page.execute_script("return R.data.option")
    assert option.startswith(" -d ")
    assert command == f"ingest rules add{option} --stay {identifier}:{removed} --go {identifier}:{kept}"
    saved = tmp_path / "corrections.toml"
    saved.write_text(page.execute_script("return correctionsFile()"), encoding="utf-8")
    assert corrections_from(saved) == [(f"{identifier}:{removed}", "stay"), (f"{identifier}:{kept}", "go")]


def test_text_that_reads_from_the_right_is_shown_so(page: Any) -> None:
    """Hebrew starts at the right edge, English at the left, in list, lines and article."""
    press(page, "3")
    page.execute_script(FIND, hostile.RIGHT_TO_LEFT)
    directions = page.execute_script(
        """return ['.article p', '.before .line:not(.gone) .text', '#list [aria-selected=true] .title', '.article h3']
             .map(s => getComputedStyle(document.querySelector(s)).direction)"""
    )
    assert directions == ["rtl"] * 4
    friend = next(line for line in all_of(page, ".before .line .text") if line.text == "Send to a friend")
    assert friend.value_of_css_property("direction") == "ltr"


def test_hostile_pages_run_nothing_and_are_shown_as_text(page: Any, world: Path) -> None:
    """No attack makes an element, a request or a mark, wherever it stands; the characters are shown as they are."""
    page.execute_script("window.__requests = performance.getEntriesByType('resource').length")
    press(page, "3")
    for number in range(len(hostile.HOSTILE)):
        page.execute_script(
            f"{FIND} for (const l of p.lines) atLine(l, 'before');"
            "for (const l of p.lines) markLine(p, l, l.kept ? 'go' : 'stay');",
            number,
        )
    search(page, "onerror")
    wait(lambda: len(all_of(page, "#list li")) >= 2)
    for tab in "1234":
        page.execute_script("document.activeElement.blur()")
        press(page, tab)
    allowed = {"SCRIPT": 4, "STYLE": 1, "IMG": 0, "IFRAME": 0, "SVG": 0, "LINK": 0, "BASE": 0}
    for name, most in allowed.items():
        assert page.execute_script("return document.getElementsByTagName(arguments[0]).length", name) == most
    assert (
        page.execute_script("return [...document.querySelectorAll('[onload],[onerror],a[href^=javascript]')].length")
        == 0
    )
    assert page.execute_script("return performance.getEntriesByType('resource').length - window.__requests") == 0
    assert page.current_url.startswith((world / "report.html").as_uri())
    page.execute_script(
        f"clearFilters(); openTab('pages'); {FIND}",
        hostile.ALL,
    )
    shown = [line.get_property("textContent") for line in all_of(page, ".before .line .text")]
    assert hostile.HOSTILE[0] in shown
    assert max(map(len, shown)) < 5_000 < len(hostile.HUGE)


def test_overrides_end_with_their_line(page: Any) -> None:
    """A bidi override that is never closed does not reverse the text around it."""
    press(page, "3")
    page.execute_script(FIND, hostile.ALL)
    styles = page.execute_script(
        "return [...document.querySelectorAll('.before .line .text')].map(e => getComputedStyle(e).unicodeBidi)"
    )
    assert set(styles) == {"isolate"}


def test_the_policy_lets_nothing_else_run(page: Any) -> None:
    """A script put into the page by other means is refused, and so is markup given as text."""
    blocked = page.execute_script(
        """try { const d = document.createElement('div'); d.innerHTML = '<b>x</b>'; return 'let through'; }
           catch (error) { return error.name; }"""
    )
    assert blocked == "TypeError"
    assert page.execute_script("return document.querySelector('meta[http-equiv]').content").startswith(
        "default-src 'none'"
    )
    page.get_log("browser")  # the refusal above is told there
