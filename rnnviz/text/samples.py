"""The example texts that ship with the program, as `samples.json` lists them."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rnnviz.shipped import SAMPLES


@dataclass(frozen=True, slots=True)
class Sample:
    """One example text and the passage that shows best what it is about."""

    file: str
    title: str
    description: str
    passage: str
    answer: str
    tokens: str  # the tokens setting that suits it: "word" or "char"

    @property
    def path(self) -> Path:
        """Where the text stands."""
        return SAMPLES / self.file


@lru_cache(maxsize=1)
def samples() -> tuple[Sample, ...]:
    """All example texts, the default first."""
    entries = json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8"))
    return tuple(Sample(**entry) for entry in entries)


def sample_at(path: Path) -> Sample | None:
    """The example text that a path names, if it names one."""
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return None
    return next((sample for sample in samples() if sample.path.resolve() == resolved), None)
