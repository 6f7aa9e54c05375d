"""`rnnviz render`: a picture of the window, or of one view, of an untrained, a trained or a saved network."""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.cli.errors import DONE, Stopped, UsageError
from rnnviz.cli.interruption import Interruption
from rnnviz.cli.lanes import add_lanes, lanes_of, race_settings, refuse_other_lanes
from rnnviz.cli.options import add_settings, given_settings
from rnnviz.cli.parser import VerbParser, real_number, whole_number
from rnnviz.cli.progress_bar import ProgressBar
from rnnviz.cli.recording import record_training
from rnnviz.cli.train import refuse_unwritable
from rnnviz.engine import sample_continuation
from rnnviz.text import Passage, ReadingCancelled, sample_at, samples, suggest_passage
from rnnviz.training import (
    Checkpoint,
    Course,
    Experiment,
    MemoryResult,
    ScalarLog,
    checkpoint,
    prepare,
    read_table,
    trace_request,
)
from rnnviz.training.random_streams import SAMPLING, random_stream

DESCRIPTION = """\
Draw a picture of a text, before or after some training, of a checkpoint, or, with --view experiment, of the
table that `rnnviz experiment memory` has written. The same command draws the same
picture. --size is in points; the picture has size times scale pixels.
"""
VIEWS = (
    "window", "words", "states", "gates", "predicts", "loss", "error", "factors", "matrix",
    "experiment", "softmax", "why", "decay", "memory", "training", "saturation", "spectrum",
)  # fmt: skip
_FOLLOWED = {
    "memory": frozenset[str](), "spectrum": frozenset({"spectrum"}), "training": frozenset({"spectrum"}),
}  # fmt: skip
"""The views that show how something went over training, and what of a trace they follow."""
EXPERIMENT = "experiment"
KINDS = (".png", ".svg")
MOST_PIXELS = 400_000_000
LONGEST_HEADER_BYTES = 1 << 28
WRITTEN_PASSAGE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is drawn: a network, its text as far as it is here, and the passage."""

    experiment: Experiment
    passage: Passage


def run(argv: Sequence[str]) -> int:
    """Draw the picture and return the exit status."""
    arguments = _parser().parse(argv)
    view, out = _view(arguments.view), arguments.out
    if out.suffix.lower() not in KINDS:
        raise UsageError(f"--out {out}: a picture's name must end in {' or '.join(KINDS)}.")
    refuse_unwritable(out, "--out", arguments.source)
    width, height = arguments.size
    if width * height * arguments.scale**2 > MOST_PIXELS:
        raise UsageError(f"--size {width}x{height} at --scale {arguments.scale:g} is too large: lower one.")
    if view == EXPERIMENT:
        if arguments.train or arguments.passage is not None:
            raise UsageError("--view experiment draws a table, which has no network to train or to ask.")
        results = read_table(_text_of(arguments.source))
        draw_results(results, out, (width, height), arguments.scale, arguments.theme)
        return DONE
    _prepare_qt(arguments.scale)
    from rnnviz.gui.render import Picture, draw  # Qt is loaded only after its environment is settled
    from rnnviz.gui.view_pictures import Subject

    picture = Picture(view, out, width, height, arguments.scale, arguments.theme)
    bar = ProgressBar()
    with Interruption() as interruption:
        try:
            subject = _subject(arguments, bar, interruption)
        except ReadingCancelled:
            raise Stopped("interrupted; no picture was drawn.") from None
        course = Course()
        logs = _train(subject, arguments.train, _FOLLOWED.get(view), course, bar, interruption)
    draw(picture, Subject(subject.experiment, subject.passage, logs, course))
    return DONE


def draw_results(
    results: Sequence[MemoryResult], out: Path, size: tuple[int, int], scale: float, theme: str
) -> None:
    """A picture of a memory experiment. Raises RenderError."""
    _prepare_qt(scale)
    from rnnviz.gui.render import Picture, draw_memory  # as above

    draw_memory(Picture(EXPERIMENT, out, *size, scale, theme), results)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no table of a memory experiment, which is text in UTF-8.") from None


def _parser() -> VerbParser:
    parser = VerbParser(
        "render",
        "(FILE|CKPT) --view NAME --out X.png|.svg [settings]\n"
        "                     [--passage TEXT] [--train N] [--size WxH] [--scale X] [--theme dark|light]\n"
        '                     [--lane "SETTINGS" ... [--match hidden|parameters]]',
        DESCRIPTION,
    )
    parser.add_argument("source", metavar="FILE|CKPT", type=Path, help="a text, or a checkpoint")
    parser.add_argument("--view", required=True, metavar="NAME", help=", ".join(VIEWS))
    parser.add_argument("--out", required=True, type=Path, metavar="X.png|.svg", help="the picture to write")
    parser.add_argument("--passage", metavar="TEXT", help="what is watched (default: one that suits)")
    parser.add_argument("--train", type=whole_number(0), default=0, metavar="N",
                        help="updates to learn first (default 0)")  # fmt: skip
    parser.add_argument("--size", type=_size, default=(1280, 720), metavar="WxH",
                        help="in points (default 1280x720)")  # fmt: skip
    parser.add_argument("--scale", type=real_number(0.25, 8), default=1.0, metavar="X",
                        help="pixels a point (default 1)")  # fmt: skip
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="(default light)")
    add_lanes(parser)
    add_settings(parser)
    return parser


def _view(name: str) -> str:
    if name in VIEWS:
        return name
    there_are = f"there are: {', '.join(VIEWS)}."
    raise UsageError(f"--view {name} is unknown; {there_are}")


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})[xX×](\d{1,5})", text)
    if found is None or "0" in (found[1].lstrip("0") or "0", found[2].lstrip("0") or "0"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a width and height in points such as 1280x720")
    return int(found[1]), int(found[2])


def _prepare_qt(scale: float) -> None:
    """No screen is needed, and nothing of the desktop's own may change the picture."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    for name in ("QT_SCREEN_SCALE_FACTORS", "QT_FONT_DPI", "QT_STYLE_OVERRIDE", "QT_QPA_PLATFORMTHEME"):
        os.environ.pop(name, None)


