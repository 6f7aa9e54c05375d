"""Where the panels stand in the window."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rnnviz.gui.pages import Pages

INSPECTOR_SHARE = 398 / 1280
NARROWEST_INSPECTOR, WIDEST_INSPECTOR = 330, 560


def page_of(
    bars: tuple[QWidget, QWidget],
    rails: tuple[QWidget, ...],
    middle: QVBoxLayout,
    inspectors: tuple[QWidget, ...],
    pages: Pages,
) -> QWidget:
    """A rail at the left, the picture in the middle, an inspector at the right, as the first page.

    The bars stand above and below whichever page is in sight.
    """
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    for rail in rails:
        row.addWidget(rail)
    row.addLayout(middle, 1)
    for inspector in inspectors:
        row.addWidget(inspector, 1)  # as wide as its greatest width lets it
        inspector.setMinimumWidth(NARROWEST_INSPECTOR)
    page = column_of(bars[0])
    network = QWidget()
    network.setLayout(row)
    pages.add_network(network)
    page.addWidget(pages, 1)
    page.addWidget(bars[1])
    central = QWidget()
    central.setLayout(page)
    return central


def column_of(*widgets: QWidget, growing: tuple[QWidget, ...] = ()) -> QVBoxLayout:
    """Widgets under each other without a gap; those that grow take the height that is left."""
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, 1 if widget in growing else 0)
    return column


def fit_inspectors(inspectors: tuple[QWidget, ...], width: int) -> None:
    """Keep their share of the window's width. Their least width stays, or the window could not shrink."""
    share = round(width * INSPECTOR_SHARE)
    for inspector in inspectors:
        inspector.setMaximumWidth(min(max(NARROWEST_INSPECTOR, share), WIDEST_INSPECTOR))
