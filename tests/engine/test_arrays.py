import numpy as np
import pytest

from rnnviz.engine.arrays import CACHE_LINE_BYTES, aligned_zeros, norms


@pytest.mark.parametrize("shape", [(1,), (3, 5), (2, 7, 11)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_begin_on_a_cache_line(shape, dtype):
    array = aligned_zeros(shape, dtype)
    assert array.ctypes.data % CACHE_LINE_BYTES == 0
    assert array.shape == shape and array.dtype == dtype and array.flags.c_contiguous
    assert not array.any()


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e-30, 1.0, 1e30, 1e200, 1e307])
def test_norms_hold_from_end_to_end_of_the_range(size):
    vectors = np.array([[3.0, 4.0], [0.0, 1.0]]) * size
    np.testing.assert_allclose(norms(vectors), np.array([5.0, 1.0]) * size, rtol=1e-12)


def test_tiny_float32_numbers_are_no_false_zero():
    assert norms(np.full((1, 4), 1e-40, np.float32))[0] == pytest.approx(2e-40, rel=1e-4)


def test_the_norm_of_nothing_is_zero_and_of_a_broken_vector_not_a_number():
    result = norms(np.array([[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]]))
    assert result[0] == 0 and np.isnan(result[1]) and np.isinf(result[2])


def test_naming_the_rows_that_may_differ_from_zero_changes_nothing():
    vectors = np.array([[[1e-200, 1e-200], [0.0, 0.0]]])
    np.testing.assert_array_equal(norms(vectors), norms(vectors, np.array([[True, False]])))
