"""What one process does for one lane in a round of gradients: some sequences of its batch."""

import math

import numpy as np

from rnnviz.engine import LanguageModel, Overrides
from rnnviz.engine.errors import Stop
from rnnviz.training.answers import right_answers
from rnnviz.training.random_streams import at_words
from rnnviz.training.workers.lane_plan import ASKED, COUNT, LOSS, RIGHT, TARGETS, LanePlan
from rnnviz.training.workers.memory import SharedArrays


class LanePart:
    """Some sequences of a lane's batch: their way forward and back."""

    def __init__(
        self, arrays: SharedArrays, plan: LanePlan, worker: int, is_task: bool, model: LanguageModel
    ) -> None:
        lane = plan.lane
        self.overrides: Overrides | None = None
        self._plan, self._part, self._model = plan, plan.parts[worker], model
        columns = slice(self._part.first, self._part.end)
        n = self._part.end - self._part.first
        self._workspace = self._model.workspace(plan.T, n, dropout=plan.dropout, keep_states=False)
        self._tokens, self._targets = arrays["tokens"][:, columns], arrays["targets"][:, columns]
        self._starts = arrays["starts"][:, columns] if is_task else None
        self._answers = arrays["answers"][:, columns] if is_task else None
        self._entered = arrays[f"{lane}/entered"][:, :, columns]
        self._left = arrays[f"{lane}/left"][:, :, columns]
        self._masks = arrays["masks"][lane]
        self._counts = arrays["counts"][lane]
        self._report = arrays["reports"][lane, worker]

    def find_gradients(self, stop: Stop) -> None:
        """Forward and back; loss, answers and the state that is left are written down.

        Raises Interrupted once `stop()` is true.
        """
        window, report = self._workspace, self._report
        if window.masks is not None:  # each time from the place written down, however often it is tried
            rng = at_words(self._masks)
            window.masks.draw(rng, self._part.first, self._plan.B - self._part.end)
        with np.errstate(all="ignore"):
            self._model.forward(
                window,
                self._tokens,
                self._targets,
                self._entered,
                stop,
                overrides=self.overrides,
                dropping=True,
                starts=self._starts,
            )
            report[COUNT] = window.count
            report[LOSS] = window.mean_loss * window.count if window.count else 0.0
            report[RIGHT], report[ASKED] = right_answers(window, self._answers)
            if math.isfinite(report[LOSS]):
                self._model.backward(window, stop, int(self._counts[TARGETS]))
        np.copyto(self._left, window.final_state)
