"""Sequences that begin anew in mid-window: exact against a plain loop over the pieces between the borders."""

from itertools import pairwise

import numpy as np
import pytest

from rnnviz.engine import CELLS, NO_TARGET, Interrupted

from .networks import gradients, network, window

T, B = 9, 4
BORDERS = {
    "none": [],
    "at the window's start": [(0, 1), (0, 3)],
    "one": [(4, 2)],
    "several, some side by side": [(0, 0), (3, 0), (3, 2), (4, 0), (8, 1), (8, 2), (8, 3)],
    "everywhere": [(t, b) for t in range(T) for b in range(B)],
}


def starts_of(places):
    starts = np.zeros((T, B), np.bool_)
    for place in places:
        starts[place] = True
    return starts


def some_targets(targets):
    """Half of them, so that the mean is over those."""
    kept = np.random.default_rng(3).random(targets.shape) < 0.5
    return np.where(kept, targets, NO_TARGET)


def piece_by_piece(model, tokens, targets, state, starts):
    """Loss (T, B), final state and gradients, every piece read by itself as a batch of one."""
    n = (targets >= 0).sum()
    loss, final = np.full((T, B), np.nan), state.copy()
    total = dict.fromkeys(model.parameters.names, 0.0)
    for b in range(B):
        edges = [0, *[t for t in range(1, T) if starts[t, b]], T]
        carried = state[:, :, b : b + 1]
        for begin, end in pairwise(edges):
            if starts[begin, b]:
                carried = np.zeros_like(carried)
            here = slice(begin, end), slice(b, b + 1)
            ws = model.workspace(end - begin, 1)
            model.forward(ws, tokens[here], targets[here], carried)
            loss[here], carried, count = ws.loss, ws.final_state.copy(), ws.count
            model.backward(ws)
            if count:
                for name, gradient in gradients(model).items():
                    total[name] = total[name] + gradient * count / n
        final[:, :, b : b + 1] = carried
    return loss, final, total


@pytest.mark.parametrize("places", BORDERS.values(), ids=BORDERS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_a_window_with_borders_is_the_pieces_between_them(cell, layers, places):
    model = network(cell=cell, layers=layers, embedding=3 * (layers - 1))
    tokens, targets, state = window(model, T, B)
    targets, starts = some_targets(targets), starts_of(places)
    ws = model.workspace(T, B)
    model.forward(ws, tokens, targets, state, starts=starts)
    loss, final = ws.loss.copy(), ws.final_state.copy()
    model.backward(ws)
    found = gradients(model)
    plain_loss, plain_final, plain = piece_by_piece(model, tokens, targets, state, starts)
    np.testing.assert_allclose(loss, plain_loss, rtol=1e-12)
    np.testing.assert_allclose(ws.mean_loss, np.nanmean(plain_loss), rtol=1e-12)
    np.testing.assert_allclose(final, plain_final, rtol=1e-12, atol=1e-15)
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, plain[name], rtol=0, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_with_borders_match_finite_differences(cell):
    model = network(cell=cell, layers=2, hidden=4, embedding=3)
    tokens, targets, state = window(model, T, B)
    starts, ws = starts_of(BORDERS["several, some side by side"]), model.workspace(T, B)
    model.forward(ws, tokens, targets, state, starts=starts)
    model.backward(ws)
    values, step = model.parameters.values, 1e-5
    found = model.parameters.gradients.copy()
    for i in np.random.default_rng(0).choice(len(values), 60, replace=False):
        losses = []
        for sign in (1, -1):
            kept = values[i]
            values[i] += sign * step
            model.forward(ws, tokens, targets, state, starts=starts)
            losses.append(ws.mean_loss)
            values[i] = kept
        assert abs((losses[0] - losses[1]) / (2 * step) - found[i]) < 1e-6 * abs(found).max()


@pytest.mark.parametrize("cell", [cell for cell in CELLS if CELLS[cell].recurrent])
def test_no_error_crosses_a_border(cell):
    model = network(cell=cell)
    tokens, targets, state = window(model, T, B)
    targets[:-1] = NO_TARGET
    ws = model.workspace(T, B)
    model.forward(ws, tokens, targets, state, starts=starts_of([(5, b) for b in range(B - 1)]))
    model.backward(ws)
    arrives = np.abs(ws.dloss_dhidden[0]).sum(axis=2)  # (T, B)
    assert not arrives[:5, :-1].any() and arrives[5:, :-1].all()
    assert arrives[:, -1].all()


@pytest.mark.parametrize("cell", CELLS)
def test_a_shorter_window_looks_at_its_own_borders_only(cell):
    model = network(cell=cell)
    tokens, targets, state = window(model, T, B)
    ws, plain = model.workspace(T, B), model.workspace(5, B)
    model.forward(ws, tokens, targets, state, length=5, starts=starts_of([(6, 1), (8, 0)]))
    model.forward(plain, tokens[:5], targets[:5], state)
    assert (ws.loss[:5] == plain.loss).all() and (ws.final_state == plain.final_state).all()


@pytest.mark.parametrize("cell", CELLS)
def test_an_interrupted_window_is_read_again_with_the_same_bits(cell):
    model = network(cell=cell)
    tokens, targets, state = window(model, T, B)
    starts = starts_of(BORDERS["several, some side by side"])
    ws = model.workspace(T, B)
    model.forward(ws, tokens, targets, state, starts=starts)
    model.backward(ws)
    wanted = model.parameters.gradients.tobytes()
    for n in range(0, 2 * T, 3):
        looks = iter(range(n))
        try:
            model.forward(
                ws, tokens, targets, state, lambda left=looks: next(left, None) is None, starts=starts
            )
            model.backward(ws, lambda left=looks: next(left, None) is None)
        except Interrupted:
            pass
        model.forward(ws, tokens, targets, state, starts=starts)
        model.backward(ws)
        assert model.parameters.gradients.tobytes() == wanted


def test_states_can_be_held_against_other_targets():
    model = network()
    tokens, targets, state = window(model, T, B)
    ws, other = model.workspace(T, B), model.workspace(T, B)
    model.forward(ws, tokens, targets, state)
    model.score(ws, some_targets(targets))
    model.forward(other, tokens, some_targets(targets), state)
    assert (ws.mean_loss, ws.correct, ws.count) == (other.mean_loss, other.correct, other.count)
