"""What the gates of a trace are called."""

from rnnviz.probes import Trace


def gate_name(trace: Trace, gate: str) -> str:
    """By the cell's own name for it: "forget gate f"; one that the cell has not named is "gate m"."""
    titles = dict(zip(trace.gates, trace.gate_titles, strict=False))
    return f"{titles.get(gate, 'gate')} {gate}"
