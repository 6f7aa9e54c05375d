"""An argparse parser that says in one line what is wrong and what to do."""

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from rnnviz.cli.errors import UsageError


class VerbParser(argparse.ArgumentParser):
    """The parser of one verb. Raises UsageError instead of printing a usage and leaving."""

    def __init__(self, verb: str, usage: str, description: str, **kwargs: Any) -> None:
        super().__init__(
            prog=f"rnnviz {verb}",
            usage=f"rnnviz {verb} {usage}",
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **kwargs,
        )

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """The arguments. Raises UsageError."""
        self._refuse_unknown_options(argv)
        arguments, rest = self.parse_known_args(argv)
        if rest:
            raise UsageError(
                f"{rest[0]!r} is one argument too many for `{self.prog}`. Text with blanks in it needs "
                f"quotes; `{self.prog} --help` shows what there is."
            )
        return arguments

    def error(self, message: str) -> NoReturn:
        """What argparse found wrong, as UsageError."""
        if missing := re.fullmatch(r"the following arguments are required: (.*)", message):
            raise UsageError(f"{missing[1]} is missing: {self._one_line_usage()}")
        for theirs, ours in _PLAINER:
            message = re.sub(theirs, ours, message)
        raise UsageError(f"{message}. `{self.prog} --help` shows what there is.")

    def _one_line_usage(self) -> str:
        return " ".join(str(self.usage).split())

    def _refuse_unknown_options(self, argv: Sequence[str]) -> None:
        """An unknown option is named before anything else is looked at, with the one it may have meant."""
        for argument in argv:
            if argument == "--":
                return
            name = argument.split("=", 1)[0]
            if not re.fullmatch(r"-[^\s\d.]\S*|--\S+", name) or name in self._option_string_actions:
                continue
            raise UsageError(
                f"there is no option {name} here{self._meant(name)} `{self.prog} --help` shows all options."
            )

    def _meant(self, name: str) -> str:
        near = difflib.get_close_matches(name, list(self._option_string_actions), n=1, cutoff=0.6)
        return f"; did you mean {near[0]}?" if near else "."


_PLAINER = (
    (r"^argument ([^:]*): expected one argument$", r"\1 needs a value"),
    (r"^argument ([^:]*): not allowed with argument (.*)$", r"\1 and \2 cannot go together: choose one"),
    (r"^argument ([^:]*): ", r"\1: "),
)
"""What argparse says, and how it is said here."""


def whole_number(low: int, high: int = 10**12) -> Any:
    """An argparse type: a whole number from `low` to `high`."""

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number from {low:,} to {high:,}")
        return number

    return convert


def real_number(low: float, high: float) -> Any:
    """An argparse type: a number from `low` to `high`, NaN refused."""

    def convert(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text} is not a number from {low:g} to {high:g}")
        return number

    return convert
