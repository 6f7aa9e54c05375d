"""One passage through every lane as it is now, under what is held in it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnviz.probes import TokenKind, Trace, TraceRequest, trace_passage
from rnnviz.text import Corpus
from rnnviz.training.holding import in_passage
from rnnviz.training.lane import Lane


def token_kind_of(corpus: Corpus) -> TokenKind:
    """What a token of the text is called."""
    return "word" if corpus.tokenizer.name == "word" else "character"


def trace_lanes(
    lanes: Sequence[Lane], request: TraceRequest, corpus: Corpus, step: int, marked_alone: bool = False
) -> tuple[Trace, ...]:
    """The traces of lanes that have made `step` updates, from a zero state.

    Where no answer is named all lanes have the one that the first that learns thinks likeliest: errors of
    different words could not be compared.
    """
    first = next((number for number, lane in enumerate(lanes) if lane.failure is None), 0)
    with np.errstate(all="ignore"):  # a network that is about to break is shown as it is
        lead = _trace_lane(lanes[first], request, corpus, step)
        named = request
        if lead.assumed_answer:
            answer, word = int(lead.targets[-1]), str(lead.target_words[-1])
            named = replace(request, answer=answer, answer_word=word)
        traces = (
            lead if number == first else _trace_lane(lane, named, corpus, step)
            for number, lane in enumerate(lanes)
        )
        counted = _counted(corpus, len(request.tokens)) if marked_alone else None
        if counted is None and not lead.assumed_answer:
            return tuple(
                traces
            )  # as they are: to make each of them again takes a seventh of a small one's time
        return tuple(replace(trace, assumed_answer=lead.assumed_answer, counted=counted) for trace in traces)


def _counted(corpus: Corpus, length: int) -> NDArray[np.bool_] | None:
    """Which targets of a passage of a memory task are answers: (T,); None for every other text."""
    return None if corpus.task is None else np.array(corpus.task.counted(length + 1)[1:])


def _trace_lane(lane: Lane, request: TraceRequest, corpus: Corpus, step: int) -> Trace:
    return trace_passage(
        lane.model,
        tokens=request.tokens,
        words=request.words,
        answer=request.answer,
        answer_word=request.answer_word,
        spelling=corpus.vocabulary.tokens,
        needs=request.needs,
        step=step if lane.failure is None else lane.failure.step,
        generation=request.generation,
        token_kind=token_kind_of(corpus),
        overrides=in_passage(lane.held),
    )
