"""Same start, but: one thing changed, side by side or in place, from the same weights."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rnnviz.gui.same_start import SameStartDialog, changed_run
from rnnviz.training import RunSettings, SettingError
from tests.gui.conftest import User


def dialog_of(user: User) -> SameStartDialog:
    """Open the dialog by its key."""
    user.key(Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    return user.window.findChildren(SameStartDialog)[-1]


def choose(dialog: SameStartDialog, name: str, value: str) -> None:
    dialog.what.setCurrentIndex(dialog.what.findData(name))
    field = dialog.row.field
    field.setCurrentIndex(field.findData(value))


def weights(user: User, lane: int, name: str = "weight_hh_l0") -> np.ndarray:  # type: ignore[type-arg]
    return user.experiment.lanes[lane].model.parameters.view(name).copy()


def test_two_networks_start_from_the_same_weights_and_train_at_once(learned: User) -> None:
    run, learned_weights = learned.window.session.run, weights(learned, 0)
    dialog = dialog_of(learned)
    choose(dialog, "activation", "sigmoid")
    assert dialog.way.currentData() is True and "race of two" in dialog.explanation.text()
    learned.click(dialog.start_button)
    learned.until(lambda: learned.window.session.run is not run)
    learned.until_step(5)
    learned.click(learned.window.toolbar.train_button)
    learned.until_settled()
    lanes = learned.window.session.settings.lanes
    assert [lane.activation for lane in lanes] == ["tanh", "sigmoid"]
    assert learned.window.race.view.isVisible()
    learned.experiment.start_over()
    assert np.array_equal(weights(learned, 0), weights(learned, 1)), "the same start"
    learned.window.session.undo()
    learned.until(lambda: learned.window.session.run is not None and not learned.window.race.is_race)
    learned.until_traced()
    assert np.array_equal(weights(learned, 0), learned_weights), "the present network is back as it was"


def test_what_lanes_share_is_changed_in_place(learned: User) -> None:
    run, dialog = learned.window.session.run, dialog_of(learned)
    dialog.what.setCurrentIndex(dialog.what.findData("window"))
    assert not dialog.way.isEnabled() and dialog.way.currentData() is False
    assert not dialog.start_button.isEnabled() and "already" in dialog.explanation.text()
    dialog.row.field.selectAll()
    learned.bot.keyClicks(dialog.row.field, "8")
    assert dialog.start_button.isEnabled() and "in place" in dialog.explanation.text()
    learned.bot.keyClick(dialog.row.field, Qt.Key.Key_Return)
    learned.until(lambda: learned.window.session.run is not run)
    learned.until_step(3)
    assert learned.window.session.settings.experiment.window == 8
    assert not learned.window.race.is_race and learned.window.session.can_undo


def test_giving_up_the_building_does_not_train_what_comes_later(user: User) -> None:
    dialog = dialog_of(user)
    choose(dialog, "cell", "gru")
    run = user.window.session.run
    user.click(dialog.start_button)
    user.window.session.cancel_loading()
    user.until(lambda: user.window.loading_bar.isHidden())
    if user.window.session.run is run:
        user.window.session.build(user.window.session.settings.with_values({"hidden": 5}))
        user.until(lambda: user.window.session.run is not run)
        user.until_traced()
        assert not user.window.session.is_training


def test_a_refusal_speaks_the_words_of_the_window(user: User) -> None:
    dialog = dialog_of(user)
    dialog.what.setCurrentIndex(dialog.what.findData("forget_bias"))
    user.bot.keyClicks(dialog.row.field, "3")
    assert "Forget bias needs a forget gate" in dialog.explanation.text()
    assert "--" not in dialog.explanation.text() and not dialog.start_button.isEnabled()


def test_the_dialog_is_offered_with_the_races(user: User) -> None:
    user.window.race.menu.aboutToShow.emit()
    action = next(a for a in user.window.race.menu.actions() if "Same start" in a.text())
    assert action.isEnabled()
    action.trigger()
    assert len(user.window.findChildren(SameStartDialog)) == 1


def test_a_spectral_start_brings_what_it_needs() -> None:
    present = RunSettings()
    by_start, by_radius = (
        changed_run(present, "init", "spectral"),
        changed_run(present, "spectral_radius", 2.5),
    )
    assert (by_start.lane.init, by_start.lane.spectral_radius) == ("spectral", 0.9)
    assert (by_radius.lane.init, by_radius.lane.spectral_radius) == ("spectral", 2.5)
    with pytest.raises(SettingError, match="already"):
        changed_run(present, "cell", "rnn")
    with pytest.raises(SettingError, match="forget gate"):
        changed_run(present, "forget_bias", 3)
