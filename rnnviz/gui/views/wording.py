"""How words, signs and numbers of a trace are spelled: the same everywhere in the window."""

import math
import unicodedata
from functools import lru_cache

from rnnviz.probes import Trace
from rnnviz.text import UNKNOWN

RARE_SIGN, RARE_WORD = "(rare sign)", "(rare word)"
_RARE = frozenset({UNKNOWN, RARE_SIGN, RARE_WORD})
LEARNED_LOSS = 0.05
"""Below this loss, in nats, a word counts as learned: little error leaves it (p above 95 %)."""

_NAMED_SIGNS = {" ": "space", "\n": "line end", "\t": "tab", "\u00a0": "fixed space", "\u3000": "wide space"}


def of_characters(trace: Trace) -> bool:
    """Whether the tokens are characters rather than words."""
    return trace.token_kind == "character"


def unit_of(trace: Trace, count: int = 1) -> str:
    """ "word" or "character", in the plural for any count but 1."""
    return trace.token_kind + ("" if count == 1 else "s")


def is_rare(token: str) -> bool:
    """Whether a token stands for all that the vocabulary does not know."""
    return token in _RARE


def rare(trace: Trace) -> str:
    """How the unknown token is called."""
    return RARE_SIGN if of_characters(trace) else RARE_WORD


def stands_for_rare(trace: Trace, step: int, of_target: bool) -> bool:
    """Whether the network reads a step's word (or has its target) as the one unknown token, which is 0."""
    return int((trace.targets if of_target else trace.tokens)[step]) == 0


def quoted(trace: Trace, token: str) -> str:
    """A token inside a sentence: “France”, a blank by its name."""
    if token in _RARE:
        return rare(trace)
    name = _NAMED_SIGNS.get(token)
    return f"“{token}”" if name is None else f"the {name}"


def in_words(token: str, unit: str) -> str:
    """A token where no sign can be drawn: itself, or the name of a blank or of the unknown one."""
    if token in _RARE:
        return RARE_SIGN if unit == "character" else RARE_WORD
    return _NAMED_SIGNS.get(token, token)


def is_blank(token: str) -> bool:
    """Whether a token has no visible shape of its own and needs a drawn sign."""
    return token == RARE_SIGN or (
        len(token) == 1 and (token.isspace() or unicodedata.category(token) in ("Cc", "Cf", "Zs"))
    )


def brief(token: str) -> str:
    """A token where room is short."""
    return "rare" if token in _RARE else token


def answer(trace: Trace, step: int) -> str:
    """The right word of one step; "" where none is known."""
    return str(trace.target_words[step])


def counts(trace: Trace, step: int) -> bool:
    """Whether training counts the target of one step: of some texts it learns marked answers alone."""
    return trace.counted is None or bool(trace.counted[step])


def learned(trace: Trace, step: int) -> bool:
    """Whether the right word of one step is predicted so well that little error leaves it."""
    return bool(trace.loss[step] < LEARNED_LOSS)


_SUPERSCRIPT = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)


@lru_cache(maxsize=4096)
def percent(share: float) -> str:
    """A share as per cent without the sign: 100, 49, 5.1, 0.6, 0.04, 3·10⁻⁷; 1,240 above."""
    value = share * 100
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞"
    if value == 0:
        return "0"
    if value >= 1e6:
        return _powers(value)
    if value >= 9.95:
        return f"{value:,.0f}"
    if value >= 0.095:
        return f"{value:.1f}".removesuffix(".0")
    if value >= 0.00095:
        one_digit = float(f"{value:.0e}")
        return f"{one_digit:.{-math.floor(math.log10(one_digit) + 1e-9)}f}"
    return _powers(value)


def _powers(value: float) -> str:
    exponent = math.floor(math.log10(value))
    digit = round(value / 10.0**exponent) if exponent > -300 else 1
    if digit == 10:
        digit, exponent = 1, exponent + 1
    power = "10" + str(exponent).translate(_SUPERSCRIPT)
    return power if digit == 1 else f"{digit}·{power}"


@lru_cache(maxsize=4096)
def multiple(factor: float) -> str:
    """How many times, above one: 1.6, 12, 450."""
    if factor >= 1e6:
        return _powers(factor)
    return f"{factor:,.0f}" if factor >= 9.95 else f"{factor:.1f}".removesuffix(".0")


@lru_cache(maxsize=4096)
def factor(value: float) -> str:
    """One step's factor without a leading zero: .42, 1.16, 12."""
    if not math.isfinite(value):
        return "–"
    if value >= 9.95:
        return f"{value:,.0f}" if value < 1e5 else _powers(value)
    if 0 < value < 0.005:
        return _powers(value)
    text = f"{value:.2f}"
    return text[1:] if text.startswith("0") else text


@lru_cache(maxsize=4096)
def nats(loss: float) -> str:
    """A loss: 11, 5.4, 0.03."""
    if not math.isfinite(loss):
        return "–" if math.isnan(loss) else "∞"
    if loss >= 9.95:
        return f"{loss:.0f}" if loss < 1e4 else _powers(loss)
    return f"{loss:.1f}" if loss >= 0.095 else f"{loss:.2f}"


@lru_cache(maxsize=4096)
def one_in(probability: float) -> str:
    """A probability: 34 %, or 1 in 76,893 where per cents would have many zeros."""
    if not probability > 0:
        return "no probability at all"
    if probability >= 0.001:
        return f"{percent(probability)} %"
    return f"1 in {1 / probability:,.0f}" if probability > 1e-12 else f"1 in {_powers(1 / probability)}"
