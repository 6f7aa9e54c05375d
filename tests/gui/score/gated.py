"""Traces of small gated networks, made by the engine itself, for the tests of rails, valves and gates."""

import dataclasses

import numpy as np

from rnnviz.engine import LanguageModel, ModelSpec
from rnnviz.probes import Trace, trace_passage

WORDS = ["Napoleon", "was", "the", "Emperor", "of", "all", "the", "French"]


def gated_trace(cell: str, layers: int = 1, **changes: object) -> Trace:
    """What eight words do to an untrained network of eight units."""
    spec = ModelSpec(20, cell, hidden=8, layers=layers, dtype="float64")
    model = LanguageModel(spec, np.random.default_rng(2))
    spelling = tuple(f"w{i}" for i in range(20))
    trace = trace_passage(
        model,
        tokens=list(range(len(WORDS))),
        words=WORDS,
        spelling=spelling,
        answer=9,
        needs=frozenset({"spectrum", "jacobian"}),
    )
    return dataclasses.replace(trace, **changes)  # type: ignore[arg-type]
