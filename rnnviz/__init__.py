"""See inside a recurrent neural network while it learns."""

__version__ = "0.1.0"
