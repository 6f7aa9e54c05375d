from itertools import product

import pytest

from rnnviz.engine import ModelSpec
from rnnviz.training.workers.sharing import Part, cost_of, divided, stretch


def test_one_batch_is_cut_into_equal_pieces() -> None:
    assert divided([1.0], 32, 2) == ((Part(0, 0, 16),), (Part(0, 16, 32),))
    assert [mine[0].end - mine[0].first for mine in divided([1.0], 7, 3)] == [2, 3, 2]


def test_equal_lanes_stay_whole() -> None:
    shares = divided([2.0] * 4, 10, 2)
    assert shares == ((Part(0, 0, 10), Part(1, 0, 10)), (Part(2, 0, 10), Part(3, 0, 10)))


def test_a_heavy_lane_lends_some_of_its_sequences() -> None:
    assert divided([1.0, 4.0], 32, 2) == ((Part(0, 0, 32), Part(1, 0, 12)), (Part(1, 12, 32),))


def test_a_lane_of_a_race_lends_no_crumbs() -> None:
    assert divided([1.0, 1.1], 32, 2) == ((Part(0, 0, 32),), (Part(1, 0, 32),))


def test_nobody_is_left_without_work() -> None:
    assert divided([1.0], 1, 4) == ((Part(0, 0, 1),),)
    assert len(divided([1.0], 3, 16)) == 3


@pytest.mark.parametrize(
    ("lanes", "batch", "workers"), list(product((1, 2, 3, 4), (1, 2, 7, 32), (1, 3, 16)))
)
def test_every_sequence_has_one_worker(lanes: int, batch: int, workers: int) -> None:
    costs = [1.0 + 3.3 * (lane % 3) for lane in range(lanes)]
    shares = divided(costs, batch, workers)
    assert 1 <= len(shares) <= workers and all(shares)
    taken = [(part.lane, b) for mine in shares for part in mine for b in range(part.first, part.end)]
    assert sorted(taken) == list(product(range(lanes), range(batch)))


@pytest.mark.parametrize(("begin", "end", "parts"), [(0, 64, 3), (32, 4096, 2), (0, 16, 5), (48, 48, 2)])
def test_stretches_cover_what_is_learned_once(begin: int, end: int, parts: int) -> None:
    pieces = [stretch(slice(begin, end), i, parts, 16) for i in range(parts)]
    assert [i for piece in pieces for i in range(piece.start, piece.stop)] == list(range(begin, end))
    assert all(piece.start % 16 == 0 for piece in pieces)


def test_a_cell_of_four_gates_costs_about_four_times_one_of_one() -> None:
    costs = [cost_of(ModelSpec(80, cell=cell, hidden=128)) for cell in ("rnn", "lstm")]
    assert 3 < costs[1] / costs[0] < 4
