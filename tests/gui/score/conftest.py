"""A live score for the tests of mouse and keys, and what it may show."""

import pytest
from pytestqt.qtbot import QtBot

from rnnviz.gui.cursor import Cursor
from rnnviz.gui.views.score import Score
from rnnviz.probes.trace import Trace
from tests.gui.score.reference import make_net, passage, trace_of


@pytest.fixture
def live(qtbot: QtBot) -> tuple[Score, Cursor]:
    """A score on screen, joined to a cursor as the window joins them."""
    score, cursor = Score(), Cursor()
    qtbot.addWidget(score)
    score.resize(712, 604)
    score.moved.connect(lambda move: cursor.move(**move))
    score.show()
    qtbot.waitExposed(score)
    return score, cursor


@pytest.fixture
def trace() -> Trace:
    """A plain RNN on ten words whose answer is France."""
    return trace_of(make_net(), passage(10), "France")
