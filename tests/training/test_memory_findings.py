"""What a memory experiment found is worked out from its results, and so is where it surprises."""

import math
from dataclasses import replace

import pytest

from rnnviz.training import TrainingError, findings, matched_words, read_table, table_text
from rnnviz.training.memory_experiment import MemoryResult

ONE = MemoryResult(
    task="recall", cell="rnn", activation="tanh", distance=5, seed=1, accuracy=1.0, chance=0.25, loss=0.01,
    updates=50, parameters=1673, hidden=32, layers=1, window=16, batch=32, optimizer="adam", lr=0.01,
    clip=5.0, init="xavier", forget_bias=0.0,
)  # fmt: skip
LSTM = replace(ONE, cell="lstm", activation="", parameters=5801, forget_bias=3.0)


def runs(base, distance, *accuracies, updates=1500):
    return [
        replace(
            base, distance=distance, seed=seed, accuracy=accuracy, window=2 * distance + 6, updates=updates
        )
        for seed, accuracy in enumerate(accuracies, 1)
    ]


def found_in(*groups):
    return findings([result for group in groups for result in group])


def test_the_longest_distance_is_that_of_the_median_over_the_seeds():
    (tanh,) = found_in(runs(ONE, 5, 1, 1, 1), runs(ONE, 10, 1, 0.24, 1), runs(ONE, 20, 0.25, 1, 0.4))
    assert (tanh.solved, tanh.failed) == (10, 20)
    assert "right to distance 10; at 20 40 % right" in tanh.said and "the median of 3 seeds" in tanh.said
    assert tanh.why == "At 20, 1 of 3 seeds did learn it: where the start falls decides."


def test_a_gap_between_solved_distances_is_not_passed_over():
    (tanh,) = found_in(runs(ONE, 5, 0.4), runs(ONE, 10, 1.0))
    assert (tanh.solved, tanh.failed) == (0, 5)
    assert "right again at 10" in tanh.said and "5 failed and 10 did not" in tanh.why


def test_a_plain_network_that_fails_sooner_than_the_lstm_is_as_expected():
    tanh, lstm = found_in(runs(ONE, 5, 1.0), runs(ONE, 40, 0.2), runs(LSTM, 5, 1.0), runs(LSTM, 40, 1.0))
    assert tanh.why == "" and lstm.why == ""
    assert "at 40 it only guesses (20 %)" in tanh.said and "right at every distance tried, to 40" in lstm.said


def test_a_plain_network_that_never_fails_or_reaches_as_far_as_the_lstm_surprises():
    assert "it did not fail" in found_in(runs(ONE, 5, 1.0))[0].why
    tanh, _ = found_in(runs(ONE, 5, 1.0), runs(ONE, 9, 0.3), runs(LSTM, 5, 1.0), runs(LSTM, 9, 0.3))
    assert "as far as LSTM" in tanh.why


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"window": 20}, "The window of 20 is shorter than the gap"),
        ({"accuracy": math.nan}, "Training broke in 1 of 1 runs"),
        ({"accuracy": 0.6}, "It was learning, with 60 % right where guessing gives 25"),
        ({"accuracy": 0.25}, "It had not begun to learn after 1,500 updates."),
        ({"forget_bias": 0.0}, "Its gate f starts at about 0.50"),
        ({"forget_bias": 3.0}, "A forget bias of 4.0 would leave half."),
        ({"forget_bias": 3.0}, "Its gate f starts at about 0.95, so along the direct path 14 % of the error"),
    ],
)
def test_why_an_lstm_failed_is_worked_out_from_its_runs(change, said):
    (lstm,) = found_in([replace(runs(LSTM, 40, 0.25)[0], **change)])
    assert said in lstm.why


def test_a_network_without_recurrence_is_expected_to_guess():
    plain = replace(ONE, cell="feedforward")
    assert found_in(runs(plain, 5, 0.25))[0].why == ""
    assert "Not as expected" in found_in(runs(plain, 5, 1.0))[0].why


def test_what_was_matched_and_what_was_not_is_read_off_the_results():
    same, different = matched_words([ONE, replace(LSTM, lr=0.02)], 1500)
    assert "units (32)" in same and "at most 1,500 updates" in same and "learning rate" not in same
    assert "learning rate (0.01, 0.02)" in different and "LSTM 5,801" in different
    assert "forget bias (LSTM 3)" in different
    unclipped = matched_words([replace(ONE, clip=0.0), replace(LSTM, clip=5.0)])
    assert "clip norm (off, 5)" in unclipped[1]


def test_a_table_is_read_as_it_was_written():
    written = [ONE, LSTM, replace(ONE, seed=2, loss=0.1 + 0.2)]
    assert list(read_table(table_text(written))) == written
    broken = read_table(table_text([replace(ONE, accuracy=math.nan)]))[0]
    assert math.isnan(broken.accuracy)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: "a,b\n1,2\n", "no table of a memory experiment"),
        (lambda text: "", "no table of a memory experiment"),
        (lambda text: text.splitlines()[0] + "\n", "no rows yet"),
        (lambda text: text.replace("recall,rnn", "recall,mamba"), "Line 2 of the table: There is no cell"),
        (lambda text: text.replace("recall,", "dream,"), "Line 2 of the table is no result"),
        (lambda text: text.replace(",1673,", ",many,"), "Line 2 of the table has 'many' under parameters"),
        (lambda text: text.replace("0.01", "0.01,7,8,9", 1), "Line 2"),
        (lambda text: text + text.splitlines()[1].replace("recall", "copy"), "several tasks"),
    ],
)
def test_a_table_that_is_none_is_refused(spoil, said):
    with pytest.raises(TrainingError, match=said):
        read_table(spoil(table_text([ONE])))
