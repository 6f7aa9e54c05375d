"""What to say when the numbers leave what can be computed with: when, why, and what to try."""

import math

from rnnviz.training.errors import Diverged
from rnnviz.training.settings import LaneSettings

LARGEST_GRADIENT = 1e15
"""A larger gradient, after clipping, is not followed: no learning comes of it, and its square soon passes
float32's 3e38, which would spoil the optimizer's memory for good."""


def exploded_loss(step: int, loss: float, settings: LaneSettings, taken_back: bool) -> Diverged:
    """The loss of the window before update `step` is infinite or no number: the update before did that."""
    broken = step - 1
    why = (
        "the hidden states now grow from time step to time step, beyond all numbers: relu has no upper end."
        if settings.activation == "relu"
        else "the logits are beyond what numbers can hold."
    )
    cause = (
        f"Update {broken:,} broke the network: after it the loss is {_shown(loss)}. At a learning rate of "
        f"{settings.lr:g} it made the weights so large that {why}"
    )
    if taken_back:
        cause += " It has been taken back."
    return Diverged(broken, cause, remedy(settings))


def changed_too_far(step: int, loss: float) -> Diverged:
    """Update `step` cannot be made: under weights changed by hand the loss is infinite or no number."""
    cause = (
        f"Update {step:,} could not be made: under the changed weights the loss is {_shown(loss)}. They make "
        "the hidden states grow from time step to time step, beyond all numbers."
    )
    return Diverged(step, cause, "Try this: undo the change, or make a smaller one.")


def exploded_gradient(
    step: int, norm: float, window: int, settings: LaneSettings, forced: bool = False
) -> Diverged:
    """The gradient of the window before update `step` is too large to follow.

    `forced`: weights have been changed by hand since the last update, or something is held.
    """
    clipping = (
        "clipping is off"
        if not settings.clip
        else f"clipping at {settings.clip:g} cannot mend infinite numbers"
    )
    cause = (
        f"Update {step:,} could not be made: the gradient exploded, its norm is {_shown(norm)}. Going back "
        f"through {window:,} time steps the error is multiplied by the recurrent weights each time; they "
        f"are so large (learning rate {settings.lr:g}) that it grows instead of fading, and {clipping}."
    )
    if forced:
        return Diverged(step, cause, "Try this: undo the last intervention, or set the clip norm to 1.")
    return Diverged(step, cause, remedy(settings))


def remedy(settings: LaneSettings) -> str:
    """What to try, most promising first."""
    tries = [f"lower the learning rate to {lower_rate(settings):g}"]
    if not settings.clip or settings.clip > 1:
        tries.append("set the clip norm to 1")
    if settings.activation == "relu":
        tries.append("take tanh instead of relu")
    listed = tries[0] if len(tries) == 1 else f"{', '.join(tries[:-1])} or {tries[-1]}"
    return (
        f"Try this: {listed}, then start over. What is shown is the last network with all its numbers whole."
    )


def lower_rate(settings: LaneSettings) -> float:
    """A learning rate that is usually safe for the optimizer, and at most a tenth of the present one."""
    usual = {"sgd": 0.1, "momentum": 0.02}.get(settings.optimizer, 0.004)
    return float(f"{min(usual, settings.lr / 10):.1g}")


def _shown(value: float) -> str:
    if math.isnan(value):
        return "not a number (NaN)"
    return "infinite" if math.isinf(value) else f"{value:.1e}"
