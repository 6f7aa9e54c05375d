"""What is said of a gate that somebody holds."""

from rnnviz.probes import gate_name


def plain_gate_name(letter: str) -> str:
    """What a gate is called without its letter: "forget gate"; one that nobody has named keeps it."""
    name = gate_name(letter).removesuffix(f" {letter}")
    return gate_name(letter) if name == "gate" else name


def held_at(value: float) -> str:
    """How a gate is held: "shut", "open", or "at 0.35"."""
    return {0.0: "shut", 1.0: "open"}.get(value) or f"at {value:.2f}".replace("-", "−")
