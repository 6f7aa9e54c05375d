"""Three pieces are one run, on the command line and in the window (`python -m attacks.resume`)."""

from pathlib import Path

from attacks.resume import compare_in_window, compare_on_command_line, settings_to_try

A_FEW = list(settings_to_try())[5::13]


def test_every_cell_and_optimizer_is_tried_with_and_without_dropout() -> None:
    tries = [" ".join(settings) for settings in settings_to_try()]
    for cell in ("rnn", "lstm", "gru", "feedforward"):
        for optimizer in ("sgd", "momentum", "adagrad", "rmsprop", "adam"):
            for dropout in ("0", "0.3"):
                wanted = f"--cell {cell} --optimizer {optimizer} --dropout {dropout} "
                assert any(tried.startswith(wanted) for tried in tries)


def test_three_commands_are_one(tmp_path: Path) -> None:
    comparison = compare_on_command_line(tmp_path, A_FEW)
    assert comparison.runs == len(A_FEW)
    assert comparison.different == []


def test_two_of_three_pieces_in_the_window_are_one_run(qapp: object, tmp_path: Path) -> None:
    comparison = compare_in_window(tmp_path, A_FEW[:2])
    assert comparison.runs == 2
    assert comparison.different == []
