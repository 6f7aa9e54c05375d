"""The number under the mouse, with its unit, as words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """What one spot of the picture stands for."""

    track: str  # name of the track
    step: int  # k, the column
    value: float  # the number of the trace, in `unit`; NaN where there is none
    unit: str  # "%", "nats", "", ...
    text: str  # the whole reading as a sentence for the status line

    def __str__(self) -> str:
        return self.text
