"""A folder of JSON lines that changes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

WORDS = ["river", "harvest", "council", "bridge", "winter", "market", "teacher", "election", "railway"]
VERSION = re.compile(r"version-(\d+)")
LARGE = 0.12  # share of files that are worked on in segments


class Folder:
    """Each text names the version of its file, so that versions can be told apart; contents never repeat, and names are
    not used twice. `removed` are names of files that were taken away while a run may have been at work on them.
    """

    def __init__(self, path: Path, random: Random) -> None:
        self.path, self.random = path, random
        self.version = 0
        self.removed: set[str] = set()
        path.mkdir()
        for _ in range(12):
            self.add()

    def files(self) -> list[Path]:
        return sorted(self.path.glob("*.jsonl"))

    def change(self, *, live: bool = False) -> None:
        """A few random changes; `live` says that a run may be at work."""
        steps = [self.add, self.add, self.replace, self.replace, self.grow, self.remove]
        for _ in range(self.random.randint(1, 4)):
            step = self.random.choice(steps if live else [*steps, self.move])
            if step == self.remove and live:
                self.remove(live=True)
            else:
                step()

    def add(self) -> None:
        self.version += 1
        self._write(self.path / f"{self.random.randrange(1000):03}-{self.version}.jsonl", self.version)

    def replace(self) -> None:
        self.version += 1
        self._write(self.random.choice(self.files()), self.version)

    def grow(self) -> None:
        path = self.random.choice(self.files())
        found = VERSION.search(path.read_text())
        with path.open("a") as file:
            file.write(self._record(int(found[1]) if found else 0))

    def remove(self, *, live: bool = False) -> None:
        if len(self.files()) > 8:
            path = self.random.choice(self.files())
            path.unlink()
            if live:
                self.removed.add(path.name)

    def move(self) -> None:
        self.version += 1
        path = self.random.choice(self.files())
        path.rename(path.with_name(f"{self.random.randrange(1000):03}-{self.version}.jsonl"))

    def _write(self, path: Path, version: int) -> None:
        count = self.random.randint(20, 40) if self.random.random() < LARGE else self.random.randint(1, 5)
        records = [self._record(version) for _ in range(count)]
        if self.random.random() < 0.2:
            records.append("this is no JSON\n")
        temp = self.path.with_suffix(".writing")
        temp.write_text("".join(records))
        temp.rename(path)

    def _record(self, version: int) -> str:
        paragraphs = []
        for _ in range(self.random.randint(1, 3)):
            words = self.random.choices(WORDS, k=self.random.randint(20, 40))
            paragraphs.append(f"{' '.join(words).capitalize()} version-{version} {self.random.getrandbits(64):x}.")
        return json.dumps({"text": "\n\n".join([*paragraphs, "Share this page"])}) + "\n"
