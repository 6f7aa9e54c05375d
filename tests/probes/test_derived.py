"""The numbers that follow from a trace, each against its definition written out for one pair of steps."""

import dataclasses
import math

import numpy as np
import pytest

from rnnviz.engine import ACTIVATIONS, CELLS
from rnnviz.probes import NO_TARGET
from rnnviz.probes.derived import LARGEST_SLOPE, bound_per_step, derived_numbers, geometric_means
from tests.engine.networks import network
from tests.probes.test_passage import traced

T, L = 6, 2
PAIRS = [(t, k, layer) for t in range(T) for k in range(T) for layer in range(L)]
SILENT = 2
"""A step whose target is not known."""


def read(cell, **choices):
    """A trace with a step that sends no error, and one that goes on from nothing."""
    trace = traced(network(cell=cell, layers=L, **choices), T)
    targets = np.array(trace.targets)
    targets[SILENT] = NO_TARGET
    matrix = np.array(trace.state_gradient_matrix)
    matrix[4, :2] = 0  # this error does not get so far
    matrix[5, 2] = 0  # and this one comes out of nothing, which has no factor
    return dataclasses.replace(trace, targets=targets, state_gradient_matrix=matrix)


def same(found, expected):
    """As `expected` says for each pair of steps (T, T, L)."""
    wanted = np.array([expected(*pair) for pair in PAIRS]).reshape(T, T, L)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


def mean_of(values):
    """Mean of what is known; NaN where nothing is."""
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def geometric(values):
    """The same of logarithms; 0 as soon as one is 0."""
    if any(value == 0 for value in values):
        return 0.0
    return math.exp(mean_of([math.log(value) if value > 0 else math.nan for value in values]))


@pytest.mark.parametrize("cell", CELLS)
def test_a_share_is_what_is_left_of_what_set_out(cell):
    trace = read(cell)
    found = derived_numbers(trace)
    M = trace.state_gradient_matrix
    for name, field in (
        ("share_left", "state_gradient_matrix"),
        ("hidden_share_left", "gradient_matrix"),
        ("cell_share_left", "cell_gradient_matrix"),
        ("carried_share_left", "cell_carry_matrix"),
    ):
        matrix = getattr(trace, field)
        assert (name in found) is (matrix is not None)
        if matrix is not None:
            same(
                found[name],
                lambda t, k, layer, of=matrix: (
                    math.nan if k > t or t == SILENT else of[t, k, layer] / M[t, t, layer]
                ),
            )


def test_an_error_as_small_as_one_thousandth_sets_out_too():
    trace = read("rnn")
    small = dataclasses.replace(trace, state_gradient_matrix=trace.state_gradient_matrix / 1e6)
    a, b = (derived_numbers(one)["share_left"] for one in (trace, small))
    np.testing.assert_allclose(b, a, rtol=1e-12)
    nothing = np.array(trace.state_gradient_matrix)
    nothing[5, 5] = 0
    found = derived_numbers(dataclasses.replace(trace, state_gradient_matrix=nothing))
    assert np.isnan(found["share_left"][5]).all() and np.isfinite(found["share_left"][4, :5]).all()


@pytest.mark.parametrize("cell", CELLS)
def test_what_reaches_the_initial_state_came_along_every_path(cell):
    trace = read(cell)
    found = derived_numbers(trace)["initial_share_left"]
    for t in range(T):
        for layer in range(L):
            arrives = trace.initial_gradient[t, layer]
            if trace.cell_gradient_matrix is not None and trace.state_gradient_matrix[t, 0, layer] > 0:
                along_c = trace.straight_factor[t, 0, layer] * trace.state_gradient_matrix[t, 0, layer]
                arrives = math.hypot(arrives, along_c)
            share = arrives / trace.state_gradient_matrix[t, t, layer] if t != SILENT else math.nan
            assert found[t, layer] == pytest.approx(share, rel=1e-12, nan_ok=True)


def test_with_a_slope_of_one_each_share_is_of_its_own_start():
    trace = read("rnn")
    matrix = np.array(trace.counterfactual_matrix)
    matrix[3, 3, 0] = 0
    found = derived_numbers(dataclasses.replace(trace, counterfactual_matrix=matrix))
    same(
        found["counterfactual_share_left"],
        lambda t, k, layer: (
            math.nan if k > t or (t, layer) == (3, 0) else matrix[t, k, layer] / matrix[t, t, layer]
        ),
    )
    assert "counterfactual_share_left" not in derived_numbers(read("lstm"))


@pytest.mark.parametrize("cell", CELLS)
def test_the_mean_of_factors_is_the_geometric_one_over_the_steps_on_the_way(cell):
    trace = read(cell)
    found = derived_numbers(trace)
    for name in ("slope_factor", "weight_factor", "straight_factor", "round_factor"):
        factors = getattr(trace, name)
        assert (f"mean_{name}" in found) is (factors is not None)
        if factors is not None:
            same(
                found[f"mean_{name}"],
                lambda t, k, layer, of=factors: (
                    math.nan if k > t else geometric([of[t, j, layer] for j in range(k + 1, t + 1)])
                ),
            )


def test_a_factor_of_nothing_makes_the_mean_nothing_and_an_unknown_one_is_left_out():
    factors = np.full((4, 4, 1), np.nan)
    factors[3, :, 0] = (0.5, 8.0, np.nan, 2.0)
    factors[2, :3, 0] = (3.0, 0.0, 5.0)
    means = geometric_means(factors)[:, :, 0]
    assert means[3].tolist() == pytest.approx([4.0, 2.0, 2.0, math.nan], nan_ok=True)
    assert means[2, :3].tolist() == pytest.approx([0.0, 5.0, math.nan], nan_ok=True)
    assert np.isnan(means[0]).all() and math.isnan(means[2, 3])


