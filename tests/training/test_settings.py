"""Every choice of a run: what it may be, and what is said of what it may not be."""

import math
from typing import Any

import pytest

from rnnviz.engine import ACTIVATIONS, CELLS, INITIALIZERS, OPTIMIZERS
from rnnviz.training import PLANNED_OPTIONS, SETTINGS, RunSettings, SettingError
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
        ("cell", "lstm", "--cell lstm is not built yet; choose one of: rnn."),
        ("init", "spectral", "--init spectral is not built yet; choose one of: uniform, xavier, orthogonal."),
        ("optimizer", "momentum", "--optimizer momentum is not built yet; choose one of:"),
        ("loss", "marked", "--loss marked is not built yet; choose one of: all."),
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
        if not setting.choices and not isinstance(setting.default, bool):
            assert setting.check(setting.high) == setting.high
            if setting.low_allowed:
                assert setting.check(setting.low) == setting.low


def test_only_learning_rate_and_clip_norm_change_while_training() -> None:
    assert {name for name, setting in SETTINGS.items() if setting.at_once} == {"lr", "clip"}


def test_options_that_come_later_say_what_they_would_be() -> None:
    assert set(PLANNED_OPTIONS) == {
        "--vectors", "--dropout", "--spectral-radius", "--forget-bias", "--workers", "--lane", "--match",
    }  # fmt: skip
    assert not {setting.option for setting in SETTINGS.values()} & set(PLANNED_OPTIONS)


def test_settings_that_contradict_each_other_are_refused_together(monkeypatch: pytest.MonkeyPatch) -> None:
    def narrow(settings: RunSettings) -> None:
        if settings.lane.embedding > settings.lane.hidden:
            raise SettingError("embedding", "--embedding must not be wider than --hidden.")

    monkeypatch.setattr(settings_module, "CROSS_CHECKS", (narrow,))
    assert refusal(embedding=33, hidden=32).name == "embedding"
    RunSettings().with_values({"embedding": 33, "hidden": 64})
