import dataclasses
import importlib
import pkgutil

import numpy as np
import pytest

from rnnviz.engine import CELLS, LanguageModel, ModelSpec


@pytest.mark.parametrize("embedding", [0, 5])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_parameter_count_is_the_textbooks(layers, embedding):
    V, H, width = 13, 6, embedding or 13
    expected = V * embedding + H * (width + H + 2) + (layers - 1) * H * (2 * H + 2) + V * (H + 1)
    assert ModelSpec(V, hidden=H, layers=layers, embedding=embedding).parameter_count() == expected


def test_an_absurd_network_is_known_to_be_too_large_without_being_made():
    assert ModelSpec(10**6, hidden=8192, layers=16).memory_estimate(10_000, 10_000, 2) > 10**12


def test_logits_blocks_never_pass_64_megabytes():
    for V, dtype in ((80, "float32"), (10_000, "float64"), (10**6, "float32")):
        rows = ModelSpec(V, dtype=dtype).logits_rows(100, 100)
        row_bytes = V * np.dtype(dtype).itemsize
        assert 1 <= rows <= 10_000 and rows * row_bytes <= 64 * 2**20
        assert rows == 10_000 or (rows + 1) * row_bytes > 64 * 2**20, "nor are they smaller than they need be"


def test_a_network_is_asked_for_with_nothing_but_its_vocabulary():
    assert dataclasses.asdict(ModelSpec(5)) == {
        "vocabulary_size": 5, "cell": "rnn", "activation": "tanh", "hidden": 32, "layers": 1, "embedding": 0,
        "init": "xavier", "dtype": "float32", "spectral_radius": 1.0, "forget_bias": 0.0,
        "frozen_embedding": False,
    }  # fmt: skip


@pytest.mark.parametrize("folder", ["engine", "probes"])
def test_what_is_passed_around_cannot_be_changed(folder):
    """Of all dataclasses there are; what crosses to another thread is nobody's to write."""
    package = importlib.import_module(f"rnnviz.{folder}")
    names = [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    kinds = {
        kind
        for name in names
        for kind in vars(importlib.import_module(name)).values()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    }
    assert len(kinds) >= 7
    assert [kind.__name__ for kind in kinds if not kind.__dataclass_params__.frozen] == []


@pytest.mark.parametrize("name", CELLS)
def test_a_cells_equations_speak_of_both_directions(name):
    cell = LanguageModel(ModelSpec(5, cell=name), np.random.default_rng(0)).cells[0]
    assert {e.direction for e in cell.equations} == {"forward", "backward"}
    assert all(e.formula and e.meaning.endswith(".") for e in cell.equations)


@pytest.mark.parametrize(
    ("activation", "said"), [("tanh", "tanh(a)"), ("relu", "max(0, a)"), ("sigmoid", "h (1 − h)")]
)
def test_the_equations_name_the_chosen_activation(activation, said):
    cell = LanguageModel(ModelSpec(5, activation=activation), np.random.default_rng(0)).cells[0]
    assert any(said in e.formula for e in cell.equations)
    assert activation in repr(cell)
