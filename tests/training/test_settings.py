"""Every choice of a run: what it may be, and what is said of what it may not be."""

import math
from typing import Any

import pytest

from rnnviz.engine import ACTIVATIONS, CELLS, INITIALIZERS, OPTIMIZERS
from rnnviz.training import SETTINGS, RunSettings, SettingError
from rnnviz.training import settings as settings_module


def refusal(**values: Any) -> SettingError:
    with pytest.raises(SettingError) as error:
        RunSettings().with_values(values)
    return error.value


def test_every_field_has_a_setting_with_a_label_a_heading_and_a_sentence() -> None:
    assert set(SETTINGS) == set(RunSettings().as_dict())
    for setting in SETTINGS.values():
        assert setting.label and setting.help and setting.group in ("Text", "Cell", "Training")
        assert RunSettings().get(setting.name) == setting.default
        assert setting.check(setting.default) == setting.default


def test_the_choices_are_what_the_engine_has() -> None:
    assert SETTINGS["cell"].choices == tuple(CELLS)
    assert SETTINGS["activation"].choices == tuple(ACTIVATIONS)
    assert SETTINGS["init"].choices == tuple(INITIALIZERS)
    assert SETTINGS["optimizer"].choices == tuple(OPTIMIZERS)
    for setting in SETTINGS.values():
        assert not set(setting.choices) & set(setting.planned)


