"""Files that are no checkpoints, or damaged ones: refused with what is wrong and what to do."""

import json
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from rnnviz.training import (
    Checkpoint,
    CheckpointError,
    NotACheckpoint,
    WrongCheckpoint,
    checkpoint,
)
from tests.training.checkpoints import header_of, saved
from tests.training.runs import request, small_text


def with_metadata(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the parsed metadata and write the file anew with the format's own writer."""
    metadata = header_of(path)["__metadata__"]
    parsed = {name: json.loads(text) if name != "format" else text for name, text in metadata.items()}
    change(parsed)
    save_file(
        load_file(path),
        path,
        {name: value if name == "format" else json.dumps(value) for name, value in parsed.items()},
    )


def with_tensors(path: Path, change: Callable[[dict[str, np.ndarray[Any, Any]]], Any]) -> None:
    tensors, metadata = load_file(path), header_of(path)["__metadata__"]
    change(tensors)
    save_file(tensors, path, metadata)


def put(*keys: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(parsed: dict[str, Any]) -> None:
        place: Any = parsed
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return change


METADATA_FAULTS = {
    "settings is missing": lambda m: m.pop("settings"),
    "progress is missing": lambda m: m.pop("progress"),
    "settings are no table": put("settings", value=[]),
    "setting hidden is missing": lambda m: m["settings"].pop("hidden"),
    "no setting 'speed'": put("settings", "speed", value=1),
    "--hidden must be": put("settings", "hidden", value="many"),
    "--cell 'lsd' is unknown": put("settings", "cell", value="lsd"),
    "bias_hh_l0 has the shape (5,), its settings say (6,)": put("settings", "hidden", value=6),
    "float32 numbers, its settings say float64": put("settings", "dtype", value="float64"),
    "optimizer/sum/bias_hh_l0 is missing": put("settings", "optimizer", value="adagrad"),
    "vocabulary is no list": put("vocabulary", value={"a": 1}),
    "vocabulary must begin with": put("vocabulary", value=["a", "b"]),
    "hold every token once": put("vocabulary", 2, value="<unk>"),
    "progress is no table": put("progress", value=3),
    "step is no whole number": put("progress", "step", value=-1),
    "epoch is no whole number": put("progress", "epoch", value=True),
    "position is no whole number": put("progress", "position", value=1.5),
    "random state is no number": put("progress", "random", "resets", "inc", value="0x12"),
    "sum of losses is no finite number": put("progress", "losses", 0, "sum", value=float("nan")),
    "losses of some other number of networks": put("progress", "losses", value=[]),
    "fingerprint of the text is damaged. Choose": put("progress", "text", value=[]),
}


@pytest.mark.parametrize("words", METADATA_FAULTS)
def test_damaged_metadata_is_named(words: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "x")
    with_metadata(path, METADATA_FAULTS[words])
    with pytest.raises(NotACheckpoint) as error:
        checkpoint.read(path)
    assert words in str(error.value).replace("'settings'", "settings").replace("'progress'", "progress")
    assert "Choose another checkpoint" in str(error.value)


TENSOR_FAULTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "weight_hh_l0 is missing": lambda t: t.pop("weight_hh_l0"),
    "optimizer/v/bias_out is missing": lambda t: t.pop("optimizer/v/bias_out"),
    "state/hidden is missing": lambda t: t.pop("state/hidden"),
    "lane/0/weight_hh_l0 has no place": lambda t: t.update({"lane/0/weight_hh_l0": np.zeros(3, np.float32)}),
    "weight_hh_l0 has the shape (5, 4)": lambda t: t.update(weight_hh_l0=np.zeros((5, 4), np.float32)),
    "weight_hh_l0 holds float16": lambda t: t.update(weight_hh_l0=t["weight_hh_l0"].astype(np.float16)),
    "bias_out holds NaN": lambda t: t["bias_out"].__setitem__(3, np.nan),
    "state/hidden holds NaN or infinity": lambda t: t["state/hidden"].__setitem__((0, 0, 0), np.inf),
    "step_count must be one whole number": lambda t: t["optimizer/step_count"].__setitem__(0, -4),
}


@pytest.mark.parametrize("words", TENSOR_FAULTS)
def test_tensors_that_do_not_fit_are_named(words: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "x")
    with_tensors(path, TENSOR_FAULTS[words])
    with pytest.raises(NotACheckpoint) as error:
        checkpoint.read(path)
    assert words in str(error.value)


def test_noise_from_another_program_in_every_tensor_is_learned_on_from(tmp_path: Path) -> None:
    path = saved(tmp_path / "x")

    def disturb(tensors: dict[str, np.ndarray[Any, Any]]) -> None:
        rng = np.random.default_rng(1)
        for name, array in tensors.items():
            if array.dtype == np.float32:  # the means of squares are small: many end below 0
                tensors[name] = array + rng.normal(0, 0.01, array.shape).astype(np.float32)

    with_tensors(path, disturb)
    resumed = checkpoint.read(path).experiment(small_text())
    losses = [resumed.update()[0].loss for _ in range(20)]
    assert np.isfinite(losses).all()


def test_a_vocabulary_that_is_not_the_texts_is_refused_on_resuming(tmp_path: Path) -> None:
    path = saved(tmp_path / "x")
    with_metadata(path, put("vocabulary", 1, value="Elba"))
    with pytest.raises(WrongCheckpoint, match="other tokens"):
        checkpoint.read(path).experiment(small_text())


def test_what_is_wrong_and_what_to_do_are_two_sentences(tmp_path: Path) -> None:
    path = saved(tmp_path / "x")
    with_metadata(path, put("progress", "position", value=10**6))
    with pytest.raises(NotACheckpoint, match=r"there is no window 1,000,000\. Choose another"):
        checkpoint.read(path).experiment(small_text())


def test_a_step_that_is_not_where_its_epoch_says_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "x")
    with_metadata(path, put("progress", "step", value=8))
    with pytest.raises(NotACheckpoint, match="8 updates are not 0 epochs"):
        checkpoint.read(path).experiment(small_text())


