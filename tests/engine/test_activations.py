import numpy as np
import pytest

from rnnviz.engine import ACTIVATIONS

POINTS = np.linspace(-6, 6, 50)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_derivative(name):
    apply, _ = ACTIVATIONS[name].functions(np.float64)

    def f(x):
        out = x.copy()
        apply(out, out)
        return out

    measured = (f(POINTS + 1e-6) - f(POINTS - 1e-6)) / 2e-6
    np.testing.assert_allclose(ACTIVATIONS[name].slope(f(POINTS)), measured, atol=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_slope_is_above_the_largest(name):
    apply, _ = ACTIVATIONS[name].functions(np.float64)
    x = np.linspace(-6, 6, 1001)
    apply(x, x)
    assert ACTIVATIONS[name].slope(x).max() == pytest.approx(ACTIVATIONS[name].largest_slope)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_inputs_stay_in_range_and_type(name, dtype):
    x = np.array([-1000, 0, 1000], dtype)
    with np.errstate(over="ignore"):
        ACTIVATIONS[name].functions(dtype)[0](x, x)
    assert x.dtype == dtype and np.isfinite(x).all()


def test_a_sigmoid_far_below_zero_is_no_false_zero():
    x = np.array([-20.0], np.float32)
    ACTIVATIONS["sigmoid"].functions(np.float32)[0](x, x)
    assert x[0] == pytest.approx(np.exp(-20.0), rel=1e-5)


def test_relu_has_no_slope_at_its_corner_and_shows_a_broken_unit():
    relu = ACTIVATIONS["relu"]
    x = np.array([np.nan, 0.0])
    relu.functions(np.float64)[0](x, x)
    assert np.isnan(x[0]) and relu.slope(np.array([0.0]))[0] == 0
