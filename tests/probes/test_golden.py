import shutil

import numpy as np
import pytest

from rnnviz.probes import GoldenFileError, cell_of, check_file, is_built
from rnnviz.probes.golden import worst_difference
from rnnviz.shipped import GOLDEN

FILES = sorted(GOLDEN.glob("*.npz"))


def rewritten(path, folder, change):
    with np.load(path) as file:
        arrays = {key: file[key] for key in file.files}
    change(arrays)
    out = folder / path.name
    np.savez(out, **arrays)
    return out


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_key_of_every_file_is_met_in_both_precisions(path):
    results = results_of(path)
    checks = check_file(path)
    assert [c for c in checks if not c.passed] == []
    assert {(c.key, c.dtype) for c in checks} == {(key, d) for key in results for d in ("float64", "float32")}


def test_all_eight_files_are_shipped_and_their_cells_are_built():
    assert len(FILES) == 8 and all(is_built(path) for path in FILES)


def results_of(path):
    """The keys that are no input: every one of them is a result to be checked."""
    with np.load(path) as file:
        return [k for k in file.files if k not in ("tokens", "targets") and not k.startswith("param/")]


def noticeable(array):
    """Places of the numbers that are at least a thousandth of the largest, the smallest of them first."""
    size = np.abs(array.reshape(-1))
    places = np.flatnonzero(size >= size.max() / 1000)
    return places[np.argsort(size[places], kind="stable")]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_millionth_in_the_smallest_number_that_counts_is_found_and_its_key_alone_named(path, tmp_path):
    for key in results_of(path):

        def change(arrays, key=key):
            flat = arrays[key] = np.array(arrays[key])
            flat.reshape(-1)[noticeable(flat)[0]] *= 1 + 1e-6

        wrong = [c for c in check_file(rewritten(path, tmp_path, change)) if not c.passed]
        assert {(c.key, c.dtype) for c in wrong} == {(key, "float64")}
        assert wrong[0].ratio > 1 and wrong[0].worst > 0


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_millionth_anywhere_in_every_key_at_once_is_found_in_every_key(path, tmp_path):
    rng = np.random.default_rng(0)

    def change(arrays):
        for key in results_of(path):
            flat = arrays[key] = np.array(arrays[key])
            flat.reshape(-1)[rng.choice(noticeable(flat))] *= 1 + rng.choice([-1, 1]) * 1e-6

    for _ in range(3):
        wrong = [c for c in check_file(rewritten(path, tmp_path, change)) if not c.passed]
        assert {(c.key, c.dtype) for c in wrong} == {(key, "float64") for key in results_of(path)}


TANH = GOLDEN / "rnn_tanh.npz"


@pytest.mark.parametrize(
    ("change", "key", "problem"),
    [
        (lambda a: a.pop("probs"), "probs", "missing"),
        (lambda a: a.update({"gate/i": a["hidden"]}), "gate/i", "no result of this program"),
        (lambda a: a.update(extra=np.zeros(2)), "extra", "no result of this program"),
        (lambda a: a.update(loss=np.zeros(2)), "loss", "has shape (2,)"),
        (lambda a: a.update(probs=a["probs"][:-1]), "probs", "has shape"),
        (lambda a: a.update(loss=np.array(3)), "loss", "int64"),
        (lambda a: a.pop("tokens"), "tokens", "missing"),
        (lambda a: a["tokens"].__setitem__((0, 0), 99), "tokens", "0 to 10"),
        (lambda a: a["targets"].__setitem__((0, 0), -1), "targets", "0 to 10"),
        (lambda a: a.update(targets=a["targets"][:-1]), "targets", "shape"),
        (lambda a: a.pop("param/bias_out"), "param/", "bias_out is missing"),
        (lambda a: a.update({"param/bias_hh_l0": np.zeros(3)}), "param/", "bias_hh_l0 has shape"),
    ],
)
def test_what_is_missing_unexpected_or_misshapen_is_a_difference(change, key, problem, tmp_path):
    wrong = [c for c in check_file(rewritten(TANH, tmp_path, change)) if not c.passed]
    assert wrong and {c.key for c in wrong} == {key}
    assert all(problem in c.problem for c in wrong)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_a_difference(value, tmp_path):
    path = rewritten(TANH, tmp_path, lambda a: a["hidden"].__setitem__((2, 0, 1, 3), value))
    assert {c.key for c in check_file(path) if not c.passed} == {"hidden"}


