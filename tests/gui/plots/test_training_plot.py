import gc
import sys
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.theme import LIGHT
from rnnviz.gui.views.plots.strips import STRIPS, wide_enough
from rnnviz.gui.views.plots.thinning import MOST_BLOCKS
from rnnviz.gui.views.plots.training import TrainingPlot
from rnnviz.gui.views.plots.unknown_past import unknown_past
from rnnviz.gui.views.series import Series

HERE = CursorState()


def series(n, **changes):
    rng = np.random.default_rng(0)
    step = np.arange(1, n + 1)
    norm = 2 + np.abs(rng.normal(0, 1.5, n))
    fields = {
        "step": step,
        "loss": 4 + 3 * np.exp(-step / 100) + rng.normal(0, 0.2, n),
        "grad_norm": norm,
        "clip_factor": np.minimum(1, 3 / norm),
        "tokens_per_s": 80_000 + rng.normal(0, 2000, n),
        "valid_step": step[49::50],
        "valid_loss": 4.2 + 3 * np.exp(-step[49::50] / 100),
        "valid_accuracy": np.linspace(0.05, 0.3, len(step[49::50])),
        "radius_step": step[::10],
        "radius": 1 + 0.4 * step[::10] / n,
        "guessing": float(np.log(2001)),
    }
    return Series(**{**fields, **changes})


@pytest.fixture
def plot(qtbot):
    plot = TrainingPlot()
    qtbot.addWidget(plot)
    plot.resize(398, 266)
    plot.set_theme(LIGHT)
    plot.show()
    return plot


def test_curves_are_the_series(plot):
    data = series(200)
    plot.show_moment(None, HERE, data)
    for strip in STRIPS:
        x, y = plot._raw[strip.field].getData()
        np.testing.assert_array_equal(x, getattr(data, strip.step_field))
        np.testing.assert_array_equal(y, getattr(data, strip.field))
    x, y = plot._valid_dots.getData()
    np.testing.assert_array_equal(x, data.valid_step)
    np.testing.assert_allclose(y, data.valid_loss)
    assert plot._guessing.getData()[1].tolist() == [data.guessing] * 2


def test_every_measured_panel_has_two_labels_at_least(plot):
    for n in (2, 20, 300, 700, 5000):
        plot.show_moment(None, HERE, series(n, run=n))
        plot.refresh()
        for strip in STRIPS:
            ticks = [value for value, _ in plot.panels[strip.field].ticks("left")]
            assert 2 <= len(ticks) <= 8, (n, strip.field, ticks)


def test_every_curve_lies_within_its_panel(plot):
    data = series(700)
    plot.show_moment(None, HERE, data)
    for strip in STRIPS:
        x0, x1, y0, y1 = plot.panels[strip.field].range
        values = getattr(data, strip.field)
        assert (x0, x1) == (0, 800) and y0 <= values.min() and values.max() <= y1
    assert plot.panels["loss"].range[3] > data.guessing


def test_headings_say_the_present_numbers_with_their_units(plot):
    data = series(200)
    plot.show_moment(None, HERE, data)
    said = plot.headings()
    assert said["loss"] == f"loss, nats per word · validation {data.valid_loss[-1]:.2f}, 30 % right"
    assert f"{data.grad_norm[-1]:.3g}" in said["grad_norm"]
    assert said["tokens_per_s"] == f"{data.tokens_per_s[-1]:,.0f} words a second"
    clipped = np.append(data.clip_factor[:-1], 0.25)
    plot.show_moment(None, HERE, replace(data, clip_factor=clipped, unit="nats per character"))
    assert "clipped to × 0.25" in plot.headings()["grad_norm"]
    assert "characters a second" in plot.headings()["tokens_per_s"]


