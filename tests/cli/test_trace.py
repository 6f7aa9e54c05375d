import os
from pathlib import Path

import numpy as np
import pytest

from rnnviz.text import read_text
from rnnviz.training import HoldGate, SilenceUnit
from rnnviz.training import checkpoint as checkpoint_file
from tests.cli.running import SMALL, Run

PASSAGE = "Napoleon was the Emperor of"
FIELDS = {
    "step", "words", "tokens", "targets", "target_words", "assumed_answer", "hidden", "slope", "probs",
    "loss", "candidates", "candidate_probs", "candidate_words", "target_prob", "target_place",
    "dloss_dhidden",
    "gradient_matrix", "state_gradient_matrix", "slope_factor", "weight_factor", "from_above",
    "counterfactual_matrix", "sigma_max", "spectral_radius", "decay", "half_life",
    "eigenvalues", "jacobian_lags", "jacobian_singular_values", "saturation_high/h", "saturation_low/h",
    "one_percent_lag", "lost_per_step",
}  # fmt: skip


def test_every_field_is_written(rnnviz: Run, checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "trace.npz"
    outcome = rnnviz("trace", checkpoint, PASSAGE, "--answer", "France", "--out", path)
    assert outcome.status == 0
    assert outcome.err == ""
    assert "of the error of France reaches the first step" in outcome.out
    with np.load(path, allow_pickle=False) as trace:
        assert set(trace.files) >= FIELDS
        assert f"5 steps, {len(trace.files)} arrays;" in outcome.out
        assert trace["step"] == 30
        assert list(trace["words"]) == PASSAGE.split()
        assert list(trace["target_words"]) == [*PASSAGE.split()[1:], "France"]
        assert trace["gradient_matrix"].shape == (5, 5, 1)
        assert trace["hidden"].shape == (6, 1, 8)
        assert np.allclose(trace["probs"].sum(axis=1), 1)
        assert np.isfinite(trace["loss"]).all()
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"


def test_without_an_answer_the_last_step_has_no_target(rnnviz: Run, checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "trace.npz"
    rnnviz("trace", checkpoint, PASSAGE, "--out", path)
    with np.load(path, allow_pickle=False) as trace:
        assert trace["targets"][-1] == -1
        assert np.isnan(trace["loss"][-1])
        assert not trace["assumed_answer"]
        assert not trace["gradient_matrix"][-1].any(), "no error leaves"


def test_one_word_without_an_answer_has_no_error(rnnviz: Run, checkpoint: Path, tmp_path: Path) -> None:
    outcome = rnnviz("trace", checkpoint, "Napoleon", "--out", tmp_path / "t.npz")
    assert outcome.status == 0
    assert "no error sets out" in outcome.out


def test_an_answer_that_is_not_known_is_a_rare_word(rnnviz: Run, checkpoint: Path, tmp_path: Path) -> None:
    outcome = rnnviz("trace", checkpoint, PASSAGE, "--answer", "Elba", "--out", tmp_path / "t.npz")
    assert outcome.status == 0
    assert "does not know Elba" in outcome.err
    with np.load(tmp_path / "t.npz", allow_pickle=False) as trace:
        assert trace["targets"][-1] == 0
        assert trace["target_words"][-1] == "Elba"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--answer", "of France"), "exactly one word; 'of France' has 2"),
        (("--answer", ""), "exactly one word"),
        (("--out", "no/such/folder/t.npz"), "there is no folder"),
    ],
)
def test_bad_use_is_one_line(
    rnnviz: Run, checkpoint: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    out = () if "--out" in options else ("--out", tmp_path / "t.npz")
    assert said in rnnviz("trace", checkpoint, PASSAGE, *out, *options).error_line


def test_a_device_is_not_replaced_by_a_file(
    rnnviz: Run, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", lambda *_: pytest.fail("it would be gone"))
    device = Path("/dev/full")
    if device.exists():
        assert "device" in rnnviz("trace", checkpoint, PASSAGE, "--out", device).error_line


def test_what_a_killed_one_left_unfinished_is_swept(rnnviz: Run, checkpoint: Path, tmp_path: Path) -> None:
    left = tmp_path / ".t.npz.999999-0.part"
    left.write_bytes(b"half of it")
    assert rnnviz("trace", checkpoint, PASSAGE, "--out", tmp_path / "t.npz").status == 0
    assert not left.exists()


def held_checkpoint(rnnviz: Run, text: Path, tmp_path: Path) -> Path:
    """A trained LSTM that was saved with its forget gate shut at the third word and a unit silenced."""
    path = tmp_path / "held.safetensors"
    asked = ("train", text, "--cell", "lstm", *SMALL, "--steps", "20", "--json", "--save", path)
    assert rnnviz(*asked).status == 0
    experiment = checkpoint_file.read(path).experiment(read_text(text))
    experiment.changes.intervene(HoldGate("f", 0.0, step=2))
    experiment.changes.intervene(SilenceUnit(1, 0))
    checkpoint_file.save(experiment, path)
    return path


def test_a_trace_honours_what_its_checkpoint_holds_and_says_so(
    rnnviz: Run, text: Path, tmp_path: Path
) -> None:
    held, path = held_checkpoint(rnnviz, text, tmp_path), tmp_path / "trace.npz"
    outcome = rnnviz("trace", held, PASSAGE, "--out", path)
    assert outcome.status == 0
    assert "forget gate f held at 0.00 at the; unit 2 silenced in layer 1" in outcome.err
    with np.load(path, allow_pickle=False) as trace:
        assert trace["held/f"][:, 0].tolist() == [False, False, True, False, False]
        assert not trace["gate/f"][2].any() and trace["gate/f"][1].all()
        assert trace["silenced"].tolist() == [[False, True] + [False] * 6]
        assert not trace["hidden"][:, 0, 1].any()
        assert not trace["slope_held"]


def test_asking_and_drawing_and_training_on_honour_it_too(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    held = held_checkpoint(rnnviz, text, tmp_path)
    free = checkpoint_file.read(held).experiment(read_text(text))
    while free.changes.held != ((),):
        free.changes.lift(free.changes.held[0][0])
    checkpoint_file.save(free, tmp_path / "free")
    said = {name: rnnviz("ask", tmp_path / name, PASSAGE, "--json") for name in (held.name, "free")}
    assert said[held.name].out != said["free"].out
    assert "unit 2 silenced" in said[held.name].err and said["free"].err == ""
    for name in said:
        rnnviz(
            "render",
            tmp_path / name,
            "--view",
            "states",
            "--passage",
            PASSAGE,
            "--out",
            tmp_path / f"{name}.png",
        )
    pictures = [(tmp_path / f"{name}.png").read_bytes() for name in said]
    assert pictures[0] != pictures[1]
    more = rnnviz("train", text, "--resume", held, "--steps", "22", "--save", held)
    assert more.status == 0 and "LSTM: unit 2 silenced in layer 1." in more.out + more.err
    assert checkpoint_file.read(held).held == (HoldGate("f", 0.0, step=2), SilenceUnit(1, 0))
