"""What a text brings with it and the next text does not keep.

An example text brings its kind of tokens, a memory task its window, batch and more, a short text a batch that
it has room for. The next text of one's own has what was chosen before.
"""

from pathlib import Path
from typing import Any

from rnnviz.text import Passage, Task, TextFile, sample_at
from rnnviz.training import SUITED, Experiment, RunSettings


class SettingsOfBefore:
    """Remembers the user's own choices while an example text or a memory task is shown."""

    def __init__(self) -> None:
        self._tokens: str | None = None  # what the user read by before an example came
        self._asked = RunSettings()
        self._text: TextFile | None = None  # the one that is shown
        self.note = ""
        """What to tell of the text opened last."""
        self._task: dict[str, Any] | None = None  # settings that the text shown has changed

    def for_opening(
        self,
        source: Path | TextFile | Task,
        passage: Passage | None,
        settings: RunSettings,
        values: dict[str, Any],
    ) -> tuple[RunSettings, Passage | None]:
        """The settings and the passage with which a source is opened. Raises SettingError."""
        before = self._task or {}
        sample = sample_at(source) if isinstance(source, Path) else None
        if sample is not None:
            self._tokens = self._tokens or before.get("tokens", settings.experiment.tokens)
            values = {"tokens": sample.tokens} | values
            passage = passage or Passage(sample.passage, sample.answer)
        elif self._tokens is not None:
            values = {"tokens": self._tokens} | values
            self._tokens = None
        self._asked = settings.with_values(before | values)
        return self._asked, passage

    def tokens_were_chosen(self) -> None:
        """The user has said by what to read: that holds."""
        self._tokens = None

    def note_opened(self, experiment: Experiment, settings: RunSettings) -> None:
        """`experiment` takes the place of what was learned with `settings`."""
        self.note = ""
        if experiment.text is not None and experiment.text is self._text:
            return  # a new network for the same text
        self._text = experiment.text
        asked, now = self._asked.experiment, experiment.settings.experiment
        if (len(experiment.corpus.train_ids) - 1) // now.window < asked.batch != now.batch:
            self._task = {"batch": asked.batch}
            sequences = "one sequence" if now.batch == 1 else f"{now.batch:,} sequences side by side"
            self.note = f"This text is short: it is read in {sequences}, not {asked.batch:,}."
        elif experiment.corpus.task is None:
            self._task = None
        elif self._task is None:
            self._task = {name: settings.get(name) for name in SUITED}
