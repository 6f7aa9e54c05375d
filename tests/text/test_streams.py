import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.text import Streams


def windows(streams: Streams, T: int) -> list[tuple[list[list[int]], list[list[int]]]]:
    found = []
    for index in range(streams.n_windows(T)):
        shape = (streams.window_length(index, T), streams.batch)
        tokens, targets = np.full(shape, -7, np.intp), np.full(shape, -7, np.intp)
        streams.window(index, T, tokens, targets)
        found.append((tokens.tolist(), targets.tolist()))
    return found


@given(
    n=st.integers(0, 60),
    batch=st.integers(1, 9),
    T=st.integers(1, 12),
    keep=st.booleans(),
    dtype=st.sampled_from([np.uint8, np.uint16, np.uint32]),
)
def test_streams_read_the_text_as_laid_down(n: int, batch: int, T: int, keep: bool, dtype: type) -> None:
    ids = (np.arange(n) * 3 + 1).astype(dtype)  # each id tells its place
    S = max(0, n - 1) // batch
    streams = Streams(ids, batch, keep_remainder=keep)
    assert streams.length == S
    read = windows(streams, T)
    assert len(read) == (-(-S // T) if keep else S // T)
    for index, (tokens, targets) in enumerate(read):
        steps = range(index * T, min((index + 1) * T, S))
        assert tokens == [[int(ids[b * S + s]) for b in range(batch)] for s in steps]
        assert targets == [[int(ids[b * S + s + 1]) for b in range(batch)] for s in steps]


def test_a_shorter_last_window_fills_the_first_rows_alone() -> None:
    streams = Streams(np.arange(8, dtype=np.uint8), 1, keep_remainder=True)  # S = 7
    tokens, targets = np.full((5, 1), -7, np.intp), np.full((5, 1), -7, np.intp)
    assert streams.window_length(1, 5) == 2
    streams.window(1, 5, tokens, targets)
    assert tokens[:, 0].tolist() == [5, 6, -7, -7, -7]
    assert targets[:, 0].tolist() == [6, 7, -7, -7, -7]


def test_there_is_no_window_beyond_the_last() -> None:
    streams = Streams(np.arange(8, dtype=np.uint8), 1, keep_remainder=False)
    out = np.zeros((5, 1), np.intp)
    for index in (-1, 1):
        with pytest.raises(IndexError):
            streams.window(index, 5, out, out)
    with pytest.raises(ValueError, match="batch of 0"):
        Streams(np.arange(8, dtype=np.uint8), 0, keep_remainder=False)


def test_filling_a_window_allocates_no_arrays() -> None:
    streams = Streams(np.zeros(200_000, np.uint16), 50, keep_remainder=False)
    tokens, targets = np.zeros((100, 50), np.intp), np.zeros((100, 50), np.intp)
    streams.window(0, 100, tokens, targets)
    tracemalloc.start()
    try:
        for index in range(streams.n_windows(100)):
            streams.window(index, 100, tokens, targets)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4096  # a window has 80,000 bytes
