"""What the gates of the cells are called."""

_GATES = {
    "i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate",
    "r": "reset gate", "z": "update gate", "n": "candidate",
}  # fmt: skip


def gate_name(letter: str) -> str:
    """What a gate is called: "forget gate f"; one that nobody has named is "gate m"."""
    return f"{_GATES.get(letter, 'gate')} {letter}"
