"""What is followed of a trace over training: see also tests/training/test_course.py."""

import dataclasses

import numpy as np
import pytest

from rnnviz.probes import NEEDS, moment_of, spectrum_of
from tests.engine.networks import network
from tests.probes.test_passage import traced

MEASURES = ("half_life", "one_percent_lag", "lost_per_step")


def test_a_moment_has_each_measure_of_its_trace():
    trace = traced(network(layers=2), 9)
    moment = moment_of(trace)
    for name in MEASURES:
        assert not np.isnan(getattr(trace, name)).any()
        np.testing.assert_array_equal(getattr(moment, name), getattr(trace, name))
    assert moment.step == trace.step
    assert not moment.last_lag.flags.writeable and not moment.last_left.flags.writeable


@pytest.mark.parametrize("missing", ["one_percent_lag", "lost_per_step"])
def test_a_measure_that_an_old_trace_lacks_is_unknown_and_the_others_stay(missing):
    trace = traced(network(layers=2), 9)
    moment = moment_of(dataclasses.replace(trace, **{missing: None}))
    assert np.isnan(getattr(moment, missing)).tolist() == [True, True]
    for name in MEASURES:
        if name != missing:
            np.testing.assert_array_equal(getattr(moment, name), getattr(trace, name))


def test_each_layer_has_the_last_lag_and_what_is_left_there_of_its_own():
    trace = traced(network(layers=2), 6)
    decay = np.array(trace.decay)
    decay[4:, 0] = np.nan
    decay[2, 1] = np.nan  # a gap is not the end
    moment = moment_of(dataclasses.replace(trace, decay=decay))
    assert moment.last_lag.tolist() == [3, 5]
    assert moment.last_left.tolist() == [decay[3, 0], decay[5, 1]]


def test_a_spectrum_is_there_only_where_it_was_asked_for_and_the_cell_has_one():
    model = network(layers=2)
    trace = traced(model, 4, needs=NEEDS)
    spectrum = spectrum_of(trace)
    assert spectrum is not None
    for name in ("eigenvalues", "sigma_max", "spectral_radius"):
        np.testing.assert_array_equal(getattr(spectrum, name), getattr(trace, name))
        assert spectrum_of(dataclasses.replace(trace, **{name: None})) is None
    np.testing.assert_array_equal(spectrum.lags, trace.jacobian_lags)
    np.testing.assert_array_equal(spectrum.singular_values, trace.jacobian_singular_values)
    assert spectrum.passage == moment_of(trace).passage
    assert spectrum_of(traced(network(cell="feedforward"), 4, needs=NEEDS)) is None
    assert spectrum_of(dataclasses.replace(trace, recurrent=False)) is None
