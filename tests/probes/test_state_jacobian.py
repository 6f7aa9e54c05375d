import numpy as np
import pytest

from rnnviz.probes import state_jacobian
from rnnviz.probes.state_jacobian import MOST_LAGS, chosen_lags
from tests.engine.networks import network, window
from tests.probes.test_passage import traced

STEP = 1e-6


def measured(model, tokens, t, k, layer):
    """dh_t/dh_k by differences: the run is taken up again behind step k, with h_k moved and c_k kept."""
    H = model.spec.hidden
    ws = model.workspace(len(tokens), 1)
    model.read(ws, tokens[:, None], model.zero_state(1))
    run, below = ws.runs[layer], ws.runs[layer - 1].state[0, 1:].copy() if layer else None
    state = run.state[:, k + 1].copy()
    jacobian = np.zeros((H, H))
    rest = model.workspace(t - k, 1)
    for unit in range(H):
        ends = []
        for sign in (1, -1):
            start = model.zero_state(1)
            start[layer] = state
            start[layer, 0, 0, unit] += sign * STEP
            rest.input.forward(
                model.cells[0], model.weights[0], tokens[k + 1 : t + 1].astype(np.intp),
                rest.runs[0].pre.reshape(len(run.pre), -1, H),
            )  # fmt: skip
            if below is not None:
                cell, weights = model.cells[layer], model.weights[layer]
                pre = rest.runs[layer].pre.reshape(len(run.pre), -1, H)
                np.matmul(below[k + 1 : t + 1, 0], weights.weight_ih, out=pre)
                cell.input_bias(weights, rest.bias)
                pre += rest.bias[:, None]
                cell.scale_projection(pre)
            rest.runs[layer].state[:, 0] = start[layer]
            model.cells[layer].forward(model.weights[layer], rest.runs[layer], t - k, None, None)
            ends.append(rest.runs[layer].state[0, t - k, 0].copy())
        jacobian[:, unit] = (ends[0] - ends[1]) / (2 * STEP)
    return jacobian


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("layer", [0, 1])
def test_singular_values_are_those_of_the_measured_jacobian(cell, layer):
    model = network(1, cell=cell, layers=2, hidden=5)
    tokens = window(model, 6, 1)[0][:, 0]
    trace = traced(model, tokens=tokens, words=[""] * 6)
    assert trace.jacobian_lags.tolist() == [0, 1, 2, 3, 4, 5]
    for lag in (1, 2, 5):
        expected = np.linalg.svd(measured(model, tokens, 5, 5 - lag, layer), compute_uv=False)
        np.testing.assert_allclose(trace.jacobian_singular_values[lag, layer], expected, rtol=1e-5, atol=1e-9)
    assert (trace.jacobian_singular_values[0] == 1).all()


def test_no_error_loses_less_than_the_largest_singular_value_allows():
    model = network(2, hidden=6)
    trace = traced(model, 8)
    M, largest = trace.gradient_matrix[7, :, 0], trace.jacobian_singular_values[:, 0, 0]
    assert all(M[7 - d] <= M[7] * largest[d] * (1 + 1e-12) for d in range(8))


def test_wide_layers_go_back_in_blocks_to_the_same_end(monkeypatch):
    whole = traced(network(cell="gru"), 8).jacobian_singular_values
    for rows in (1, 3):
        monkeypatch.setattr(state_jacobian, "BLOCK_NUMBERS", rows * 8 * 7)
        np.testing.assert_allclose(traced(network(cell="gru"), 8).jacobian_singular_values, whole, rtol=1e-10)


def test_long_passages_keep_a_few_lags_that_end_at_both_ends():
    assert chosen_lags(MOST_LAGS).tolist() == list(range(MOST_LAGS))
    lags = chosen_lags(500)
    assert len(lags) <= MOST_LAGS and lags[0] == 0 and lags[-1] == 499
    assert (np.diff(lags) > 0).all() and lags[1] == 1


def test_a_broken_network_has_no_singular_values():
    model = network()
    model.parameters.view("weight_hh_l0")[...] = np.nan
    assert np.isnan(traced(model, answer=None).jacobian_singular_values[1:]).all()
