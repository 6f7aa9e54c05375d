"""What can be pressed and chosen in each state of the session, and why not."""

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


def menu_reasons(state: str, toolbar: ToolbarState) -> dict[str, str]:
    """Why an action of the menu cannot be chosen, by what it needs; "" where it can."""
    closed = _REASONS["idle"] if state == "idle" else ""
    return {
        "text": closed,
        "train": "" if toolbar.running or toolbar.can_train else toolbar.train_reason,
        "step": "" if toolbar.can_step else toolbar.step_reason,
        "start over": "" if toolbar.can_start_over else toolbar.start_over_reason,
        "slow motion": "" if toolbar.can_slow or toolbar.slow else toolbar.slow_reason,
        "validate": _REASONS["failed"] if state == "failed" else closed,
        "cause": "" if toolbar.can_change_cause else toolbar.cause_reason,
    }
