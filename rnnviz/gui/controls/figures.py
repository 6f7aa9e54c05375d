"""Numbers as people write and read them in fields: thousands, small steps, a word for zero."""

from decimal import Decimal

from rnnviz.training import SETTINGS

ZERO_WORDS = {name: setting.zero for name, setting in SETTINGS.items() if setting.zero}
"""Settings for which 0 means that something is left out, and what it is called then."""


def written(value: float, name: str = "") -> str:
    """A setting's number for a field: `2,000`, `0.004`, `off`; `seed` and the like keep their digits."""
    if value == 0 and name in ZERO_WORDS:
        return ZERO_WORDS[name]
    if isinstance(value, int):
        return str(value) if name == "seed" else f"{value:,}"
    return plain(value)


def plain(value: float) -> str:
    """Up to six figures without an exponent from 0.00001 to a million, as the shortest decimal otherwise."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if 1e-6 <= abs(value) < 1e6:
        return f"{Decimal(f'{value:.6g}'):f}"
    return f"{value:.6g}"


def read(text: str, name: str = "") -> str:
    """What was typed, ready for `Setting.check`: without thousands separators, a word for zero as 0."""
    cleaned = text.strip().replace(",", "").replace("_", "").replace("\u202f", "").replace(" ", "")
    if cleaned.lower() in {ZERO_WORDS.get(name), "none", "off"} - {None} and name in ZERO_WORDS:
        return "0"
    return cleaned


def number(text: str) -> float | str:
    """A typed number as int or float if it is one, else the text itself, for the error to quote."""
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text
