"""langdetect as an engine: seeded, and with profiles for the languages that it lacks.

langdetect draws n-grams at random; each detector here starts from the same seed, so that an answer depends on its text
alone. The package's own factory is a global of the process that any other user of it may seed or fill; this engine
builds one of its own. The added profiles are in langdetect's format (counts of character 1- to 3-grams), made by
`scripts/train_language_profiles.py` with langdetect's own counting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ingest.language.engine import UNDETERMINED, Detection

PROFILES = Path(__file__).with_name("profiles")
SEED = 0
# langdetect's names where ours differ
RENAMED = {"zh-cn": "zh", "zh-tw": "zh", "no": "nb"}


class LangdetectEngine:
    """langdetect 1.0.9 with its 55 profiles and ours; some hundreds of texts a second."""

    name = "langdetect"

    def __init__(self) -> None:
        from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

        theirs = {path.name: path for path in Path(PROFILES_DIRECTORY).iterdir() if not path.name.startswith(".")}
        ours = {path.stem: path for path in PROFILES.glob("*.json")}
        files = [path for _, path in sorted((theirs | ours).items())]
        self._factory: Any = DetectorFactory()
        self._factory.set_seed(SEED)
        self._factory.load_json_profile([path.read_text("utf-8") for path in files])

    @cached_property
    def version(self) -> str:
        """langdetect's version and a digest of our profiles."""
        digest = hashlib.sha256()
        for path in sorted(PROFILES.glob("*.json")):
            digest.update(path.read_bytes())
        return f"{version('langdetect')}+{digest.hexdigest()[:12]}"

    def detect(self, texts: Sequence[str]) -> Detection:
        """One text after the other; equal texts are asked once."""
        known = {text: self._detect(text) for text in dict.fromkeys(texts)}
        return Detection(
            [known[text][0] for text in texts],
            np.array([known[text][1] for text in texts], np.float32),
        )

    def _detect(self, text: str) -> tuple[str, float]:
        from langdetect.lang_detect_exception import LangDetectException

        if not any(map(str.isalpha, text)):  # langdetect would take signs of its profiles as evidence
            return UNDETERMINED, 0.0
        detector = self._factory.create()
        try:
            detector.append(text)
            found = detector.get_probabilities()
        except LangDetectException:
            return UNDETERMINED, 0.0
        scores: dict[str, float] = {}
        for guess in found:
            label = RENAMED.get(guess.lang, guess.lang)
            scores[label] = scores.get(label, 0.0) + guess.prob
        if not scores:
            return UNDETERMINED, 0.0
        best = max(scores, key=lambda label: scores[label])
        return best, round(min(scores[best], 1.0), 4)
