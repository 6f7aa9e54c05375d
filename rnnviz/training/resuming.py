"""A saved network taken up again: which file is one, and which of several texts it was made with."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from rnnviz.text import (
    Cancelled,
    Progress,
    ReadingCancelled,
    Task,
    TextError,
    TextFile,
    read_text,
    text_from_string,
)
from rnnviz.training import checkpoint
from rnnviz.training.checkpoint import Checkpoint
from rnnviz.training.errors import TextNotHere, WrongCheckpoint
from rnnviz.training.experiment import Experiment
from rnnviz.training.machine_memory import check_text
from rnnviz.training.tensor_file import LARGEST_HEADER, LENGTH_BYTES

TextSource = Path | TextFile | Task
"""Where a text may be had: a file, the text itself, or how it is generated."""


def is_checkpoint(path: Path) -> bool:
    """Whether a file begins as a saved network does: a short look, which blocks on no pipe."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - a path may hold what Path refuses
            return False
        with Path(path).open("rb") as file:
            start = file.read(LENGTH_BYTES + 1)
    except (OSError, ValueError):
        return False
    length = int.from_bytes(start[:LENGTH_BYTES], "little")
    return start[LENGTH_BYTES:] == b"{" and 2 <= length <= LARGEST_HEADER


def resume(
    path: Path,
    sources: Sequence[TextSource],
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Experiment:
    """The run of a checkpoint, on the first of these texts that it was made with.

    Raises CheckpointError, TextNotHere among them, DoesNotFit, ReadingCancelled.
    """
    kept = checkpoint.read(path)
    refused: WrongCheckpoint | TextError | None = None
    for source in sources:
        try:
            if isinstance(source, Path):
                check_text(source, kept.settings.experiment.tokens)
            return kept.experiment(_text(source, progress, cancelled), progress, cancelled)
        except ReadingCancelled:
            raise
        except (WrongCheckpoint, TextError) as error:
            refused = error
    raise TextNotHere(_where_is_it(kept, refused if len(sources) == 1 else None))


def _text(source: TextSource, progress: Progress | None, cancelled: Cancelled | None) -> TextFile:
    if isinstance(source, TextFile):
        return source
    if isinstance(source, Task):
        return text_from_string(source.text(), source.title)
    return read_text(source, progress, cancelled)


def _where_is_it(kept: Checkpoint, refused: Exception | None) -> str:
    """What to say where no text fits: of a single one why not."""
    if isinstance(refused, WrongCheckpoint):
        return str(refused)
    n = kept.text.training_tokens + kept.text.validation_tokens
    kind = "words" if kept.settings.experiment.tokens == "word" else "characters"
    return (
        f"{kept.name} was made with a text of {n:,} {kind} that is not where it was. "
        "Choose its text, as it was then."
    )
