"""Why an error fades in cells with gates: two ways, whose lengths stand side by side."""

import dataclasses

import numpy as np
import pytest

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.plots.fading import NO_PATH, closing, fading_of, names, why_no_fading
from rnnviz.gui.views.plots.half_life import settled_text
from tests.gui.score.gated import gated_trace

CURSOR = CursorState(time_step=7, error_step=7)


@pytest.mark.parametrize(("cell", "rail", "gate"), [("lstm", "c", "f"), ("gru", "h", "z")])
def test_two_ways_are_told_with_their_gate(cell, rail, gate):
    trace = gated_trace(cell)
    assert why_no_fading(trace, CURSOR) == ""
    fading = fading_of(trace, CURSOR)
    assert fading.two_ways and fading.counterfactual is None
    row = trace.state_gradient_matrix[7, :, 0]
    assert fading.together**7 == pytest.approx(row[0] / row[7])
    straight = trace.straight_factor[7, 1:, 0]
    assert fading.slope == pytest.approx(float(np.exp(np.log(straight).mean())))
    assert names(trace, fading)[0] == f"straight along {rail}"
    mean = trace.gates[gate][1:, 0].mean()
    assert f"gate {gate} is {mean * 100:.0f} % open on average" in closing(trace, fading)
    assert "do not add up" in closing(trace, fading)


def test_a_network_without_memory_has_no_path():
    assert why_no_fading(gated_trace("feedforward"), CURSOR) == NO_PATH


def test_what_is_lost_past_the_first_steps_is_told_and_a_flat_curve_is_flat():
    trace = gated_trace("lstm")

    def text(lost):
        return settled_text(dataclasses.replace(trace, lost_per_step=np.array([lost])), 0, "word")

    assert text(0.03) == "past the first 4: falls 3 % a word"
    assert text(-0.5) == "past the first 4: grows 50 % a word"
    assert text(0.001) == "past the first 4: flat"
    assert text(np.nan) == ""
