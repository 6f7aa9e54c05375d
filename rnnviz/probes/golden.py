"""Is the mathematics right? Golden numbers from an independent witness, and finite differences.

A golden file (resources/golden/README.md) holds one small network worked through by PyTorch. It is checked
over the program's own path: the same model, workspace, optimizers and trace that training and the window
use.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import (
    ACTIVATIONS,
    CELLS,
    OPTIMIZERS,
    LanguageModel,
    ModelSpec,
    ParameterMismatch,
    Workspace,
    clip_gradients,
)
from rnnviz.probes.passage import trace_passage

Arrays = Mapping[str, NDArray[Any]]

DTYPES = ("float64", "float32")
INPUTS = ("tokens", "targets")
CURVE_RATES = {"sgd": 0.5, "adam": 0.01, "adagrad": 0.1, "rmsprop": 0.01}
CURVE_STEPS = 8
CLIP_NORM = 0.1
GATES_OF = {"lstm": frozenset("ifgo"), "gru": frozenset("rzn")}  # to know a file whose name does not tell


class GoldenFileError(ValueError):
    """A file that cannot be read as golden numbers; the message says why and what it should be."""


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """One array of a golden file against ours, in one precision."""

    key: str
    dtype: str
    worst: float  # difference of the number that is worst off
    ratio: float  # that difference over what is allowed there; passed means at most 1
    passed: bool
    problem: str = ""  # what is wrong besides numbers: missing, unexpected, another shape


def cell_of(path: Path) -> tuple[str, str]:
    """Cell and activation of a golden file, by its name, else by its gates. Raises GoldenFileError."""
    first, _, rest = path.stem.partition("_")
    activation = rest.partition("_")[0]
    if first in GATES_OF:
        return first, "tanh"
    if first in CELLS and (activation in ACTIVATIONS or not CELLS[first].has_activation):
        return first, activation if activation in ACTIVATIONS else "tanh"
    gates = {key.removeprefix("gate/") for key in _read(path) if key.startswith("gate/")}
    for cell, names in GATES_OF.items():
        if gates == names:
            return cell, "tanh"
    raise GoldenFileError(
        f"{path.name}: the name must begin with the cell and, for the plain RNN, the activation: "
        f"{', '.join(f'rnn_{name}' for name in ACTIVATIONS)}, lstm or gru."
    )


def is_built(path: Path) -> bool:
    """Whether this version has the cell that the file is about. Raises GoldenFileError."""
    return cell_of(path)[0] in CELLS


def check_file(path: Path) -> list[KeyCheck]:
    """Every key of one golden file, in float64 and float32. Raises GoldenFileError, also if not `is_built`.

    Nothing in the file is passed over: a key that is missing, unexpected or of another shape is a difference.
    """
    cell, activation = cell_of(path)
    if cell not in CELLS:
        raise GoldenFileError(f"{path.name}: the cell {cell} is not built; there is: {', '.join(CELLS)}.")
    golden = _read(path)
    problem = _input_problem(golden)
    if problem is not None:
        return [problem]
    checks: list[KeyCheck] = []
    for dtype in DTYPES:
        spec = _spec(golden, cell, activation, dtype)
        model = LanguageModel(spec, np.random.default_rng(0))
        try:
            model.parameters.load(_under(golden, "param/"))
        except ParameterMismatch as error:
            return [*checks, _problem("param/", dtype, str(error))]
        ours = dict(_worked_through(model, golden))
        checks += [_compare(key, golden, ours, dtype) for key in ours]
        known = {*ours, *INPUTS, *(f"param/{name}" for name in model.parameters.names)}
        checks += [
            _problem(key, dtype, "is in the file but no result of this program has that name")
            for key in sorted(set(golden) - known)
        ]
    return checks


def _read(path: Path) -> dict[str, NDArray[Any]]:
    try:
        # Opened here, since np.load leaves a broken file open.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except Exception as error:  # zip, zlib, tokenize, ...: what damaged bytes raise has no common name
        raise GoldenFileError(
            f"{path.name} cannot be read as an .npz of golden numbers ({error}). Take the file anew."
        ) from error


def _under(arrays: Arrays, prefix: str) -> dict[str, NDArray[Any]]:
    return {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}


def _problem(key: str, dtype: str, problem: str) -> KeyCheck:
    return KeyCheck(key, dtype, float("nan"), float("inf"), False, problem)


def _input_problem(golden: Arrays) -> KeyCheck | None:
    """Why the passage or the shapes of the network cannot be taken from the file, if they cannot."""
    for key, dimensions in (
        ("tokens", 2),
        ("targets", 2),
        ("param/weight_hh_l0", 2),
        ("param/weight_out", 2),
    ):
        if key not in golden:
            return _problem(key, "any", "is missing from the file")
        if golden[key].ndim != dimensions or golden[key].size == 0:
            return _problem(key, "any", f"has shape {golden[key].shape}, not one of {dimensions} dimensions")
    V = len(golden["param/weight_out"])
    for key in INPUTS:
        ids = golden[key]
        if ids.dtype.kind not in "iu" or ids.min() < 0 or ids.max() >= V:
            return _problem(key, "any", f"must hold whole numbers from 0 to {V - 1}, one for each token")
        if ids.shape != golden["tokens"].shape:
            return _problem(key, "any", f"has shape {ids.shape}, but tokens has {golden['tokens'].shape}")
    return None


def _spec(golden: Arrays, cell: str, activation: str, dtype: str) -> ModelSpec:
    embedding = golden.get("param/embedding")
    return ModelSpec(
        vocabulary_size=len(golden["param/weight_out"]),
        cell=cell,
        activation=activation,
        hidden=golden["param/weight_hh_l0"].shape[1],
        layers=sum(key.startswith("param/weight_hh_l") for key in golden),
        embedding=embedding.shape[1] if embedding is not None and embedding.ndim == 2 else 0,
        dtype=dtype,
    )


def _worked_through(model: LanguageModel, golden: Arrays) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every result that a golden file holds, by key, from the parameters that the model has now."""
    tokens, targets = golden["tokens"], golden["targets"]
    T, B = tokens.shape
    start = model.parameters.export()
    ws = model.workspace(T, B)
    state = model.zero_state(B)
    model.forward(ws, tokens, targets, state)
    yield from _forward_results(model, ws)
    model.backward(ws)
    for name, gradient in model.parameters.export("gradients").items():
        yield f"grad/{name}", gradient
    yield "dloss_dhidden", np.stack(ws.dloss_dhidden, axis=1)
    trace = trace_passage(
        model,
        tokens=tokens[:, 0],
        targets=targets[:, 0],
        words=[""] * T,
        spelling=[""] * model.spec.vocabulary_size,
    )
    yield "gradient_matrix", trace.gradient_matrix
    norm, _ = clip_gradients(model.parameters, CLIP_NORM)
    yield "grad_norm", np.array(norm)
    yield "clipped/weight_hh_l0", model.parameters.export("gradients")["weight_hh_l0"]
    for name, rate in CURVE_RATES.items():
        model.parameters.load(start)
        yield f"curve/{name}", _curve(model, ws, golden, name, rate)


