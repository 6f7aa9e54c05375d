import errno
import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnviz.cli import train
from rnnviz.training import Experiment, Update, Validation
from rnnviz.training import checkpoint as checkpoints
from tests.cli.running import SENTENCES, SMALL, Run

FIELDS = {
    "progress": ["event", "step", "epoch", "loss", "grad_norm", "tokens_per_s"],
    "epoch": [
        "event", "epoch", "step", "train_loss", "valid_loss", "valid_accuracy", "perplexity",
    ],
}  # fmt: skip
FIELDS["end"] = FIELDS["epoch"]


def events(out: str) -> list[dict[str, Any]]:
    """Every line is one object, and no number is NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in out.splitlines()]


def test_events_have_their_fields_in_their_order(rnnviz: Run, text: Path) -> None:
    outcome = rnnviz("train", text, *SMALL, "--epochs", 2, "--json")
    assert outcome.status == 0
    assert outcome.err == ""
    told = events(outcome.out)
    for event in told:
        assert list(event) == FIELDS[event["event"]]
    kinds = [event["event"] for event in told]
    assert kinds[0] == "progress"
    assert kinds[-3:] == ["progress", "epoch", "end"]
    assert kinds.count("epoch") == 2
    assert kinds.count("end") == 1


def test_the_first_loss_is_that_of_guessing(rnnviz: Run, text: Path) -> None:
    first = events(rnnviz("train", text, *SMALL, "--steps", 1, "--json").out)[0]
    V = len(set(SENTENCES.split())) + 1
    assert first["step"] == 1
    assert first["loss"] == pytest.approx(math.log(V), rel=0.03)
    assert first["tokens_per_s"] > 0


def test_workers_divide_the_training_and_leave_no_mark_in_the_checkpoint(
    rnnviz: Run, text: Path, tmp_path: Path
) -> None:
    losses, settings = [], []
    for workers in (1, 2):
        saved = tmp_path / f"{workers}.safetensors"
        argv = (*SMALL, "--steps", 6, "--json", "--workers", workers, "--save", saved)
        outcome = rnnviz("train", text, *argv)
        assert outcome.status == 0 and outcome.err == ""
        losses.append(events(outcome.out)[-1]["valid_loss"])
        settings.append(checkpoints.read(saved).settings)
        assert b"workers" not in saved.read_bytes()
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    assert settings[0] == settings[1]
    more = rnnviz("train", text, "--resume", saved, "--steps", 7, "--workers", 1, "--json")
    assert more.status == 0 and events(more.out)[-1]["step"] == 7


def test_an_epochs_end_is_told_with_progress_epoch_and_perplexity(rnnviz: Run, text: Path) -> None:
    told = events(rnnviz("train", text, *SMALL, "--epochs", 1, "--json").out)
    progress, epoch, end = told[-3:]
    assert progress["step"] == epoch["step"] == end["step"]
    assert progress["epoch"] == epoch["epoch"] == end["epoch"] == 1
    assert end["perplexity"] == pytest.approx(math.exp(end["valid_loss"]))
    assert 0 <= end["valid_accuracy"] <= 1
    assert {**epoch, "event": "end"} == end


def test_the_end_comes_in_mid_epoch_with_a_fresh_validation(rnnviz: Run, text: Path) -> None:
    end = events(rnnviz("train", text, *SMALL, "--steps", 7, "--json").out)[-1]
    start = events(rnnviz("train", text, *SMALL, "--steps", 0, "--json").out)
    assert end["event"] == "end"
    assert (end["step"], end["epoch"]) == (7, 0)
    assert [event["event"] for event in start] == ["end"], "--steps 0 measures the start"
    assert start[0]["train_loss"] is None, "nothing was trained: a number that is none is null"
    assert end["valid_loss"] < start[0]["valid_loss"]


def test_the_loss_of_a_progress_event_is_the_mean_since_the_last(
    rnnviz: Run, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "SILENCE_S", -1.0)
    each = {
        e["step"]: e["loss"] for e in events(rnnviz("train", text, *SMALL, "--steps", 8, "--json").out)[:-1]
    }
    monkeypatch.setattr(train, "SILENCE_S", 1e9)
    told = events(rnnviz("train", text, *SMALL, "--epochs", 1, "--json").out)
    n = told[-1]["step"]
    assert [event["step"] for event in told] == [1, n, n, n]
    assert each[1] == told[0]["loss"]
    means = events(rnnviz("train", text, *SMALL, "--epochs", 1, "--json").out)
    epoch = means[-2]
    assert epoch["train_loss"] == pytest.approx((told[0]["loss"] + (n - 1) * told[1]["loss"]) / n)


def test_the_speed_of_a_progress_event_is_that_of_training_since_the_last(
    rnnviz: Run, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    update, validation = Experiment.update, Experiment.validation

    def timed_update(experiment: Experiment, stop: Callable[[], bool]) -> tuple[Update, ...]:
        nonlocal now
        now += 2.0 if experiment.step < 3 else 0.5
        return update(experiment, stop)

    def slow_validation(experiment: Experiment, stop: Callable[[], bool]) -> Iterator[Validation | None]:
        nonlocal now
        now += 100.0
        return validation(experiment, stop)

    monkeypatch.setattr(Experiment, "update", timed_update)
    monkeypatch.setattr(Experiment, "validation", slow_validation)
    monkeypatch.setattr("time.perf_counter", lambda: now)
    monkeypatch.setattr(train, "SILENCE_S", -1.0)
    monkeypatch.setattr(train, "LONGEST_SILENCE_S", 1e9)
    told = events(rnnviz("train", text, *SMALL, "--steps", 6, "--json").out)
    assert [event["tokens_per_s"] for event in told[:-1]] == [20 / 2.0] * 3 + [20 / 0.5] * 3


def test_a_long_validation_is_not_silent(rnnviz: Run, text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "LONGEST_SILENCE_S", -1.0)
    told = events(rnnviz("train", text, *SMALL, "--steps", 2, "--json").out)
    last = [event for event in told if event["event"] == "progress" and event["step"] == 2]
    assert len(last) > 2
    assert all(event == last[0] for event in last), "repeated, nothing invented"


def test_without_text_held_back_validation_is_null(rnnviz: Run, text: Path) -> None:
    end = events(rnnviz("train", text, *SMALL, "--steps", 3, "--valid-fraction", 0, "--json").out)[-1]
    assert end["valid_loss"] is end["valid_accuracy"] is end["perplexity"] is None


def test_steps_and_epochs_are_totals(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    rnnviz("train", text, *SMALL, "--steps", 10, "--json", "--save", first)
    by_steps = rnnviz("train", text, "--steps", 15, "--json", "--resume", first, "--save", second)
    assert events(by_steps.out)[-1]["step"] == 15
    by_epochs = events(rnnviz("train", text, "--epochs", 1, "--json", "--resume", second).out)[-1]
    assert by_epochs["epoch"] == 1
    done = rnnviz("train", text, "--steps", 15, "--json", "--resume", second)
    assert done.status == 0
    assert [event["event"] for event in events(done.out)] == ["end"]


@pytest.mark.parametrize(
    "settings", [("--optimizer", "adam"), ("--optimizer", "sgd", "--lr", "0.5", "--dtype", "float64")]
)
def test_three_pieces_leave_the_bytes_of_one(
    rnnviz: Run, text: Path, tmp_path: Path, settings: tuple[str, ...]
) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    options = (*SMALL, "--layers", "2", "--reset", "0.2", *settings)
    n = 170  # into the third epoch
    rnnviz("train", text, *options, "--steps", n, "--json", "--save", whole)
    rnnviz("train", text, *options, "--steps", 50, "--json", "--save", parts)
    rnnviz("train", text, "--steps", 81, "--json", "--resume", parts, "--save", parts)
    last = rnnviz(
        "train", text, "--steps", n, "--json", "--resume", parts, "--save", parts, "--save-every", 20
    )
    assert last.status == 0
    assert whole.read_bytes() == parts.read_bytes()


def test_save_every_writes_while_training(
    rnnviz: Run, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []
    save = checkpoints.save

    def spy(experiment: Experiment, path: Path) -> None:
        saved.append(experiment.step)
        save(experiment, path)

    monkeypatch.setattr(checkpoints, "save", spy)
    path = tmp_path / "c.safetensors"
    rnnviz("train", text, *SMALL, "--steps", 25, "--json", "--save", path, "--save-every", 10)
    assert saved == [10, 20, 25]
    assert checkpoints.read(path).step == 25


def test_a_setting_that_contradicts_the_checkpoint_is_refused(
    rnnviz: Run, text: Path, checkpoint: Path
) -> None:
    said = rnnviz("train", text, "--resume", checkpoint, "--hidden", 9).error_line
    assert "--hidden 9 contradicts" in said
    assert "--hidden 8" in said
    assert rnnviz("train", text, "--resume", checkpoint, "--hidden", 8, "--steps", 31, "--json").status == 0


def test_another_text_is_refused(rnnviz: Run, text: Path, checkpoint: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(text.read_text().replace("raft", "barge"))
    assert "another text" in rnnviz("train", other, "--resume", checkpoint).error_line


def test_a_text_of_5_gb_is_refused_before_a_network_goes_on_with_it(
    rnnviz: Run, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnviz.training.machine_memory.free_memory", lambda: 3_000_000_000)
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(5_000_000_000)  # a hole: it takes no room on the disk
    said = rnnviz("train", tmp_path / "huge.txt", "--resume", checkpoint).error_line
    assert "huge.txt has 5.0 GB" in said and "3.0 GB are free" in said


def test_what_is_no_checkpoint_is_refused(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    assert "text" not in rnnviz("train", text, "--resume", tmp_path / "none").out
    for path in (tmp_path / "none", text, tmp_path):
        assert rnnviz("train", text, "--resume", path).error_line


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--save-every", "5"), "add --save"),
        (("--save", "no/such/folder/x.safetensors"), "there is no folder"),
        (("--save", "."), "is a folder"),
        (("--steps", "5", "--epochs", "1"), "choose one"),
        (("--lr", "nan"), "--lr must be a number"),
        (("--lr", "0"), "--lr must be greater than 0"),
        (("--hidden", "0"), "--hidden must be at least 1"),
        (("--hidden", "2.5"), "a whole number"),
        (("--hidden", "1e400"), "--hidden must be"),
        (("--cell", "mamba"), "--cell 'mamba' is unknown; choose one of: rnn, lstm, gru, feedforward"),
        (("--cell", "gru", "--forget-bias", "1"), "--forget-bias needs a forget gate, which the GRU has not"),
        (("--cell", "lstm", "--activation", "relu"), "--activation relu has no place in the LSTM"),
        (("--init", "spectral"), "--init spectral needs --spectral-radius"),
        (("--cell", "rmn"), "--cell 'rmn' is unknown; choose one of: rnn"),
        (("--dropout", "1"), "--dropout must be at least 0 and at most 0.95"),
        (("--vectors", "glove.txt"), "There is no file glove.txt."),
        (("--lane", "--hidden 0"), '--lane "--hidden 0": --hidden must be'),
        (("--workers", "0"), "--workers: 0 is not a whole number from 1 to 16"),
        (("--lane", "--workers 2"), "there is no option --workers here"),
        (("--hiden", "3"), "did you mean --hidden"),
        (("--window", "5000"), "window"),
        (("--batch", "9000"), "batch"),
        (("--loss", "marked"), "--loss marked needs a text that says which tokens count"),
        (("--seed", "-1"), "--seed must be"),
    ],
)
def test_bad_settings_are_one_line_that_says_what_to_do(
    rnnviz: Run, text: Path, options: tuple[str, ...], said: str
) -> None:
    outcome = rnnviz("train", text, *options, "--json")
    assert said in outcome.error_line
    assert outcome.out == ""


def test_the_text_is_not_overwritten_by_its_checkpoint(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    copy, link = tmp_path / "copy.txt", tmp_path / "link.safetensors"
    copy.write_bytes(text.read_bytes())
    link.hardlink_to(copy)
    for path in (copy, link):
        said = rnnviz("train", copy, *SMALL, "--steps", 1, "--save", path).error_line
        assert "would overwrite the file that is read" in said
    assert copy.read_bytes() == text.read_bytes()


def test_a_run_that_diverges_keeps_the_last_good_network(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    path = tmp_path / "d.safetensors"
    outcome = rnnviz(
        "train", text, *SMALL, "--activation", "relu", "--layers", 2, "--lr", 100, "--clip", 0,
        "--steps", 300, "--save", path, "--json",
    )  # fmt: skip
    assert "could not be made" in outcome.error_line
    assert "try" in outcome.err.lower() or "lower" in outcome.err.lower()
    assert "--resume goes on from there" in outcome.err
    assert events(outcome.out)[-1]["event"] == "progress"
    kept = checkpoints.read(path)
    assert f"Update {kept.step + 1:,} could not" in outcome.err


def test_a_run_that_meets_a_fault_keeps_the_network_of_its_last_update(
    rnnviz: Run, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = Experiment.update

    def fails_in_the_fourth(self: Experiment, stop: Any = None) -> Any:
        if self.step == 3:
            raise RuntimeError("a fault")
        return update(self, stop)

    monkeypatch.setattr(Experiment, "update", fails_in_the_fourth)
    path = tmp_path / "kept.safetensors"
    outcome = rnnviz("train", text, *SMALL, "--steps", 10, "--save", path)
    assert outcome.status != 0 and "holds update 3; --resume goes on from there" in outcome.err
    assert checkpoints.read(path).step == 3


def test_people_see_sentences(rnnviz: Run, text: Path) -> None:
    outcome = rnnviz("train", text, *SMALL, "--epochs", 1)
    assert outcome.status == 0
    assert "validation loss" in outcome.out
    assert "Guessing by how frequent" in outcome.out
    assert not outcome.out.startswith("{")


def test_more_updates_than_asked_for_are_told_and_kept(rnnviz: Run, text: Path, checkpoint: Path) -> None:
    outcome = rnnviz("train", text, "--resume", checkpoint, "--steps", 20, "--json")
    assert outcome.status == 0
    assert "30 updates" in outcome.err
    assert events(outcome.out)[-1]["step"] == 30


def _interrupt_after_first_line(argv: list[str], number: int) -> tuple[int, list[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "rnnviz", *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    killer = threading.Timer(60, process.kill)
    killer.start()
    try:
        first = process.stdout.readline()
        process.send_signal(number)
        rest, err = process.communicate()
    finally:
        killer.cancel()
    return process.returncode, [first, *rest.splitlines(keepends=True)], err


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are not sent there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_with_130_and_its_checkpoint(text: Path, tmp_path: Path, number: int) -> None:
    path = tmp_path / "i.safetensors"
    argv = ["train", str(text), *SMALL, "--steps", "10000000", "--json", "--save", str(path)]
    status, lines, err = _interrupt_after_first_line(argv, number)
    assert status == 130
    assert err.count("\n") == 1, err
    assert "--resume goes on from there" in err
    assert events("".join(lines))[-1]["event"] != "end", "it did not reach its end"
    assert checkpoints.read(path).step >= 1


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_reader_who_hangs_up_is_no_error_and_the_network_is_kept(text: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    command = [sys.executable, "-m", "rnnviz", "train", str(text), *SMALL, "--json", "--save", str(path)]
    process = subprocess.Popen(
        [*command, "--steps", "10000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 130
    assert process.stderr.read() == ""
    process.stderr.close()
    assert checkpoints.read(path).step >= 1


def test_a_disk_that_is_full_for_a_while_stops_no_training(
    rnnviz: Run, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, fsync, calls = tmp_path / "full.safetensors", os.fsync, []

    def full_from_the_third_on(descriptor: int) -> None:
        calls.append(descriptor)
        if 3 <= len(calls) <= 4:  # two calls a save: the file, then its folder
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full_from_the_third_on)
    outcome = rnnviz("train", text, *SMALL, "--steps", 40, "--json", "--save", path, "--save-every", 10)
    assert outcome.status == 0
    said = outcome.err.splitlines()
    told = [line for line in said if "saved" in line]
    assert len(told) == 2, said
    assert "full.safetensors could not be saved (No space left on device). Delete what" in told[0]
    assert "still holds update 10. Training goes on; update 30 is the next" in told[0]
    assert "saved again, with update 40" in told[1]
    assert checkpoints.read(path).step == 40
    assert [p.name for p in tmp_path.glob(".full*")] == []


def test_a_last_save_that_fails_is_said_after_the_result(
    rnnviz: Run, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    outcome = rnnviz("train", text, *SMALL, "--steps", 5, "--json", "--save", tmp_path / "x.safetensors")
    assert outcome.status == 2
    assert events(outcome.out)[-1]["event"] == "end", "the result is not lost with the file"
    assert "The disk has a fault: choose another one." in outcome.err.splitlines()[-1]