def _subject(arguments: argparse.Namespace, bar: ProgressBar, interruption: Interruption) -> _Subject:
    given, lanes = given_settings(arguments), lanes_of(arguments)
    source: Path = arguments.source
    try:
        if _is_checkpoint(source):
            return _saved(arguments, given, lanes)
        sample = sample_at(source)
        if sample is not None:
            given.setdefault("tokens", sample.tokens)
        settings, match = race_settings(given, lanes), arguments.match
        experiment = prepare(source, settings, bar.show, interruption, match=match)
    finally:
        bar.clear()
    passage = _typed(arguments.passage, experiment)
    if passage is None and sample is not None and sample.tokens == experiment.settings.experiment.tokens:
        passage = Passage(sample.passage, sample.answer)
    if passage is None:
        assert experiment.text is not None, "an experiment made from a file keeps its text"
        passage = suggest_passage(experiment.text, experiment.corpus)
    return _Subject(experiment, passage)


def _is_checkpoint(path: Path) -> bool:
    """By name, or by how every .safetensors begins: the length of a header in JSON, then the header."""
    if path.suffix.lower() == ".safetensors":
        return True
    try:
        with path.open("rb") as file:
            head = file.read(9)
    except OSError:
        return False  # reading it as a text will say what is wrong
    return len(head) == 9 and head[8:] == b"{" and int.from_bytes(head[:8], "little") < LONGEST_HEADER_BYTES


def _saved(arguments: argparse.Namespace, given: dict[str, Any], lanes: list[dict[str, Any]]) -> _Subject:
    """A network from a checkpoint, which has no text in it."""
    source: Path = arguments.source
    held = checkpoint.read(source)
    refuse_other_lanes(given, lanes, arguments.match, held.settings, str(source))
    if arguments.train:
        raise UsageError(
            f"{source} has no text in it to train on: first `rnnviz train FILE --resume {source} --steps N "
            "--save CKPT`, then draw that."
        )
    if arguments.view == "training":
        raise UsageError(
            f"{source} keeps no curves, so there is nothing to draw under --view training: name the text and "
            "--train N."
        )
    experiment = _standing(held)
    passage = _typed(arguments.passage, experiment) or _known_passage(experiment)
    return _Subject(experiment, passage or _written_passage(experiment))


def _standing(held: Checkpoint) -> Experiment:
    """The network of a checkpoint as an experiment without a text: it can be asked and drawn, not trained."""
    _, corpus = held.model()
    experiment = Experiment(corpus, held.settings)
    for lane, kept in zip(experiment.lanes, held.snapshot.lanes, strict=True):
        lane.restore(kept)
    experiment.step, experiment.epoch = held.snapshot.step, held.snapshot.epoch
    return experiment


def _typed(text: str | None, experiment: Experiment) -> Passage | None:
    """The passage of the command line; an example's own passage has its answer with it. Raises UsageError."""
    if text is None:
        return None
    if not experiment.corpus.encode(text)[0]:
        raise UsageError("--passage is empty: give at least one word, in quotes.")
    answers = {sample.passage: sample.answer for sample in samples() if sample.file == experiment.corpus.name}
    return Passage.written(text, answers.get(text, ""))


def _known_passage(experiment: Experiment) -> Passage | None:
    """The passage of an example all of whose words the network knows."""
    tokens = experiment.settings.experiment.tokens
    for sample in samples():
        _, ids = experiment.corpus.encode(f"{sample.passage} {sample.answer}")
        if sample.tokens == tokens and all(ids):
            return Passage(sample.passage, sample.answer)
    return None


def _written_passage(experiment: Experiment) -> Passage:
    """What the network itself writes after its most frequent token: there is no text to choose from."""
    corpus = experiment.corpus
    rng = random_stream(experiment.settings.experiment.seed, SAMPLING)
    first = np.array([1 if len(corpus.vocabulary) > 1 else 0])
    ids = sample_continuation(experiment.lanes[0].model, first, 2 * WRITTEN_PASSAGE_LENGTH, 1.0, rng)
    known = [int(i) for i in (*first, *ids) if i][:WRITTEN_PASSAGE_LENGTH]
    return Passage(corpus.tokenizer.join([corpus.vocabulary.token(i) for i in known]))


def _train(
    subject: _Subject,
    n: int,
    needs: frozenset[str] | None,
    course: Course,
    bar: ProgressBar,
    interruption: Interruption,
) -> tuple[ScalarLog, ...]:
    """Learn; where the view follows something over training, note it on the way."""
    experiment = subject.experiment

    def watch(losses: Sequence[float]) -> bool:
        bar.show(experiment.step / n, f"update {experiment.step:,}  loss {losses[0]:.3f}")
        return False

    def follow() -> None:
        request = trace_request(experiment.corpus, subject.passage, needs or frozenset())
        if request is not None:
            course.append(experiment.step, experiment.trace(request))

    try:
        follows = None if needs is None else follow
        return record_training(experiment, n, watch, interruption, timed=False, follow=follows)
    finally:
        bar.clear()
