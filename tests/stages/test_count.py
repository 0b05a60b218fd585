"""Words are counted as the regular expressions that define them count."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lines.scan import whole
from ingest.stages import count
from ingest.stages.count import count_words

WIDE = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
WORD = re.compile(rf"{WIDE}|(?:(?!{WIDE})\w)+")

TEXT = st.text(st.one_of(st.characters(), st.sampled_from("ab1_ \n字カ・é𠀀𝐀²")), max_size=80)
TEXTS = st.lists(TEXT, max_size=4)


def counted(texts: list[str]) -> list[int]:
    return [len(WORD.findall(text)) for text in texts]


@given(TEXTS)
def test_words_are_runs_and_single_ideographs(texts: list[str]) -> None:
    """Han and Kana characters count one each, all other words once, in any mixture."""
    assert count_words(whole(texts)).tolist() == counted(texts)


@given(TEXTS)
def test_a_word_on_the_edge_of_two_chunks_counts_once(texts: list[str]) -> None:
    """Long texts are counted chunk by chunk, with the same sum."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(count, "CHUNK", 7)
        assert count_words(whole(texts)).tolist() == counted(texts)
