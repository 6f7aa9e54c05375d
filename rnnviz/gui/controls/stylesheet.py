"""The look of everything that can be operated: one style sheet and one palette for the whole window.

It goes over the fusion style. Controls are ink and grey, since colour belongs to the data. A widget says what
it is by dynamic properties: `role` on buttons ("primary", "icon", "link") and on labels ("quiet", "heading",
"right", "failure", "strong"), `panel` on containers, `wrong` on fields, `answer` on the field of the answer.
"""

from PySide6.QtGui import QColor, QPalette

from rnnviz.gui.theme import SIZE_TEXT, Theme, font

RADIUS_BUTTON, RADIUS_FIELD = 8, 6
BUTTON_HEIGHT, FIELD_HEIGHT = 28, 22
"""Outer heights in points."""

SCROLL_BAR_WIDTH = 8


def palette(theme: Theme) -> QPalette:
    """The colours that fusion itself paints with: selections, placeholders, tool tips."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, name in (
        (role.Window, theme.panel), (role.Base, theme.field), (role.AlternateBase, theme.ground),
        (role.Button, theme.panel), (role.ToolTipBase, theme.ink), (role.ToolTipText, theme.on_ink),
        (role.WindowText, theme.ink), (role.Text, theme.ink), (role.ButtonText, theme.ink),
        (role.PlaceholderText, theme.quiet), (role.BrightText, theme.on_ink), (role.Link, theme.ink),
        (role.Highlight, theme.ink), (role.HighlightedText, theme.on_ink), (role.Mid, theme.line),
        (role.Light, theme.panel), (role.Midlight, theme.faint), (role.Dark, theme.quiet),
        (role.Shadow, theme.line),
    ):  # fmt: skip
        made.setColor(which, QColor(name))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.quiet))
    return made


def stylesheet(theme: Theme) -> str:
    """The style sheet of the whole window in one theme; set it on the window or the application."""
    return "\n".join(
        part(theme) for part in (_surfaces, _labels, _buttons, _fields, _menus, _tabs, _sliders, _scroll_bars)
    )


def _type(size: int = SIZE_TEXT) -> str:
    families = ", ".join(f'"{family}"' for family in font(size).families())
    return f"font-family: {families}, sans-serif; font-size: {size}px;"


def _surfaces(theme: Theme) -> str:
    return f"""
QMainWindow, QDialog {{ background: {theme.ground}; color: {theme.ink}; }}
QMainWindow::separator {{ background: {theme.line}; width: 1px; height: 1px; }}
QSplitter::handle {{ background: {theme.line}; }}
QWidget[panel="plain"] {{ background: {theme.panel}; color: {theme.ink}; }}
QWidget[panel="top"] {{ background: {theme.panel}; border: none; border-bottom: 1px solid {theme.line}; }}
QWidget[panel="bottom"] {{ background: {theme.panel}; border: none; border-top: 1px solid {theme.line}; }}
QWidget[panel="side"] {{ background: {theme.panel}; border: none; border-right: 1px solid {theme.line}; }}
QWidget[panel="card"] {{
    background: {theme.panel}; border: 1px solid {theme.line}; border-radius: {RADIUS_BUTTON}px;
}}
QWidget[panel="raised"] {{
    background: {theme.panel}; border: 1px solid {theme.quiet}; border-radius: {RADIUS_BUTTON}px;
}}
QToolTip {{
    {_type()} background: {theme.ink}; color: {theme.on_ink}; border: 1px solid {theme.ink}; padding: 4px 6px;
}}
QProgressBar {{
    background: {theme.faint}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
}}
QProgressBar::chunk {{ background: {theme.quiet}; border-radius: 2px; }}
"""


def _labels(theme: Theme) -> str:
    # No font here: a rule for QLabel would override what a widget sets by theme.font().
    return f"""
