"""The line model: shapes, independence of batch, robustness, and the seed pages."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line_model.renderings import RENDERINGS

from ingest.lines import chunks
from ingest.models import line_model
from ingest.roles import ROLE_BY_LABEL

SHARED = Path(os.environ.get("INGEST_SHARED") or Path(__file__).resolve().parents[2] / ".." / "shared")

PAGE = Path(__file__).with_name("data") / "news_page.txt"
ARTICLE = PAGE.read_text(encoding="utf-8").splitlines()
CHROME = {0, 1, 2, 3, 8, 18, 21, 22}
BODY = [i for i, line in enumerate(ARTICLE) if len(line) > 90]


def predict(*documents: list[str]) -> line_model.Prediction:
    offsets = np.cumsum([0, *map(len, documents)])
    return line_model.load().predict([line for d in documents for line in d], offsets)


def test_body_is_kept_and_menus_go() -> None:
    """On a plain news page the paragraphs pass the balanced threshold and the interface lines do not."""
    content = predict(ARTICLE).content
    kept = set(np.flatnonzero(content >= line_model.threshold()).tolist())
    assert kept >= set(BODY)
    assert not kept & CHROME


@pytest.mark.parametrize("name", sorted(RENDERINGS))
def test_paragraphs_survive_every_rendering(name: str) -> None:
    """Whatever the flattener, no paragraph of the page is lost at the balanced threshold."""
    lines, sources = RENDERINGS[name](ARTICLE)
    content = predict(lines).content
    lost = [
        line
        for line, source, p in zip(lines, sources, content, strict=True)
        if set(source) & set(BODY) and p < line_model.threshold()
    ]
    assert not lost


def test_roles_of_plain_cases() -> None:
    """Title, share bar, read-more link and copyright line of a plain page get their own roles."""
    p = predict(ARTICLE)
    found = {i: p.role_labels[int(p.roles[i].argmax())] for i in (5, 8, 18, 22)}
    assert found == {5: "title", 8: "share", 18: "read-more", 22: "legal-notice"}


def test_shapes_and_ranges() -> None:
    """One row per line, blank lines at zero, role rows of the others summing to one, labels of the closed
    set.
    """
    p = predict(ARTICLE, [], ["", " "], ["One line"])
    n = len(ARTICLE) + 3
    assert p.content.shape == p.alone.shape == (n,)
    assert p.roles.shape == (n, len(p.role_labels))
    assert {p.content.dtype, p.alone.dtype, p.roles.dtype} == {np.dtype(np.float32)}
    assert set(p.role_labels) <= set(ROLE_BY_LABEL)
    blank = np.array([not line.strip() for line in [*ARTICLE, "", " ", "One line"]])
    assert not p.content[blank].any()
    np.testing.assert_allclose(p.roles.sum(1), np.where(blank, 0, 1), atol=1e-5)
    assert ((p.content >= 0) & (p.content <= 1)).all()


LINES = st.lists(st.text(max_size=80), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=5), st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_the_batch(documents: list[list[str]], random: object) -> None:
    """A document gets the same bytes alone, among others, and in any order; no input raises."""
    documents = [*documents, ARTICLE]
    order = list(range(len(documents)))
    random.shuffle(order)  # type: ignore[attr-defined]
    together = predict(*[documents[i] for i in order])
    at = np.cumsum([0, *(len(documents[i]) for i in order)])
    for place, i in enumerate(order):
        alone = predict(documents[i])
        span = slice(at[place], at[place + 1])
        assert together.content[span].tobytes() == alone.content.tobytes()
        assert together.roles[span].tobytes() == alone.roles.tobytes()


@pytest.mark.parametrize(
    "lines",
    [
        ["\ud800\udfff", "\x00" * 50],
        ["x" * 300_000],
        ["."] * 20_000,
        ["𐐷𝕏🙂" * 9, "\u2028", "a\nb"],
        ["١٢٣ ٢٠٢٤"],
    ],
    ids=["surrogates", "one-long-line", "many-lines", "astral", "digits"],
)
def test_odd_input_gives_finite_verdicts(lines: list[str]) -> None:
    """Lone surrogates, NULs, giant lines, astral letters: a verdict for each line, never an error."""
    p = predict(lines, ARTICLE)
    assert np.isfinite(p.content).all()
    assert np.isfinite(p.roles).all()


def test_offsets_must_cover_the_lines() -> None:
    """Offsets that do not span the lines are refused."""
    with pytest.raises(ValueError, match="offsets"):
        line_model.load().predict(["a", "b"], np.array([0, 1]))


def test_chunking_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are worked on in chunks; where the cuts fall does not show."""
    documents = [ARTICLE] * 5
    whole = predict(*documents)
    monkeypatch.setattr(chunks, "CHUNK", 200)
    assert predict(*documents).content.tobytes() == whole.content.tobytes()


def test_knob_is_ordered() -> None:
    """Precision asks for more than balanced, balanced for more than recall."""
    assert line_model.threshold("recall") < line_model.threshold("balanced") < line_model.threshold("precision")


def test_weights_are_small_and_versioned() -> None:
    """The archive stays under a megabyte and names its version."""
    assert line_model.WEIGHTS.stat().st_size <= 1_000_000
    assert line_model.load().version.startswith("line-")


def test_other_archives_are_refused(tmp_path: Path) -> None:
    """An archive without the model's arrays is an error that names what is missing."""
    np.savez(tmp_path / "x.npz", a=np.zeros(1))
    with pytest.raises(ValueError, match="no line model"):
        line_model.read(tmp_path / "x.npz")


@pytest.mark.skipif(not (SHARED / "gold" / "seeds.json").exists(), reason="the seed pages are not here")
def test_seed_bodies_are_kept() -> None:
    """On the seed pages no body or standfirst line falls below the balanced threshold."""
    import json

    gold = json.loads((SHARED / "gold" / "seeds.json").read_text(encoding="utf-8"))
    lost = []
    for name, page in gold.items():
        lines = (SHARED / "seeds" / name).read_text(encoding="utf-8").split("\n")
        content = predict(lines).content
        lost += [
            (name, n, lines[n - 1])
            for n, role in page["lines"]
            if role in ("body", "standfirst") and content[n - 1] < line_model.threshold()
        ]
    assert not lost
