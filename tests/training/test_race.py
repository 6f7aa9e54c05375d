"""Several networks learn the same text in lockstep: equal ones stay equal, and one that breaks drops out."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from rnnviz.training import (
    ChangeSetting,
    EpochDone,
    Experiment,
    Failed,
    RecordUpdate,
    RunSettings,
    SettingChanged,
    SettingError,
    StartOver,
    Train,
    UpdateRecorded,
    checkpoint,
    classic_four,
    lane_titles,
    matched,
    parameter_counts,
    prepare,
)
from tests.training.runs import (
    bits,
    event,
    frame,
    request,
    running,
    small_experiment,
    small_settings,
    small_text,
    until_state,
)

EXPLODES: dict[str, Any] = {"activation": "relu", "clip": 0.0, "optimizer": "sgd", "lr": 100.0}
SHARED: dict[str, Any] = {"window": 12, "hidden": 40, "dropout": 0.2, "reset": 0.3}


def race(*lanes: dict[str, Any], **shared: Any) -> Experiment:
    run = small_settings(**shared)
    settings = run.with_lanes([run.with_values(lane).lane for lane in lanes])
    return prepare(small_text(), settings)


def after(experiment: Experiment, n_updates: int) -> Experiment:
    for _ in range(n_updates):
        experiment.update()
    return experiment


def lane_bits(experiment: Experiment, lane: int) -> dict[str, bytes]:
    return {name[1:]: value for name, value in bits(experiment).items() if name.startswith(f"{lane}/")}


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_two_lanes_with_the_same_settings_stay_the_same_to_the_bit(cell: str) -> None:
    experiment = after(race({"cell": cell}, {"cell": cell}, dropout=0.3, reset=0.4), 60)
    assert experiment.epoch > 0, "across an epoch's border, too"
    assert lane_bits(experiment, 0) == lane_bits(experiment, 1)
    first, second = experiment.trace(request(experiment))
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name], err_msg=name)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_equal_lanes_stay_equal_through_validation_saving_and_resuming(cell: str, tmp_path: Path) -> None:
    lane = {"cell": cell, "layers": 2, "embedding": 3}
    experiment = race(lane, lane, dropout=0.3, reset=0.4)
    path = tmp_path / "race.safetensors"
    for _ in range(3):
        after(experiment, 15)
        first, second = (result for result in experiment.validation() if result is not None)
        assert (first.loss, first.accuracy) == (second.loss, second.accuracy)
        checkpoint.save(experiment, path)
        experiment = checkpoint.read(path).experiment(small_text())
        assert lane_bits(experiment, 0) == lane_bits(experiment, 1)
    tensors = load_file(path)
    for name in (name for name in tensors if name.startswith("lane/0/")):
        np.testing.assert_array_equal(tensors[name], tensors[name.replace("lane/0/", "lane/1/")])
    plain = after(race(lane, lane, dropout=0.3, reset=0.4), 45)
    assert bits(plain) == bits(experiment), "and as if nobody had validated, saved or resumed"


def test_every_lane_learns_as_it_would_alone() -> None:
    lanes: list[dict[str, Any]] = [{"cell": "rnn"}, {"cell": "lstm", "hidden": 7}, {"cell": "gru", "lr": 0.1}]
    together = after(race(*lanes, reset=0.4, dropout=0.3), 50)
    for number, lane in enumerate(lanes):
        alone = after(small_experiment(reset=0.4, dropout=0.3, **lane), 50)
        assert lane_bits(together, number) == lane_bits(alone, 0)
        assert (together.step, together.epoch, together.position) == (alone.step, alone.epoch, alone.position)


def test_each_update_and_validation_names_its_lane() -> None:
    experiment = race({"cell": "rnn"}, {"cell": "lstm"})
    updates = experiment.update()
    assert [update.lane for update in updates] == [0, 1]
    assert updates[0].loss != updates[1].loss
    results = [result for result in experiment.validation() if result is not None]
    assert [result.lane for result in results] == [0, 1]


def test_a_lane_that_explodes_drops_out_and_the_others_go_on_as_if_it_had_not_been_there() -> None:
    experiment = race({}, EXPLODES, {"cell": "gru"}, **SHARED)
    after(experiment, 40)
    failure = experiment.lanes[1].failure
    assert failure is not None and failure.step < 40
    assert "learning rate" in failure.cause and "100" in failure.cause
    assert experiment.living == (0, 2)
    assert experiment.step == 40
    assert np.isfinite(experiment.lanes[1].model.parameters.values).all()
    for number, lane in ((0, {}), (2, {"cell": "gru"})):
        alone = after(small_experiment(**(SHARED | lane)), 40)
        assert lane_bits(experiment, number) == lane_bits(alone, 0)
    traces = experiment.trace(request(experiment))
    assert [trace.step for trace in traces] == [40, failure.step, 40]


def test_the_last_lane_that_explodes_ends_the_run() -> None:
    with running(race(EXPLODES, EXPLODES, **SHARED)) as trainer:
        trainer.send(Train())
        dropped = event(trainer, Failed)
        ended = dropped if dropped.lane is None else event(trainer, Failed)
        assert ended.lane is None
        until_state(trainer, "failed")


def test_the_trainer_tells_once_of_a_lane_that_drops_out_and_trains_on() -> None:
    with running(race({}, EXPLODES, **SHARED)) as trainer:
        trainer.send(Train(until=60))
        failure = event(trainer, Failed)
        assert failure.lane == 1 and failure.message and "start over" in failure.remedy
        until_state(trainer, "paused")
        assert trainer.experiment.step == 60
        assert len(trainer.logs[0]) == 60
        assert len(trainer.logs[1]) == failure.step
        assert trainer.events.empty()
        trainer.mailbox.post_request(request(trainer.experiment))
        shown = frame(trainer)
        assert shown.lanes[0].failure is None
        assert shown.lanes[1].failure is not None and shown.lanes[1].failure.step == failure.step
        assert shown.progress.loss == trainer.logs[0].since(0)["loss"][-1] == shown.lanes[0].loss
        trainer.send(StartOver())
        trainer.send(Train(until=60))
        assert event(trainer, Failed) == failure, "the same again, to the bit"


def test_a_race_tells_of_each_lanes_epoch() -> None:
    with running(race({}, {"cell": "gru"})) as trainer:
        trainer.send(Train(until=trainer.experiment.updates_per_epoch))
        first, second = event(trainer, EpochDone), event(trainer, EpochDone)
        assert (first.lane, second.lane) == (0, 1)
        assert first.validation.loss != second.validation.loss
        assert [log.validations[0].lane for log in trainer.logs] == [0, 1]


def test_a_frame_has_a_trace_and_numbers_of_every_lane() -> None:
    with running(race({}, {"cell": "lstm"}, {"cell": "gru"})) as trainer:
        trainer.send(Train(until=5))
        until_state(trainer, "paused")
        trainer.mailbox.post_request(request(trainer.experiment))
        shown = frame(trainer, step=5)
        assert [trace.cell_name for trace in shown.traces] == ["rnn", "lstm", "gru"]
        assert [lane.title for lane in shown.lanes] == ["tanh RNN", "LSTM", "GRU"]
        counts = [lane.model.spec.parameter_count() for lane in trainer.experiment.lanes]
        assert [lane.parameters for lane in shown.lanes] == counts
        assert [lane.loss for lane in shown.lanes] == [log.since(0)["loss"][-1] for log in trainer.logs]


def test_a_learning_rate_changes_in_one_lane_or_in_all() -> None:
    with running(race({}, {"cell": "gru"})) as trainer:
        trainer.send(ChangeSetting("lr", 0.5, lane=1))
        assert event(trainer, SettingChanged) == SettingChanged("lr", 0.5, 1)
        assert [lane.settings.lr for lane in trainer.experiment.lanes] == [0.02, 0.5]
        trainer.send(ChangeSetting("lr", 0.1))
        event(trainer, SettingChanged)
        assert [lane.lr for lane in trainer.experiment.settings.lanes] == [0.1, 0.1]


def test_slow_motion_shows_the_lane_that_is_asked_for() -> None:
    with running(race({}, {"cell": "gru"})) as trainer:
        trainer.send(RecordUpdate(lane=1))
        recorded = event(trainer, UpdateRecorded)
        assert recorded.lane == 1 and recorded.record.before.cell_name == "gru"
        assert [update.lane for update in recorded.updates] == [0, 1]


# -- settings -------------------------------------------------------------------------------------------


def test_the_classic_four_differ_in_nothing_but_their_cell() -> None:
    settings = classic_four(small_settings(activation="relu", lr=0.5))
    assert lane_titles(settings) == ("tanh RNN", "sigmoid RNN", "LSTM", "GRU")
    for lane in settings.lanes:
        assert dataclasses.replace(lane, cell="rnn", activation="tanh") == settings.lanes[0]
    assert settings.lane.lr == 0.5


def test_lanes_of_one_cell_are_told_apart_by_what_differs() -> None:
    run = RunSettings().with_values({"cell": "lstm"})
    lanes = [run.lane, run.with_values({"forget_bias": 3}).lane, run.with_values({"cell": "gru"}).lane]
    assert lane_titles(run.with_lanes(lanes)) == ("LSTM, forget bias 0", "LSTM, forget bias 3", "GRU")
    assert lane_titles(run.with_lanes([run.lane, run.lane])) == ("LSTM", "LSTM")


def test_five_lanes_are_refused() -> None:
    run = RunSettings()
    with pytest.raises(SettingError, match="at most 4 lanes"):
        run.with_lanes([run.lane] * 5)


def test_settings_of_a_race_survive_json() -> None:
    settings = classic_four(small_settings())
    assert RunSettings.from_dict(json.loads(json.dumps(settings.as_dict()))) == settings


@pytest.mark.parametrize("lanes", [[], "x", [{}], [{"cell": "gru"}], [None] * 2])
def test_spoilt_lanes_are_refused(lanes: object) -> None:
    with pytest.raises(SettingError):
        RunSettings.from_dict(RunSettings().as_dict() | {"lanes": lanes})


def test_one_value_changes_in_one_lane_or_in_all() -> None:
    settings = classic_four(small_settings())
    assert [lane.hidden for lane in settings.with_values({"hidden": 9}).lanes] == [9] * 4
    assert [lane.hidden for lane in settings.with_values({"hidden": 9}, lane=2).lanes] == [5, 5, 9, 5]
    assert settings.with_values({"window": 7}, lane=2).experiment.window == 7


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("embedding", [0, 16])
def test_lanes_are_matched_by_parameters_as_closely_as_units_allow(layers: int, embedding: int) -> None:
    settings = classic_four(RunSettings().with_values({"layers": layers, "embedding": embedding}))
    counts = parameter_counts(matched(settings, 500, "parameters"), 500)
    assert counts[0] == counts[1] == parameter_counts(settings, 500)[0]
    for number in range(1, 4):
        lane = matched(settings, 500, "parameters").of_lane(number)
        for hidden in (lane.lane.hidden - 1, lane.lane.hidden + 1):
            near = parameter_counts(lane.with_values({"hidden": hidden}), 500)[0]
            assert abs(near - counts[0]) >= abs(counts[number] - counts[0])


def test_lanes_are_matched_by_hidden_units() -> None:
    run = RunSettings()
    settings = run.with_lanes([run.with_values({"hidden": h}).lane for h in (20, 30, 40)])
    assert [lane.hidden for lane in matched(settings, 500, "hidden").lanes] == [20, 20, 20]


# -- checkpoints ------------------------------------------------------------------------------------------


def test_a_race_in_two_pieces_is_the_race_at_once_with_its_dropped_lane(tmp_path: Path) -> None:
    lanes: list[dict[str, Any]] = [{}, EXPLODES, {"cell": "lstm", "optimizer": "momentum"}]
    pieces, whole = after(race(*lanes, **SHARED), 30), after(race(*lanes, **SHARED), 75)
    path = tmp_path / "race.safetensors"
    checkpoint.save(pieces, path)
    resumed = after(checkpoint.read(path).experiment(small_text()), 45)
    assert bits(resumed) == bits(whole)
    assert resumed.lanes[1].failure == whole.lanes[1].failure is not None
    checkpoint.save(resumed, path)
    checkpoint.save(whole, tmp_path / "whole")
    assert path.read_bytes() == (tmp_path / "whole").read_bytes()


def test_the_tensors_of_a_race_stand_in_a_folder_for_each_lane(tmp_path: Path) -> None:
    path = tmp_path / "race.safetensors"
    experiment = after(race({}, {"cell": "lstm"}), 3)
    checkpoint.save(experiment, path)
    tensors = load_file(path)
    assert {name.split("/")[1] for name in tensors} == {"0", "1"}
    assert all(name.startswith("lane/") for name in tensors)
    for number, lane in enumerate(experiment.lanes):
        for name, array in lane.model.parameters.export().items():
            np.testing.assert_array_equal(tensors[f"lane/{number}/{name}"], array)
    assert "lane/1/state/cell" in tensors and "lane/0/state/cell" not in tensors


def test_lanes_assume_one_answer_together_or_their_errors_could_not_be_compared() -> None:
    experiment = race({}, {"cell": "gru"}, {"cell": "lstm"})
    asked = dataclasses.replace(request(experiment), answer=None, answer_word=None)
    likeliest = {int(trace.candidates[-1, 0]) for trace in experiment.trace(asked)}
    assert len(likeliest) > 1, "each would assume another one"
    traces = experiment.trace(asked)
    assert all(trace.assumed_answer for trace in traces)
    assert {int(trace.targets[-1]) for trace in traces} == {int(traces[0].candidates[-1, 0])}
    assert len({str(trace.target_words[-1]) for trace in traces}) == 1
