"""A trace carries a check that its arrays belong together and that nobody has written into them since."""

import dataclasses
import pickle

import numpy as np
import pytest

from rnnviz.engine import CELLS
from rnnviz.probes import NEEDS, TraceRequest
from rnnviz.training import Experiment, History
from rnnviz.training.watching import first_frame
from tests.training.runs import request, small_experiment


def everything(experiment: Experiment, words: str, generation: int = 1) -> TraceRequest:
    return dataclasses.replace(request(experiment, generation, words), needs=NEEDS)


@pytest.mark.parametrize("cell", CELLS)
def test_a_trace_stays_whole_while_the_network_goes_on(cell: str) -> None:
    """No array of it is a view into memory that the next update or trace writes to."""
    experiment = small_experiment(cell=cell, layers=2, dropout=0.2)
    trace = experiment.trace(everything(experiment, "Napoleon was the Emperor of"))[0]
    before = trace.arrays()
    before = {name: array.copy() for name, array in before.items()}
    for _ in range(5):
        experiment.update()
        experiment.trace(everything(experiment, "Pedro was the Emperor of"))
    assert trace.is_whole
    for name, array in trace.arrays().items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_trace_with_any_array_of_another_moment_is_torn(cell: str) -> None:
    experiment = small_experiment(cell=cell)
    asked = everything(experiment, "Napoleon was the Emperor of")
    trace = experiment.trace(asked)[0]
    for _ in range(3):
        experiment.update()
    later = experiment.trace(asked)[0]
    tried = 0
    for field in dataclasses.fields(trace):
        was, became = getattr(trace, field.name), getattr(later, field.name)
        if isinstance(was, np.ndarray) and field.name != "probs" and was.tobytes() != became.tobytes():
            assert not dataclasses.replace(trace, **{field.name: became}).is_whole, field.name
            tried += 1
    assert tried > 15
    assert not dataclasses.replace(trace, step=later.step).is_whole
    was = trace.hidden[1, 0, 0].copy()
    trace.hidden.setflags(write=True)
    trace.hidden[1, 0, 0] = np.nextafter(was, np.float32(2))
    assert not trace.is_whole, "one bit"


def test_a_trace_is_whole_in_another_process_and_in_the_history() -> None:
    experiment = small_experiment()
    trace = experiment.trace(everything(experiment, "Napoleon was the Emperor of"))[0]
    there = pickle.loads(pickle.dumps(trace, protocol=5))
    assert there.is_whole and there.seal == trace.seal
    history = History(10**9)
    history.append(first_frame(experiment, everything(experiment, "Pedro was")))
    kept = history.nearest(0).traces[0]
    assert kept.probs is None and kept.is_whole
    assert "seal" not in trace.arrays()
