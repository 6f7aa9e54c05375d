"""Races: which lanes there are, what they are called, and how they are made comparable.

Lanes read the same text in the same windows from the same seed. What cannot be the same at once is the number
of hidden units and the number of parameters: an LSTM of as many units learns four times as many numbers.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, get_args

from rnnviz.engine import CELLS
from rnnviz.training.lane import model_spec
from rnnviz.training.settings import SETTINGS, LaneSettings, RunSettings

Match = Literal["hidden", "parameters"]
MATCHES: tuple[Match, ...] = get_args(Match)

CLASSIC_FOUR: tuple[dict[str, Any], ...] = (
    {"cell": "rnn", "activation": "tanh"},
    {"cell": "rnn", "activation": "sigmoid"},
    {"cell": "lstm"},
    {"cell": "gru"},
)


def classic_four(settings: RunSettings) -> RunSettings:
    """tanh RNN, sigmoid RNN, LSTM and GRU, in everything else like the first lane. Raises SettingError."""
    first = settings.of_lane(0)
    return first.with_lanes([first.with_values(values).lane for values in CLASSIC_FOUR])


def lane_titles(settings: RunSettings) -> tuple[str, ...]:
    """What each lane is called: its cell, and where lanes have the same one what tells them apart."""
    lanes = settings.lanes
    names = [_cell_title(lane) for lane in lanes]
    return tuple(
        ", ".join(
            [name, *_particulars(lane, [other for other, n in zip(lanes, names, strict=True) if n == name])]
        )
        for lane, name in zip(lanes, names, strict=True)
    )


def _cell_title(lane: LaneSettings) -> str:
    cell = CELLS[lane.cell]
    return f"{lane.activation} {cell.title.removeprefix('plain ')}" if cell.has_activation else cell.title


def _particulars(lane: LaneSettings, namesakes: Sequence[LaneSettings]) -> list[str]:
    """The settings in which lanes of one name differ, with this lane's values."""
    found = []
    for field in dataclasses.fields(LaneSettings):
        value = getattr(lane, field.name)
        if all(getattr(other, field.name) == value for other in namesakes):
            continue
        if field.name in ("vectors", "vectors_frozen"):
            found.append(_vectors_title(lane, namesakes))
        else:
            found.append(f"{SETTINGS[field.name].label.lower()} {SETTINGS[field.name].in_words(value)}")
    return list(dict.fromkeys(found))


def _vectors_title(lane: LaneSettings, namesakes: Sequence[LaneSettings]) -> str:
    """Short, since a title has little room: the file is named only where there are several."""
    if not lane.vectors:
        return "no vectors"
    files = {other.vectors for other in namesakes if other.vectors}
    name = SETTINGS["vectors"].in_words(lane.vectors) if len(files) > 1 else "vectors"
    return f"frozen {name}" if lane.vectors_frozen else name


def matched(settings: RunSettings, vocabulary_size: int, match: Match) -> RunSettings:
    """All lanes with the first one's number of hidden units, or as nearly as can be of its parameters."""
    first = settings.lane
    if match == "hidden":
        return settings.with_lanes(
            [dataclasses.replace(lane, hidden=first.hidden) for lane in settings.lanes]
        )
    target = parameter_counts(settings, vocabulary_size)[0]
    lanes = [first]
    for number in range(1, len(settings.lanes)):
        lane = settings.of_lane(number)
        hidden = _hidden_for(lane, vocabulary_size, target)
        lanes.append(dataclasses.replace(lane.lane, hidden=hidden))
    return settings.with_lanes(lanes)


def parameter_counts(settings: RunSettings, vocabulary_size: int) -> tuple[int, ...]:
    """How many numbers each lane learns."""
    runs = (settings.of_lane(number) for number in range(len(settings.lanes)))
    return tuple(model_spec(run, vocabulary_size).parameter_count() for run in runs)


def _hidden_for(run: RunSettings, vocabulary_size: int, target: int) -> int:
    """The number of units whose parameters come closest to `target`; of two equally close the smaller."""

    def count(hidden: int) -> int:
        return parameter_counts(run.with_values({"hidden": hidden}), vocabulary_size)[0]

    low, high = int(SETTINGS["hidden"].low), int(SETTINGS["hidden"].high)
    while low < high:  # the smallest number of units with at least so many parameters: they grow with it
        middle = (low + high) // 2
        if count(middle) < target:
            low = middle + 1
        else:
            high = middle
    least = int(SETTINGS["hidden"].low)
    return min((max(low - 1, least), low), key=lambda hidden: abs(count(hidden) - target))