@pytest.mark.parametrize(
    ("key", "dtype", "theirs", "off", "ratio"),
    [
        ("hidden", "float64", [1.0, 1e-6], [2e-9, 0], 2 / 1.001),
        ("hidden", "float64", [1.0, 1e-6], [0, 3e-12], 3 / 1.001),  # of the largest as well
        ("hidden", "float64", [4.0, 0.5], [2e-9, 1e-9], 2 / (1 + 8e-3)),  # not the larger, the worse off
        ("hidden", "float32", [4.0, 0.5], [0, 8e-5], 2.0),
        ("curve/adam", "float32", [4.0, 0.5], [0, 8e-4], 2.0),
        ("curve/adam", "float64", [1.0], [-2e-9], 2 / 1.001),
        ("hidden", "float64", [0.0, 0.0], [0, 1e-300], np.inf),
        ("hidden", "float64", [0.0, 0.0], [0, 0], 0.0),
    ],
)
def test_what_is_allowed_is_a_share_of_the_number_and_a_trace_of_the_largest(key, dtype, theirs, off, ratio):
    theirs, off = np.array(theirs), np.array(off)
    worst, found = worst_difference(theirs + off, theirs, key, dtype)
    assert found == pytest.approx(ratio, rel=1e-6)
    assert worst == np.abs(theirs + off - theirs)[int(np.argmax(np.abs(off) / np.maximum(theirs, 1e-3)))]


def test_nothing_differs_from_nothing_by_nothing():
    assert worst_difference(np.zeros(0), np.zeros(0), "hidden", "float64") == (0.0, 0.0)


def test_wrong_parameters_are_noticed_everywhere(tmp_path):
    path = rewritten(TANH, tmp_path, lambda a: a["param/weight_hh_l0"].__setitem__((0, 0), 0.123))
    wrong = {c.key for c in check_file(path) if not c.passed and c.dtype == "float32"}
    assert {"hidden", "loss", "grad/weight_hh_l0", "gradient_matrix", "curve/adam", "grad_norm"} <= wrong


def test_swapped_input_and_recurrent_biases_are_the_same_network_but_transposed_weights_are_not(tmp_path):
    path = rewritten(
        TANH, tmp_path, lambda a: a.update({"param/weight_hh_l0": a["param/weight_hh_l0"].T.copy()})
    )
    assert any(not c.passed for c in check_file(path))


def test_cells_are_told_by_name_or_by_gates(tmp_path):
    assert cell_of(GOLDEN / "rnn_relu.npz") == ("rnn", "relu")
    assert cell_of(GOLDEN / "rnn_tanh_2layer_embedding.npz") == ("rnn", "tanh")
    assert cell_of(GOLDEN / "lstm_2layer_embedding.npz")[0] == "lstm"
    shutil.copy(GOLDEN / "gru.npz", tmp_path / "other.npz")
    assert cell_of(tmp_path / "other.npz")[0] == "gru"
    shutil.copy(TANH, tmp_path / "plain.npz")
    with pytest.raises(GoldenFileError, match="must begin with the cell"):
        cell_of(tmp_path / "plain.npz")


@pytest.mark.usefixtures("gru_is_not_built")
def test_a_cell_that_is_not_built_is_said_to_be_so():
    for path in FILES:
        assert is_built(path) == ("gru" not in path.stem)
    with pytest.raises(GoldenFileError, match=r"gru\.npz: the cell gru is not built; there is: rnn, lstm"):
        check_file(GOLDEN / "gru.npz")


def _deflated_golden_with_a_hole() -> bytes:
    content = bytearray(TANH.read_bytes())
    content[5000:5003] = b"\xff\xff\xff"
    return bytes(content)


BROKEN_FILES = (
    b"",
    b"no zip",
    b"PK\x03\x04broken",
    b"\x93NUMPY\x01\x00v\x00" + TANH.read_bytes()[:300],
    _deflated_golden_with_a_hole(),
)


@pytest.mark.parametrize("content", BROKEN_FILES, ids=range(len(BROKEN_FILES)))
def test_a_file_that_is_no_npz_is_refused_with_its_name(content, tmp_path):
    path = tmp_path / "rnn_tanh.npz"
    path.write_bytes(content)
    with pytest.raises(GoldenFileError, match=r"rnn_tanh\.npz cannot be read"):
        check_file(path)


def test_pickled_arrays_are_never_loaded(tmp_path):
    path = tmp_path / "rnn_tanh.npz"
    np.savez(path, tokens=np.array([{"a": 1}], dtype=object))
    with pytest.raises(GoldenFileError):
        check_file(path)
