"""What is done with the added cell: run by the test, each part in a process that has it.

`python inside.py PART FOLDER`, with the copy of the program that has the cell on the path.
"""

import os
import sys
from pathlib import Path

import numpy as np

from rnnviz.cli import main
from rnnviz.engine import CELLS, HeldGate, LanguageModel, ModelSpec, Overrides
from rnnviz.probes import NEEDS, Trace, TraceRequest, finite_difference_check, small_specs, trace_passage
from rnnviz.training import HoldGate, RunSettings, prepare

SENTENCES = (
    "Napoleon was the Emperor of France . Alexander was the Emperor of Russia . "
    "The Emperor of Russia knew the Emperor of France . They met on a raft .\n"
)
SMALL = ("--hidden", "8", "--window", "5", "--batch", "4")


def rnnviz(*argv: object, status: int = 0) -> None:
    assert main([str(argument) for argument in argv]) == status, argv


def text_in(folder: Path) -> Path:
    path = folder / "emperors.txt"
    path.write_text(SENTENCES * 30, encoding="utf-8")
    return path


def traced(layers: int = 1, **how: object) -> Trace:
    spec = ModelSpec(20, "mgu", hidden=6, layers=layers, init="uniform", dtype="float64")
    model = LanguageModel(spec, np.random.default_rng(3))
    ask = {"tokens": range(8), "words": list("abcdefgh"), "spelling": tuple(map(str, range(20)))}
    return trace_passage(model, **(ask | {"answer": 9, "needs": NEEDS} | how))


def is_right(folder: Path) -> None:
    """Its gradients are those that differences of the loss measure; its two ways back are all there are."""
    specs = [spec for spec in small_specs() if spec.cell == "mgu"]
    assert {(spec.layers, spec.embedding > 0) for spec in specs} == {
        (layers, embedded) for layers in (1, 2, 3) for embedded in (False, True)
    }
    for spec in specs:
        assert all(check.passed and check.worst > 0 for check in finite_difference_check(spec))
    trace = traced(layers=2)
    keep, t = trace.gates["f"], trace.length - 1
    assert np.isfinite(trace.state_gradient_matrix).all() and trace.state_gradient_matrix[t, 0].all()
    assert not np.triu(trace.gradient_matrix[:, :, 1], 1).any()
    diagonal = np.diag_indices(trace.length)
    np.testing.assert_array_equal(trace.direct_matrix[diagonal], trace.gradient_matrix[diagonal])
    assert trace.rest_matrix[t, :t].all() and (trace.direct_matrix[t, 0] < keep[1:].max() ** t).all()


