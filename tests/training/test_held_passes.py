"""What is held acts on every pass of its lane, at the steps and in the sequences that it is held at."""

import dataclasses
import io

import numpy as np
import pytest

from rnnviz.engine import HeldGate, Overrides
from rnnviz.probes import npz_of, trace_arrays
from rnnviz.training import (
    HoldGate,
    HoldSlope,
    ScaleRecurrent,
    SilenceUnit,
    checkpoint,
)

from .runs import bits, request, small_experiment, small_text
from .test_interventions import parameters, trained
from .test_memory_tasks import on_task
from .test_race import race


def answers_under(experiment, overrides, batch):
    """(loss, right) of every answer of the validation part, each example read by itself."""
    model, ids = experiment.lanes[0].model, experiment.corpus.valid_ids
    examples, found = experiment.corpus.valid_examples, []
    S = (len(ids) - 1) // batch
    for b in range(batch):
        for place in range(b * S, (b + 1) * S):
            begun = np.flatnonzero(examples.starts[b * S : place + 1])
            if not examples.marked[place + 1] or not len(begun):
                continue
            tokens = ids[b * S + begun[-1] : place + 1, None].astype(np.intp)
            targets = np.full(tokens.shape, -1)
            targets[-1] = ids[place + 1]
            ws = model.workspace(len(tokens), 1)
            model.forward(ws, tokens, targets, model.zero_state(1), overrides=overrides)
            found.append((ws.mean_loss, ws.correct))
    return found


@pytest.mark.parametrize("window", [11, 4, 30])
@pytest.mark.parametrize("tokens", ["word", "char"])
@pytest.mark.parametrize(("cell", "gate"), [("lstm", "f"), ("gru", "n")])
def test_a_gate_held_at_one_step_is_held_at_that_step_of_every_validation_example(cell, gate, tokens, window):
    """Also where it begins in mid-window, elsewhere in each sequence, or in the window before."""
    experiment = on_task(cell=cell, layers=2, tokens=tokens, window=window, lr=0.05)
    trained(experiment, 8)
    free = experiment.validate()
    experiment.changes.intervene(HoldGate(gate, 0.0, step=3, layer=1))
    experiment.changes.intervene(SilenceUnit(2, 0))
    held = Overrides((HeldGate(gate, 0.0, layer=1, steps=(3,)),), {0: (2,)})
    wanted = answers_under(experiment, held, 3)
    found = experiment.validate()
    assert found.loss == pytest.approx(np.mean([loss for loss, _ in wanted]), rel=1e-12)
    assert found.accuracy == np.mean([right for _, right in wanted])
    assert found.loss != pytest.approx(free.loss, rel=1e-6)
    experiment.changes.undo()
    experiment.changes.undo()
    assert experiment.validate() == free


def test_a_gate_held_at_one_step_leaves_training_and_an_ordinary_text_s_validation_alone():
    experiment, free = small_experiment(cell="lstm"), small_experiment(cell="lstm")
    experiment.changes.intervene(HoldGate("f", 0.0, step=1))
    assert bits(trained(experiment, 20)) == bits(trained(free, 20))
    assert experiment.validate() == free.validate()
    experiment.changes.intervene(HoldGate("f", 0.0))
    assert experiment.validate().loss != free.validate().loss
    assert bits(trained(experiment, 1)) != bits(trained(free, 1))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("B", [1, 3])
