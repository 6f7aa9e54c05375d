"""How plots word what several of them say. Spelling of single numbers and tokens is `views.wording`'s."""

import math

from rnnviz.gui.views import wording
from rnnviz.gui.views.series import Series
from rnnviz.probes import Trace

_COUNTS = (
    "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
)  # fmt: skip


def noun_of(trace: Trace | None, series: Series | None) -> str:
    """What a token of this text is called: "word" or "character"."""
    if trace is not None:
        return trace.token_kind
    return "character" if series is not None and series.unit.endswith("character") else "word"


def shown(token: str, noun: str) -> str:
    """A token as it stands beside its bar: the unknown one has a name instead of a spelling."""
    if not wording.is_rare(token):
        return token
    return wording.RARE_SIGN if noun == "character" else wording.RARE_WORD


def count(n: int, noun: str) -> str:
    """ "Nine steps", "One step", "41 steps": at the beginning of a sentence."""
    number = _COUNTS[n] if n < len(_COUNTS) else f"{n:,}"
    return f"{number} {noun}" + ("" if n == 1 else "s")


def share(left: float) -> str:
    """A share with its sign: 100 %, 3.6 %; an exact zero is none of it, never a small number."""
    if math.isnan(left):
        return "unknown"
    return "exactly nothing" if left == 0 else f"{wording.percent(left)} %"


def probability(p: float) -> str:
    """A probability beside its bar: 30 %, 3 %, 0.4 %, and "1 in 76,893" when it is small."""
    return f"{p * 100:.0f} %" if p >= 0.0095 else wording.one_in(p)


def by(factor: float) -> str:
    """What one step multiplies by: × 0.54."""
    if not math.isfinite(factor):
        return "unknown"
    if factor == 0:
        return "× 0"
    if 0.095 <= factor < 9.95:
        return f"× {factor:.2f}"
    return f"× {factor:.3f}" if 0.0095 <= factor < 0.095 else f"× {wording.percent(factor / 100)}"
