"""Questions put to a model, answered with arrays."""

from rnnviz.probes.jacobian import bound, spectrum_bounds
from rnnviz.probes.memory import decay, half_life
from rnnviz.probes.passage import trace_passage
from rnnviz.probes.trace import MOST_CANDIDATES, NEEDS, NO_TARGET, Trace, TraceRequest
from rnnviz.probes.update import UpdateRecord, record_window

__all__ = [
    "MOST_CANDIDATES",
    "NEEDS",
    "NO_TARGET",
    "Trace",
    "TraceRequest",
    "UpdateRecord",
    "bound",
    "decay",
    "half_life",
    "record_window",
    "spectrum_bounds",
    "trace_passage",
]