def test_a_step_of_the_plain_network_is_slope_times_weights():
    trace = read("rnn")
    slope, weight = np.array(trace.slope_factor), np.array(trace.weight_factor)
    slope[5, 3], weight[5, 3] = 0, np.nan  # after a slope of 0 there is nothing for the weights
    found = derived_numbers(dataclasses.replace(trace, slope_factor=slope, weight_factor=weight))

    def step(t, k, layer):
        s = slope[t, k, layer]
        return s * weight[t, k, layer] if s > 0 else s

    same(found["step_factor"], step)
    assert found["step_factor"][5, 3].tolist() == [0, 0]
    same(
        found["mean_step_factor"],
        lambda t, k, layer: (
            math.nan if k > t else geometric([step(t, j, layer) for j in range(k + 1, t + 1)])
        ),
    )


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_step_of_a_gated_network_is_what_arrives_over_what_left(cell):
    trace = read(cell)
    found, M = derived_numbers(trace), trace.state_gradient_matrix

    def step(t, k, layer):
        if k > t or k == 0 or M[t, k, layer] == 0:
            return math.nan
        return M[t, k - 1, layer] / M[t, k, layer]

    same(found["step_factor"], step)
    same(
        found["mean_step_factor"],
        lambda t, k, layer: (
            math.nan if k >= t or t == SILENT else (M[t, k, layer] / M[t, t, layer]) ** (1 / (t - k))
        ),
    )
    gate = trace.gates[trace.straight_gate]
    same(
        found["mean_gate_open"],
        lambda t, k, layer: (
            math.nan if k >= t else mean_of([gate[j, layer].mean() for j in range(k + 1, t + 1)])
        ),
    )


def test_a_cell_without_steps_or_gates_has_no_numbers_of_them():
    assert not {"step_factor", "mean_gate_open", "dead_units"} & set(
        derived_numbers(dataclasses.replace(read("feedforward"), slope=None, slope_factor=None))
    )
    assert "mean_gate_open" not in derived_numbers(read("rnn"))


@pytest.mark.parametrize("cell", CELLS)
def test_means_over_the_units(cell):
    trace = read(cell)
    found = derived_numbers(trace)
    for name, gate in trace.gates.items():
        np.testing.assert_allclose(found[f"gate_mean/{name}"], gate.sum(axis=2) / 7, rtol=1e-12)
    for field in ("saturation_high", "saturation_low"):
        for name, share in getattr(trace, field).items():
            np.testing.assert_allclose(found[f"{field}_mean/{name}"], share.sum(axis=1) / 7, rtol=1e-12)
    without = derived_numbers(dataclasses.replace(trace, saturation_high=None, saturation_low=None))
    assert not [name for name in without if name.startswith("saturation")]


def test_a_unit_is_dead_whose_slope_is_nought_at_every_step():
    trace = read("rnn", activation="relu")
    slope = np.ones_like(trace.slope)
    slope[:, 0, 3] = 0
    slope[1:, 1, 5] = 0
    dead = derived_numbers(dataclasses.replace(trace, slope=slope))["dead_units"]
    assert np.argwhere(dead).tolist() == [[0, 3]]


def test_spectra_are_told_where_they_were_asked_for():
    trace = read("lstm")
    found = derived_numbers(trace)
    np.testing.assert_allclose(
        found["eigenvalue_modulus"], np.hypot(trace.eigenvalues.real, trace.eigenvalues.imag), rtol=1e-12
    )
    middle = np.sort(trace.jacobian_singular_values, axis=2)[:, :, 3]  # of seven
    np.testing.assert_allclose(found["jacobian_median"], middle, rtol=1e-12)
    bare = derived_numbers(dataclasses.replace(trace, eigenvalues=None, jacobian_singular_values=None))
    assert not {"eigenvalue_modulus", "jacobian_median"} & set(bare)


@pytest.mark.parametrize(("activation", "gamma"), [("tanh", 1.0), ("relu", 1.0), ("sigmoid", 0.25)])
def test_the_bound_is_that_of_the_top_layer_of_a_plain_network(activation, gamma):
    trace = read("rnn", activation=activation)
    assert bound_per_step(trace, 1) == gamma * trace.sigma_max[1]
    assert derived_numbers(trace)["bound_per_step"] == bound_per_step(trace, 1)
    assert bound_per_step(trace, 0) is None
    assert bound_per_step(dataclasses.replace(trace, sigma_max=None), 1) is None
    assert "bound_per_step" not in derived_numbers(read("gru"))


def test_no_slope_passes_the_largest():
    sums = np.linspace(-3, 3, 601)
    assert set(LARGEST_SLOPE) == set(ACTIVATIONS)
    for name, activation in ACTIVATIONS.items():
        values = sums.copy()
        activation.functions(values.dtype)[0](values, values)
        assert activation.slope(values).max() == pytest.approx(LARGEST_SLOPE[name], rel=1e-12)
        assert activation.largest_slope == LARGEST_SLOPE[name]


def test_single_numbers_beside_a_loss_or_a_decay():
    trace = read("rnn")
    found = derived_numbers(trace)
    np.testing.assert_allclose(found["missing_prob"], 1 - trace.target_prob, rtol=1e-12)
    assert found["guessing_loss"] == pytest.approx(math.log(11), rel=1e-15)
    assert derived_numbers(dataclasses.replace(trace, vocabulary_size=1))["guessing_loss"] == 0
    assert found["last_lag"].tolist() == [T - 1, T - 1]
    np.testing.assert_array_equal(found["last_left"], trace.decay[T - 1])
