"""Questions put to a model, answered with arrays."""

from rnnviz.probes.derived import bound_per_step, derived_numbers
from rnnviz.probes.finite_differences import GradientCheck, finite_difference_check, small_specs
from rnnviz.probes.gate_names import gate_name
from rnnviz.probes.golden import GoldenFileError, KeyCheck, cell_of, check_file, is_built
from rnnviz.probes.jacobian import bound, eigenvalues, spectrum_bounds
from rnnviz.probes.memory import decay, half_life, lost_per_step, one_percent_lag
from rnnviz.probes.moment import Moment, Spectrum, moment_of, passage_of, spectrum_of
from rnnviz.probes.passage import trace_passage
from rnnviz.probes.saturation import saturation
from rnnviz.probes.state_jacobian import chosen_lags, jacobian_singular_values
from rnnviz.probes.trace import MOST_CANDIDATES, NEEDS, NO_TARGET, TokenKind, Trace, TraceRequest
from rnnviz.probes.trace_file import npz_of, trace_arrays
from rnnviz.probes.update import UpdateRecord, record_window

__all__ = [
    "MOST_CANDIDATES",
    "NEEDS",
    "NO_TARGET",
    "GoldenFileError",
    "GradientCheck",
    "KeyCheck",
    "Moment",
    "Spectrum",
    "TokenKind",
    "Trace",
    "TraceRequest",
    "UpdateRecord",
    "bound",
    "bound_per_step",
    "cell_of",
    "check_file",
    "chosen_lags",
    "decay",
    "derived_numbers",
    "eigenvalues",
    "finite_difference_check",
    "gate_name",
    "half_life",
    "is_built",
    "jacobian_singular_values",
    "lost_per_step",
    "moment_of",
    "npz_of",
    "one_percent_lag",
    "passage_of",
    "record_window",
    "saturation",
    "small_specs",
    "spectrum_bounds",
    "spectrum_of",
    "trace_arrays",
    "trace_passage",
]
