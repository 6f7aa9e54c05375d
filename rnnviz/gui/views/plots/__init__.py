"""The plots of the inspector, one file each; a plot is registered by its line in PLOTS."""

from rnnviz.gui.views.plots.decay import DecayPlot
from rnnviz.gui.views.plots.memory import MemoryPlot
from rnnviz.gui.views.plots.plot import Plot
from rnnviz.gui.views.plots.sample import SamplePlot
from rnnviz.gui.views.plots.saturation import SaturationPlot
from rnnviz.gui.views.plots.softmax import SoftmaxPlot
from rnnviz.gui.views.plots.spectrum import SpectrumPlot
from rnnviz.gui.views.plots.text import TextPlot
from rnnviz.gui.views.plots.training import TrainingPlot
from rnnviz.gui.views.plots.why import WhyPlot

PLOTS: tuple[type[Plot], ...] = (
    SoftmaxPlot,
    WhyPlot,
    DecayPlot,
    MemoryPlot,
    TrainingPlot,
    SaturationPlot,
    SpectrumPlot,
    TextPlot,
    SamplePlot,
)

__all__ = ["PLOTS", "Plot"]
