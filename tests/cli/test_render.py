import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from rnnviz.cli import main
from rnnviz.cli.render import VIEWS
from tests.cli.running import SMALL, Run

FOUR_LANES = (
    "--lane", "--cell rnn", "--lane", "--activation sigmoid", "--lane", "--cell lstm", "--lane", "--cell gru",
)  # fmt: skip

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    for name in ("QT_SCALE_FACTOR", "QT_FONT_DPI"):
        monkeypatch.setenv(name, "1")
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def race_checkpoint(text: Path) -> Path:
    """Four networks that have done 20 updates side by side."""
    path = text.parent / "race.safetensors"
    argv = ["train", str(text), *FOUR_LANES, *SMALL, "--steps", "20", "--json", "--save", str(path)]
    assert main(argv) == 0
    return path


def _colours(path: Path) -> int:
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32)
    return len(np.unique(pixels))


@pytest.mark.parametrize("view", [view for view in VIEWS if view not in ("window", "training", "experiment")])
def test_each_view_is_drawn_as_png_and_svg(rnnviz: Run, checkpoint: Path, tmp_path: Path, view: str) -> None:
    picture, drawing = tmp_path / "x.png", tmp_path / "x.svg"
    passage = ("--passage", "Napoleon was the Emperor of")
    drawn = rnnviz("render", checkpoint, "--view", view, "--out", picture, "--size", "400x300", *passage)
    assert drawn.status == 0, drawn.err
    assert drawn.err == ""
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (400, 300)
    assert _colours(picture) > 5, "something is drawn"
    assert rnnviz("render", checkpoint, "--view", view, "--out", drawing, *passage).status == 0
    root = ElementTree.parse(drawing).getroot()
    words = "".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert words, "text is text"
    assert root.get("viewBox", "") == "0 0 1280 720"


