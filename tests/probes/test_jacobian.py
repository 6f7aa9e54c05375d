import numpy as np
import pytest

from rnnviz.probes import spectrum_bounds
from tests.engine.networks import network


def test_spectrum_is_that_of_each_layers_recurrent_weights():
    model = network(layers=2)
    sigma, radius = spectrum_bounds(model)
    for layer in range(2):
        w = model.parameters.export()[f"weight_hh_l{layer}"]
        assert sigma[layer] == pytest.approx(np.linalg.svd(w)[1][0], rel=1e-12)
        assert radius[layer] == pytest.approx(np.abs(np.linalg.eigvals(w)).max(), rel=1e-12)


def test_an_orthogonal_start_has_a_spectrum_of_one():
    sigma, radius = spectrum_bounds(network(init="orthogonal", dtype="float32"))
    assert sigma[0] == pytest.approx(1, rel=1e-6) and radius[0] == pytest.approx(1, rel=1e-6)


def test_a_broken_network_has_no_spectrum():
    model = network()
    model.parameters.view("weight_hh_l0")[0, 0, 0] = np.nan
    assert np.isnan(spectrum_bounds(model)).all()
