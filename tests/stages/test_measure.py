"""Lines are encoded and measured once, whoever reads them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from inprocess import ingest

from ingest import __file__ as package
from ingest.lines import scan
from ingest.lines.unicode import codes_of

PACKAGE = Path(package).parent
MENU = ["Home", "News", "Sport", "Вода", "Погода", "", "© 2021 The Pond. All rights reserved."]
SENTENCES = {
    "en": "the surveyors came back with a longer rope and measured it from north to south while ducks looked on",
    "ru": "в среду измерители снова пришли к пруду с длинной верёвкой и сказали что он такой же как прежде",
}


def page(draw: random.Random) -> dict[str, str]:
    words = SENTENCES[draw.choice(["en", "ru"])].split()
    body = [" ".join(draw.choices(words, k=30)).capitalize() + "." for _ in range(8)]
    title = " ".join(draw.choices(words, k=6)).capitalize()
    return {"url": f"https://pond.example/{draw.random()}", "text": "\n".join([*MENU[:5], title, *body, *MENU[5:]])}


def encoded(pages: list[dict[str, str]], folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Code points that the two passes of a run over some pages encode."""
    sizes: list[int] = []

    def counted(text: str) -> Any:
        sizes.append(len(text))
        return codes_of(text)

    monkeypatch.setattr(scan, "codes_of", counted)
    folder.mkdir()
    (folder / "pages.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages), encoding="utf-8")
    done = ingest("run", "pages.jsonl", "-o", "out", cwd=folder)
    monkeypatch.setattr(scan, "codes_of", codes_of)
    assert done.returncode == 0, done.stderr
    return sum(sizes)


def test_each_line_of_text_is_encoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By learning, applying and all that they call: what a run encodes grows by the characters of further pages."""
    draw = random.Random(17)
    some, more = ([page(draw) for _ in range(n)] for n in (8, 40))
    encoded(some, tmp_path / "rules", monkeypatch)  # the phrases of rules are encoded once a process
    few = encoded(some, tmp_path / "few", monkeypatch)
    passes = (encoded(some + more, tmp_path / "all", monkeypatch) - few) / sum(len(page["text"]) + 1 for page in more)
    assert passes == pytest.approx(1, abs=0.01)


def test_one_place_encodes() -> None:
    """No other module turns text into code points: what the test above counts is all there is."""
    sources = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert [name for name, source in sources.items() if '.encode("utf-32' in source] == ["lines/unicode.py"]
    assert {name for name, source in sources.items() if " codes_of" in source} == {"lines/scan.py", "lines/unicode.py"}
