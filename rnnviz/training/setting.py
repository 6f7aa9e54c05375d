"""One choice of a run: how it is called, what it may be, and the refusal that says what to choose instead."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rnnviz.text import shown_name

Group = Literal["Text", "Cell", "Training", "What if"]

LONGEST_PATH = 4096
"""Characters; no system takes a longer one."""


class SettingError(ValueError):
    """A choice that cannot be: `name` is the setting, the message says what to choose instead."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class Setting:
    """One choice: how it is called, what it may be, and what it means in a sentence."""

    name: str
    label: str  # in the rail
    group: Group  # heading in the rail
    help: str
    default: Any
    choices: tuple[str, ...] = ()  # what there is
    planned: tuple[str, ...] = ()  # what the design names and a later version brings
    low: float = 0.0
    high: float = math.inf
    low_allowed: bool = True  # False: must be greater than low
    at_once: bool = False  # may change while training, without a new network
    is_path: bool = False  # of a file; "" is none
    zero: str = ""  # what 0 is called where it means that something is left out

    @property
    def option(self) -> str:
        """As typed on the command line."""
        return "--" + self.name.replace("_", "-")

    def in_words(self, value: Any) -> str:
        """A value as a title or a sentence has it: of a file its name, without the folder."""
        if self.is_path:
            return shown_name(value) if value else "none"
        if isinstance(value, bool):
            return "on" if value else "off"
        if self.zero and value == 0:
            return self.zero
        return f"{value:g}" if isinstance(value, float) else str(value)

    def check(self, value: Any) -> Any:
        """The value in its proper type. Raises SettingError with what to choose instead."""
        if isinstance(self.default, bool):
            return self._check_flag(value)
        if self.is_path:
            return self._check_path(value)
        if self.choices:
            return self._check_choice(value)
        return self._check_number(value)

    def _check_flag(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise SettingError(self.name, f"{self.option} is on or off, not {shown(value)}.")

    def _check_path(self, value: Any) -> str:
        path = str(value) if isinstance(value, (str, Path)) else "\0"
        if "\0" not in path and len(path) <= LONGEST_PATH:
            return path
        raise SettingError(self.name, f"{self.option} needs the name of a file, not {shown(value)}.")

    def _check_choice(self, value: Any) -> str:
        if value in self.choices:
            return str(value)
        there_is = f"choose one of: {', '.join(self.choices)}."
        if value in self.planned:
            raise SettingError(self.name, f"{self.option} {value} is not built yet; {there_is}")
        raise SettingError(self.name, f"{self.option} {shown(value)} is unknown; {there_is}")

    def _check_number(self, value: Any) -> int | float:
        whole = isinstance(self.default, int)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if isinstance(value, bool) or not math.isfinite(number) or (whole and number != int(number)):
            kind = "a whole number" if whole else "a number"
            raise SettingError(
                self.name, f"{self.option} must be {kind}, {self._range()}, not {shown(value)}."
            )
        if not (number >= self.low if self.low_allowed else number > self.low) or number > self.high:
            raise SettingError(self.name, f"{self.option} must be {self._range()}, not {shown(value)}.")
        return int(number) if whole else number

    def _range(self) -> str:
        def text(x: float) -> str:
            return f"{x:,.0f}" if x == int(x) else f"{x:g}"

        lower = f"{'at least' if self.low_allowed else 'greater than'} {text(self.low)}"
        return lower if math.isinf(self.high) else f"{lower} and at most {text(self.high)}"


def shown(value: Any) -> str:
    """A value as it was given, at a length that fits into a message."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
