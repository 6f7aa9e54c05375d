"""The sentence above the score chooses its words by the case."""

import dataclasses

import numpy as np
import pytest

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.headline import headline, plain_text
from rnnviz.gui.views.wording import factor, nats, of_characters, one_in, percent, unit_of
from rnnviz.probes.trace import Trace
from tests.gui.score.reference import make_net, passage, trace_of


def said(trace: Trace | None, time_step: int = 9, error_step: int = 9, layer: int = 0) -> str:
    return plain_text(headline(trace, CursorState(time_step=time_step, error_step=error_step, layer=layer)))


@pytest.fixture
def trace() -> Trace:
    return trace_of(make_net(), passage(10), "France")


def with_shares(trace: Trace, *shares: float) -> Trace:
    """The same trace with chosen shares of the last error."""
    matrix = trace.state_gradient_matrix.copy()
    matrix[-1, :, 0] = np.array(shares) * matrix[-1, -1, 0]
    return dataclasses.replace(trace, state_gradient_matrix=matrix)


FALLING = (0.006, 0.004, 0.005, 0.008, 0.013, 0.036, 0.051, 0.13, 0.49, 1.0)


def test_the_sentence_of_the_sketch(trace: Trace) -> None:
    sentence = said(with_shares(trace, *FALLING))
    assert sentence == ("The error of France reaches Napoleon with 3.6 % of its strength and The with 0.6 %.")
    roles = headline(with_shares(trace, *FALLING), CursorState(time_step=9, error_step=9))
    assert ("France", "answer") in roles
    assert ("Napoleon", "word") in roles


def test_the_cursor_chooses_the_word(trace: Trace) -> None:
    assert "reaches knew with 0.8 %" in said(with_shares(trace, *FALLING), time_step=3)
    assert "never reaches" in said(trace, time_step=9, error_step=4)


def test_numbers_are_those_of_the_trace(trace: Trace) -> None:
    share = trace.share_left(9, 0)
    assert f"reaches that with {percent(share[4])} % of its strength" in said(trace, time_step=4)


def test_untrained_and_assumed_are_said(trace: Trace) -> None:
    assert said(dataclasses.replace(trace, step=0)).startswith("Untrained: the error of France")
    assumed = said(dataclasses.replace(trace, assumed_answer=True))
    assert assumed.startswith("If France were right, its error would reach")


def test_no_answer_no_error() -> None:
    sentence = said(trace_of(make_net(), passage(10), ""))
    assert sentence == "No right answer is known after of, so no error sets out."


def test_a_single_word_has_no_way_back() -> None:
    sentence = said(trace_of(make_net(), passage(1), "France"), 0, 0)
    assert sentence == "The error of France ends at The: no earlier word to reach."


def test_growth_is_said(trace: Trace) -> None:
    sentence = said(with_shares(trace, *np.geomspace(450, 1, 10)), time_step=4)
    assert sentence.startswith("The error of France grows on its way back: that gets ")
    assert sentence.endswith("The 450 times.")


def test_underflow_is_not_called_small(trace: Trace) -> None:
    shares = (0.0, 0.0, 1e-310, 1e-250, 1e-200, 1e-150, 1e-100, 1e-40, 1e-20, 1.0)
    assert "numbers can still hold" in said(with_shares(trace, *shares), time_step=1)
    assert "less than a trillionth of its strength." in said(with_shares(trace, *shares), time_step=5)


def test_a_cut_by_dead_units_is_not_called_underflow(trace: Trace) -> None:
    assert "f' = 0" in said(with_shares(trace, 0, 0, 0, 0, 0, 0, 0, 0, 0.3, 1.0), time_step=4)


def test_a_network_without_memory_says_so() -> None:
    sentence = said(trace_of(make_net(), passage(10), "France", cell_name="feedforward"))
    assert sentence == "The error of France stops at of: this network hands no state on."


def test_broken_numbers_are_said(trace: Trace) -> None:
    hidden = trace.hidden.copy()
    hidden[4] = np.nan
    assert "broken" in said(dataclasses.replace(trace, hidden=hidden))
    assert said(None) == "Nothing is watched yet."


def test_characters_are_quoted() -> None:
    letters = list("the land\nof")
    net = make_net(vocabulary=12)
    known = [*dict.fromkeys(letters), "q", "(rare sign)", "x", "y", "z", "w"][:12]
    trace = trace_of(net, letters, "q", vocabulary=known)
    assert of_characters(trace)
    sentence = said(trace, 8, 10)
    assert "‘q’" in sentence and "‘\n’" in sentence
    assert not of_characters(trace_of(make_net(), passage(10), "France"))
    assert "error of ‘,’ reaches" in said(trace_of(make_net(), passage(10), ","))


def test_words_of_one_letter_are_words() -> None:
    chinese = trace_of(make_net(), ["我", "来"], "了", vocabulary=["我", "来", "了"], token_kind="word")
    assert not of_characters(chinese)
    assert unit_of(chinese, 2) == "words"
    assert "‘" not in said(chinese, 0, 1)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100"), (0.49, "49"), (0.0996, "10"), (0.051, "5.1"), (0.05, "5"), (0.00602, "0.6"),
        (0.0004, "0.04"), (0.0000960, "0.01"), (0.00002, "0.002"), (3e-9, "3·10⁻⁷"),
        (12.4, "1,240"), (0.0, "0"), (float("nan"), "–"), (1e9, "10¹¹"), (1e-310, "10⁻³⁰⁸"),
    ],
)  # fmt: skip
def test_per_cents_are_spelled_as_people_read_them(share: float, text: str) -> None:
    assert percent(share) == text


def test_other_numbers() -> None:
    assert [factor(x) for x in (0.42, 1.16, 1.0, 12.3, 0.0, float("nan"))] == [
        ".42", "1.16", "1.00", "12", ".00", "–",
    ]  # fmt: skip
    assert [nats(x) for x in (11.2, 5.44, 0.03, float("inf"))] == ["11", "5.4", "0.03", "∞"]
    assert one_in(1 / 76893) == "1 in 76,893"
    assert one_in(0.34) == "34 %"
