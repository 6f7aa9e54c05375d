"""Whether a network that starts from pretrained word vectors has a lower loss, and for how long.

A file in GloVe's format is made from the training part of the text itself: how often words stand near each
other, as positive pointwise mutual information, and of that the largest directions (Levy, Goldberg and Dagan
2015). Four networks then learn the same text from the same windows: with an embedding that is drawn and
learned; with the file's vectors under the wrong words, which has all of the file but its meaning; with the
file's vectors, trained further; and with them frozen.

    python -m benchmarks.vectors [TEXT] [--steps 300] [--seeds 3] [--width 50] [--out FILE]

Medians over the seeds, nats per word. The vectors have seen the words that the networks are trained on, in
the same text, and none of the validation part.
"""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

import rnnviz.one_blas_thread  # noqa: F401  # first: as the program runs
from rnnviz.text import Corpus, read_text, samples
from rnnviz.training import Experiment, RunSettings, prepare
from rnnviz.training.loading import corpus_of

NEAR = 5
"""Words to each side that count as near; at distance d with the weight 1/d, as in GloVe."""
SMOOTHING = 0.75  # of the contexts' frequencies
SPREAD = 0.4  # root mean square of the file's numbers
LANES = ("drawn and learned", "the file, wrong words", "the file, trained further", "the file, frozen")
Matrix = NDArray[np.float64]


def near_counts(ids: NDArray[np.integer], n: int) -> Matrix:
    """How often words stand near each other, (n, n), nearer ones counting more."""
    counts = np.zeros(n * n)
    for distance in range(1, NEAR + 1):
        pairs = ids[:-distance].astype(np.int64) * n + ids[distance:]
        counts += np.bincount(pairs, minlength=n * n) / distance
    found = counts.reshape(n, n)
    return found + found.T


def vectors_of(counts: Matrix, width: int) -> Matrix:
    """A vector for each word, (n, width): U S^(1/2) of the positive pointwise mutual information."""
    words = counts.sum(1, keepdims=True)
    contexts = counts.sum(0, keepdims=True) ** SMOOTHING
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.log(counts * contexts.sum() / (words * contexts))
    information = np.where(counts > 0, np.maximum(information, 0), 0.0)
    squares, directions = np.linalg.eigh(information @ information.T)  # ascending
    vectors = directions[:, -width:] * np.maximum(squares[-width:], 0) ** 0.25
    spread = float(np.sqrt(np.mean(vectors**2)))
    scaled: Matrix = vectors * (SPREAD / spread)
    return scaled


def write_glove(path: Path, words: Sequence[str], vectors: Matrix) -> None:
    """A line a word: the word and its numbers."""
    lines = (
        f"{word} {' '.join(f'{number:.6f}' for number in vector)}\n"
        for word, vector in zip(words, vectors, strict=True)
    )
    path.write_text("".join(lines), encoding="utf-8")


def write_files(corpus: Corpus, width: int, right: Path, wrong: Path) -> None:
    """The vectors of the known words, and the same under words that another order gives them."""
    words = corpus.vocabulary.tokens[1:]
    vectors = vectors_of(near_counts(corpus.train_ids, len(words) + 1)[1:, 1:], width)
    write_glove(right, words, vectors)
    write_glove(wrong, words, vectors[np.random.default_rng(0).permutation(len(words))])


def race(settings: RunSettings, right: Path, wrong: Path, width: int) -> RunSettings:
    """The four lanes of the comparison."""
    values = (
        {"embedding": width},
        {"vectors": wrong},
        {"vectors": right},
        {"vectors": right, "vectors_frozen": True},
    )
    return settings.with_lanes([settings.with_values(lane).lane for lane in values])


def learn(experiment: Experiment, steps: int) -> list[tuple[float, float, float, float]]:
    """A lane: loss of update 1, mean of the first and of the last tenth, validation loss at the end."""
    losses: list[list[float]] = [[] for _ in experiment.lanes]
    for _ in range(steps):
        for update in experiment.update():
            losses[update.lane].append(update.loss)
    last = {result.lane: result.loss for result in experiment.validation() if result is not None}
    tenth = max(1, steps // 10)
    return [
        (lane[0], statistics.fmean(lane[:tenth]), statistics.fmean(lane[-tenth:]), last[number])
        for number, lane in enumerate(losses)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vectors", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("text", type=Path, nargs="?", default=samples()[0].path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--width", type=int, default=50)
    parser.add_argument("--cell", default="lstm")
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--out", type=Path, help="keep the file of vectors")
    chosen = parser.parse_args()
    text = read_text(chosen.text)
    outcomes: list[list[tuple[float, float, float, float]]] = []
    with TemporaryDirectory() as folder:
        right, wrong = chosen.out or Path(folder) / "vectors.txt", Path(folder) / "wrong_words.txt"
        for seed in range(1, chosen.seeds + 1):
            values = {"cell": chosen.cell, "hidden": chosen.hidden, "seed": seed}
            settings = RunSettings().with_values(values)
            if seed == 1:
                write_files(corpus_of(text, settings), chosen.width, right, wrong)
            experiment = prepare(text, race(settings, right, wrong, chosen.width))
            if seed == 1:
                print(f"{text.name}: {experiment.corpus.n_tokens:,} words. {experiment.coverage(2)}.")
            outcomes.append(learn(experiment, chosen.steps))
    print(f"{chosen.cell}, {chosen.hidden} units, {chosen.seeds} seeds, medians, nats per word")
    print_table(outcomes, chosen.steps)


def print_table(outcomes: list[list[tuple[float, float, float, float]]], steps: int) -> None:
    """A line a lane, the median over the seeds in each column."""
    tenth = max(1, steps // 10)
    head = ("update 1", f"1 to {tenth}", f"{steps - tenth + 1} to {steps}", "validation")
    print(f"{'':27}" + "".join(f"{name:>13}" for name in head))
    for number, lane in enumerate(LANES):
        columns = zip(*(seed[number] for seed in outcomes), strict=True)
        print(f"{lane:27}" + "".join(f"{statistics.median(column):13.3f}" for column in columns))


if __name__ == "__main__":
    main()
