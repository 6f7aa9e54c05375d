"""Checkpoints: whole or not at all, the same bytes each time, and a run goes on bit for bit."""

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rnnviz.engine import OPTIMIZERS, next_token_probabilities
from rnnviz.text import text_from_string
from rnnviz.training import (
    CheckpointError,
    WrongCheckpoint,
    checkpoint,
)
from tests.training.checkpoints import after, header_of, saved
from tests.training.runs import bits, small_text


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_a_run_in_three_pieces_is_the_run_at_once(optimizer: str, dtype: str, tmp_path: Path) -> None:
    values = {"optimizer": optimizer, "dtype": dtype, "embedding": 3}
    pieces = after(9, **values)
    for n, more in ((9, 13), (22, 300)):
        path = tmp_path / f"{n}.safetensors"
        checkpoint.save(pieces, path)
        pieces = checkpoint.read(path).experiment(small_text())
        for _ in range(more):
            pieces.update()
    whole = after(322, **values)
    assert bits(pieces) == bits(whole)
    checkpoint.save(pieces, tmp_path / "pieces")
    checkpoint.save(whole, tmp_path / "whole")
    assert (tmp_path / "pieces").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_resumed_run_starts_over_from_the_same_weights(tmp_path: Path) -> None:
    resumed = checkpoint.read(saved(tmp_path / "x")).experiment(small_text())
    resumed.start_over()
    assert bits(resumed) == bits(after(0))


def test_saving_between_a_look_at_the_next_window_and_its_update_loses_no_draw(tmp_path: Path) -> None:
    experiment = after(7)
    experiment.next_window()
    checkpoint.save(experiment, tmp_path / "looked")
    assert (tmp_path / "looked").read_bytes() == saved(tmp_path / "plain").read_bytes()


def test_nothing_in_the_file_depends_on_name_or_text_file_name(tmp_path: Path) -> None:
    saved(tmp_path / "a")
    resumed = checkpoint.read(tmp_path / "a").experiment(small_text(name="another name.txt"))
    checkpoint.save(resumed, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_file_is_as_the_format_and_the_design_have_it(tmp_path: Path) -> None:
    experiment = after(7)
    checkpoint.save(experiment, tmp_path / "x")
    tensors = load_file(tmp_path / "x")
    parameters = experiment.lanes[0].model.parameters.export()
    moments = {f"optimizer/{slot}/{name}" for slot in ("m", "v") for name in parameters}
    assert set(tensors) == {*parameters, *moments, "optimizer/step_count", "state/hidden"}
    for name, array in parameters.items():
        assert tensors[name].tobytes() == array.tobytes()
    assert tensors["state/hidden"].shape == (2, 3, 5)
    raw = (tmp_path / "x").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    assert (8 + length) % 8 == 0
    header = json.loads(raw[8 : 8 + length])
    assert list(header) == sorted(header)
    metadata = header["__metadata__"]
    assert set(metadata) == {"format", "settings", "vocabulary", "progress"}
    assert json.loads(metadata["vocabulary"]) == list(experiment.corpus.vocabulary.tokens)
    assert json.loads(metadata["settings"]) == experiment.settings.as_dict()
    progress = json.loads(metadata["progress"])
    assert (progress["step"], progress["position"]) == (7, experiment.position)
    for name, entry in header.items():
        if name != "__metadata__":
            width = {"F32": 4, "F64": 8, "I64": 8}[entry["dtype"]]
            assert entry["data_offsets"][0] % width == 0


def test_the_network_can_be_asked_without_the_text(tmp_path: Path) -> None:
    experiment = after(40)
    checkpoint.save(experiment, tmp_path / "x")
    read = checkpoint.read(tmp_path / "x")
    assert read.step == 40
    model, corpus = read.model()
    words, ids = corpus.encode("Napoleon was the Emperor")
    assert words == ["Napoleon", "was", "the", "Emperor"]
    assert ids.tolist() == experiment.corpus.encode("Napoleon was the Emperor")[1].tolist()
    expected = next_token_probabilities(experiment.lanes[0].model, ids)
    assert np.array_equal(next_token_probabilities(model, ids), expected)


def test_a_checkpoint_changed_by_another_program_resumes(tmp_path: Path) -> None:
    path = saved(tmp_path / "x")
    tensors, metadata = load_file(path), header_of(path)["__metadata__"]
    tensors["weight_hh_l0"] = tensors["weight_hh_l0"] * 0
    save_file(tensors, path, metadata)  # the format's own writer, its own order
    resumed = checkpoint.read(path).experiment(small_text())
    assert not resumed.lanes[0].model.parameters.export()["weight_hh_l0"].any()
    resumed.update()


def test_another_text_is_refused(tmp_path: Path) -> None:
    read = checkpoint.read(saved(tmp_path / "x"))
    with pytest.raises(WrongCheckpoint, match=r"x was made with another text: it has \d+ tokens"):
        read.experiment(small_text(25))
    other = small_text().pieces()
    swapped = (
        "".join(other).replace("Russia", "Brasil").replace("Brazil", "Russia").replace("Brasil", "Brazil")
    )
    with pytest.raises(WrongCheckpoint, match="other tokens"):
        read.experiment(text_from_string(swapped, "swapped.txt"))


def test_saving_replaces_a_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    saved(tmp_path / "x")
    assert checkpoint.read(tmp_path / "x").step == 7
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_saving_through_a_link_replaces_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "x")
    saved(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert checkpoint.read(tmp_path / "there" / "x").step == 7


def test_a_saved_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    saved(tmp_path / "x")
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("fails", ["os.fsync", "os.replace"])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), MemoryError(), KeyboardInterrupt()]
)
def test_a_save_that_fails_leaves_the_old_file_and_no_part(
    fails: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path / "x")
    old = (tmp_path / "x").read_bytes()

    def fail(*_: object) -> None:
        raise error

    experiment = after(9)
    with monkeypatch.context() as patch:
        patch.setattr(fails, fail)
        expected = CheckpointError if isinstance(error, OSError) else type(error)
        with pytest.raises(expected) as raised:
            checkpoint.save(experiment, tmp_path / "x")
    if isinstance(error, OSError):
        assert "x could not be saved (No space left on device)" in str(raised.value)
    assert (tmp_path / "x").read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    experiment = after(1)
    with pytest.raises(CheckpointError, match="no folder"):
        checkpoint.save(experiment, tmp_path / "nowhere" / "x")
    with pytest.raises(CheckpointError, match="is a folder or a device"):
        checkpoint.save(experiment, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CheckpointError, match="is a folder or a device"):
        checkpoint.save(experiment, tmp_path / "pipe")
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError):
        checkpoint.save(experiment, tmp_path / "file" / "x")
    assert (tmp_path / "pipe").is_fifo()
