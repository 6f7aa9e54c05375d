"""What is asked of the training thread about a passage, in the corpus's own ids."""

from rnnviz.probes import TraceRequest
from rnnviz.text import Corpus, Passage


def trace_request(
    corpus: Corpus, passage: Passage, needs: frozenset[str], generation: int = 0
) -> TraceRequest | None:
    """The request for traces of a passage; None where it has no token."""
    words, ids = corpus.encode(passage.text)
    if not words:
        return None
    answer_words, answer_ids = corpus.encode(passage.answer)
    return TraceRequest(
        tokens=tuple(int(i) for i in ids),
        words=tuple(words),
        answer=int(answer_ids[0]) if answer_words else None,
        answer_word=answer_words[0] if answer_words else None,
        needs=needs,
        generation=generation,
    )
