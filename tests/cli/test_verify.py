import shutil
from pathlib import Path

import numpy as np
import pytest

from rnnviz.shipped import GOLDEN
from tests.cli.running import Run


def _changed(path: Path, key: str, *, into: Path) -> Path:
    with np.load(path) as file:
        arrays = {name: file[name].copy() for name in file.files}
    flat = arrays[key].reshape(-1)
    flat[int(np.abs(flat).argmax())] *= 1 + 1e-6
    into.mkdir(exist_ok=True)
    np.savez(into / path.name, **arrays)
    return into


def test_the_shipped_golden_numbers_hold(rnnviz: Run) -> None:
    outcome = rnnviz("verify")
    assert outcome.status == 0, outcome.err
    assert outcome.err == ""
    for path in GOLDEN.glob("*.npz"):
        assert f"{path.name}: worst number of each key" in outcome.out
    with np.load(GOLDEN / "rnn_tanh.npz") as golden:
        for key in golden.files:
            if key not in ("tokens", "targets") and not key.startswith("param/"):
                assert f"\n  {key} " in outcome.out
    assert "finite differences" in outcome.out
    assert "8 of 8 golden files checked; no difference." in outcome.out


@pytest.mark.usefixtures("gru_is_not_built")
def test_a_cell_that_is_not_built_is_listed_and_no_difference(rnnviz: Run) -> None:
    outcome = rnnviz("verify")
    assert outcome.status == 0, outcome.err
    assert "gru.npz: the cell gru is not built yet" in outcome.out
    assert "6 of 8 golden files checked, 2 of cells not built yet" in outcome.out


@pytest.mark.parametrize("key", ["logits", "grad/weight_hh_l1", "gradient_matrix", "curve/rmsprop"])
def test_one_part_in_a_million_is_a_difference_that_names_file_and_key(
    rnnviz: Run, tmp_path: Path, key: str
) -> None:
    folder = _changed(GOLDEN / "rnn_tanh_2layer_embedding.npz", key, into=tmp_path / "golden")
    outcome = rnnviz("verify", folder)
    assert outcome.status == 1
    assert outcome.err == f"rnnviz: difference in rnn_tanh_2layer_embedding.npz {key}\n"
    assert outcome.out.count("DIFFERENCE") == 1


def test_what_is_no_folder_of_golden_numbers_is_refused(rnnviz: Run, tmp_path: Path) -> None:
    assert "does not exist" in rnnviz("verify", tmp_path / "none").error_line
    assert "no golden numbers" in rnnviz("verify", tmp_path).error_line
    (tmp_path / "rnn_tanh.npz").write_bytes(b"no zip file")
    assert "rnn_tanh.npz cannot be read" in rnnviz("verify", tmp_path).error_line
    assert "is a file" in rnnviz("verify", tmp_path / "rnn_tanh.npz").error_line


def test_a_name_that_tells_no_cell_is_refused(rnnviz: Run, tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "rnn_tanh.npz", tmp_path / "other.npz")
    assert "other.npz" in rnnviz("verify", tmp_path).error_line
