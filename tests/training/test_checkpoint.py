"""Checkpoints: whole or not at all, the same bytes each time, and a run goes on bit for bit."""

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

from rnnviz.engine import OPTIMIZERS, next_token_probabilities
from rnnviz.text import text_from_string
from rnnviz.training import (
    Checkpoint,
    CheckpointError,
    Experiment,
    NotACheckpoint,
    WrongCheckpoint,
    checkpoint,
)
from tests.training.runs import bits, request, small_experiment, small_text

VARIED: dict[str, Any] = {"layers": 2, "reset": 0.4, "valid_fraction": 0.2}


def after(n_updates: int, **values: Any) -> Experiment:
    experiment = small_experiment(**(VARIED | values))
    for _ in range(n_updates):
        experiment.update()
    return experiment


def saved(path: Path, n_updates: int = 7, **values: Any) -> Path:
    checkpoint.save(after(n_updates, **values), path)
    return path


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


# -- malformed files ----------------------------------------------------------------------------------


def header_of(path: Path) -> dict[str, Any]:
    raw = path.read_bytes()
    header: dict[str, Any] = json.loads(raw[8 : 8 + struct.unpack("<Q", raw[:8])[0]])
    return header


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
