"""What holds for every panel: names for screen readers, the keyboard reaches all, contrast, no colour."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from rnnviz.gui.controls import (
    Active,
    AskLine,
    CausePanel,
    CauseShown,
    GateShown,
    HeldBar,
    LoadingBar,
    Message,
    Notice,
    Progress,
    Rail,
    SlowMotionBar,
    StatusLine,
    Toolbar,
    ToolbarState,
)
from rnnviz.gui.controls.icons import SYMBOLS, icon
from rnnviz.gui.controls.switch import Switch
from rnnviz.gui.theme import DARK, LIGHT, THEMES, Theme
from rnnviz.training import HoldSlope, SilenceUnit

Dress = Callable[..., Any]
ACTIVE = (Active("unit 3 silenced", SilenceUnit(2, 0)), Active("f′ held at 1", HoldSlope()))
OPERABLE = (QPushButton, QLineEdit, QComboBox, QAbstractSlider, Switch)


def toolbar(theme: Theme) -> Toolbar:
    bar = Toolbar(theme)
    bar.set_samples([("Rulers", "Who ruled what", "rulers")])
    bar.set_state(ToolbarState(can_train=True, can_step=True, can_start_over=True, can_slow=True))
    return bar


def rail(theme: Theme) -> Rail:
    panel = Rail(theme)
    panel.more_button.click()
    panel.offer_undo(True)
    return panel


def ask(theme: Theme) -> AskLine:
    line = AskLine(theme)
    line.show_passage("The king of", "France", False)
    line.show_position(1, 3, "word")
    return line


def status(theme: Theme) -> StatusLine:
    line = StatusLine(theme)
    line.show_history(range(0, 100, 10), 100)
    line.show_progress(Progress("paused", 100, 40, 5.0, 5.0))
    return line


def notice(theme: Theme) -> Notice:
    bar = Notice(theme)
    bar.post(Message("warning", "What is wrong.", "What to do.", (("Do it", "do"),)))
    return bar


def loading(theme: Theme) -> LoadingBar:
    bar = LoadingBar(theme)
    bar.show_loading("war_and_peace.txt", 0.4)
    return bar


def cause(theme: Theme) -> CausePanel:
    panel = CausePanel(theme)
    gates = tuple(GateShown(letter, f"{letter} gate", level=0.5) for letter in "if")
    panel.show_cause(
        CauseShown(
            radius=1.2, radius_reason="", bias_reason="", gates=gates, gates_reason="", slope_reason="",
            units=8, unit_reason="", active=ACTIVE, undo="unit 3 silenced",
        )
    )  # fmt: skip
    return panel


def held(theme: Theme) -> HeldBar:
    bar = HeldBar(theme)
    bar.show_held(ACTIVE, "ghost of update 240")
    return bar


PANELS: list[tuple[Callable[[Theme], QWidget], int, int]] = [
    (toolbar, 1280, 44), (rail, 170, 900), (ask, 712, 41), (status, 1280, 31), (notice, 712, 60),
    (loading, 712, 50), (SlowMotionBar, 712, 70), (cause, 232, 645), (held, 712, 26),
]  # fmt: skip
EACH = pytest.mark.parametrize(
    ("make", "width", "height"), PANELS, ids=lambda value: getattr(value, "__name__", "")
)


def operable(panel: QWidget) -> list[QWidget]:
    widgets = [w for w in panel.findChildren(QWidget) if isinstance(w, OPERABLE)]
    return [w for w in widgets if w.isVisible() and w.isEnabled() and not isinstance(w, QScrollBar)]


@EACH
def test_everything_that_can_be_operated_has_a_name(
    dressed: Dress, make: Callable[[Theme], QWidget], width: int, height: int
) -> None:
    panel = dressed(make(LIGHT), width, height)
    widgets = operable(panel)
    assert widgets
    for widget in widgets:
        assert widget.accessibleName().strip(), widget
        assert not isinstance(widget, QPushButton) or widget.toolTip() or widget.text(), widget


@EACH
def test_tab_reaches_everything(
    dressed: Dress, qtbot: QtBot, make: Callable[[Theme], QWidget], width: int, height: int
) -> None:
    panel = dressed(make(LIGHT), width, height)
    wanted = set(operable(panel))
    reached: set[QWidget] = set()
    for _ in range(2 * len(wanted) + 4):
        qtbot.keyClick(QApplication.focusWidget() or panel, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if focused is not None:
            reached.add(focused)
    assert not {w.accessibleName() for w in wanted - reached}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@EACH
def test_focus_is_seen(
    dressed: Dress, make: Callable[[Theme], QWidget], width: int, height: int, theme: Theme
) -> None:
    panel = dressed(make(theme), width, height, theme)
    for widget in operable(panel):
        panel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        panel.setFocus()
        without = pixels(panel)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if isinstance(widget, QLineEdit):
            widget.deselect()
        changed = np.abs(pixels(panel).astype(int) - without.astype(int)).max(axis=2) > 60
        assert changed.sum() >= 20, widget.accessibleName()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize(("make", "width", "height"), [PANELS[0], PANELS[1], PANELS[6], PANELS[5]])
def test_controls_are_ink_and_grey(
    dressed: Dress, make: Callable[[Theme], QWidget], width: int, height: int, theme: Theme
) -> None:
    image = pixels(dressed(make(theme), width, height, theme)).astype(int)
    assert (image.max(axis=2) - image.min(axis=2)).max() <= 40


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_text_has_contrast_on_every_ground_of_the_controls(theme: Theme) -> None:
    for text in (theme.ink, theme.quiet):
        for ground in (theme.panel, theme.field, theme.ground):
            assert contrast(text, ground) >= 4.5, (text, ground)
    for text in (theme.right, theme.failure):
        assert contrast(text, theme.panel) >= 4.5
    assert contrast(theme.on_ink, theme.ink) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_qt_understands_the_whole_style_sheet(dressed: Dress, qtlog: Any, theme: Theme) -> None:
    for make, width, height in PANELS:
        dressed(make(theme), width, height, theme)
    said = [record.message for record in qtlog.records if "This plugin does not" not in record.message]
    assert said == []


@pytest.mark.parametrize("name", SYMBOLS)
def test_every_symbol_is_drawn_sharp_at_every_scale(qtbot: QtBot, name: str) -> None:
    for scale in (1.0, 2.0, 3.0):
        picture = icon(name, LIGHT.ink, LIGHT.quiet).pixmap(QSize(14, 14), scale)
        assert picture.width() == round(14 * scale)
        assert (array(picture.toImage())[:, :, 3] > 128).sum() > 6 * scale**2


@EACH
def test_the_theme_can_change_while_shown(
    dressed: Dress, make: Callable[[Theme], QWidget], width: int, height: int
) -> None:
    changed = dressed(make(LIGHT), width, height, DARK)
    changed.set_theme(DARK)
    fresh = dressed(make(DARK), width, height, DARK)
    for panel in (changed, fresh):
        panel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        panel.setFocus()
    QApplication.processEvents()
    assert np.array_equal(pixels(changed), pixels(fresh))


def pixels(widget: QWidget) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return array(widget.grab().toImage())[:, :, :3]


def array(image: QImage) -> np.ndarray[Any, np.dtype[np.uint8]]:
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(image.constBits(), dtype=np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()].copy()


def contrast(text: str, ground: str) -> float:
    """Contrast ratio after WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
