"""How many answers of a memory task a window had right."""

import numpy as np

from rnnviz.engine import Workspace
from rnnviz.engine.arrays import Indices


def right_answers(window: Workspace, answers: Indices | None) -> tuple[int, int]:
    """How many of the answers (T, B) in the window just read would have been right, and how many there are.

    (0, 0) for ordinary texts, and where the window's probabilities are not all there any more.
    """
    if answers is None:
        return 0, 0
    rows = np.flatnonzero(answers >= 0)  # few: to look at all rows would take ten times as long
    likeliest = window.readout.likeliest_at(rows)
    if likeliest is None:
        return 0, 0
    return int(np.count_nonzero(likeliest == answers.reshape(-1)[rows])), len(rows)
