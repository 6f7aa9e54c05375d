"""Keeps the rail, and the toolbar's learning rate, on the lane looked at; hands on what is changed there."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from rnnviz.gui.controls import Rail, RailFacts, Toolbar
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.race_show import RaceShow
from rnnviz.gui.session import Session
from rnnviz.training import SettingError


class RailShow(QObject):
    """Reads the session, tells the rail; a setting that is refused is said beside its field."""

    applying = Signal()
    """A new network is about to be asked for."""

    def __init__(
        self,
        session: Session,
        rail: Rail,
        toolbar: Toolbar,
        race: RaceShow,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._session, self._rail, self._toolbar, self._race = session, rail, toolbar, race
        session.run_replaced.connect(lambda _: rail.offer_undo(session.can_undo, session.kept))
        session.setting_changed.connect(lambda *_: self._show_settings())
        rail.changed_now.connect(self.change_now)
        rail.applied.connect(self.apply)
        rail.undo_clicked.connect(session.undo)
        session.use_workers(preferences.workers)
        rail.show_workers(preferences.workers)
        rail.workers_changed.connect(self.use_workers)
        toolbar.learning_rate_changed.connect(lambda lr: self.change_now("lr", lr))

    def show_lane(self) -> None:
        """The settings of the lane looked at, and what follows: parameters, coverage, rare share."""
        self._show_settings()
        assert self._session.run is not None
        lane, experiment = self._session.lane or 0, self._session.run.experiment
        spec = experiment.lanes[lane].model.spec
        self._rail.show_facts(
            RailFacts(
                rare_share=experiment.corpus.unknown_share,
                unit="words" if experiment.corpus.tokenizer.name == "word" else "characters",
                parameters=spec.parameter_count(),
                frozen=spec.stored_count() - spec.parameter_count(),
                coverage=experiment.coverage(lane),
                whose=self._race.whose_settings(),
            )
        )

    def _show_settings(self) -> None:
        settings = self._session.settings.of_lane(self._session.lane or 0)
        self._rail.show_settings(settings)
        self._toolbar.set_learning_rate(settings.lane.lr)

    def change_now(self, name: str, value: Any) -> None:
        """Change what may change while training."""
        try:
            self._session.change_now(name, value)
        except SettingError as error:
            self._rail.show_problem(name, str(error))

    def use_workers(self, count: int) -> None:
        """Let so many processes train, at the next start too."""
        self._preferences.workers = count
        self._session.use_workers(count)

    def apply(self, values: dict[str, Any]) -> None:
        """Build a new network by these settings."""
        self.applying.emit()
        try:
            self._session.apply(values)
        except SettingError as error:
            self._rail.show_problem(error.name, str(error))
