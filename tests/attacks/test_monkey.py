"""A monkey at the window (`python -m attacks.monkey` lets it hammer for an hour)."""

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from attacks.monkey import attack
from attacks.monkey_meters import take_sample
from attacks.monkey_report import Limits, memory_slope, report, wrong_with


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(os.name == "nt", reason="measures what Linux tells of a process")
def test_two_minutes_of_a_monkey_break_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    lives = attack(2.0, seed=1, life_s=60.0, state=state, x11=False, only=("apart", "race"), limits=Limits())
    assert [line for life in lives for line in wrong_with(life)] == []
    assert sum(life["actions"] for life in lives) > 200
    again = attack(2.0, seed=1, life_s=60.0, state=state, x11=False, only=("apart", "race"), limits=Limits())
    assert len(again) == len(lives), "it goes on from the state file, where nothing is left to do"


def a_life(memory: list[float], **differing: object) -> dict[str, Any]:
    """Samples a minute apart."""
    samples = [
        {
            "seconds": 60.0 * i,
            "actions": 100 * i,
            "resident_mb": mb,
            "worker_mb": 0.0,
            "threads": 4,
            "processes": 1,
            "handles": 20,
        }
        | {"none_references": 5000}
        for i, mb in enumerate(memory)
    ]
    return {"configuration": "race", "seed": 0, "faults": [], "samples": samples} | differing


def test_a_key_whose_modifier_closes_a_menu_ends_no_program() -> None:
    """QTest's own way of pressing Alt+Right ends this program with a segmentation fault."""
    program = """
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from attacks.monkey_hands import ImitatedHands

app = QApplication([])
window = QWidget()
window.show()
for _ in range(5):
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("one")
    menu.popup(QPoint(50, 50))
    gone = []
    menu.windowHandle().destroyed.connect(lambda *_, gone=gone: gone.append(1))
    ImitatedHands().key(menu, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert gone, "Alt closes a menu"
print("whole")
"""
    own = {"QT_QPA_PLATFORM": "offscreen", "MALLOC_PERTURB_": "165"}  # freed memory is overwritten
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "whole", (done.returncode, done.stderr)


def test_memory_that_grows_after_warming_up_is_told() -> None:
    growing = a_life([200.0 + 5 * i for i in range(20)])
    assert memory_slope(growing) == pytest.approx(5 * 1024)
    assert "memory grows by 5120 KB a minute" in wrong_with(growing)[0]
    warming_up = a_life([200.0 + 5 * min(i, 8) for i in range(20)])
    assert wrong_with(warming_up) == []


def test_processes_and_handles_that_pile_up_are_told() -> None:
    life = a_life([200.0] * 20)
    life["samples"][-1] |= {"processes": 2, "handles": 30}  # the worker in reserve came late
    assert wrong_with(life) == []
    life["samples"][-1] |= {"processes": 3, "handles": 31}
    assert len(wrong_with(life)) == 2


def test_a_frozen_second_and_a_fault_are_told() -> None:
    life = a_life([200.0] * 20, longest_standstill_s=1.2, standstills=["where"], faults=["IndexError"])
    assert len(wrong_with(life)) == 2


def test_windows_and_blocks_are_told_at_the_first_rest_and_the_last(
    qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    first = asdict(take_sample(0, 0.0))
    hidden, objects = QWidget(), [object() for _ in range(20_000)]
    last = asdict(take_sample(10, 60.0))
    assert last["windows"] == first["windows"] + 1
    assert last["blocks"] >= first["blocks"] + len(objects)
    life = a_life([]) | {"samples": [first | {"windows": 7, "blocks": 1_234_567}, last]}
    report([life], Limits())
    seen = capsys.readouterr().out
    assert seen.splitlines()[0].endswith("windows blocks/1000")
    line = next(line for line in seen.splitlines() if line.startswith("race"))
    assert line.split()[-2:] == [f"7/{last['windows']}", f"1234/{last['blocks'] // 1000}"]
    report([a_life([200.0] * 2)], Limits())  # of a state file from before these were counted
    assert capsys.readouterr().out.splitlines()[1].split()[-2:] == ["0/0", "0/0"]
    hidden.deleteLater()