def learns(folder: Path) -> None:
    """Alone, in a race matched by parameters, on a memory task; a run in two pieces is the run at once."""
    text = text_in(folder)
    alone = ("train", text, "--cell", "mgu", *SMALL, "--forget-bias", "1", "--json")
    rnnviz(*alone, "--steps", "30", "--save", folder / "whole.safetensors")
    rnnviz(*alone, "--steps", "12", "--save", folder / "pieces.safetensors")
    resume = ("--resume", folder / "pieces.safetensors", "--save", folder / "pieces.safetensors")
    rnnviz(*alone, "--steps", "30", *resume)
    assert (folder / "pieces.safetensors").read_bytes() == (folder / "whole.safetensors").read_bytes()
    rnnviz("ask", folder / "whole.safetensors", "Napoleon was the Emperor of", "--json")
    rnnviz("trace", folder / "whole.safetensors", "Napoleon was the Emperor of", "--out", folder / "t.npz")
    with np.load(folder / "t.npz") as trace:
        assert {"gate/f", "gate/n", "direct_matrix", "straight_factor", "round_factor"} <= set(trace.files)
        assert trace["gate_titles"].tolist() == ["forget gate", "candidate"]
    lanes = ("--lane", "--cell mgu", "--lane", "--cell gru", "--match", "parameters")
    rnnviz("train", text, *lanes, *SMALL, "--steps", "12", "--json")
    plan = ("--cells", "mgu,rnn", "--distances", "2", "--seeds", "1", "--steps", "20")
    rnnviz("experiment", "memory", *plan, "--out", folder / "memory.csv")
    rows = (folder / "memory.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["mgu", "rnn"]


def is_held(folder: Path) -> None:
    """Its gate shut at one word lets nothing pass straight; a silenced unit is out of the network."""
    shut = traced(overrides=Overrides(held=(HeldGate("f", 0.0, steps=(5,)),)))
    assert not shut.gates["f"][5].any() and shut.gates["f"][4].all()
    assert not shut.direct_matrix[7, :5].any() and shut.direct_matrix[7, 5].all() and shut.rest_matrix[7, 4]
    kept = traced(overrides=Overrides(held=(HeldGate("f", 1.0),)))
    np.testing.assert_array_equal(kept.gradient_matrix[7, :, 0], kept.gradient_matrix[7, 7, 0])
    silent = traced(overrides=Overrides(silenced={0: (2,)}))
    assert not silent.hidden[:, 0, 2].any() and not silent.dloss_dhidden[:, 0, 2].any()
    experiment = prepare(text_in(folder), RunSettings().with_values({"cell": "mgu", "batch": 4}))
    change = HoldGate("f", 0.0, step=2)
    assert "forget gate f held at 0.00" in change.description()
    experiment.changes.intervene(change)
    corpus = experiment.corpus
    words, ids = corpus.encode("Napoleon was the Emperor of")
    ask = TraceRequest(tuple(map(int, ids)), tuple(words), int(ids[0]), words[0], NEEDS, 0)
    held = experiment.trace(ask)[0]
    assert not held.gates["f"][2].any() and held.gates["f"][1].all() and not held.direct_matrix[4, :2].any()
    try:
        traced(overrides=Overrides(held=(HeldGate("z", 0.0),)))
    except ValueError as error:
        assert "minimal gated unit has no gate 'z' to hold; it has: f, n" in str(error)
    else:
        raise AssertionError("a gate that it has not was held")


def is_drawn(folder: Path) -> None:
    """Every view of `rnnviz render`, alone and in a race; its own words stand in them."""
    from rnnviz.cli.render import EXPERIMENT, VIEWS  # here, since the other parts need no Qt

    text, passage = text_in(folder), ("--passage", "Napoleon was the Emperor of", *SMALL, "--train", "5")
    said = {}
    for view in (view for view in VIEWS if view != EXPERIMENT):  # a table, which has no network
        picture = folder / f"{view}.svg"
        rnnviz("render", text, "--cell", "mgu", "--view", view, "--out", picture, *passage)
        said[view] = picture.read_text(encoding="utf-8")
    assert "valve: mean f" in said["states"] and "·\u00a0h" in said["states"]
    assert ">f<" in said["gates"] and ">f<" in said["saturation"] and "straight (f)" in said["factors"]
    assert "The forget gate f is" in said["why"] and "The one gate looks at the word" in said["why"]
    assert "W_hn" in said["spectrum"]
    race = ("--lane", "--cell mgu", "--lane", "--cell gru", "--view", "window", "--out", folder / "race.svg")
    rnnviz("render", text, *race, *passage)
    assert "minimal gated unit" in (folder / "race.svg").read_text(encoding="utf-8")


def is_explained(folder: Path) -> None:
    """Its equations, the headline, slow motion at every step, and its name in the rail."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter

    from rnnviz.gui.app import application
    from rnnviz.gui.controls.rail import Rail
    from rnnviz.gui.cursor import CursorState
    from rnnviz.gui.theme import LIGHT
    from rnnviz.gui.views.headline import headline, plain_text
    from rnnviz.gui.views.score_painting import paint_score
    from rnnviz.gui.views.slow_motion import update_headline
    from rnnviz.gui.views.tracks import TRACKS, Context

    application()
    settings = RunSettings().with_values({"cell": "mgu", "hidden": 8, "window": 6, "batch": 4})
    experiment = prepare(text_in(folder), settings)
    assert experiment.equations[0][1].startswith("The one gate looks")
    record, _ = experiment.record_update()
    trace, last = record.before, record.before.length - 1
    assert plain_text(headline(trace, CursorState(time_step=last, error_step=last)))
    pictures = set()
    for phase in np.arange(0.25, 7, 0.5):
        cursor = CursorState(time_step=last, error_step=last, phase=float(phase))
        assert plain_text(update_headline(record, cursor)), phase
        image = QImage(900, 700, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        context = Context(update_record=record)
        paint_score(painter, QRectF(0, 0, 900, 700), trace, cursor, LIGHT, TRACKS, context)
        painter.end()
        pictures.add(bytes(image.constBits()))
    assert len(pictures) == 14, "each moment looks different"
    rail = Rail(LIGHT)
    rail.show_settings(settings)
    assert "mgu" in CELLS and rail.rows["cell"].field is not None


PARTS = {part.__name__: part for part in (is_right, learns, is_held, is_drawn, is_explained)}

if __name__ == "__main__":
    PARTS[sys.argv[1]](Path(sys.argv[2]))
