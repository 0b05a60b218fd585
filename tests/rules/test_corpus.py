"""Rules on pages whose article text is known: how much of it they would take."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ingest.roles import Role
from ingest.rules import load

MOST = 0.001  # share of gold words that rules may take from lines standing alone
MOST_ON_PAGES = 0.0015  # and on whole pages, where some sites' gold text holds lists of links
WORD = re.compile(r"[぀-ヿ㐀-鿿]|(?:(?![぀-ヿ㐀-鿿])\w)+")
SCRIPTS = {"Cyrl": "[Ѐ-ӿ]", "Arab": "[؀-ۿ]", "Hani": "[぀-ヿ㐀-鿿]", "Latn": "[A-Za-z]"}
BOILERPLATE = np.array([r for r in Role if r.is_boilerplate])


def script(text: str) -> str:
    return max(SCRIPTS, key=lambda name: len(re.findall(SCRIPTS[name], text[:3000])))


def key(line: str) -> str:
    return " ".join(re.findall(r"\w+", line.casefold()))


def articles(shared: Path, name: str) -> list[dict[str, str]]:
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(shared / f"data/{name}.parquet", columns=["dump", "gold_text", "gold_title", "page_type"])
    return [row for row in table.to_pylist() if row["page_type"] == "article" and row["gold_text"]]


def report(name: str, lost: Counter[str], total: Counter[str], worst: Counter[tuple[str | None, str]]) -> None:
    for group in total:
        print(f"{name} {group}: {lost[group]} of {total[group]} gold words, {lost[group] / total[group]:.4%}")
    for (rule, text), words in worst.most_common(8):
        print(f"  {words} {rule}: {text[:90]}")


@pytest.mark.parametrize("name", ["news_dev", "wcxb_dev", "sites_dev", "cyrillic_sites_dev"])
def test_rules_leave_article_lines_alone(shared: Path, name: str) -> None:
    """Of article lines, each taken for itself, rules claim less than one word in a thousand per script."""
    lost, total, worst = Counter[str](), Counter[str](), Counter[tuple[str | None, str]]()
    for row in articles(shared, name):
        texts = [line.strip() for line in row["gold_text"].split("\n")]
        verdicts = load().apply(texts, np.arange(len(texts) + 1), [None] * len(texts))
        group = script(row["gold_text"])
        total[group] += len(WORD.findall(row["gold_text"]))
        for i in np.flatnonzero(np.isin(verdicts.role, BOILERPLATE)):
            lost[group] += len(WORD.findall(texts[i]))
            worst[verdicts.rule[i], texts[i]] += len(WORD.findall(texts[i]))
    report(name, lost, total, worst)
    assert {g: lost[g] / total[g] for g in total if lost[g] / total[g] >= MOST} == {}


@pytest.mark.parametrize("name", ["news_dev", "sites_dev", "cyrillic_sites_dev"])
def test_blocks_leave_article_lines_on_whole_pages(shared: Path, name: str) -> None:
    """On whole flattened pages, with blocks, rules take less than three article words in two thousand from a page."""
    lost, total, worst = Counter[str](), Counter[str](), Counter[tuple[str | None, str]]()
    for row in articles(shared, name):
        texts = [line.strip() for line in (row["dump"] or "").split("\n")]
        gold = {key(line) for line in row["gold_text"].split("\n")} - {key(row["gold_title"] or ""), ""}
        verdicts = load().apply(texts, np.array([0, len(texts)]), [None])
        group = script(row["gold_text"])
        total[group] += len(WORD.findall(row["gold_text"]))
        taken = np.isin(verdicts.role, BOILERPLATE)
        kept = {key(texts[i]) for i in np.flatnonzero(~taken)}
        for i in np.flatnonzero(taken):
            if key(texts[i]) in gold - kept:  # a copy of the title in a list of links is no loss
                lost[group] += len(WORD.findall(texts[i]))
                worst[verdicts.rule[i], texts[i]] += len(WORD.findall(texts[i]))
    report(name, lost, total, worst)
    assert {g: lost[g] / total[g] for g in total if lost[g] / total[g] >= MOST_ON_PAGES} == {}