def test_the_training_curves_are_drawn_from_the_text(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    argv = ("render", text, *SMALL, "--view", "training", "--train", 90, "--out", path, "--size", "400x300")
    assert rnnviz(*argv).status == 0
    assert _colours(path) > 5
    first = path.read_bytes()
    assert rnnviz(*argv).status == 0
    assert path.read_bytes() == first, "no clock is in the picture"


def test_size_times_scale_are_the_pixels(rnnviz: Run, checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    for scale, pixels in (("1.5", (450, 300)), ("2", (600, 400))):
        argv = ("render", checkpoint, "--view", "error", "--out", path, "--size", "300x200", "--scale", scale)
        assert rnnviz(*argv).status == 0
        image = QImage(str(path))
        assert (image.width(), image.height()) == pixels


def test_dark_is_dark(rnnviz: Run, checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    for view in ("loss", "softmax"):
        for theme, is_dark in (("dark", True), ("light", False)):
            rnnviz("render", checkpoint, "--view", view, "--out", path, "--theme", theme)
            image = QImage(str(path))
            assert (image.pixelColor(image.width() - 3, image.height() - 3).lightness() < 128) is is_dark


def test_the_window_of_an_example_is_drawn_by_the_program(tmp_path: Path) -> None:
    from rnnviz.text import samples

    sizes = {}
    for name in ("a.png", "b.png", "c.svg"):
        out = tmp_path / name
        done = subprocess.run(
            [
                sys.executable, "-m", "rnnviz", "render", str(samples()[0].path), "--view", "window",
                "--out", str(out), "--train", "2", "--scale", "1.5", "--theme", "dark",
            ],
            capture_output=True, text=True, timeout=100,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        sizes[name] = out.read_bytes()
    image = QImage(str(tmp_path / "a.png"))
    assert (image.width(), image.height()) == (1920, 1080)
    assert _colours(tmp_path / "a.png") > 50
    assert sizes["a.png"] == sizes["b.png"], "the same command draws the same picture"
    root = ElementTree.fromstring(sizes["c.svg"])
    words = {"".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")}
    assert {"Napoleon", "France", "Train", "emperors.txt"} <= words
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "no drawing uses the clip path of another"


def test_the_window_says_how_far_the_last_gradient_was_shortened(
    rnnviz: Run, text: Path, tmp_path: Path
) -> None:
    out = tmp_path / "x.svg"
    argv = ("render", text, *SMALL, "--view", "window", "--size", "1400x800", "--train", 20, "--out", out)
    assert rnnviz(*argv, "--clip", "0.05").status == 0
    assert re.search(r"clipped to [1-9]\d? %", _words_in(out))
    assert rnnviz(*argv, "--clip", "1000").status == 0
    assert "clipped" not in _words_in(out)


def test_a_network_that_knows_no_example_writes_its_own_passage(
    rnnviz: Run, tmp_path: Path, checkpoint: Path
) -> None:
    text = tmp_path / "other.txt"
    text.write_text("alpha beta gamma delta epsilon zeta eta theta . " * 60)
    path, out = tmp_path / "o.safetensors", tmp_path / "x.svg"
    rnnviz("train", text, *SMALL, "--steps", 5, "--json", "--save", path)
    assert rnnviz("render", path, "--view", "words", "--out", out).status == 0
    words = {"".join(text.itertext()) for text in ElementTree.parse(out).getroot().iter(f"{SVG}text")}
    assert words & {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "."}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--view", "heatmap"), "--view heatmap is unknown; there are: window, words"),
        (("--view", "loss", "--out", "x.jpg"), "must end in .png or .svg"),
        (("--view", "loss", "--out", "no/such/folder/x.png"), "there is no folder"),
        (("--view", "loss", "--size", "12"), "is not a width and height"),
        (("--view", "loss", "--size", "0x10"), "is not a width and height"),
        (("--view", "loss", "--scale", "nan"), "--scale"),
        (("--view", "loss", "--theme", "blue"), "--theme"),
        (("--view", "loss", "--size", "99999x99999"), "is too large"),
        (("--view", "loss", "--passage", " "), "--passage is empty"),
        (("--view", "window", "--size", "300x200"), "is too small for the window"),
        (("--view", "loss", "--train", "5"), "has no text in it to train on"),
        (("--view", "training"), "keeps no curves"),
        (("--view", "loss", "--hidden", "99"), "--hidden 99 contradicts"),
        (("--view", "loss", "--lane", "--cell gru"), "contradicts"),
    ],
)
def test_bad_use_is_one_line(
    rnnviz: Run, checkpoint: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    out = () if "--out" in options else ("--out", tmp_path / "x.png")
    assert said in rnnviz("render", checkpoint, *options, *out).error_line


def test_without_fonts_it_says_what_to_install(
    rnnviz: Run, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rnnviz.gui import render

    class NoFonts:
        @staticmethod
        def families() -> list[str]:
            return []

    monkeypatch.setattr(render, "QFontDatabase", NoFonts)
    said = rnnviz("render", checkpoint, "--view", "loss", "--out", tmp_path / "x.png").error_line
    assert "fonts-dejavu-core" in said


def _words_in(path: Path) -> str:
    root = ElementTree.parse(path).getroot()
    return " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("view", [view for view in VIEWS if view != "experiment"])
def test_each_view_of_a_race_draws_every_lane(
    rnnviz: Run, race_checkpoint: Path, text: Path, tmp_path: Path, view: str
) -> None:
    drawing, passage = tmp_path / "x.svg", ("--passage", "Napoleon was the Emperor of")
    source: tuple[object, ...] = (race_checkpoint,)
    if view == "training":
        source = (text, *FOUR_LANES, *SMALL, "--train", 20)
    drawn = rnnviz("render", *source, "--view", view, "--out", drawing, *passage)
    assert drawn.status == 0, drawn.err
    words = _words_in(drawing)
    lanes = ("tanh RNN", "sigmoid RNN", "LSTM", "GRU")
    missing = [lane for lane in lanes if lane not in words]
    assert not missing or view == "words", "the words are the same in all lanes, and stand there once"


def test_a_lane_that_broke_says_why_in_the_place_of_its_view(rnnviz: Run, text: Path, tmp_path: Path) -> None:
    breaks = "--cell rnn --activation relu --optimizer sgd --lr 100 --clip 0"
    for view in ("error", "why", "decay", "training"):
        out = tmp_path / f"{view}.svg"
        argv = ("render", text, "--lane", breaks, "--lane", "--cell gru", *SMALL, "--train", 30)
        done = rnnviz(*argv, "--hidden", 40, "--window", 12, "--view", view, "--out", out)
        assert done.status == 0, done.err
        words = _words_in(out)
        assert "relu RNN" in words and "GRU" in words
        assert ("the gradient exploded" if view in ("error", "why") else "dropped out") in words
