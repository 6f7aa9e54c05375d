"""What the gates of the cells are called."""

from rnnviz.engine import CELLS


def gate_name(letter: str) -> str:
    """By the name that the first cell with such a gate has for it: "forget gate f"; else "gate m"."""
    for cell in CELLS.values():
        titles = dict(zip(cell.gate_names, cell.gate_titles, strict=False))
        if letter in titles:
            return f"{titles[letter]} {letter}"
    return f"gate {letter}"
