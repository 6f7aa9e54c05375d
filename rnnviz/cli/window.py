"""`rnnviz [FILE]`: the window; where there is no display, a picture of what it would have shown."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from rnnviz.cli.display import Display, find_display
from rnnviz.cli.errors import DONE, Stopped, UsageError, say
from rnnviz.cli.interruption import Interruption
from rnnviz.cli.progress_bar import ProgressBar
from rnnviz.cli.recording import record_training
from rnnviz.plain_imports import plain_imports
from rnnviz.text import (
    Passage,
    ReadingCancelled,
    build_corpus,
    check_fits,
    read_text,
    sample_at,
    samples,
    suggest_passage,
    task_of,
)
from rnnviz.text.progress import PIECE_BYTES
from rnnviz.training import (
    Course,
    Experiment,
    Reserve,
    RunSettings,
    fitting,
    is_checkpoint,
    prepare,
    suited,
)
from rnnviz.uncollected import uncollected

PICTURE = Path("rnnviz.png")
LEARNING_TIME_S = 10.0
MOST_UPDATES = 500
"""Without a display: how long to learn before the picture is taken, whichever comes first."""
PIECES_LOOKED_AT = 12
"""How much of a text is read before a window opens, in pieces of 256 KB."""


def run(argv: Sequence[str]) -> int:
    """Open the window, or do without, and return the exit status."""
    path = _file(argv)
    is_network = path is not None and is_checkpoint(path)
    if path is not None and not is_network:
        _refuse_unusable(path)
    display = find_display()
    if display.usable:
        return _open_window(path, display)
    if display.found:
        raise UsageError(
            f"the window needs libraries that this system lacks: {display.problem}. Without a window "
            "`rnnviz train FILE` works."
        )
    if is_network:
        raise UsageError(
            f"there is no display here ({display.problem}), and a saved network opens in the window only. "
            "`rnnviz ask`, `rnnviz trace` and `rnnviz render` take it without one."
        )
    say(
        f"there is no display here ({display.problem}), so no window: learning for a while and drawing what "
        f"it would show to {PICTURE}. `rnnviz --help` shows what else works without a screen."
    )
    return _picture_instead(path if path is not None else samples()[0].path)


def _file(argv: Sequence[str]) -> Path | None:
    if len(argv) > 1:
        raise UsageError(
            f"`rnnviz [FILE]` opens one text; {argv[1]!r} is one argument too many. A name with blanks in it "
            "needs quotes; settings belong to `rnnviz train`, or are chosen in the window."
        )
    return Path(argv[0]) if argv else None


def _refuse_unusable(path: Path) -> None:
    """Find out what is wrong with a text before a window opens, without letting it wait for a large one.

    The window reads the whole text in the background; here only the first megabytes are looked at, and only
    a small text, the only kind that can be too short, is cut into tokens. Raises TextError.
    """
    pieces = iter(range(PIECES_LOOKED_AT))
    try:
        text = read_text(path, cancelled=lambda: next(pieces, None) is None)
    except ReadingCancelled:
        return
    if text.n_bytes > PIECE_BYTES:
        return
    settings = suited(RunSettings(), task_of(text))
    shared = settings.experiment
    corpus = build_corpus(
        text,
        tokens=shared.tokens,
        vocabulary=shared.vocabulary,
        lowercase=shared.lowercase,
        valid_fraction=shared.valid_fraction,
    )
    check_fits(corpus, shared.window, fitting(settings, corpus).experiment.batch)


def _open_window(path: Path | None, display: Display) -> int:
    if display.platform:
        os.environ["QT_QPA_PLATFORM"] = display.platform
    with uncollected(), plain_imports():
        from rnnviz.gui.app import run_window  # Qt is loaded only now that nothing can abort the process
    return run_window(path, Reserve(ahead=True))


def _picture_instead(path: Path) -> int:
    if not os.access(Path.cwd(), os.W_OK):
        raise UsageError(
            f"{PICTURE} cannot be written: you may not write in {Path.cwd()}. Change to another folder."
        )
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from rnnviz.gui.render import Picture, draw  # as above
    from rnnviz.gui.view_pictures import Subject

    sample = sample_at(path)
    settings = RunSettings().with_values({"tokens": sample.tokens} if sample else {})
    bar = ProgressBar()
    with Interruption() as interruption:
        try:
            experiment = prepare(path, settings, bar.show, interruption, suit=True)
        except ReadingCancelled:
            raise Stopped("interrupted; no picture was drawn.") from None
        finally:
            bar.clear()
        deadline = time.monotonic() + LEARNING_TIME_S
        recording = record_training(experiment, MOST_UPDATES, _Watch(bar, experiment, deadline), interruption)
        bar.clear()
    if sample is not None:
        passage = Passage(sample.passage, sample.answer)
    else:
        assert experiment.text is not None, "an experiment made from a file keeps its text"
        passage = suggest_passage(experiment.text, experiment.corpus)
    draw(Picture(view="window", out=PICTURE), Subject(experiment, passage, recording, Course()))
    print(f"{PICTURE}: the window after {experiment.step:,} updates on {experiment.corpus.name}")
    return DONE


class _Watch:
    """Draws the bar and says when it is enough."""

    def __init__(self, bar: ProgressBar, experiment: Experiment, deadline: float) -> None:
        self._bar = bar
        self._experiment = experiment
        self._deadline = deadline

    def __call__(self, losses: Sequence[float]) -> bool:
        """Called after each update with its loss; True: stop."""
        left = self._deadline - time.monotonic()
        share = max(1 - left / LEARNING_TIME_S, self._experiment.step / MOST_UPDATES)
        self._bar.show(share, f"update {self._experiment.step:,}  loss {losses[0]:.3f}")
        return left <= 0
