"""Whole runs over hand-labelled pages: every line's fate, and the metadata."""

from __future__ import annotations

from pathlib import Path

import ftfy
import pytest
from gold import differences

from ingest.config import Settings
from ingest.dataset import Dataset
from ingest.inspection import PageView, pages
from ingest.run import run


def _lines(path: Path) -> list[str]:
    """The lines of a page as its author wrote them: two sample pages are in cp1251 or mojibake on purpose."""
    data = path.read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("cp1251")
    return [ftfy.fix_encoding(line) for line in text.split("\n")]


def test_sample_dump_comes_out_as_labelled(tmp_path: Path, raw: Path, root: Path) -> None:
    """All pages of the sample dump: no article line lost, no boilerplate left, metadata right."""
    report = run([raw], tmp_path / "out", Settings())
    decoded = {str(p.relative_to(raw)): _lines(p) for p in raw.rglob("*.txt")}
    assert report.exit_code == 0
    assert differences(tmp_path / "out", root / "tests/data/raw_gold.json", decoded) == []
    assert Dataset.open(tmp_path / "out").verify().ok


def test_seed_pages_come_out_as_labelled(tmp_path: Path, shared: Path) -> None:
    """The five real pages that the project exists for: no difference."""
    run([shared / "seeds"], tmp_path / "out", Settings())
    decoded = {p.name: _lines(p) for p in (shared / "seeds").glob("*.txt")}
    assert differences(tmp_path / "out", shared / "gold/seeds.json", decoded) == []


@pytest.mark.parametrize("number", range(5))
def test_seed_page_alone_keeps_its_text_and_loses_its_boilerplate(tmp_path: Path, shared: Path, number: int) -> None:
    """Without its sister pages each page comes out the same, but for a date that nothing settles."""
    page = sorted((shared / "seeds").glob("*.txt"))[number]
    run([page], tmp_path / "out", Settings())
    found = differences(tmp_path / "out", _only(shared, page.name, tmp_path), {page.name: _lines(page)})
    assert [difference for difference in found if "published" not in difference] == []


def test_ambiguous_date_is_said_and_not_guessed(shared: Path) -> None:
    """The AsiaNews page of 2019 alone gives both readings; beside its sister page, the right one."""
    folder = shared / "seeds"
    page = next(folder.glob("000_*.txt"))
    alone = _views(page)[0]
    assert alone.metadata["published"] is None
    assert alone.metadata["published_ambiguous"] is True
    assert alone.metadata["published_raw"] == "12/10/2019, 09.17 [2019-10-12 09:17 | 2019-12-10 09:17]"
    together = next(view for view in _views(folder) if view.source == page.name)
    assert str(together.metadata["published"]) == "2019-12-10 09:17:00"


def _views(path: Path) -> list[PageView]:
    return [view for view in pages([path], Settings()) if isinstance(view, PageView)]


def _only(shared: Path, name: str, tmp_path: Path) -> Path:
    import json

    gold = json.loads((shared / "gold/seeds.json").read_text(encoding="utf-8"))
    target = tmp_path / "gold.json"
    target.write_text(json.dumps({name: gold[name]}), encoding="utf-8")
    return target
