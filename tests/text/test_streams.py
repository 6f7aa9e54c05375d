import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.text import Examples, Streams


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


def task_streams(batch, keep_remainder):
    """Examples of 5 tokens, the last of each an answer; the text begins two tokens before one."""
    ids = np.arange(104, dtype=np.uint8)
    at = np.arange(104)
    examples = Examples(at % 5 == 2, at % 5 == 1)
    return ids, examples, Streams(ids, batch, keep_remainder, examples)


@pytest.mark.parametrize("keep_remainder", [False, True])
@pytest.mark.parametrize(("batch", "T"), [(1, 7), (4, 6), (7, 5), (9, 30)])
def test_starts_and_counted_targets_are_those_of_a_plain_loop(batch, T, keep_remainder):
    ids, examples, streams = task_streams(batch, keep_remainder)
    S = (len(ids) - 1) // batch
    for index in range(streams.n_windows(T)):
        n = streams.window_length(index, T)
        tokens, targets = np.zeros((n, batch), np.intp), np.zeros((n, batch), np.intp)
        starts = np.zeros((n, batch), np.bool_)
        streams.window(index, T, tokens, targets)
        streams.drop_unmarked(index, T, targets)
        streams.starts(index, T, starts)
        for t in range(n):
            for b in range(batch):
                place = b * S + index * T + t
                known = examples.starts[b * S : place + 1].any()  # the example began within the stream
                counts = examples.marked[place + 1] and known
                assert targets[t, b] == (ids[place + 1] if counts else -1)
                assert starts[t, b] == examples.starts[place]
        assert streams.n_marked(T)[index] == (targets >= 0).sum()


def test_in_an_ordinary_text_nothing_starts_and_everything_counts():
    streams = Streams(np.arange(50, dtype=np.uint8), 3, keep_remainder=True)
    targets, starts = np.zeros((7, 3), np.intp), np.ones((7, 3), np.bool_)
    streams.window(0, 7, targets, targets)
    before = targets.copy()
    streams.drop_unmarked(0, 7, targets)
    streams.starts(0, 7, starts)
    assert (targets == before).all() and not starts.any()
    assert streams.n_marked(7).tolist() == [21, 21, 6]
