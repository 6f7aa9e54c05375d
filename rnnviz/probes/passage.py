"""One passage put through one network: everything that a Trace holds."""

import dataclasses
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from rnnviz.engine import LanguageModel, Overrides, Workspace
from rnnviz.probes.gradient_matrix import PassageBackward, PassageErrors
from rnnviz.probes.jacobian import eigenvalues, spectrum_bounds
from rnnviz.probes.memory import decay, half_life, lost_per_step, one_percent_lag
from rnnviz.probes.predictions import Predictions, logits_of, predict
from rnnviz.probes.saturation import saturation
from rnnviz.probes.state_jacobian import jacobian_singular_values
from rnnviz.probes.trace import NO_TARGET, TokenKind, Trace

Floats = NDArray[np.floating[Any]]
Ids = NDArray[np.int64]

MOST_LETTERS, LONGEST_WORD = (
    4 * 2**20,
    64,
)  # of a vocabulary that is kept as one array, all words equally wide


@dataclass(frozen=True, slots=True)
class Passage:
    """What is asked of the network: tokens to read, and what ought to come after each."""

    tokens: Ids  # (T,)
    targets: Ids  # (T,) NO_TARGET where none is known
    words: tuple[str, ...]
    target_words: tuple[str, ...] | None  # None: the next word each
    answer_word: str | None  # the last target's own spelling
    named: bool  # the targets were given, they are not the next tokens
    assume_answer: bool  # where no last target is known, take the likeliest token
    token_kind: TokenKind = "word"

    def target_words_for(self, targets: Ids, spelling: Sequence[str]) -> tuple[str, ...]:
        """The right answers as text; the passage keeps its own spelling of words that are not known."""
        if self.target_words is not None:
            return self.target_words
        from_ids = ["" if target == NO_TARGET else spelling[target] for target in targets.tolist()]
        if self.named:
            return tuple(from_ids)
        return (*self.words[1:], from_ids[-1] if self.answer_word is None else self.answer_word)


class _Kept(threading.local):
    """The arrays of each network's last passage length: a watched passage is traced thousands of times."""

    def __init__(self) -> None:
        self.of: WeakKeyDictionary[LanguageModel, tuple[Workspace, PassageBackward]] = WeakKeyDictionary()
        self._spelling: Sequence[str] = ()
        self._words: NDArray[np.str_] | None = None

    def arrays(self, model: LanguageModel, T: int) -> tuple[Workspace, PassageBackward]:
        kept = self.of.get(model)
        if kept is None or kept[0].T != T:
            kept = self.of[model] = (model.workspace(T, 1, backward=False), PassageBackward(model, T))
        return kept

    def words(self, spelling: Sequence[str], ids: Ids) -> NDArray[np.str_]:
        """The tokens `ids` as text, any shape; the spelling of a whole vocabulary is converted once."""
        if spelling is not self._spelling:
            self._spelling = spelling
            longest = max(map(len, spelling))
            fits = longest <= LONGEST_WORD and longest * len(spelling) <= MOST_LETTERS
            self._words = np.array(spelling, dtype=np.str_) if fits and isinstance(spelling, tuple) else None
        if self._words is not None:
            return self._words[ids]
        return np.array([spelling[token] for token in ids.ravel().tolist()], dtype=np.str_).reshape(ids.shape)


_kept = _Kept()


def trace_passage(
    model: LanguageModel,
    *,
    tokens: Sequence[int] | Ids,
    words: Sequence[str],
    spelling: Sequence[str],
    answer: int | None = None,
    answer_word: str | None = None,
    assume_answer: bool = True,
    needs: frozenset[str] = frozenset(),
    step: int = 0,
    generation: int = 0,
    initial_state: Floats | None = None,
    targets: Sequence[int] | Ids | None = None,
    target_words: Sequence[str] | None = None,
    overrides: Overrides | None = None,
    token_kind: TokenKind = "word",
) -> Trace:
    """Read the passage `tokens` (T,), T >= 1, from `initial_state` (L, S, 1, H; None: zero) and look back.

    `targets` (T,) default to the next token each, and to `answer` at the last step; where that is None the
    likeliest token is taken (`assumed_answer`), or with `assume_answer=False` none (-1). `words` is the
    passage as text, `target_words` the targets' (default: the next word each, and `answer_word` or the
    answer's spelling), `spelling` every token by id. `needs` names optional fields, out of `NEEDS`;
    `token_kind` says what a token of this text is called. `overrides` act on the way forward and back; steps
    past the passage's end have no meaning.
    """
    ids = np.array(tokens, dtype=np.int64)
    passage = Passage(
        tokens=ids,
        targets=_targets(ids, targets, answer),
        words=tuple(words),
        target_words=None if target_words is None else tuple(target_words),
        answer_word=answer_word,
        named=targets is not None,
        assume_answer=assume_answer and targets is None,
        token_kind=token_kind,
    )
    state = model.zero_state(1) if initial_state is None else initial_state
    return look_back(model, passage, state, spelling, needs, step, generation, overrides)[0]