def test_values_are_replaced_and_typed_and_the_rest_stays() -> None:
    changed = RunSettings().with_values({"hidden": "33", "lr": 1, "tokens": "char", "lowercase": True})
    assert changed.lane.hidden == 33 and type(changed.lane.hidden) is int
    assert changed.lane.lr == 1.0 and type(changed.lane.lr) is float
    assert (changed.experiment.tokens, changed.experiment.lowercase) == ("char", True)
    assert set(RunSettings().differences(changed)) == {"hidden", "lr", "tokens", "lowercase"}
    assert RunSettings.from_dict(changed.as_dict()) == changed


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("hidden", 0, "--hidden must be at least 1 and at most 8,192, not 0."),
        ("hidden", 3.5, "--hidden must be a whole number, at least 1 and at most 8,192, not 3.5."),
        ("hidden", "many", "--hidden must be a whole number, at least 1 and at most 8,192, not 'many'."),
        ("hidden", True, "--hidden must be a whole number, at least 1 and at most 8,192, not True."),
        ("hidden", None, "--hidden must be a whole number, at least 1 and at most 8,192, not None."),
        ("lr", math.nan, "--lr must be a number, greater than 0 and at most 100, not nan."),
        ("lr", math.inf, "--lr must be a number, greater than 0 and at most 100, not inf."),
        ("lr", 0, "--lr must be greater than 0 and at most 100, not 0."),
        ("lr", -1e-9, "--lr must be greater than 0 and at most 100, not -1e-09."),
        ("clip", -1, "--clip must be at least 0 and at most 1,000,000,000, not -1."),
        ("reset", 1.5, "--reset must be at least 0 and at most 1, not 1.5."),
        ("valid_fraction", 1, "--valid-fraction must be at least 0 and at most 0.9, not 1."),
        ("seed", 2**32, "--seed must be at least 0 and at most 4,294,967,295, not 4294967296."),
        ("window", 10**400, "at least 1 and at most 10,000, not 1000"),
        ("lowercase", "yes", "--lowercase is on or off, not 'yes'."),
        ("tokens", "sentence", "--tokens 'sentence' is unknown; choose one of: word, char."),
        ("cell", "mamba", "--cell 'mamba' is unknown; choose one of: rnn, lstm, gru, feedforward."),
        ("dropout", 1, "--dropout must be at least 0 and at most 0.95, not 1."),
        ("forget_bias", math.nan, "--forget-bias must be a number, at least -100 and at most 100, not nan."),
        ("speed", 3, "There is no setting 'speed'; there are: tokens, vocabulary"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(name: str, value: Any, message: str) -> None:
    error = refusal(**{name: value})
    assert error.name == name
    assert message in str(error)


def test_a_refusal_is_never_longer_than_a_few_lines() -> None:
    for name in SETTINGS:
        for value in ("x" * 10_000, ["x"] * 10_000):
            assert len(str(refusal(**{name: value}))) < 300


def test_limits_are_allowed_themselves() -> None:
    for setting in SETTINGS.values():
        if not setting.choices and not isinstance(setting.default, (bool, str)):
            assert setting.check(setting.high) == setting.high
            if setting.low_allowed:
                assert setting.check(setting.low) == setting.low


def test_only_learning_rate_and_clip_norm_change_while_training() -> None:
    assert {name for name, setting in SETTINGS.items() if setting.at_once} == {"lr", "clip"}


def test_settings_that_contradict_each_other_are_refused_together(monkeypatch: pytest.MonkeyPatch) -> None:
    def narrow(settings: RunSettings) -> None:
        if settings.lane.embedding > settings.lane.hidden:
            raise SettingError("embedding", "--embedding must not be wider than --hidden.")

    monkeypatch.setattr(settings_module, "CROSS_CHECKS", (narrow,))
    assert refusal(embedding=33, hidden=32).name == "embedding"
    RunSettings().with_values({"embedding": 33, "hidden": 64})


@pytest.mark.parametrize(
    ("values", "name", "message"),
    [
        ({"cell": "lstm", "activation": "sigmoid"}, "activation",
         "--activation sigmoid has no place in the LSTM, whose gates and candidate have functions of their "
         "own. Leave --activation out, or take --cell rnn or --cell feedforward."),
        ({"cell": "gru", "activation": "relu"}, "activation", "no place in the GRU"),
        ({"forget_bias": 1}, "forget_bias",
         "--forget-bias needs a forget gate, which the plain RNN has not. Set it to 0 or take --cell lstm."),
        ({"cell": "gru", "forget_bias": 3}, "forget_bias", "which the GRU has not"),
        ({"init": "spectral"}, "spectral_radius", "--init spectral needs --spectral-radius"),
        ({"spectral_radius": 1.5}, "spectral_radius",
         "--spectral-radius is for --init spectral, not for uniform. Set it to 0, or choose --init "
         "spectral."),
        ({"init": "identity", "spectral_radius": 1}, "spectral_radius", "not for identity"),
        ({"cell": "feedforward", "init": "identity"}, "init",
         "--init identity is about the recurrent weights, and the feedforward network has none. "
         "Choose --init xavier."),
        ({"cell": "feedforward", "init": "spectral", "spectral_radius": 1}, "init", "about the recurrent"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_together_is_refused(values: dict[str, Any], name: str, message: str) -> None:
    error = refusal(**values)
    assert error.name == name and message in str(error)


@pytest.mark.parametrize(
    "values",
    [
        {"cell": "lstm", "forget_bias": -2},
        {"cell": "lstm", "activation": "tanh"},
        {"cell": "feedforward", "activation": "relu"},
        {"init": "spectral", "spectral_radius": 2.5},
        {"cell": "gru", "init": "identity", "dropout": 0.5},
    ],
)
def test_what_makes_sense_together_is_taken_and_can_be_read_back(values: dict[str, Any]) -> None:
    settings = RunSettings().with_values(values)
    assert RunSettings.from_dict(settings.as_dict()) == settings
    assert all(settings.get(name) == value for name, value in values.items())


def test_what_a_change_leaves_without_meaning_goes_back_to_its_default() -> None:
    sigmoid = RunSettings().with_values({"activation": "sigmoid"})
    lstm = sigmoid.with_values({"cell": "lstm", "forget_bias": 3})
    assert lstm.lane.activation == "tanh" and lstm.with_values({"hidden": 9}).lane.forget_bias == 3
    assert lstm.with_values({"cell": "gru"}).lane.forget_bias == 0
    scaled = lstm.with_values({"init": "spectral", "spectral_radius": 1.2})
    assert scaled.with_values({"init": "uniform"}).lane.spectral_radius == 0
    with pytest.raises(SettingError):
        scaled.with_values({"cell": "gru", "activation": "sigmoid"})
