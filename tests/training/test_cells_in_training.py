"""Every cell learns, is stopped and taken up again; dropout is random only where and when it should be."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnviz.engine import CELLS, Interrupted
from rnnviz.training import Experiment, checkpoint
from tests.training.runs import bits, request, small_experiment, small_text

DROPPED: dict[str, Any] = {"dropout": 0.3, "layers": 2, "embedding": 3, "reset": 0.4}


def after(n: int, **values: Any) -> Experiment:
    experiment = small_experiment(**values)
    for _ in range(n):
        experiment.update()
    return experiment


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_cell_learns(cell: str) -> None:
    experiment = small_experiment(cell=cell, hidden=12)
    losses = [experiment.update()[0].loss for _ in range(150)]
    assert np.mean(losses[-20:]) < losses[0] - 0.8


@pytest.mark.parametrize("values", [DROPPED, {"layers": 2, "optimizer": "momentum", "init": "identity"}])
@pytest.mark.parametrize("cell", list(CELLS))
def test_a_run_in_two_pieces_is_the_run_at_once(cell: str, values: dict[str, Any], tmp_path: Path) -> None:
    if cell == "feedforward":
        values = values | {"init": "xavier"}
    if cell == "lstm":
        values = values | {"forget_bias": 2.0}
    checkpoint.save(after(9, cell=cell, **values), tmp_path / "x")
    resumed = checkpoint.read(tmp_path / "x").experiment(small_text())
    for _ in range(30):
        resumed.update()
    assert bits(resumed) == bits(after(39, cell=cell, **values))
    assert set(checkpoint.read(tmp_path / "x").snapshot.lanes[0].state) == set(CELLS[cell].state_parts)


def test_an_update_that_was_interrupted_is_made_again_with_the_same_masks() -> None:
    calm, disturbed = small_experiment(**DROPPED), small_experiment(**DROPPED)
    for n in range(6):
        calm.update()
        calls = iter(range(100))
        with pytest.raises(Interrupted):
            disturbed.update(lambda calls=calls, n=n: next(calls) >= n)
        disturbed.update()
    assert bits(disturbed) == bits(calm)


def test_saving_between_two_tries_loses_no_draw(tmp_path: Path) -> None:
    experiment = after(5, **DROPPED)
    checkpoint.save(experiment, tmp_path / "before")
    with pytest.raises(Interrupted):
        experiment.update(lambda: True)
    checkpoint.save(experiment, tmp_path / "between")
    assert (tmp_path / "before").read_bytes() == (tmp_path / "between").read_bytes()


def test_dropout_is_off_in_validation_trace_and_writing_and_none_of_them_draws() -> None:
    dropped = after(7, **DROPPED)
    before = bits(dropped)
    losses = [dropped.validate().loss for _ in range(2)]
    traces = [dropped.trace(request(dropped))[0] for _ in range(2)]
    dropped.write_on((1, 2), 5, 0.8, 3)
    assert losses[0] == losses[1] and bits(dropped) == before
    np.testing.assert_array_equal(traces[0].hidden, traces[1].hidden)
    plain = small_experiment(**(DROPPED | {"dropout": 0.0}))
    plain.lanes[0].model.parameters.load(dropped.lanes[0].model.parameters.export())
    assert plain.validate().loss == pytest.approx(losses[0], rel=1e-6)
    np.testing.assert_allclose(plain.trace(request(plain))[0].hidden, traces[0].hidden, rtol=1e-5, atol=1e-7)


def test_starting_over_drops_the_same_again() -> None:
    experiment = after(6, **DROPPED)
    first = bits(experiment)
    experiment.start_over()
    for _ in range(6):
        experiment.update()
    assert bits(experiment) == first


def test_dropout_changes_the_training_and_neither_the_start_nor_the_resets() -> None:
    with_it, without = small_experiment(**DROPPED), small_experiment(**(DROPPED | {"dropout": 0.0}))
    assert bits(with_it) == bits(without)
    assert with_it.update()[0].loss != without.update()[0].loss
    assert with_it.snapshot().resets == without.snapshot().resets


@pytest.mark.parametrize("values", [DROPPED, {"cell": "lstm", "forget_bias": 1.0}, {"cell": "gru"}])
def test_equal_lanes_stay_equal_to_the_bit(values: dict[str, Any]) -> None:
    alone = small_experiment(**values)
    settings = alone.settings.with_lanes([alone.settings.lane, alone.settings.lane])
    experiment = Experiment.create(alone.corpus, settings)
    for _ in range(60):
        experiment.update()
    mine, theirs = (lane.snapshot() for lane in experiment.lanes)
    for group in ("parameters", "optimizer", "state"):
        for name, array in getattr(mine, group).items():
            np.testing.assert_array_equal(getattr(theirs, group)[name], array)
    assert mine.dropout == theirs.dropout and mine.loss_sum == theirs.loss_sum
