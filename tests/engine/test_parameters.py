import numpy as np
import pytest

from rnnviz.engine import ParameterMismatch
from rnnviz.engine.arrays import CACHE_LINE_BYTES
from tests.engine.networks import network, worked


def torch_names(layers, embedding):
    names = ["embedding"] if embedding else []
    for layer in range(layers):
        names += [f"{kind}_l{layer}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    return {*names, "weight_out", "bias_out"}


@pytest.mark.parametrize(("layers", "embedding"), [(1, 0), (2, 4)])
def test_export_has_pytorchs_names_and_shapes(layers, embedding):
    model = network(layers=layers, embedding=embedding)
    exported = model.parameters.export()
    assert set(exported) == torch_names(layers, embedding)
    assert exported["weight_ih_l0"].shape == (7, embedding or 11)
    assert exported["weight_hh_l0"].shape == (7, 7) and exported["bias_ih_l0"].shape == (7,)
    assert exported["weight_out"].shape == (11, 7)
    assert {n: a.shape for n, a in exported.items()} == model.spec.parameter_shapes()
    assert sum(a.size for a in exported.values()) == model.spec.parameter_count()


def test_the_layout_is_pytorchs_and_not_its_transpose():
    model = network()
    before, token = np.linspace(-0.5, 0.5, 7), 3
    p = model.parameters.export()
    expected = np.tanh(
        p["weight_ih_l0"][:, token] + p["bias_ih_l0"] + p["weight_hh_l0"] @ before + p["bias_hh_l0"]
    )
    ws = model.workspace(1, 1)
    state = model.zero_state(1)
    state[0, 0, 0] = before
    model.forward(ws, np.array([[token]]), np.array([[0]]), state)
    np.testing.assert_allclose(ws.hidden[0][1, 0], expected, rtol=1e-14)
    logits = np.empty((1, 11))
    ws.readout.logits(ws.hidden[0][1], logits)
    np.testing.assert_allclose(logits[0], p["weight_out"] @ expected + p["bias_out"], rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_and_gradients_round_trip_to_the_bit(dtype):
    model, other = (
        network(layers=2, embedding=4, dtype=dtype),
        network(seed=9, layers=2, embedding=4, dtype=dtype),
    )
    worked(model)
    other.parameters.load(model.parameters.export())
    np.testing.assert_array_equal(other.parameters.values, model.parameters.values)
    other.parameters.load_vector(other.parameters.gradients, model.parameters.export("gradients"))
    np.testing.assert_array_equal(other.parameters.gradients, model.parameters.gradients)


def test_exports_are_copies():
    model = network()
    model.parameters.export()["bias_out"][...] = 5
    assert not (model.parameters.view("bias_out") == 5).any()


def test_every_parameter_begins_on_a_cache_line():
    for dtype in ("float32", "float64"):
        p = network(layers=2, embedding=3, dtype=dtype).parameters
        assert {p.view(name).ctypes.data % CACHE_LINE_BYTES for name in p.names} == {0}


def broken(change):
    arrays = network().parameters.export()
    change(arrays)
    return arrays


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("weight_hh_l0"), "weight_hh_l0 is missing"),
        (lambda a: a.update(weight_hh_l1=a["weight_hh_l0"]), "weight_hh_l1 has no place"),
        (lambda a: a.update(bias_out=np.zeros(12)), r"bias_out has shape \(12,\).*needs \(11,\)"),
        (lambda a: a.update(bias_out=np.zeros(11, int)), "bias_out holds int64"),
        (lambda a: a["bias_out"].__setitem__(2, np.nan), "bias_out holds NaN or infinity"),
        (lambda a: a["weight_out"].__setitem__((0, 0), np.inf), "weight_out holds NaN or infinity"),
    ],
)
def test_what_does_not_fit_is_refused_whole(change, message):
    model = network(seed=5)
    before = model.parameters.values.copy()
    with pytest.raises(ParameterMismatch, match=message):
        model.parameters.load(broken(change))
    np.testing.assert_array_equal(model.parameters.values, before)


def test_a_number_too_large_for_float32_is_refused():
    model = network(dtype="float32")
    arrays = model.parameters.export()
    arrays["bias_out"] = np.full(11, 1e300)
    with pytest.raises(ParameterMismatch, match="bias_out"):
        model.parameters.load(arrays)


def test_float64_arrays_load_into_a_float32_network_and_back():
    double, single = network(), network(seed=3, dtype="float32")
    single.parameters.load(double.parameters.export())
    double.parameters.load(single.parameters.export())
    for name, array in single.parameters.export().items():
        np.testing.assert_array_equal(double.parameters.export()[name], array)
