"""The numbers of a run as the plots get them: read once each, and those of another run never among them."""

import dataclasses

import numpy as np
import pytest

from rnnviz.gui.run import Run
from rnnviz.gui.series_reader import SeriesReader
from rnnviz.text import Passage, text_from_string
from rnnviz.training import Frame, History, RunSettings, ScalarLog, Trainer, prepare
from rnnviz.training.frame import Update, Validation
from tests.gui.score.reference import make_net, passage, trace_of


@pytest.fixture(scope="module")
def run() -> Run:
    """A run whose training thread is never started: its log is written by hand."""
    text = text_from_string("The Emperor of France knew the Emperor of Russia . " * 40, "emperors.txt")
    experiment = prepare(text, RunSettings().with_values({"hidden": 4, "window": 4, "batch": 2}))
    return Run(experiment, Trainer(experiment), Passage("The Emperor of"), History(2**20))


@pytest.fixture
def log(run: Run) -> ScalarLog:
    run.trainer.log.clear()
    return run.trainer.log


@pytest.fixture
def reader(run: Run, log: ScalarLog) -> SeriesReader:
    reader = SeriesReader()
    reader.follow(run)
    return reader


def update(log: ScalarLog, step: int, loss: float) -> None:
    log.append(Update(step=step, loss=loss, grad_norm=1.0, clip_factor=1.0, tokens=8), 100.0)


def test_validations_are_added_to_those_read_before(reader: SeriesReader, log: ScalarLog) -> None:
    update(log, 1, 3.0)
    log.append_validation(Validation(1, 2.5, 0.1, 100))
    first = reader.read()
    log.append_validation(Validation(2, 2.0, 0.2, 100))
    second = reader.read()
    assert first.valid_loss.tolist() == [2.5]
    assert second.valid_step.tolist() == [1, 2]
    assert second.valid_loss.tolist() == [2.5, 2.0]
    assert second.valid_accuracy.tolist() == [0.1, 0.2]


def test_validations_of_the_run_before_are_forgotten(reader: SeriesReader, log: ScalarLog) -> None:
    update(log, 1, 3.0)
    log.append_validation(Validation(1, 2.5, 0.1, 100))
    log.append_validation(Validation(1, 2.4, 0.1, 100))
    before = reader.read()
    log.clear()
    update(log, 1, 3.1)
    log.append_validation(Validation(1, 2.6, 0.3, 100))
    after = reader.read()
    assert after.run > before.run
    assert after.valid_loss.tolist() == [2.6]


def test_validations_before_the_first_update_are_forgotten_too(reader: SeriesReader, log: ScalarLog) -> None:
    for loss in (2.5, 2.4):
        log.append_validation(Validation(0, loss, 0.1, 100))
    assert reader.read().valid_loss.tolist() == [2.5, 2.4]
    log.clear()
    log.append_validation(Validation(0, 2.6, 0.3, 100))
    assert reader.read().valid_loss.tolist() == [2.6]


def noted(run: Run, step: int, radius: float) -> None:
    """A frame with a spectrum comes in, as the session takes it."""
    trace = trace_of(make_net(), passage(4), "France", step=step)
    trace = dataclasses.replace(
        trace,
        eigenvalues=np.full((1, 24), radius + 0j),
        sigma_max=np.array([radius]),
        spectral_radius=np.array([radius]),
    )
    run.history.append(Frame(step, 1, (trace,), progress=None))  # type: ignore[arg-type]


def test_a_cell_without_a_recurrent_block_has_no_radius(run: Run, reader: SeriesReader) -> None:
    noted(run, 3, np.nan)
    assert reader.read().radius.tolist() == []
    noted(run, 4, 0.8)
    assert reader.read().radius.tolist() == [0.8]
    run.history.clear()


def test_radii_are_read_again_when_the_run_is_taken_up_again(run: Run, reader: SeriesReader) -> None:
    for step, radius in ((0, 1.0), (7, 1.2)):
        noted(run, step, radius)
    assert reader.read().radius_step.tolist() == [0, 7]
    again = SeriesReader()
    again.follow(run)
    series = again.read()
    assert series.radius.tolist() == [1.0, 1.2]
    assert [spectrum.step for spectrum in series.spectra] == [0, 7]
    assert [moment.step for moment in series.moments] == [0, 7]


def test_radii_of_updates_that_were_taken_back_are_forgotten(run: Run, reader: SeriesReader) -> None:
    for step in (0, 7):
        noted(run, step, 1.0)
    reader.read()
    noted(run, 5, 0.9)  # an earlier update than the newest: the run went on from there
    assert reader.read().radius_step.tolist() == [0, 5]
    run.history.clear()


def test_of_a_run_that_went_back_the_part_that_stands_is_read_again(
    run: Run, reader: SeriesReader, log: ScalarLog
) -> None:
    run.history.clear()
    for step in range(1, 7):
        update(log, step, 3.0)
    log.append_validation(Validation(2, 2.5, 0.1, 100))
    log.append_validation(Validation(6, 2.4, 0.1, 100, change=1))
    for step in (1, 4, 6):
        noted(run, step, 1.0)
    before = reader.read()
    log.go_back(4, change=0)
    run.history.go_back(4, change=2)
    log.append_validation(Validation(4, 2.2, 0.3, 100, change=2))  # as many as before
    after = reader.read()
    assert after.step.tolist() == [1, 2, 3, 4] and after.run != before.run
    assert after.valid_loss.tolist() == [2.5, 2.2]
    assert after.radius_step.tolist() == [1, 4]
    update(log, 5, 1.0)
    assert reader.read().loss.tolist() == [3.0, 3.0, 3.0, 3.0, 1.0]
    run.history.clear()
