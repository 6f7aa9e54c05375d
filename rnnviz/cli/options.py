"""The settings as options of the command line: made from the table that the window's rail is made from."""

import argparse
from collections.abc import Mapping
from typing import Any

from rnnviz.cli.errors import UsageError
from rnnviz.cli.parser import VerbParser, whole_number
from rnnviz.training import MOST_WORKERS, SETTINGS, WORKERS, RunSettings
from rnnviz.training.settings import Setting


def add_settings(parser: VerbParser) -> None:
    """Give a verb one option for each setting."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for setting in SETTINGS.values():
        if setting.group not in groups:
            groups[setting.group] = parser.add_argument_group(f"settings: {setting.group.lower()}")
        _add_setting(groups[setting.group], setting)


def add_workers(parser: VerbParser, what: str) -> None:
    """Give a verb `--workers`, which is no setting of a network: no checkpoint has it."""
    parser.add_argument(
        WORKERS.option,
        type=whole_number(1, MOST_WORKERS),
        metavar="N",
        default=WORKERS.default,
        help=f"{what} (default {WORKERS.default})",
    )


def _add_setting(group: argparse._ArgumentGroup, setting: Setting) -> None:
    if isinstance(setting.default, bool):
        group.add_argument(
            setting.option, dest=setting.name, action="store_true", default=None, help=setting.help
        )
        return
    default = f"{setting.default:g}" if isinstance(setting.default, float) else str(setting.default)
    if setting.is_path:
        group.add_argument(setting.option, dest=setting.name, metavar="FILE", help=setting.help)
        return
    value = "N" if isinstance(setting.default, int) else "X"
    group.add_argument(
        setting.option,
        dest=setting.name,
        metavar="|".join(setting.choices) or value,
        help=f"{setting.help} (default {default})".replace("%", "%%"),
    )


def given_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that were typed, in their proper types. Raises SettingError."""
    typed = {name: getattr(arguments, name) for name in SETTINGS}
    return {name: SETTINGS[name].check(value) for name, value in typed.items() if value is not None}


def refuse_contradictions(given: Mapping[str, Any], held: RunSettings, checkpoint: str) -> None:
    """A typed setting must be the one that a checkpoint was trained with. Raises UsageError."""
    for name, value in given.items():
        setting, option = SETTINGS[name], SETTINGS[name].option
        typed, there = setting.in_words(value), setting.in_words(held.get(name))
        # Of a file a checkpoint knows the name alone, and needs no more.
        if typed != there if setting.is_path else value != held.get(name):
            raise UsageError(
                f"{option} {typed} contradicts {checkpoint}, which was trained with {option} {there}. Leave "
                f"{option} out, or train anew without the checkpoint."
            )
