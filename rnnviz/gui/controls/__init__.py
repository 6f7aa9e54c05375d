"""The panels that send commands: each emits what was asked for and shows what it is told."""

from rnnviz.gui.controls.ask import AskLine
from rnnviz.gui.controls.cause_rows import GateShown
from rnnviz.gui.controls.held_bar import HeldBar
from rnnviz.gui.controls.interventions import Active, CausePanel, CauseShown
from rnnviz.gui.controls.lane_bar import LaneBar
from rnnviz.gui.controls.loading import LoadingBar
from rnnviz.gui.controls.notice import Message, Notice
from rnnviz.gui.controls.rail import Rail, RailFacts
from rnnviz.gui.controls.slowmotion import PHASES, SlowMotionBar
from rnnviz.gui.controls.status import Progress, StatusLine
from rnnviz.gui.controls.stylesheet import palette, stylesheet
from rnnviz.gui.controls.toolbar import Toolbar, ToolbarState

__all__ = [
    "PHASES", "Active", "AskLine", "CausePanel", "CauseShown", "GateShown", "HeldBar", "LaneBar",
    "LoadingBar", "Message", "Notice", "Progress", "Rail", "RailFacts", "SlowMotionBar", "StatusLine",
    "Toolbar", "ToolbarState", "palette", "stylesheet",
]  # fmt: skip