def test_files_that_are_no_checkpoints_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with pytest.raises(CheckpointError, match="There is no file x"):
        checkpoint.read(path)
    with pytest.raises(NotACheckpoint, match="folder"):
        checkpoint.read(tmp_path)
    with pytest.raises(NotACheckpoint, match=r"^\. is a folder"):
        checkpoint.read(Path())
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(CheckpointError, match=r"^circle cannot be read \([^\[\]]*\)\. Check"):
        checkpoint.read(tmp_path / "circle")
    for raw in (
        b"",
        b"abc",
        b"\0" * 8,
        b"\xff" * 100,
        b"Napoleon was the Emperor of France.",
        b"\2" + b"\0" * 7 + b"[]",
    ):
        path.write_bytes(raw)
        with pytest.raises(NotACheckpoint, match=r"no \.safetensors file|another program"):
            checkpoint.read(path)
    save_file({"weight": np.zeros(3, np.float32)}, path)
    with pytest.raises(NotACheckpoint, match="another program"):
        checkpoint.read(path)
    saved(path)
    with_metadata(path, put("format", value="rnnviz-checkpoint-99"))
    with pytest.raises(NotACheckpoint, match="rnnviz-checkpoint-99"):
        checkpoint.read(path)
    deep = b'{"__metadata__":' + b'{"a":' * 50_000
    path.write_bytes(struct.pack("<Q", len(deep)) + deep)
    with pytest.raises(NotACheckpoint):
        checkpoint.read(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotACheckpoint, match="folder or a device"):
        checkpoint.read(tmp_path / "pipe")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("whole") / "x")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_found_or_harmless(whole: Path, tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(whole.read_bytes())
    header = 8 + struct.unpack("<Q", raw[:8])[0]
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        for _ in range(data.draw(st.integers(1, 3))):
            raw[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(raw)
    try:
        read = checkpoint.read(path)
        assert isinstance(read, Checkpoint)
        read.experiment(small_text())
    except CheckpointError as error:
        assert "\n" not in str(error).strip()


def test_a_large_file_of_another_kind_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 2) + b"{}")
        file.truncate(2**42)  # sparse: four terabytes
    with pytest.raises(CheckpointError):
        checkpoint.read(path)


def test_reading_leaves_the_file_alone(tmp_path: Path) -> None:
    path = saved(tmp_path / "x")
    shutil.copy(path, tmp_path / "copy")
    trace = checkpoint.read(path).experiment(small_text())
    trace.trace(request(trace))
    trace.update()
    assert path.read_bytes() == (tmp_path / "copy").read_bytes()
