"""What a hand on the picture asks for: values that a view sends up, and knows nothing more about."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class HoldWish:
    """Hold a gate at a value, at one word or at all."""

    gate: str
    value: float
    step: int | None  # None: at every step
    layer: int | None = None  # None: in every layer
    settled: bool = True  # False while its valve is still in somebody's hand


@dataclass(frozen=True, slots=True)
class GiveUpWish:
    """The valve that was in somebody's hand is to stand where it stood."""


@dataclass(frozen=True, slots=True)
class LetGoWish:
    """Let a gate that is held at a word move by itself again."""

    gate: str
    step: int | None  # None: at every step
    layer: int | None = None


@dataclass(frozen=True, slots=True)
class SilenceWish:
    """Hold a unit's h at 0, or let it speak again."""

    unit: int
    layer: int
    silent: bool = True


@dataclass(frozen=True, slots=True)
class SwapWish:
    """Read another word at a step of the passage."""

    step: int


Wish: TypeAlias = HoldWish | GiveUpWish | LetGoWish | SilenceWish | SwapWish


@dataclass(frozen=True, slots=True)
class Offer:
    """A wish as a menu offers it."""

    text: str
    wish: Wish
