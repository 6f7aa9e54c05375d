"""Windows whose network can be interfered with."""

import pytest

from rnnviz.text import Task
from tests.gui.conftest import Open, User
from tests.gui.interventions.hands import with_cell


@pytest.fixture
def lstm(user: User) -> User:
    """The window with an untrained LSTM."""
    return with_cell(user, cell="lstm", hidden=8)


@pytest.fixture
def answering(open_window: Open, emperors) -> User:  # type: ignore[no-untyped-def]
    """An LSTM that has learned to answer a memory task over twenty steps."""
    user = open_window(emperors)
    values = {"cell": "lstm", "hidden": 12, "forget_bias": 3.0, "lr": 0.02, "init": "xavier", "seed": 1}
    user.window.session.open(Task("recall", 20, 2000), **values)
    user.until(lambda: user.experiment.corpus.task is not None and user.step == 0)
    user.train_until(60)
    return user