def test_the_number_under_the_mouse_is_read(plot):
    data = series(200, chance=0.25)
    plot.show_moment(None, HERE, data)
    plot.grab()
    for strip in STRIPS:
        area = plot.panels[strip.field].area()
        at = QPointF(area.left() + area.width() / 2, area.center().y())
        steps = getattr(data, strip.step_field)
        nearest = int(np.abs(steps - 100).argmin())
        said = plot.reading_at(at)
        assert said.startswith(f"update {steps[nearest]}: ")
        value = getattr(data, strip.field)[nearest]
        text = {
            "loss": f"{value:.3f} nats per word",
            "valid_accuracy": f"{100 * value:.1f} % of the answers right",
            "grad_norm": f"{value:.3g} before clipping",
            "radius": f"{value:.3f}",
            "tokens_per_s": f"{value:,.0f} words a second",
        }[strip.field]
        assert text in said
    assert plot.reading_at(QPointF(1, 1)) == ""


def test_a_run_that_starts_over_begins_a_new_curve(plot):
    plot.show_moment(None, HERE, series(500))
    fresh = series(700, loss=np.full(700, 1.25), run=1)
    plot.show_moment(None, HERE, fresh)
    assert set(plot._raw["loss"].getData()[1]) == {1.25}


def test_numbers_that_are_none_leave_a_gap(plot):
    data = series(50)
    loss = data.loss.copy()
    loss[-1] = np.nan
    plot.show_moment(
        None, HERE, replace(data, loss=loss, valid_loss=np.full(1, np.nan), valid_step=np.array([9]))
    )
    assert np.isnan(plot._raw["loss"].getData()[1][-1])
    assert len(plot._valid_dots.getData()[0]) == 0
    plot.grab()


def test_before_training_it_says_what_to_do(plot):
    plot.show_moment(None, HERE, Series())
    assert "press Train" in plot.why_empty() and plot._empty.isVisible()
    plot.show_moment(None, HERE, series(1))
    assert not plot._empty.isVisible()


def test_the_axis_ends_at_round_numbers_and_seldom_moves():
    ends = [wide_enough(n) for n in range(1, 100_000)]
    assert all(end >= n for n, end in enumerate(ends, 1))
    assert len(set(ends)) < 50
    assert wide_enough(700) == 800 and wide_enough(10) == 10


def test_painting_keeps_the_count_of_none_steady_over_300_frames(plot):
    full = series(1000)
    names = [s.field for s in STRIPS if s.step_field == "step"] + ["step", "clip_factor"]
    frames = [replace(full, **{name: getattr(full, name)[: 700 + i] for name in names}) for i in range(300)]
    plot.show_moment(None, HERE, frames[0])
    plot.chart.viewport().repaint()
    gc.collect()  # what earlier tests left behind holds None, too
    before = sys.getrefcount(None)
    for frame in frames:
        plot.show_moment(None, HERE, frame)
        plot.refresh()
        plot.chart.viewport().repaint()
        QApplication.processEvents()
    gc.collect()
    change = sys.getrefcount(None) - before
    assert -100 < change < 100 * len(frames), "PySide6 6.12.0 loses 12 a frame; a small gain does no harm"
    assert plot.times_drawn >= 300


class HeldClock:
    """What goes by only when the test says so, in milliseconds."""

    def __init__(self):
        self.now = 0

    def elapsed(self):
        return self.now

    def restart(self):
        self.now = 0


def test_it_draws_ten_times_a_second_and_never_forgets_the_last(plot, qtbot, monkeypatch):
    full, clock = series(1000), HeldClock()
    names = [s.field for s in STRIPS if s.step_field == "step"] + ["step", "clip_factor"]
    monkeypatch.setattr(plot, "_since", clock)
    plot.show_moment(None, HERE, series(1))
    drawn = plot.times_drawn
    for i in range(901, 1001):
        clock.now += 9
        plot.show_moment(None, HERE, replace(full, **{name: getattr(full, name)[:i] for name in names}))
    assert plot.times_drawn == drawn + 8, "in 900 milliseconds, each time when 108 have gone by"
    assert plot._raw["loss"].getData()[0].size == 996
    qtbot.waitUntil(lambda: plot._raw["loss"].getData()[0].size == 1000)


def test_a_million_updates_are_drawn_with_as_few_points_as_a_thousand(plot):
    full = series(1_000_000)
    names = [s.field for s in STRIPS if s.step_field == "step"] + ["step", "clip_factor"]
    for n in (999_999, 1_000_000):
        plot.show_moment(None, HERE, replace(full, **{name: getattr(full, name)[:n] for name in names}))
        plot.refresh()
    assert plot.thinned["loss"].seen == 1_000_000
    for strip in STRIPS:
        assert plot._raw[strip.field].getData()[0].size <= 2 * MOST_BLOCKS
        assert plot._smooth[strip.field].getData()[0].size <= MOST_BLOCKS