def _forward_results(model: LanguageModel, ws: Workspace) -> Iterator[tuple[str, NDArray[Any]]]:
    T, B, V, H = ws.length, ws.B, model.spec.vocabulary_size, model.spec.hidden
    for part, name in enumerate(model.spec.cell_class.state_parts):
        yield name, np.stack([run.state[part, 1 : T + 1] for run in ws.runs], axis=1)
    gates = [cell.gates(run, T) for cell, run in zip(model.cells, ws.runs, strict=True)]
    for name in gates[0]:
        yield f"gate/{name}", np.stack([gate[name] for gate in gates], axis=1)
    top = ws.hidden[-1][1:].reshape(T * B, H)
    yield "probs", ws.readout.probabilities(top).reshape(T, B, V)
    logits = np.empty((T * B, V), dtype=model.dtype)
    ws.readout.logits(top, logits)
    yield "logits", logits.reshape(T, B, V)
    yield "loss_per_token", ws.loss[:T].copy()
    yield "loss", np.array(ws.mean_loss)


def _curve(
    model: LanguageModel, ws: Workspace, golden: Arrays, name: str, rate: float
) -> NDArray[np.float64]:
    """The loss before each of a few updates on this one window, from a zero state each time."""
    optimizer = OPTIMIZERS[name](model.parameters)
    state = model.zero_state(ws.B)
    losses = []
    for _ in range(CURVE_STEPS):
        model.forward(ws, golden["tokens"], golden["targets"], state)
        model.backward(ws)
        losses.append(ws.mean_loss)
        optimizer.step(rate)
    return np.array(losses)


def _compare(key: str, golden: Arrays, ours: Arrays, dtype: str) -> KeyCheck:
    if key not in golden:
        return _problem(key, dtype, "is missing from the file")
    theirs, mine = golden[key], ours[key]
    if theirs.dtype.kind != "f":
        return _problem(key, dtype, f"holds {theirs.dtype}, not floating-point numbers")
    if theirs.shape != mine.shape:
        return _problem(key, dtype, f"has shape {theirs.shape} in the file, {mine.shape} here")
    worst, ratio = worst_difference(mine, theirs, key, dtype)
    return KeyCheck(key, dtype, worst, ratio, ratio <= 1)


def worst_difference(ours: NDArray[Any], theirs: NDArray[Any], key: str, dtype: str) -> tuple[float, float]:
    """The difference that is worst off, and its share of what is allowed; inf where a number is not finite.

    Allowed: in float64 1e-9 |b| + 1e-12 of the largest of the array, in float32 1e-5 of it (curves: 1e-4).
    """
    a, b = np.asarray(ours, dtype=np.float64).ravel(), np.asarray(theirs, dtype=np.float64).ravel()
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("nan"), float("inf")
    size, largest = np.abs(b), float(np.abs(b).max(initial=0.0))
    if dtype == "float64":
        allowed = 1e-9 * size + 1e-12 * largest
    else:
        allowed = np.full_like(b, (1e-4 if key.startswith("curve/") else 1e-5) * largest)
    difference = np.abs(a - b)
    share = np.divide(difference, allowed, out=np.zeros_like(b), where=allowed > 0)
    share[(allowed == 0) & (difference > 0)] = np.inf
    worst = int(np.argmax(share)) if share.size else 0
    return (float(difference[worst]), float(share[worst])) if share.size else (0.0, 0.0)