def test_sequences_of_one_window_can_be_held_at_steps_of_their_own(cell, B):
    """Forward and back, as if each sequence were read by itself."""
    experiment = small_experiment(cell=cell, dtype="float64", batch=B)
    model, T = experiment.lanes[0].model, 6
    rng = np.random.default_rng(4)
    tokens, targets = rng.integers(0, 20, (2, T, B))
    places = {1: (0,), 3: tuple(range(B)), 4: (B - 1,)}
    gate = "f" if cell == "lstm" else "z"
    ws = model.workspace(T, B)
    held = Overrides((HeldGate(gate, 0.0, places=places),))
    model.forward(ws, tokens, targets, model.zero_state(B), overrides=held)
    model.backward(ws)
    together, loss = model.parameters.export("gradients"), ws.loss.copy()
    alone = dict.fromkeys(together, 0.0)
    for b in range(B):
        one = model.workspace(T, 1)
        steps = tuple(step for step, sequences in places.items() if b in sequences)
        own = Overrides((HeldGate(gate, 0.0, steps=steps),))
        here = slice(b, b + 1)
        model.forward(one, tokens[:, here], targets[:, here], model.zero_state(1), overrides=own)
        np.testing.assert_allclose(one.loss[:, 0], loss[:, b], rtol=1e-12)
        model.backward(one)
        for name, gradient in model.parameters.export("gradients").items():
            alone[name] = alone[name] + gradient / B
    for name, gradient in together.items():
        np.testing.assert_allclose(gradient, alone[name], rtol=1e-9, atol=1e-14)


def test_writing_on_goes_by_what_is_held():
    experiment = trained(small_experiment(cell="gru", hidden=4), 30)
    ids = tuple(request(experiment).tokens)
    free = experiment.write_on(ids, 12, 0.0, seed=1)
    for unit in range(4):
        experiment.changes.intervene(SilenceUnit(unit, 0))
    likeliest = int(np.argmax(parameters(experiment)["bias_out"]))  # all that is left without any unit
    assert experiment.write_on(ids, 12, 0.0, seed=1) == [likeliest] * 12
    for _ in range(4):
        experiment.changes.undo()
    assert experiment.write_on(ids, 12, 0.0, seed=1) == free


def test_a_gate_held_at_a_step_past_the_passage_is_held_where_the_network_writes_it():
    experiment = trained(small_experiment(cell="lstm", hidden=4), 30)
    ids = tuple(request(experiment).tokens)
    free = experiment.write_on(ids, 6, 0.0, seed=1)
    for gate in "if":  # at that step nothing is kept and nothing let in: the state is zero
        experiment.changes.intervene(HoldGate(gate, 0.0, step=len(ids) + 2))
    written = experiment.write_on(ids, 6, 0.0, seed=1)
    assert written[:3] == free[:3]
    assert written[3] == int(np.argmax(parameters(experiment)["bias_out"]))


def test_slow_motion_shows_the_update_as_it_is_made():
    experiment, plain = small_experiment(), small_experiment()
    for one in (experiment, plain):
        one.changes.intervene(SilenceUnit(1, 0))
        one.changes.intervene(HoldSlope())
    record, _ = experiment.record_update()
    plain.update()
    assert bits(experiment) == bits(plain)
    assert record.after is not None
    for trace in (record.before, record.after):
        assert trace.slope_held and not trace.hidden[1:, 0, 1].any()
    slope = record.before.slope_factor
    np.testing.assert_allclose(slope[np.isfinite(slope)], 1, rtol=1e-12)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_what_is_held_while_training_drops_out_is_held_all_the_same(cell):
    experiment = small_experiment(cell=cell, dropout=0.4, layers=2, optimizer="sgd", lr=0.3, clip=0.0)
    gate, rows = ("f", slice(5, 10)) if cell == "lstm" else ("r", slice(0, 5))
    experiment.changes.intervene(HoldGate(gate, 0.9))
    before = parameters(experiment)
    trained(experiment, 5)
    for name in ("weight_ih_l0", "weight_hh_l1", "bias_ih_l1"):
        np.testing.assert_array_equal(parameters(experiment)[name][rows], before[name][rows])
        assert not np.array_equal(parameters(experiment)[name], before[name])


