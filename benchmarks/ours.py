"""This program's own training, built the way the window builds it: a text, settings, an Experiment."""

import numpy as np

from benchmarks.configurations import Configuration
from rnnviz.text import TextFile, text_from_string
from rnnviz.training import Experiment, RunSettings, prepare

WINDOWS = 12
"""At least, of an epoch: so that no measured stretch is all epoch's ends."""
FEWEST_TOKENS = 60_000


def text_of(configuration: Configuration) -> TextFile:
    """Words whose frequencies fall as 1 / rank, as those of a language do; each is there at least once."""
    V = configuration.V - 1  # the unknown token is the first of the V
    rng = np.random.default_rng(7)
    frequencies = 1 / np.arange(1, V + 1)
    n = max(FEWEST_TOKENS, WINDOWS * configuration.tokens)
    drawn = rng.choice(V, n, p=frequencies / frequencies.sum())
    drawn[:V] = rng.permutation(V)
    return text_from_string(" ".join(f"w{i}" for i in drawn), "drawn words")


def experiment(configuration: Configuration, cell: str, **values: object) -> Experiment:
    """An experiment at update 0; every setting that is not named has the program's default."""
    c = configuration
    settings = RunSettings().with_values(
        {"cell": cell, "hidden": c.H, "embedding": c.H, "window": c.T, "batch": c.B}
        | {"vocabulary": c.V - 1, "tokens": "word"}
        | values
    )
    made = prepare(text_of(c), settings)
    assert len(made.corpus.vocabulary) == c.V
    return made
