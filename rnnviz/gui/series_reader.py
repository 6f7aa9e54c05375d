"""Turns the run's scalar log and course into the Series that views draw, reading each number once."""

import math

import numpy as np
from numpy.typing import NDArray

from rnnviz.gui.run import Run
from rnnviz.gui.views.series import Series
from rnnviz.probes import Spectrum
from rnnviz.training import Course, ScalarLog

_VALIDATION_COLUMNS = ("step", "loss", "accuracy")
_COLUMNS = ("step", "loss", "grad_norm", "clip_factor", "tokens_per_s", "accuracy")
FIRST_CAPACITY = 4096


class GrowingColumns:
    """Columns of float64 that grow at the end; what was handed out stays as it was."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._buffers = {name: np.empty(FIRST_CAPACITY) for name in names}
        self.length = 0

    def extend(self, **columns: NDArray[np.float64] | NDArray[np.int64] | list[float]) -> None:
        """Append equally long columns."""
        grown = self.length + len(columns[self._names[0]])
        for name in self._names:
            buffer = self._buffers[name]
            if grown > len(buffer):
                larger = np.empty(max(grown, 2 * len(buffer)))
                larger[: self.length] = buffer[: self.length]
                self._buffers[name] = buffer = larger
            buffer[self.length : grown] = columns[name]
        self.length = grown

    def view(self, name: str) -> NDArray[np.float64]:
        """One column so far, read-only."""
        view = self._buffers[name][: self.length]
        view.flags.writeable = False
        return view


class SeriesReader:
    """Follows one run's log; `read` is cheap when nothing is new."""

    def __init__(self) -> None:
        self._log: ScalarLog | None = None
        self._course: Course | None = None
        self._lane = 0
        self._guessing = math.nan
        self._unit = "nats per word"
        self._chance = math.nan
        self._run = 0
        self._cuts = 0
        self._begin()

    def follow(self, run: Run, lane: int = 0) -> None:
        """Read a lane of this run from now on."""
        corpus = run.experiment.corpus
        self._log, self._course, self._lane = run.trainer.logs[lane], run.history.course, lane
        self._guessing = math.log(len(corpus.vocabulary))
        self._unit = "nats per word" if corpus.tokenizer.name == "word" else "nats per character"
        self._chance = math.nan if corpus.task is None else corpus.task.chance
        if corpus.task is not None and run.experiment.settings.experiment.loss == "marked":
            self._guessing, self._unit = -math.log(corpus.task.chance), "nats per answer"
        self._begin()
        self._cuts = self._log.cuts

    def _begin(self) -> None:
        self._run += 1
        self._updates = GrowingColumns(_COLUMNS)
        self._validations = GrowingColumns(_VALIDATION_COLUMNS)
        self._radii = GrowingColumns(("step", "radius"))
        self._next = 0
        self._series = Series(guessing=self._guessing, chance=self._chance, unit=self._unit, run=self._run)

    def _read_radii(self, spectra: tuple[Spectrum, ...]) -> None:
        """Spectral radii measured since the last look; a cell without a recurrent block has none."""
        known = self._radii.view("step")[-1] if self._radii.length else -1.0
        if spectra and spectra[-1].step < known:  # the run went back to an earlier update
            self._radii, known = GrowingColumns(("step", "radius")), -1.0
        fresh = [s for s in spectra if s.step > known and math.isfinite(s.spectral_radius[-1])]
        self._radii.extend(
            step=[float(s.step) for s in fresh], radius=[float(s.spectral_radius[-1]) for s in fresh]
        )

    def read(self) -> Series:
        """All numbers so far."""
        if self._log is None:
            return self._series
        cuts = self._log.cuts
        if cuts != self._cuts:  # started over, or gone back: what was read may have been taken out
            self._begin()
            self._cuts = cuts
        fresh = self._log.since(self._next)
        if len(fresh["step"]):
            self._next = int(fresh["index"][-1]) + 1
            self._updates.extend(**{name: fresh[name] for name in _COLUMNS})
        self._read_validations(self._log)
        course = self._course
        moments, spectra = (course.moments(self._lane), course.spectra(self._lane)) if course else ((), ())
        self._read_radii(spectra)
        self._series = Series(
            **{name: self._updates.view(name) for name in _COLUMNS},
            valid_step=self._validations.view("step"),
            valid_loss=self._validations.view("loss"),
            valid_accuracy=self._validations.view("accuracy"),
            radius_step=self._radii.view("step"),
            radius=self._radii.view("radius"),
            moments=moments,
            spectra=spectra,
            guessing=self._guessing,
            chance=self._chance,
            unit=self._unit,
            run=self._run,
        )
        return self._series

    def _read_validations(self, log: ScalarLog) -> None:
        fresh = log.validations_since(self._validations.length)
        self._validations.extend(**{name: [getattr(v, name) for v in fresh] for name in _VALIDATION_COLUMNS})
