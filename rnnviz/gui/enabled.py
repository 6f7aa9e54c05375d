"""What can be pressed in each state of the session, and why not."""

from rnnviz.gui.controls import ToolbarState

_REASONS = {
    "idle": "No text is open yet.",
    "ready": "Nothing has been learned yet.",
    "running": "Pause first.",
    "failed": "Training stopped by itself: start over, or lower the learning rate.",
}


def toolbar_state(state: str, *, race_shown: bool, slow: bool) -> ToolbarState:
    """The toolbar; `race_shown` while all lanes are seen, `slow` while an update is shown slowly."""
    still = state in ("ready", "paused")
    reason = _REASONS.get(state, "")
    return ToolbarState(
        can_train=still,
        running=state == "running",
        can_step=still,
        can_start_over=state in ("running", "paused", "failed"),
        can_slow=state in ("ready", "running", "paused") and not race_shown,
        can_race=state != "idle" and not slow,
        can_change_cause=state != "idle" and not slow,
        slow=slow,
        train_reason=reason,
        step_reason=reason,
        start_over_reason=reason,
        slow_reason="Click a lane first: slow motion shows one." if race_shown else reason,
        race_reason="Leave slow motion first." if slow else reason,
        cause_reason="Leave slow motion first." if slow else reason,
    )
