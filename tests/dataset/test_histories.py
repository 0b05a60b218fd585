"""Any history of a folder ends in a dataset that is as the folder is."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from dataset.conftest import World
from hypothesis import given, settings
from hypothesis import strategies as st

CONTENTS = ["first text", "second text", "third text", "fourth text"]
folders = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(CONTENTS), max_size=4)
steps = st.tuples(folders, st.integers(1, 3), st.sampled_from(["none", "stale", "all"]), st.sampled_from(["c1", "c2"]))
memory = "/dev/shm" if Path("/dev/shm").is_dir() else None


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=1, max_size=5))
def test_each_content_is_there_once(history: Any) -> None:
    """Whatever files come, go, are copied, swapped or go back: each content that is there is in the dataset
    exactly once, no path has rows of a content that it no longer has, and a second run has nothing to do.
    """
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        world = World(Path(folder) / "world")
        for files, group, reprocess, config in history:
            for path in world.raw.iterdir():
                path.unlink()
            for name, text in files.items():
                world.put(name, text)
            world.run(group=group, reprocess=reprocess, config=config)
            counts = Counter(text for texts in world.texts().values() for text in texts)
            assert not {text: n for text, n in counts.items() if n > 1}
            assert set(files.values()) <= counts.keys()
            for path, texts in world.texts().items():
                assert texts == [files.get(path, texts[0])]
            world.assert_sound()
            plan = world.plan(config)
            assert (plan.new, plan.changed, plan.retire) == ([], [], [])
            assert plan.stale == [] or reprocess == "none"