def test_the_right_answers_of_every_update_are_drawn_beside_those_held_back(plot):
    live = np.where(np.arange(200) % 2, 0.5, 0.7)
    plot.show_moment(None, HERE, series(200, chance=0.25, accuracy=live, run=1))
    plot.grab()
    x, y = plot._answers_smooth.getData()
    assert len(x) == 200 and abs(y[100] - 0.6) < 0.05
    shown = f"{100 * y[-1]:.0f}"
    assert plot.headings()["valid_accuracy"] == f"right answers {shown} % · held back 30 % · guessing 25 %"


def test_the_right_answers_of_a_memory_task_have_a_panel_of_their_own(plot):
    plot.show_moment(None, HERE, series(200))
    panel, loss = plot.panels["valid_accuracy"], plot.panels["loss"]
    height = loss.area().height()
    assert not panel.shown and not panel.item.isVisible()
    data = series(200, chance=0.25, unit="nats per answer", run=1)
    plot.show_moment(None, HERE, data)
    plot.grab()
    assert panel.shown and panel.area().height() > 20 and loss.area().height() < height - 10
    assert panel.area().left() == loss.area().left() and panel.area().right() == loss.area().right()
    x, y = plot._smooth["valid_accuracy"].getData()
    np.testing.assert_array_equal(x, data.valid_step)
    np.testing.assert_allclose(y, data.valid_accuracy)
    assert plot._chance.getData()[1].tolist() == [0.25, 0.25]
    assert plot.headings()["valid_accuracy"] == "right answers 30 % · guessing 25 %"
    px, py = panel.to_pixels(np.array([100.0]), np.array([0.15]))
    assert plot.reading_at(QPointF(px[0], py[0])) == (
        f"update 100: {100 * data.valid_accuracy[1]:.1f} % of the answers right on text that was held back"
    )
    plot.show_moment(None, HERE, series(200, run=2))
    plot.grab()
    assert not panel.shown and loss.area().height() == pytest.approx(height, abs=1)


def test_what_a_file_does_not_tell_of_the_past_is_said(plot, make_trace):
    plot.show_moment(make_trace(step=1000), HERE, Series())
    assert plot.why_empty() == (
        "This network comes from a file, which holds no curves of its 1,000 updates: press Train, and those "
        "that follow appear here."
    )
    plot.show_moment(make_trace(step=0), HERE, Series())
    assert "Nothing was trained yet" in plot.why_empty()


def test_the_updates_before_a_network_was_opened_are_hatched(plot):
    data = series(1200)
    late = {name: getattr(data, name)[1000:] for name in ("step", "loss", "grad_norm", "tokens_per_s")}
    late |= {"clip_factor": data.clip_factor[1000:], "valid_step": data.valid_step[20:], "run": 1}
    late |= {"valid_loss": data.valid_loss[20:], "valid_accuracy": data.valid_accuracy[20:]}
    late |= {"radius_step": data.radius_step[100:], "radius": data.radius[100:]}

    def inks_before(shown):
        plot.show_moment(None, HERE, shown)
        plot.refresh()
        area = plot.panels["tokens_per_s"].area()
        picture = plot.chart.grab().toImage()
        row = int(area.top() + 0.7 * area.height())  # below the curve
        xs = range(int(area.left()) + 2, int(area.left() + 0.8 * area.width()))
        assert plot.reading_at(QPointF(area.left() + 0.4 * area.width(), row)).startswith("update")
        return {picture.pixelColor(x, row).name() for x in xs}

    plain = inks_before(data)
    hatched = inks_before(replace(data, **late))
    assert plain == {LIGHT.panel} and len(hatched) > 1
    area = plot.panels["loss"].area()
    said = plot.reading_at(QPointF(area.left() + 0.4 * area.width(), area.center().y()))
    assert said == "updates 1 to 1,000: no curve in the file"
    assert unknown_past(replace(data, step=data.step + 3)) == 0, "thinned, not resumed"
