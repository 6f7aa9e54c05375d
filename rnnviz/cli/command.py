"""The `rnnviz` command: finds the verb, and turns whatever goes wrong into one line and a status."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from rnnviz import __version__
from rnnviz.cli.errors import DONE, INTERRUPTED, Stopped, UsageError, report, say
from rnnviz.uncollected import uncollected

VERBS = ("train", "ask", "trace", "render", "task", "experiment", "verify")

HELP = f"""\
rnnviz {__version__}: see inside a recurrent neural network while it learns.

  rnnviz [FILE]                       the window, on an example text or on yours
  rnnviz train FILE [settings]        learn a text without a window
  rnnviz ask CKPT "some passage"      what a trained network expects next
  rnnviz trace CKPT "some passage" --out trace.npz
                                      everything that happens to a passage, as arrays
  rnnviz render (FILE|CKPT) --view NAME --out X.png|.svg
                                      a picture of the window or of one view
  rnnviz task recall --distance 20 --out FILE
                                      a text whose answers lie far back
  rnnviz experiment memory --out FILE.csv
                                      how far back each cell can learn
  rnnviz verify [DIR]                 check the mathematics against golden numbers

`rnnviz VERB --help` shows the options of a verb. A text that is called like a verb opens as ./train.
Exit status: 0 done, 1 verify found a difference, 2 bad use or bad input, 130 interrupted.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the `rnnviz` command and return its exit status; `argv` without the program's name.

    Never raises, never shows a traceback (unless RNNVIZ_TRACEBACK is set): what goes wrong is one line on
    standard error.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        _let_any_text_out()
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return INTERRUPTED
    except Stopped as stopped:
        say(str(stopped))
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as leaving:  # argparse leaves so after --help
        return leaving.code if isinstance(leaving.code, int) else DONE
    except Exception as error:
        return report(error)
    return status


def _run(arguments: list[str]) -> int:
    if not arguments:
        return _verb("window")([])
    first = arguments[0]
    if first in VERBS:
        return _verb(first)(arguments[1:])
    if first in ("-h", "--help"):
        print(HELP, end="")
        return DONE
    if first == "--version":
        print(f"rnnviz {__version__}")
        return DONE
    if first.startswith("-"):
        raise UsageError(
            f"there is no option {first} here; the options of training and drawing belong to a verb, as in "
            f"`rnnviz train FILE {first.split('=', 1)[0]} ...`. `rnnviz --help` shows the verbs."
        )
    if near := _meant_verb(first):
        raise UsageError(f"there is no file {first} here; did you mean `rnnviz {near}`?")
    return _verb("window")(arguments)


def _verb(name: str) -> Callable[[list[str]], int]:
    """The function of a verb, whose module is loaded only now: NumPy and Qt take their time."""
    with uncollected():
        run: Callable[[list[str]], int] = import_module(f"rnnviz.cli.{name}").run
    return run


def _meant_verb(word: str) -> str:
    """The verb that a mistyped one may have meant; "" where a file of that name exists."""
    import difflib  # seldom wanted, and the window must not wait for it

    near = difflib.get_close_matches(word, VERBS, n=1, cutoff=0.7)
    return "" if not near or os.path.lexists(Path(word)) else near[0]


def _let_any_text_out() -> None:
    """A stream that was closed before the start swallows all; a letter that a terminal lacks becomes "?"."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # so Python says that it is closed
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")


def _drop_output() -> None:
    """The reader of standard output has gone: nothing more goes there, at the interpreter's end neither."""
    try:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
    except (OSError, ValueError):
        return
