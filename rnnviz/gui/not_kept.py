"""Says, once, what the window cannot keep where its places cannot be written, as in a read-only home."""

from functools import partial

from PySide6.QtCore import Qt

from rnnviz.gui.controls import Message
from rnnviz.gui.kept import KeptNetworks
from rnnviz.gui.preferences import Preferences
from rnnviz.gui.window import MainWindow

SAVE_YOURSELF = (
    "Save a network yourself, with Save network in the File menu, in a folder that can be written."
)


def tell_what_is_not_kept(window: MainWindow, networks: KeptNetworks) -> None:
    """Look now, and say it once a text is open: opening one takes away what was said before."""
    message = what_is_not_kept(window.preferences, networks)
    if message is not None and window.session.run is not None:
        window.notice.post(message)
    elif message is not None:
        window.session.run_replaced.connect(
            partial(_tell, window, message), Qt.ConnectionType.SingleShotConnection
        )


def _tell(window: MainWindow, message: Message, _run: object) -> None:
    window.notice.post(message)


def what_is_not_kept(preferences: Preferences, networks: KeptNetworks) -> Message | None:
    """What is forgotten when the window closes, and what to do; None where all can be kept."""
    choices, copies = preferences.is_writable, networks.is_writable
    if choices and copies:
        return None
    if copies:
        return Message(
            "warning",
            "Theme, layout and recent files are forgotten when this window closes: "
            f"{preferences.folder} cannot be written.",
            "Networks are kept. To keep the others too, make that folder one that you may write in.",
        )
    if choices:
        text = f"Networks are not saved by themselves: {networks.folder} cannot be written."
        return Message("warning", text, SAVE_YOURSELF)
    return Message(
        "warning",
        "Theme, layout and recent files are forgotten when this window closes, and networks are not saved by "
        f"themselves: {preferences.folder} and {networks.folder} cannot be written.",
        SAVE_YOURSELF,
    )
