"""Commands to a trainer in any order (`python -m attacks.interleavings` tries all of up to four)."""

from pathlib import Path

import pytest

from attacks.interleavings import Undisturbed, explore, request_of
from attacks.subject import small_run
from rnnviz.training import ApartTrainer, Reserve, Trainer


def test_commands_in_any_order_are_all_heeded_and_tear_no_trace(tmp_path: Path) -> None:
    told = explore(4, 3, Trainer, tmp_path, orders=40)
    assert told.wrong == []
    assert told.orders == 40
    assert told.traces_remade > 10
    assert told.ends_compared > 5


@pytest.mark.slow
def test_so_they_are_by_a_process_of_its_own(tmp_path: Path) -> None:
    reserve = Reserve(ahead=True)
    try:
        told = explore(4, 3, lambda experiment: ApartTrainer(experiment, (), reserve), tmp_path, orders=20)
    finally:
        reserve.close()
    assert told.wrong == []


def test_a_torn_trace_is_noticed(tmp_path: Path) -> None:
    experiment = small_run(updates=3)
    trace = experiment.trace(request_of(experiment))[0]
    plain = Undisturbed(tmp_path)
    assert plain.differences(trace) == []
    experiment.update()
    torn = experiment.trace(request_of(experiment))[0]
    object.__setattr__(trace, "hidden", torn.hidden)
    assert plain.differences(trace) == ["hidden"]
