"""The one equation of a cell that the score shows under "states"."""

_FUNCTIONS = {"tanh": "tanh", "sigmoid": "σ", "relu": "relu"}
# "~" keeps factors on one line.
_BY_CELL = {
    "rnn": "h_t = {f}(W_hx~x_t +~W_hh~h_t−1 +~b)",
    "feedforward": "h_t = {f}(W_hx~x_t + b)",
    "lstm": "h_t = o~·~tanh(c_t), c_t = f~·~c_t−1 + i~·~g",
    "gru": "h_t = z~·~h_t−1 + (1~−~z)~·~n",
}


def equation(cell_name: str, activation: str) -> str:
    """How a state comes from its input and the state before; "" for a cell not listed."""
    return _BY_CELL.get(cell_name, "").format(f=_FUNCTIONS.get(activation, activation)).replace("~", "\u00a0")
