"""The numbers of every update: all of them at first, the shape of their curve for ever."""

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.training import ScalarLog, Update, Validation


def fill(log: ScalarLog, losses: list[float], first_step: int = 1) -> None:
    for i, loss in enumerate(losses):
        log.append(Update(first_step + i, loss, 2 * loss, 0.5, 12), 1000.0 + i)


def test_a_reader_gets_each_update_once() -> None:
    log = ScalarLog()
    fill(log, [3.0, 2.0])
    first = log.since(0)
    assert first["index"].tolist() == [0, 1] and first["step"].tolist() == [1, 2]
    assert first["loss"].tolist() == [3.0, 2.0] and first["grad_norm"].tolist() == [6.0, 4.0]
    assert first["clip_factor"].tolist() == [0.5, 0.5] and first["tokens_per_s"].tolist() == [1000, 1001]
    fill(log, [1.0], first_step=3)
    assert log.since(int(first["index"][-1]) + 1)["loss"].tolist() == [1.0]
    assert log.since(3)["loss"].tolist() == []
    assert log.total == len(log) == 3


def test_what_was_read_never_changes() -> None:
    log = ScalarLog()
    fill(log, [3.0, 2.0])
    read = log.since(0)
    log.clear()
    fill(log, [9.0] * 5000)
    assert read["loss"].tolist() == [3.0, 2.0]


def test_clearing_begins_the_steps_anew_and_goes_on_counting() -> None:
    log = ScalarLog()
    fill(log, [3.0, 2.0])
    log.append_validation(Validation(2, 2.5, 0.1, 100))
    log.clear()
    assert len(log) == 0 and log.validations == () and log.total == 2
    fill(log, [3.0])
    assert log.since(2)["step"].tolist() == [1] and log.since(2)["index"].tolist() == [2]


def test_validations_are_kept_in_order() -> None:
    log = ScalarLog()
    for step in (3, 9):
        log.append_validation(Validation(step, 2.5, 0.1, 100))
    assert [v.step for v in log.validations] == [3, 9]
    assert [v.step for v in log.validations_since(1)] == [9]
    assert log.validations_since(2) == () and log.n_validations == 2


@given(
    most=st.integers(8, 40),
    losses=st.lists(st.floats(0, 10), min_size=1, max_size=300),
)
def test_a_full_log_keeps_its_bounds_its_order_and_its_peaks(most: int, losses: list[float]) -> None:
    log = ScalarLog(most)
    fill(log, losses)
    kept = log.since(0)
    assert len(log) <= most
    assert log.total == len(losses)
    assert (np.diff(kept["step"]) > 0).all()
    assert kept["step"][-1] == len(losses)
    assert max(losses) in kept["loss"] and min(losses) in kept["loss"]
    for index, loss in zip(kept["index"], kept["loss"], strict=True):
        assert losses[index] == loss


def test_a_reader_on_another_thread_misses_nothing() -> None:
    log = ScalarLog()
    writer = threading.Thread(target=fill, args=(log, [float(i) for i in range(20_000)]))
    writer.start()
    read: list[float] = []
    index = 0
    while writer.is_alive() or index < log.total:
        part = log.since(index)
        read.extend(part["loss"].tolist())
        index += len(part["loss"])
    writer.join()
    assert read == [float(i) for i in range(20_000)]


def test_a_log_that_goes_back_keeps_what_came_before_and_its_indices_go_on() -> None:
    log = ScalarLog()
    assert log.last_update() is None
    for step in range(1, 8):
        log.append(Update(step, 3.0 - step / 10, 1.0, 0.5, 8), 100.0)
    for step, change in ((2, 0), (4, 0), (4, 1), (6, 1)):
        log.append_validation(Validation(step, 2.0, 0.5, 10, change=change))
    cuts = log.cuts
    log.go_back(4, change=0)
    assert log.cuts == cuts + 1 and len(log) == 4 and log.total == 7
    assert [(v.step, v.change) for v in log.validations] == [(2, 0), (4, 0)]
    last = log.last_update(lane=2)
    assert last is not None and (last.step, last.loss, last.lane) == (4, 3.0 - 0.4, 2)
    log.append(Update(5, 1.0, 1.0, 1.0, 8), 100.0)
    assert log.since(7)["step"].tolist() == [5]
    assert log.since(0)["step"].tolist() == [1, 2, 3, 4, 5]
