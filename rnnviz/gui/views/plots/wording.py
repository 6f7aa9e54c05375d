"""Numbers and words as people read them. One rule each, used by every plot."""

import math

from rnnviz.gui.views.series import Series
from rnnviz.probes.trace import Trace

RARE = "<unk>"
"""How the vocabulary spells the unknown token."""

_SIGNS = {" ": "a blank", "\n": "a line end", "\t": "a tab", "\u00a0": "a fixed blank"}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_COUNTS = (
    "No",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
)


def noun_of(trace: Trace | None, series: Series | None) -> str:
    """What a token of this text is called: "word" or "character"."""
    if series is not None:
        return "character" if series.unit.endswith("character") else "word"
    if trace is not None and all(len(str(word)) <= 1 for word in trace.words):
        return "character"
    return "word"


def shown(word: str, noun: str) -> str:
    """A token as it is shown: the unknown token has a name instead of a spelling."""
    if word == RARE:
        return "(rare word)" if noun == "word" else "(rare sign)"
    return word


def quoted(word: str, noun: str) -> str:
    """A token within a sentence: “of”, a blank, (rare word)."""
    if word in _SIGNS:
        return _SIGNS[word]
    name = shown(word, noun)
    return name if name.startswith("(rare ") else f"“{name}”"


def count(n: int, noun: str) -> str:
    """ "Nine steps", "One step", "41 steps": at the beginning of a sentence."""
    number = _COUNTS[n] if n < len(_COUNTS) else f"{n:,}"
    return f"{number} {noun}" + ("" if n == 1 else "s")


def significant(value: float, digits: int = 2) -> str:
    """A positive number with two significant digits, as people write it: 0.54, 13, 4,200, 3 × 10⁻⁷."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else ("∞" if value > 0 else "unknown")
    power = math.floor(math.log10(abs(value)))
    if power < -4 or power > 8:
        mantissa = f"{value / 10.0**power:.{digits - 1}f}"
        if mantissa.startswith("10"):
            mantissa, power = "1.0", power + 1
        return f"{mantissa} × 10{str(power).translate(_SUPERSCRIPT)}"
    decimals = max(digits - 1 - power, 0)
    return f"{round(value, digits - 1 - power):,.{decimals}f}"


def percent(share: float) -> str:
    """A share as per cent: 100 %, 13 %, 3.6 %, 0.05 %; an exact zero is "exactly 0"."""
    if math.isnan(share):
        return "unknown"
    if share == 0:
        return "exactly 0"
    hundredfold = share * 100
    if hundredfold >= 9.95:
        return f"{hundredfold:,.0f} %" if hundredfold < 1e6 else f"{significant(hundredfold)} %"
    if hundredfold >= 0.095:
        return f"{hundredfold:.1f} %"
    return f"{significant(hundredfold, 1)} %"


def probability(p: float) -> str:
    """A probability as it stands beside its bar: 30 %, 3 %, 0.4 %, and "1 in 76,893" when it is small."""
    if math.isnan(p):
        return "unknown"
    if p >= 0.0095:
        return f"{p * 100:.0f} %"
    if p >= 0.001:
        return f"{p * 100:.1f} %"
    return odds(p)


def odds(p: float) -> str:
    """A small probability as odds: "1 in 76,893"."""
    if not p > 0:
        return "too unlikely to be told from 0"
    ratio = 1.0 / p
    return f"1 in {ratio:,.0f}" if ratio < 1e9 else f"1 in {significant(ratio)}"


def factor(value: float) -> str:
    """What one step multiplies by: × 0.54."""
    if math.isnan(value):
        return "unknown"
    if value == 0:
        return "× 0"
    if 0.01 <= value < 10:
        return f"× {value:.2f}"
    return f"× {significant(value)}"


def times(value: float) -> str:
    """How far something grew: "1.4 times", "497 times"."""
    if value < 10:
        return f"{value:.1f} times"
    return f"{value:,.0f} times" if value < 1e6 else f"{significant(value)} times"
