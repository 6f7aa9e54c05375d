"""What the gates of the cells are called, for the views."""

from rnnviz.probes import gate_name

__all__ = ["gate_name"]
