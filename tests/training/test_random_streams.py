"""Randomness by purpose, and where a stream stands."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.training.random_streams import random_stream, set_stream_position, stream_position


@given(st.integers(0, 2**32 - 1), st.integers(0, 50), st.integers(0, 50))
def test_a_stream_can_be_put_back_by_any_number_of_draws(seed: int, before: int, undone: int) -> None:
    stream = random_stream(seed, "resets")
    stream.random(before)
    expected = stream.random(undone + 3)
    stream = random_stream(seed, "resets")
    stream.random(before + undone)
    position = json.loads(json.dumps(stream_position(stream, undone)))
    again = random_stream(0, "other")
    again.integers(0, 5, dtype=np.uint32)  # leaves half a draw behind, which must not matter
    set_stream_position(again, position)
    assert np.array_equal(again.random(undone + 3), expected)
    assert np.array_equal(stream.random(3), expected[undone:])  # looking has not moved it


def test_streams_of_other_purposes_and_seeds_differ() -> None:
    draws = {(s, p): random_stream(s, p).random() for s in (1, 2) for p in ("start", "resets", "sampling")}
    assert len(set(draws.values())) == 6
    assert draws[1, "start"] == random_stream(1, "start").random()


@pytest.mark.parametrize(
    "position", [{}, {"state": "1"}, {"state": "-1", "inc": "1"}, {"state": "x", "inc": "1"}]
)
def test_what_is_no_position_is_refused(position: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"position|invalid literal"):
        set_stream_position(random_stream(1, "start"), position)
