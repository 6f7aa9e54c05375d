"""How a verb ends: its exit statuses, and one line on standard error for whatever went wrong."""

import os
import sys
import traceback

DONE = 0
DIFFERENCE = 1
BAD_USE = 2
INTERRUPTED = 130

LONGEST_WORD = 300
TRACEBACK_VARIABLE = "RNNVIZ_TRACEBACK"


class UsageError(Exception):
    """The command line asks for something that cannot be done; the message says what to do instead."""


class Stopped(KeyboardInterrupt):
    """Interrupted by a signal; the message says what was kept, "" if there is nothing to say."""


def one_line(text: str) -> str:
    """The text without line ends and endless words: a message can be read whatever a file is called."""
    words = (word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…" for word in text.split())
    return " ".join(words)


def say(text: str) -> None:
    """One line on standard error. A closed standard error stops nothing."""
    try:
        print(f"rnnviz: {one_line(text)}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return


def report(error: BaseException) -> int:
    """Say in one line what went wrong and return the exit status that it means."""
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error, file=sys.stderr)
    say(_explanation(error))
    return BAD_USE


def _explanation(error: BaseException) -> str:
    if isinstance(error, UsageError) or _is_for_people(error):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for this. Lower --hidden, --vocabulary, --batch or --window."
    if isinstance(error, OSError):
        return file_trouble(error)
    return (
        f"an error of the program itself: {type(error).__name__}: {error}. Please report it with what you "
        f"typed; {TRACEBACK_VARIABLE}=1 in front of the command shows where it happened."
    )


def _is_for_people(error: BaseException) -> bool:
    """Whether the message was written for the user: the named errors of the layers below.

    Their modules are looked up, not imported: an error can only come from a layer that is loaded.
    """
    names = (
        ("rnnviz.text", "TextError"),
        ("rnnviz.training", "TrainingError"),
        ("rnnviz.training", "SettingError"),
        ("rnnviz.engine", "ParameterMismatch"),
        ("rnnviz.probes.golden", "GoldenFileError"),
        ("rnnviz.gui.pictures", "RenderError"),
    )
    kinds = [getattr(sys.modules.get(module), name, None) for module, name in names]
    return isinstance(error, tuple(kind for kind in kinds if isinstance(kind, type)))


def file_trouble(error: OSError, doing: str = "") -> str:
    """What the system said about a file, in a sentence."""
    name = str(error.filename) if error.filename is not None else ""
    said = error.strerror or str(error) or type(error).__name__
    advice = _ADVICE.get(type(error), "Check the path and the disk.")
    place = f"{doing or 'a file failed'}{': ' if name or doing else ''}{name}"
    return f"{place} ({said}). {advice}" if name else f"{doing or 'the system refused'}: {said}. {advice}"


_ADVICE = {
    FileNotFoundError: "Check the path.",
    NotADirectoryError: "Check the path.",
    PermissionError: "Choose a place that you may read and write.",
    IsADirectoryError: "That is a folder: name a file.",
}
