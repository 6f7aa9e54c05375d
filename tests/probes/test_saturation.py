import numpy as np
import pytest

from tests.engine.networks import network
from tests.probes.test_passage import traced


@pytest.mark.parametrize(("cell", "names", "squashed"), [("lstm", "ifgo", "g"), ("gru", "rzn", "n")])
def test_shares_are_counted_off_the_gates(cell, names, squashed):
    trace = traced(network(3, cell=cell, layers=2, spread=12), 20)
    assert set(trace.saturation_high) == set(trace.saturation_low) == set(names)
    for name, gate in trace.gates.items():
        np.testing.assert_allclose(trace.saturation_high[name], (gate > 0.9).mean(axis=0))
        floor = -0.9 if name == squashed else 0.1
        np.testing.assert_allclose(trace.saturation_low[name], (gate < floor).mean(axis=0))
        assert trace.saturation_high[name].any() and trace.saturation_low[name].any()


@pytest.mark.parametrize(("activation", "floor"), [("tanh", -0.9), ("sigmoid", 0.1), ("relu", 0.1)])
@pytest.mark.parametrize("cell", ["rnn", "feedforward"])
def test_cells_without_gates_are_counted_by_their_activation(cell, activation, floor):
    trace = traced(network(3, cell=cell, activation=activation, spread=4), 20)
    np.testing.assert_allclose(trace.saturation_low["h"], (trace.hidden[1:] < floor).mean(axis=0))
    np.testing.assert_allclose(trace.saturation_high["h"], (trace.hidden[1:] > 0.9).mean(axis=0))
    assert trace.saturation_low["h"].any() and trace.saturation_high["h"].any()
