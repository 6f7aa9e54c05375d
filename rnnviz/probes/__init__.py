"""Questions put to a model, answered with arrays."""

from rnnviz.probes.finite_differences import GradientCheck, finite_difference_check, small_specs
from rnnviz.probes.golden import GoldenFileError, KeyCheck, cell_of, check_file, is_built
from rnnviz.probes.jacobian import bound, spectrum_bounds
from rnnviz.probes.memory import decay, half_life
from rnnviz.probes.passage import trace_passage
from rnnviz.probes.trace import MOST_CANDIDATES, NEEDS, NO_TARGET, Trace, TraceRequest
from rnnviz.probes.update import UpdateRecord, record_window

__all__ = [
    "MOST_CANDIDATES",
    "NEEDS",
    "NO_TARGET",
    "GoldenFileError",
    "GradientCheck",
    "KeyCheck",
    "Trace",
    "TraceRequest",
    "UpdateRecord",
    "bound",
    "cell_of",
    "check_file",
    "decay",
    "finite_difference_check",
    "half_life",
    "is_built",
    "record_window",
    "small_specs",
    "spectrum_bounds",
    "trace_passage",
]