QLabel {{ color: {theme.ink}; background: transparent; }}
QLabel[role="quiet"], QLabel[role="heading"] {{ color: {theme.quiet}; }}
QLabel[role="right"] {{ color: {theme.right}; }}
QLabel[role="failure"] {{ color: {theme.failure}; }}
"""


def _buttons(theme: Theme) -> str:
    return f"""
QPushButton, QToolButton {{
    {_type()} color: {theme.ink}; background: {theme.panel}; border: 1px solid {theme.line};
    border-radius: {RADIUS_BUTTON}px; padding: 0 9px; min-height: {BUTTON_HEIGHT - 2}px;
}}
QPushButton:hover, QToolButton:hover {{ background: {theme.field}; border-color: {theme.quiet}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {theme.faint}; }}
QPushButton:checked, QToolButton:checked {{
    background: {theme.field}; border: 1px solid {theme.ink};
}}
QPushButton:disabled, QToolButton:disabled {{
    color: {theme.quiet}; background: {theme.panel}; border: 1px dashed {theme.line};
}}
QPushButton:focus, QToolButton:focus {{
    border: 2px solid {theme.ink}; padding: 0 8px; min-height: {BUTTON_HEIGHT - 4}px;
}}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[role="primary"] {{
    color: {theme.on_ink}; background: {theme.ink}; border: 1px solid {theme.ink}; font-weight: 600;
}}
QPushButton[role="primary"]:hover {{ background: {theme.ink}; border: 1px solid {theme.quiet}; }}
QPushButton[role="primary"]:pressed {{ background: {theme.quiet}; }}
QPushButton[role="primary"]:disabled {{
    color: {theme.quiet}; background: {theme.field}; border: 1px dashed {theme.line};
}}
QPushButton[role="primary"]:focus {{
    border: 1px solid {theme.ink}; padding: 0 9px; min-height: {BUTTON_HEIGHT - 2}px;
}}
QPushButton[role="small"] {{ padding: 0 7px; min-height: {FIELD_HEIGHT}px; border-radius: {RADIUS_FIELD}px; }}
QPushButton[role="small"]:focus {{ padding: 0 6px; min-height: {FIELD_HEIGHT - 2}px; }}
QPushButton[role="icon"] {{ padding: 0; min-width: 24px; max-width: 24px; }}
QPushButton[role="icon"]:focus {{ padding: 0; min-width: 22px; max-width: 22px; }}
QPushButton[role="bare"], QPushButton[role="link"] {{
    background: transparent; border: 1px solid transparent; border-radius: {RADIUS_FIELD}px; padding: 0 3px;
    min-height: 20px;
}}
QPushButton[role="link"] {{ text-decoration: underline; }}
QPushButton[role="bare"]:hover, QPushButton[role="link"]:hover {{ background: {theme.field}; }}
QPushButton[role="bare"]:focus, QPushButton[role="link"]:focus {{
    border: 2px solid {theme.ink}; padding: 0 2px; min-height: 18px;
}}
"""


def _fields(theme: Theme) -> str:
    return f"""
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit, QAbstractSpinBox {{
    {_type()} color: {theme.ink}; background: {theme.field}; border: 1px solid {theme.line};
    border-radius: {RADIUS_FIELD}px; padding: 0 6px; selection-background-color: {theme.ink};
    selection-color: {theme.on_ink};
}}
QLineEdit, QComboBox {{ min-height: {FIELD_HEIGHT - 2}px; placeholder-text-color: {theme.quiet}; }}
QLineEdit:hover, QComboBox:hover {{ border-color: {theme.quiet}; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus {{
    border: 2px solid {theme.ink}; padding: 0 5px;
}}
QLineEdit:focus, QComboBox:focus {{ min-height: {FIELD_HEIGHT - 4}px; }}
QLabel:disabled {{ color: {theme.quiet}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {theme.quiet}; background: {theme.panel}; }}
QLineEdit[wrong="true"] {{ border: 2px solid {theme.failure}; padding: 0 5px; min-height: 18px; }}
QLineEdit[compact="true"] {{ padding: 0 4px; }}
QLineEdit[compact="true"]:focus {{ padding: 0 3px; }}
QLineEdit[bare="true"] {{
    background: transparent; border: 1px solid transparent; font-weight: 600; padding: 0 2px;
}}
QLineEdit[bare="true"]:hover {{ border: 1px solid {theme.line}; }}
QLineEdit[bare="true"]:focus {{ background: {theme.field}; border: 2px solid {theme.ink}; padding: 0 1px; }}
QLineEdit[passage="true"] {{
    background: {theme.panel}; border: 1px solid {theme.ink}; border-radius: {RADIUS_BUTTON}px;
    min-height: 26px;
}}
QLineEdit[passage="true"]:focus {{ border: 2px solid {theme.ink}; min-height: 24px; }}
QLineEdit[passage="true"][wrong="true"] {{ border: 2px solid {theme.failure}; min-height: 24px; }}
QLineEdit[answer="true"] {{
    color: {theme.right}; background: {theme.panel}; border: none; font-weight: 600; min-height: 28px;
    padding: 0 7px;
}}
QComboBox::drop-down {{ border: none; width: 0; }}
QComboBox::down-arrow {{ image: none; width: 0; }}
QComboBox QAbstractItemView {{
    {_type()} color: {theme.ink}; background: {theme.panel}; border: 1px solid {theme.quiet}; outline: none;
    selection-background-color: {theme.ink}; selection-color: {theme.on_ink};
}}
QCheckBox {{ color: {theme.ink}; spacing: 6px; {_type()} }}
"""


def _menus(theme: Theme) -> str:
    return f"""
QMenuBar {{ {_type()} background: {theme.panel}; color: {theme.ink}; }}
QMenuBar::item {{ background: transparent; padding: 3px 8px; }}
QMenuBar::item:selected {{ background: {theme.field}; }}
QMenu {{
    {_type()} color: {theme.ink}; background: {theme.panel}; border: 1px solid {theme.quiet}; padding: 4px;
}}
QMenu::item {{ padding: 5px 24px 5px 14px; border-radius: 5px; }}
QMenu::item:selected {{ background: {theme.ink}; color: {theme.on_ink}; }}
QMenu::item:disabled {{ color: {theme.quiet}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px 6px; }}
"""


def _tabs(theme: Theme) -> str:
    return f"""
QTabWidget::pane {{ border: none; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{
    {_type()} color: {theme.quiet}; background: transparent; border: none;
    border-bottom: 2px solid transparent; padding: 5px 3px; margin: 0 18px 0 0;
}}
QTabBar::tab:selected {{ color: {theme.ink}; font-weight: 600; border-bottom: 2px solid {theme.ink}; }}
QTabBar::tab:hover {{ color: {theme.ink}; }}
QTabBar::tab:focus {{ border: 2px solid {theme.ink}; border-radius: 4px; padding: 3px 1px; }}
"""


def _sliders(theme: Theme) -> str:
    return f"""
QSlider::groove:horizontal {{ height: 3px; border-radius: 1px; background: {theme.line}; }}
QSlider::sub-page:horizontal {{ height: 3px; border-radius: 1px; background: {theme.quiet}; }}
QSlider::handle:horizontal {{
    background: {theme.panel}; border: 2px solid {theme.ink}; width: 10px; height: 10px; border-radius: 7px;
    margin: -6px 0;
}}
QSlider::handle:horizontal:focus {{ background: {theme.ink}; }}
"""


def _scroll_bars(theme: Theme) -> str:
    return f"""
QScrollArea, QAbstractScrollArea {{ border: none; }}
QScrollBar:vertical {{ background: transparent; width: {SCROLL_BAR_WIDTH}px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {SCROLL_BAR_WIDTH}px; margin: 0; }}
QScrollBar::handle {{ background: {theme.line}; border-radius: 3px; margin: 1px; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::handle:horizontal {{ min-width: 24px; }}
QScrollBar::handle:hover {{ background: {theme.quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
