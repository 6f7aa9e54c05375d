"""Straight and round are two ways, not two factors: what stands under them is what arrives."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from rnnviz.engine import LanguageModel, ModelSpec
from rnnviz.gui.cursor import Cursor
from rnnviz.gui.views.score import Score
from rnnviz.probes import Trace, trace_passage
from tests.gui.score.looking import readings, show

WORDS = ["Napoleon", "was", "the", "Emperor", "of", "all", "the", "French"]


def traced(cell: str) -> Trace:
    model = LanguageModel(ModelSpec(20, cell, hidden=8, dtype="float64"), np.random.default_rng(2))
    spelling = tuple(f"w{i}" for i in range(20))
    return trace_passage(model, tokens=list(range(8)), words=WORDS, spelling=spelling, answer=9)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_total_of_a_step_is_what_arrives_and_not_a_product(
    live: tuple[Score, Cursor], qtbot: QtBot, cell: str
) -> None:
    trace = traced(cell)
    show(live, trace)
    reading = readings(live[0], qtbot, "factors", 4, 0.5)
    k, row = reading.step, trace.state_gradient_matrix[7, :, 0]
    assert reading.value == pytest.approx(float(row[k - 1] / row[k]))
    assert trace.straight_factor is not None and trace.round_factor is not None
    assert reading.value > 2 * float(trace.straight_factor[7, k, 0] * trace.round_factor[7, k, 0])
    assert "straight ×" in reading.text and "round ×" in reading.text
