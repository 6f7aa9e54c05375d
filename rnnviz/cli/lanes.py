"""A race on the command line: `--lane "SETTINGS"` up to four times, and `--match`."""

import argparse
import shlex
from collections.abc import Mapping
from typing import Any

from rnnviz.cli.errors import UsageError
from rnnviz.cli.options import add_settings, given_settings, refuse_contradictions
from rnnviz.cli.parser import VerbParser
from rnnviz.training import (
    MATCHES,
    MOST_LANES,
    SETTINGS,
    Experiment,
    Match,
    RunSettings,
    SettingError,
    parameter_counts,
)
from rnnviz.training.settings import EXPERIMENT_NAMES

_MATCHED_BY: Mapping[Match, str] = {"hidden": "hidden units", "parameters": "the number of parameters"}


def add_lanes(parser: VerbParser) -> None:
    """Give a verb the options of a race."""
    group = parser.add_argument_group("a race")
    group.add_argument(
        "--lane",
        action="append",
        metavar='"SETTINGS"',
        help=f"up to {MOST_LANES} times: one network on the same text, seed and batches, with settings of "
        'its own such as "--cell lstm --forget-bias 3"; the others stand outside and hold for all',
    )
    group.add_argument(
        "--match",
        choices=MATCHES,
        help="what all lanes have as many of as the first: hidden units, or parameters, for which the units "
        "of the others are chosen (default: as each lane says)",
    )


def lanes_of(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The settings of each `--lane`, in their proper types. Raises UsageError and SettingError."""
    typed: list[str] = arguments.lane or []
    if len(typed) > MOST_LANES:
        raise UsageError(f"--lane is given {len(typed)} times; a race has at most {MOST_LANES} lanes.")
    lanes = [_lane(text) for text in typed]
    match: Match | None = arguments.match
    if match is not None:
        if len(lanes) < 2 and getattr(arguments, "resume", None) is None:
            raise UsageError("--match needs lanes to compare: give --lane at least twice.")
        for text, lane in zip(typed[1:], lanes[1:], strict=True):
            if "hidden" in lane:
                raise UsageError(
                    f'--lane "{text}" says how many units it has, and --match {match} chooses them after the '
                    "first lane: leave one of the two out."
                )
    return lanes


def _lane(text: str) -> dict[str, Any]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f'--lane "{text}": its quotes do not close ({error}).') from None
    parser = VerbParser("train", '... --lane "SETTINGS"', "", add_help=False)
    add_settings(parser)
    try:
        given = given_settings(parser.parse(words))
    except (UsageError, SettingError) as error:
        raise UsageError(f'--lane "{text}": {error}') from None
    for name in given:
        if name in EXPERIMENT_NAMES:
            option = SETTINGS[name].option
            raise UsageError(
                f'--lane "{text}": {option} is the same for all lanes of a race. Give it outside of --lane.'
            )
    return given


def race_settings(given: Mapping[str, Any], lanes: list[dict[str, Any]]) -> RunSettings:
    """The run that shared settings and lanes describe. Raises UsageError and SettingError.

    What a lane overrides may leave a shared setting without meaning: `--activation sigmoid --lane "" --lane
    "--cell lstm"` races a sigmoid RNN against an LSTM.
    """
    if not lanes:
        return RunSettings().with_values(given)
    runs = []
    for lane in lanes:
        try:
            runs.append(RunSettings().with_values(_merged(given, lane)))
        except SettingError as error:
            shown = " ".join(f"{SETTINGS[name].option} {value}" for name, value in lane.items())
            raise UsageError(f'--lane "{shown}": {error}') from None
    return runs[0].with_lanes([run.lane for run in runs])


def _merged(given: Mapping[str, Any], lane: Mapping[str, Any]) -> dict[str, Any]:
    """What holds for a lane: its own settings over the shared ones."""
    return {**given, **RunSettings().left_without_meaning(lane), **lane}


def refuse_other_lanes(
    given: Mapping[str, Any],
    lanes: list[dict[str, Any]],
    match: Match | None,
    held: RunSettings,
    checkpoint: str,
) -> None:
    """What was typed must be what a checkpoint was trained with. Raises UsageError."""
    if lanes and len(lanes) != len(held.lanes):
        raise UsageError(
            f"--lane is given {len(lanes)} times, and {checkpoint} has {len(held.lanes)} "
            f"lane{'s' if held.is_race else ''}. Leave --lane out, or train anew without the checkpoint."
        )
    for number in range(len(held.lanes)):
        typed = _merged(given, lanes[number]) if lanes else dict(given)
        if number and match == "parameters":
            typed.pop("hidden", None)
        refuse_contradictions(typed, held.of_lane(number), checkpoint)


def coverage_in_words(experiment: Experiment) -> list[str]:
    """A line for each file of word vectors that lanes started from: how much of the text it covers."""
    lines = []
    for number, lane in enumerate(experiment.lanes):
        coverage = experiment.coverage(number)
        if lane.vectors is not None:
            frozen = " They stay as they are." if lane.settings.vectors_frozen else ""
            which = f"lane {number + 1}, " if experiment.settings.is_race else ""
            lines.append(f"{which}{lane.vectors.name}: {coverage}.{frozen}")
    return lines


def lanes_in_words(experiment: Experiment, match: Match | None) -> list[str]:
    """One line for each lane of a race, and one that says what was matched."""
    counts = parameter_counts(experiment.settings, len(experiment.corpus.vocabulary))
    lines = [
        f"lane {number}, {lane.title}: {lane.settings.hidden:,} units, {count:,} parameters."
        for number, (lane, count) in enumerate(zip(experiment.lanes, counts, strict=True), 1)
    ]
    if match is not None:
        lines.append(f"Matched by {_MATCHED_BY[match]}.")
    return lines