# -- checkpoints ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_a_run_resumed_under_holds_goes_on_bit_for_bit(cell, tmp_path):
    held = [
        SilenceUnit(2, 1),
        *([HoldGate("i", 0.3), HoldGate("f", 0.5, step=2)] if cell == "lstm" else [HoldSlope()]),
    ]

    def begun():
        experiment = trained(small_experiment(cell=cell, layers=2, dropout=0.2, reset=0.3), 9)
        experiment.changes.intervene(ScaleRecurrent(1.4))
        for one in held:
            experiment.changes.intervene(one)
        return trained(experiment, 4)

    whole, path = trained(begun(), 10), tmp_path / "held.safetensors"
    checkpoint.save(begun(), path)
    read = checkpoint.read(path)
    assert read.held == tuple(held)
    resumed = read.experiment(small_text())
    assert resumed.changes.held == (tuple(held),)
    assert bits(trained(resumed, 10)) == bits(whole)
    assert resumed.validate() == whole.validate()
    again, at_once = tmp_path / "again", tmp_path / "at once"
    checkpoint.save(resumed, again)
    checkpoint.save(whole, at_once)
    assert again.read_bytes() == at_once.read_bytes()


def test_a_race_is_resumed_with_what_each_lane_holds(tmp_path):
    experiment = race({}, {"cell": "gru"}, {"cell": "lstm"})
    experiment.changes.intervene(HoldGate("z", 1.0), lane=1)
    experiment.changes.intervene(SilenceUnit(0, 0), lane=2)
    checkpoint.save(experiment, tmp_path / "race")
    resumed = checkpoint.read(tmp_path / "race").experiment(small_text())
    assert resumed.changes.held == ((), (HoldGate("z", 1.0),), (SilenceUnit(0, 0),))
    assert bits(trained(resumed, 5)) == bits(trained(experiment, 5))


def test_a_checkpoint_without_holds_says_nothing_of_them(tmp_path):
    experiment = trained(small_experiment(cell="lstm"), 3)
    checkpoint.save(experiment, tmp_path / "before")
    experiment.changes.intervene(HoldGate("f", 0.0))
    checkpoint.save(experiment, tmp_path / "held")
    experiment.changes.undo()
    checkpoint.save(experiment, tmp_path / "after")
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()
    assert (tmp_path / "before").read_bytes() != (tmp_path / "held").read_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"gate":"f"', b'"gate":"z"'),
        (b'"value":0.5', b'"value":9.5'),
        (b'"value":0.5', b'"value":"5"'),
        (b'"step":2', b'"step":-'),
        (b'"kind":"HoldGate"', b'"kind":"HoldGoat"'),
        (b'"layer":null', b'"layer":7777'),
        (b'"unit":1', b'"unit":9'),
        (b'"unit":1', b'"lump":1'),
        (b'"held":{"0":[', b'"held":{"0":{'),
    ],
)
def test_a_checkpoint_that_holds_what_cannot_be_is_refused(tmp_path, old, new):
    experiment = small_experiment(cell="lstm")
    experiment.changes.intervene(HoldGate("f", 0.5, step=2))
    experiment.changes.intervene(SilenceUnit(1, 0))
    path = tmp_path / "held.safetensors"
    checkpoint.save(experiment, path)
    escaped, other = (part.replace(b'"', b'\\"') for part in (old, new))
    whole = path.read_bytes()
    assert whole.count(escaped) >= 1
    path.write_bytes(whole.replace(escaped, other.ljust(len(escaped))[: len(escaped)], 1))
    with pytest.raises(checkpoint.NotACheckpoint, match="is damaged"):
        checkpoint.read(path)


def test_a_moment_in_the_history_knows_what_was_held():
    experiment = small_experiment(cell="lstm")
    experiment.changes.intervene(HoldGate("f", 0.5, step=2))
    trace = experiment.trace(request(experiment))[0]
    again = dataclasses.replace(trace, probs=None)
    assert again.held["f"][2, 0] and not again.held["f"].flags.writeable
    with np.load(io.BytesIO(npz_of(trace_arrays(trace)))) as written:
        np.testing.assert_array_equal(written["held/f"], trace.held["f"])
