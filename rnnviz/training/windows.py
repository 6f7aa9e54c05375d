"""What each training window holds: tokens, targets, and where examples of a memory task begin in it."""

from itertools import pairwise

import numpy as np

from rnnviz.engine.arrays import Indices
from rnnviz.text import Corpus
from rnnviz.training.settings import ExperimentSettings


class TrainingWindows:
    """The windows of an epoch (T, B) one after the other, read into arrays that are used again.

    With `--loss marked` targets that do not count are -1, and a window without any is silent: it is read for
    the state that it leaves and makes no update.
    """

    def __init__(self, corpus: Corpus, shared: ExperimentSettings) -> None:
        self._streams = corpus.training_streams(shared.batch)
        self._T = shared.window
        self._only_marked = shared.loss == "marked"
        self.count = self._streams.n_windows(shared.window)
        self.tokens: Indices = np.zeros((shared.window, shared.batch), dtype=np.intp)
        self.targets: Indices = np.zeros((shared.window, shared.batch), dtype=np.intp)
        self.starts = None if corpus.task is None else np.zeros(self.tokens.shape, dtype=np.bool_)
        """(T, B): an example begins here, from a zero state; None for ordinary texts."""
        self.answers: Indices | None = None
        """(T, B): the targets that count in a memory task, -1 elsewhere; None for ordinary texts."""
        if corpus.task is not None:
            self.answers = self.targets if self._only_marked else np.zeros_like(self.targets)
        speaking = np.ones(self.count, dtype=np.bool_)
        if self._only_marked:
            speaking = self._streams.n_marked(shared.window) > 0
        self._speaking = speaking  # (count,)
        self._updates_before = np.concatenate(([0], np.cumsum(speaking)))  # (count + 1,)

    @property
    def updates_per_epoch(self) -> int:
        """How many of the windows make an update."""
        return int(self._updates_before[-1])

    def updates_before(self, index: int) -> int:
        """How many updates of an epoch come before window `index`."""
        return int(self._updates_before[index])

    def is_silent(self, index: int) -> bool:
        """Whether no target of a window counts."""
        return not self._speaking[index]

    def read(self, index: int) -> None:
        """Fill `tokens`, `targets` and `starts`."""
        self._streams.window(index, self._T, self.tokens, self.targets)
        if self._only_marked:
            self._streams.drop_unmarked(index, self._T, self.targets)
        if self.starts is not None:
            self._streams.starts(index, self._T, self.starts)
        if self.answers is not None and not self._only_marked:
            np.copyto(self.answers, self.targets)
            self._streams.drop_unmarked(index, self._T, self.answers)

    def one_example(self, sequence: int) -> tuple[int, int]:
        """From where to where one sequence of the window read last has an example that counts.

        The whole window where there are no examples.
        """
        if self.starts is None:
            return 0, self._T
        later = (np.flatnonzero(self.starts[1:, sequence]) + 1).tolist()
        pieces = list(pairwise([0, *later, self._T]))
        counting = [(a, b) for a, b in pieces if (self.targets[a:b, sequence] >= 0).any()]
        whole = [(a, b) for a, b in counting if self.starts[a, sequence]]
        return (whole or counting or pieces)[0]
