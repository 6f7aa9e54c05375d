from pathlib import Path

import numpy as np
import pytest

from tests.cli.running import Run

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
    monkeypatch.setattr(Path, "replace", lambda *_: pytest.fail("it would be gone"))
    device = Path("/dev/full")
    if device.exists():
        assert "device" in rnnviz("trace", checkpoint, PASSAGE, "--out", device).error_line
