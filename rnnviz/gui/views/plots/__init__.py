"""The plots of the inspector, one file each; a plot is registered by its line in PLOTS."""

from rnnviz.gui.views.plots.plot import Plot
from rnnviz.gui.views.plots.sample import SamplePlot
from rnnviz.gui.views.plots.softmax import SoftmaxPlot

PLOTS: tuple[type[Plot], ...] = (
    SoftmaxPlot,
    SamplePlot,
)

__all__ = ["PLOTS", "Plot"]