def look_back(
    model: LanguageModel,
    passage: Passage,
    state: Floats,
    spelling: Sequence[str],
    needs: frozenset[str],
    step: int,
    generation: int,
    overrides: Overrides | None = None,
) -> tuple[Trace, PassageErrors]:
    """The trace of a passage, and the errors behind it, from `state` (L, S, 1, H)."""
    T, targets = len(passage.tokens), passage.targets.copy()
    ws, backward = _kept.arrays(model, T)
    model.read(ws, passage.tokens[:, None], state, None, T, overrides)
    logits = logits_of(model, ws.hidden[-1][1:, 0])
    assumed = passage.assume_answer and int(targets[-1]) == NO_TARGET
    if assumed:
        targets[-1] = int(np.argmax(logits[-1]))
    predictions = predict(logits, targets)
    dtop = _error_of_top(model, predictions)
    errors = backward.run(model, ws, dtop, overrides)
    trace = Trace(
        step=step,
        generation=generation,
        cell_name=model.spec.cell,
        activation=model.spec.activation if model.cells[0].has_activation else "",
        recurrent=model.cells[0].recurrent,
        state_equation=model.cells[0].state_equation,
        gate_titles=model.cells[0].gate_titles,
        straight_gate=model.cells[0].straight_gate,
        tanh_gates=model.cells[0].tanh_gates,
        token_kind=passage.token_kind,
        words=np.array(passage.words, dtype=np.str_),
        tokens=passage.tokens,
        targets=targets,
        target_words=np.array(passage.target_words_for(targets, spelling), dtype=np.str_),
        assumed_answer=assumed,
        vocabulary_size=model.spec.vocabulary_size,
        **_forward_fields(model, ws),
        **_held_fields(model, T, overrides),
        **_prediction_fields(predictions, spelling, needs),
        **_backward_fields(model, errors),
        **_optional_fields(model, ws, backward, dtop, overrides, needs),
    )
    return trace, errors


def _targets(ids: Ids, targets: Sequence[int] | Ids | None, answer: int | None) -> Ids:
    if targets is not None:
        return np.array(targets, dtype=np.int64)
    return np.append(ids[1:], NO_TARGET if answer is None else answer)


def _error_of_top(model: LanguageModel, predictions: Predictions) -> NDArray[np.float64]:
    """dL_t/dh_t at the top layer, W_out^T dL_t/dlogits: (T, H)."""
    with np.errstate(all="ignore"):
        dtop: Floats = predictions.dlogits @ model.parameters.view("weight_out")
    return dtop.astype(np.float64)


def _forward_fields(model: LanguageModel, ws: Workspace) -> dict[str, Any]:
    """States, gates and slopes, layers side by side: (T+1, L, H) and (T, L, H)."""
    parts = model.spec.cell_class.state_parts
    states = [
        np.stack([run.state[s, : ws.length + 1, 0] for run in ws.runs], axis=1) for s in range(len(parts))
    ]
    out: dict[str, Any] = dict(zip(parts, states, strict=True))
    runs = list(zip(model.cells, ws.runs, strict=True))
    gates = [cell.gates(run, ws.length) for cell, run in runs]
    out["gates"] = {name: np.stack([g[name][:, 0] for g in gates], axis=1) for name in gates[0]}
    slopes = [slope[:, 0] for cell, run in runs if (slope := cell.slope(run, ws.length)) is not None]
    out["slope"] = np.stack(slopes, axis=1) if slopes else None
    out["saturation_high"], out["saturation_low"] = saturation(model, ws)
    return out


def _held_fields(model: LanguageModel, T: int, overrides: Overrides | None) -> dict[str, Any]:
    """What was held while the passage was read: see the Trace's fields."""
    if overrides is None:
        return {}
    L, H = model.spec.layers, model.spec.hidden
    held: dict[str, NDArray[np.bool_]] = {}
    for one in overrides.held:
        steps = slice(None) if one.steps is None else [step for step in one.steps if step < T]
        layers = slice(None) if one.layer is None else one.layer
        flags = held.setdefault(one.gate, np.zeros((T, L), dtype=np.bool_))
        flags[steps, layers] = True
    silenced = np.zeros((L, H), dtype=np.bool_)
    for layer, units in overrides.silenced.items():
        silenced[layer, list(units)] = True
    return {
        "held": held,
        "silenced": silenced if silenced.any() else None,
        "slope_held": overrides.slope_one and model.cells[0].has_activation,
    }


def _prediction_fields(
    predictions: Predictions, spelling: Sequence[str], needs: frozenset[str]
) -> dict[str, Any]:
    names = ("loss", "candidates", "candidate_probs", "target_prob", "target_place")
    out: dict[str, Any] = {name: getattr(predictions, name) for name in names}
    out["candidate_words"] = _kept.words(spelling, predictions.candidates)
    out["probs"] = predictions.probs if "probs" in needs else None
    return out


def _backward_fields(model: LanguageModel, errors: PassageErrors) -> dict[str, Any]:
    parts = model.spec.cell_class.state_parts
    out: dict[str, Any] = {f"dloss_d{part}": errors.dstate_sum[s] for s, part in enumerate(parts)}
    out["gradient_matrix"] = errors.gradient_matrix
    out["initial_gradient"] = errors.initial_gradient
    out["from_above"] = errors.from_above
    out["state_gradient_matrix"] = errors.gradient_matrix
    out.update(errors.paths)
    out["decay"] = decay(out["state_gradient_matrix"])
    out["half_life"] = half_life(out["decay"])
    out["one_percent_lag"] = one_percent_lag(out["decay"])
    out["lost_per_step"] = lost_per_step(out["decay"])
    return out


def _optional_fields(
    model: LanguageModel,
    ws: Workspace,
    backward: PassageBackward,
    dtop: NDArray[np.float64],
    overrides: Overrides | None,
    needs: frozenset[str],
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if "counterfactual_matrix" in needs and model.cells[0].has_activation and model.cells[0].recurrent:
        held = dataclasses.replace(overrides or Overrides(), slope_one=True)
        out["counterfactual_matrix"] = backward.run(model, ws, dtop, held).gradient_matrix
    if "spectrum" in needs:
        out["eigenvalues"] = eigenvalues(model)
        out["sigma_max"], out["spectral_radius"] = spectrum_bounds(model, out["eigenvalues"])
    if "jacobian" in needs:
        found = jacobian_singular_values(model, ws, backward.weights, overrides)
        out["jacobian_lags"], out["jacobian_singular_values"] = found
    return out
