"""Loading beside whatever runs: a job on its own thread, and what it does for a text or a new network."""

import os
import threading
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from rnnviz.text import (
    Cancelled,
    Corpus,
    Progress,
    ReadingCancelled,
    Task,
    TextError,
    TextFile,
    build_corpus,
    read_text,
    task_of,
    text_from_string,
)
from rnnviz.training.errors import TrainingError
from rnnviz.training.experiment import Experiment
from rnnviz.training.machine_memory import check_memory_of_lanes, check_text
from rnnviz.training.race import Match, matched
from rnnviz.training.settings import RunSettings, SettingError
from rnnviz.training.starting_vectors import VectorsByPath, as_wide_as_their_vectors, read_lanes_vectors
from rnnviz.training.task_settings import fitting, suited

Result = TypeVar("Result")
JobState = Literal["running", "done", "failed", "cancelled"]
Source = str | os.PathLike[str] | TextFile | Task | Experiment

CORPUS_SETTINGS = frozenset({"tokens", "vocabulary", "lowercase", "valid_fraction"})
"""Settings that decide how a text becomes ids; with the same ones a corpus serves again."""

_READING_SHARE = 0.3  # of the time that reading and tokenising take together
_TEXT_SHARE = 0.3  # of the time that the text takes where a file of word vectors follows


class Job(Generic[Result]):
    """Work on a plain thread of its own, watched from another one by `poll`."""

    def __init__(self, work: Callable[[Progress, Cancelled], Result]) -> None:
        """`work` reports to the first and looks at the second of its arguments, often."""
        self._work = work
        self._cancelled = threading.Event()
        self._result: Result | None = None
        self._state: JobState = "running"
        self._thread = threading.Thread(target=self._run, name="loading", daemon=False)
        self.error = ""
        """What went wrong, for people; "" where nothing did."""
        self.exception: BaseException | None = None
        """The same as it was raised."""
        self.progress: tuple[float, str] = (0.0, "")
        """Share done, 0 to 1, and what is being done."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Give up; never blocks. The job ends as "cancelled" unless it is done already."""
        self._cancelled.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the thread's end, at most so many seconds; nothing to wait for before `start`."""
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def is_alive(self) -> bool:
        """Whether the thread is still there."""
        return self._thread.is_alive()

    def poll(self) -> JobState:
        """How it stands; once it is not "running" it stays so."""
        return self._state

    @property
    def result(self) -> Result:
        """What the work returned. Raises RuntimeError unless the job is done."""
        if self._state != "done":
            raise RuntimeError(f"the job is {self._state}, it has no result")
        return self._result  # type: ignore[return-value]

    def _report(self, share: float, doing: str) -> None:
        self.progress = (share, doing)

    def _run(self) -> None:
        """Loading thread: every exception becomes a failure with a message for people."""
        try:
            result = self._work(self._report, self._cancelled.is_set)
        except ReadingCancelled:
            self._state = "cancelled"
        except Exception as error:
            self.exception, self.error = error, message_for_people(error)
            self._state = "cancelled" if self._cancelled.is_set() else "failed"
        else:
            self._result = result
            self._state = "cancelled" if self._cancelled.is_set() else "done"


def message_for_people(error: BaseException) -> str:
    """What to show for an exception: its own words where they are meant for people."""
    if isinstance(error, (TextError, TrainingError, SettingError)):
        return str(error)
    if isinstance(error, MemoryError):
        return (
            "There is not enough free memory for this text and network. Close other programs, or choose "
            "fewer units, a smaller vocabulary or batch, or a shorter window."
        )
    if isinstance(error, OSError):
        return f"The file could not be read ({error.strerror or error}). Check that it is still there."
    return f"A fault in the program ({type(error).__name__}: {error}). Please report it."


def prepare(
    source: Source,
    settings: RunSettings,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    *,
    suit: bool = False,
    match: Match | None = None,
) -> Experiment:
    """An experiment at update 0 from a file, a text, a memory task, or an experiment with other settings.

    With `suit` the settings are changed to suit a text that is a memory task, one that is none, or one so
    short that it has no room for the batch; with `match` the lanes of a race get as many units or parameters
    as the first one has.
    Word vectors that the settings name are read from their files.
    Raises TextError (of which VectorsError is one), ReadingCancelled, TrainingError, SettingError.
    """
    if isinstance(source, Experiment):
        return rebuild(source, settings, progress, cancelled, match)
    has_vectors = any(lane.vectors for lane in settings.lanes)
    of_text = _part(progress, 0.0, _TEXT_SHARE) if has_vectors else progress
    text, rest = source, of_text
    if isinstance(text, Task):
        if of_text is not None:
            of_text(0.0, "generating")
        text = text_from_string(text.text(), text.title)
    if not isinstance(text, TextFile):
        check_text(text, settings.experiment.tokens)
        text = read_text(text, _part(of_text, 0.0, _READING_SHARE), cancelled)
        rest = _part(of_text, _READING_SHARE, 1.0)
    if suit:
        settings = suited(settings, task_of(text))
    settings = as_wide_as_their_vectors(settings, {})
    corpus = corpus_of(text, settings, rest, cancelled)
    if suit:
        settings = fitting(settings, corpus)
    return _experiment(corpus, settings, text, match, {}, _part(progress, _TEXT_SHARE, 1.0), cancelled)


def _experiment(
    corpus: Corpus,
    settings: RunSettings,
    text: TextFile | None,
    match: Match | None,
    known: VectorsByPath,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> Experiment:
    """The networks for a corpus, with word vectors read where they are not known yet."""
    settings = as_wide_as_their_vectors(settings, known)
    if match is not None:
        settings = matched(settings, len(corpus.vocabulary), match)
    check_memory_of_lanes(settings, len(corpus.vocabulary))  # before a file of gigabytes is read in vain
    vectors = read_lanes_vectors(settings, corpus.vocabulary, known, progress, cancelled)
    return Experiment.create(corpus, settings, text, vectors)


def rebuild(
    experiment: Experiment,
    settings: RunSettings,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    match: Match | None = None,
) -> Experiment:
    """Another experiment on the same text; its corpus is used again where the settings leave it as it is."""
    if not CORPUS_SETTINGS & set(settings.differences(experiment.settings)):
        known = {lane.settings.vectors: lane.vectors for lane in experiment.lanes if lane.vectors is not None}
        return _experiment(experiment.corpus, settings, experiment.text, match, known, progress, cancelled)
    if experiment.text is None:
        raise TrainingError("The text of this network is not here. Open the text to read it in another way.")
    return prepare(experiment.text, settings, progress, cancelled, match=match)


def corpus_of(
    text: TextFile,
    settings: RunSettings,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Corpus:
    """The text as the settings cut and number it. Raises TextError, ReadingCancelled."""
    shared = settings.experiment
    return build_corpus(
        text,
        tokens=shared.tokens,
        vocabulary=shared.vocabulary,
        lowercase=shared.lowercase,
        valid_fraction=shared.valid_fraction,
        progress=progress,
        cancelled=cancelled,
    )


def _part(progress: Progress | None, begin: float, end: float) -> Progress | None:
    """Progress of one part of a job, as a share of the whole."""
    if progress is None:
        return None

    def report(share: float, doing: str) -> None:
        progress(begin + share * (end - begin), doing)

    return report
