"""What a right click and the Picture menu offer."""

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu

from tests.gui.exporting.hand import Hand, right_click, texts

CONTROL = Qt.KeyboardModifier.ControlModifier
CONTROL_SHIFT = CONTROL | Qt.KeyboardModifier.ShiftModifier
CLIP = QGuiApplication.clipboard


def test_a_right_click_on_a_plot_offers_its_picture_and_numbers(hand: Hand) -> None:
    chart = hand.window.inspector.plots["decay"].chart
    menu = right_click(chart.viewport(), QPoint(60, 40))
    assert texts(menu) == ["Copy picture", "Save picture…", "Save numbers…"]
    path = hand.names("decay.svg")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):  # by keys: a click that Qt 6.8 is
        hand.user.bot.keyClick(menu, key)  # told of in a test closes any menu
    hand.user.until(path.exists)
    assert hand.proposed.startswith("decay-") and QApplication.activePopupWidget() is None


def test_the_menu_of_a_track_offers_the_track_and_the_score(hand: Hand) -> None:
    score = hand.window.score
    rect = score.track_rect("error")
    menu = score.menu_at(QPointF(300, rect.center().y()))
    pictures = [m for m in menu.findChildren(QMenu) if m.title().startswith("Picture of")]
    assert [m.title() for m in pictures] == ["Picture of the score", "Picture of the track “error”"]
    path = hand.names("error.png")
    pictures[1].actions()[1].trigger()
    assert hand.proposed.startswith("error-")
    assert QImage(str(path)).width() == 2 * score.width() and QImage(str(path)).height() < score.height()
    by_keys = score.menu_at(None)
    found = [m.title() for m in by_keys.findChildren(QMenu) if m.title().startswith("Picture of")]
    assert "Picture of the track “all errors”" in found and len(found) == 8, "a plain RNN has no gates"
    menu.deleteLater()
    by_keys.deleteLater()


def test_the_picture_menu_names_the_view_and_reaches_every_other_one(hand: Hand) -> None:
    menu = hand.exporting.menu
    hand.window.score.setFocus()
    menu.aboutToShow.emit()
    assert texts(menu)[:3] == [
        "Copy picture of the score", "Save picture of the score…", "Save numbers of the score…",
    ]  # fmt: skip
    copying = next(action for action in menu.actions() if action.text().startswith("&Copy"))
    assert copying.shortcut() == QKeySequence(QKeySequence.StandardKey.Copy)
    others = [action.text() for action in hand.exporting.others.actions()]
    assert others[0] == "The score" and others[-1] == "The whole window"
    assert "The plot “Decay”" in others and "The track “loss”" in others
    assert menu.menuAction() in hand.window.toolbar.menu_button.menu().actions()


def test_a_menu_opened_again_keeps_nothing_of_the_one_before(hand: Hand) -> None:
    menus = []
    for _ in range(3):
        hand.exporting.menu.aboutToShow.emit()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        menus.append(len(hand.exporting.others.findChildren(QMenu)))
    assert menus == [len(hand.exporting.others.actions())] * 3


def test_a_plot_in_a_window_of_its_own_answers_to_the_same_keys(hand: Hand) -> None:
    hand.window.inspector.pull_out("decay")
    plot = hand.window.inspector.plots["decay"]
    hand.user.until(lambda: plot.isVisible())
    plot.window().activateWindow()
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    hand.user.until(lambda: QApplication.focusWidget() is plot)
    hand.user.bot.keyClick(plot, Qt.Key.Key_C, CONTROL)
    assert CLIP().image().width() == 2 * plot.width()
    plot.window().close()


# Pages of results.
def test_a_page_of_results_is_copied_and_saved_by_the_same_keys(hand: Hand) -> None:
    hand.window.pages.show_experiment()
    page = hand.window.pages.experiment
    hand.user.bot.keyClick(page.page, Qt.Key.Key_C, CONTROL)
    assert CLIP().image().width() == 2 * page.sheet.width()
    path = hand.names("memory.svg")
    hand.user.bot.keyClick(page.page, Qt.Key.Key_S, CONTROL_SHIFT)
    assert hand.proposed == "memory-experiment.png"
    assert "How far back can it remember?" in path.read_text(encoding="utf-8")
    assert page.page.said_label.whole == f"Saved as {path}."
