"""The cells there are. A new one is one file and one line here."""

from rnnviz.engine.cells.cell import Cell, Equation, LayerErrors, LayerRun, LayerWeights
from rnnviz.engine.cells.feedforward import FeedforwardCell
from rnnviz.engine.cells.gru import GRUCell
from rnnviz.engine.cells.lstm import LSTMCell
from rnnviz.engine.cells.vanilla import VanillaCell

CELLS: dict[str, type[Cell]] = {cell.name: cell for cell in (VanillaCell, LSTMCell, GRUCell, FeedforwardCell)}

__all__ = ["CELLS", "Cell", "Equation", "LayerErrors", "LayerRun", "LayerWeights"]
