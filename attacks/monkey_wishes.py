"""What the monkey wants of the window as a whole: another theme, text, cell, lanes, size, plots outside."""

import random
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from rnnviz.gui.window import MainWindow
from rnnviz.text import Task, samples
from rnnviz.training import SettingError

SIZES = ((1280, 720), (1920, 1080), (800, 500), (640, 400), (1600, 900), (300, 200), (1280, 400))
CELLS = ("rnn", "lstm", "gru", "feedforward")
QUIT = "&Quit"

Wish = Callable[[MainWindow, random.Random], str]


def _in_a_dialog(window: MainWindow) -> bool:
    return window.session.run is None or QApplication.activeModalWidget() is not None


def resize(window: MainWindow, chance: random.Random) -> str:
    """Another size."""
    size = chance.choice(SIZES)
    window.resize(*size)
    return f"{size}"


def theme(window: MainWindow, _chance: random.Random) -> str:
    """Light to dark and back."""
    window.toggle_theme()
    return window.theme.name


def screen(window: MainWindow, chance: random.Random) -> str:
    """The full screen, all of the desktop, or a window again."""
    state = chance.choice(
        (Qt.WindowState.WindowFullScreen, Qt.WindowState.WindowMaximized, Qt.WindowState.WindowNoState)
    )
    window.setWindowState(state)
    return str(state)


def cell(window: MainWindow, chance: random.Random) -> str:
    """Another network, built at once: any cell, any size that learns within a moment."""
    if _in_a_dialog(window):
        return ""
    values = {
        "cell": chance.choice(CELLS),
        "hidden": chance.choice((1, 2, 8, 32, 200)),
        "layers": chance.choice((1, 1, 2, 3)),
        "embedding": chance.choice((0, 1, 16)),
        "optimizer": chance.choice(("sgd", "momentum", "adagrad", "rmsprop", "adam")),
        "dropout": chance.choice((0.0, 0.3)),
        "seed": chance.randrange(5),
    }
    try:
        window.session.apply(values)
    except SettingError as refusal:
        return f"refused: {refusal}"
    return f"{values}"


def lanes(window: MainWindow, chance: random.Random) -> str:
    """A race of up to four, or one network again."""
    if _in_a_dialog(window):
        return ""
    settings = window.session.settings
    cells = chance.choices(CELLS, k=chance.choice((1, 2, 3, 4)))
    try:
        raced = settings.with_lanes([replace(settings.lane, cell=cell, hidden=16) for cell in cells])
    except SettingError as refusal:
        return f"refused: {refusal}"
    window.session.build(raced)
    return ", ".join(cells)


def text(window: MainWindow, chance: random.Random) -> str:
    """Another example text, or a memory task."""
    if chance.random() < 0.3:
        task = Task(chance.choice(("recall", "order", "copy")), chance.choice((2, 10, 25)))
        window.opening.task(task)
        return task.title
    sample = chance.choice(samples())
    window.opening.sample(sample.file)
    return sample.file


def pull_out(window: MainWindow, chance: random.Random) -> str:
    """A plot into a window of its own, or such a window closed."""
    inspector = window.inspector
    if inspector.isHidden() or QApplication.activeModalWidget() is not None:
        return ""
    out = inspector.pulled_out()
    if out and chance.random() < 0.5:
        name = chance.choice(out)
        inspector.plots[name].window().close()
        return f"{name} back"
    name = chance.choice(list(inspector.plots))
    inspector.pull_out(name)
    return name


def train(window: MainWindow, _chance: random.Random) -> str:
    """Learn, so that what comes next comes in the middle of it."""
    window.train()
    return "train"


WISHES: dict[str, tuple[float, Wish]] = {
    "resize": (1.5, resize), "theme": (0.7, theme), "screen": (0.5, screen), "cell": (1.5, cell),
    "lanes": (0.7, lanes), "text": (0.7, text), "pull out": (1.5, pull_out), "train": (1.0, train),
}  # fmt: skip
"""How often each is wished for, where a click has 30."""
