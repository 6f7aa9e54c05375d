"""The numbers of a run, lane by lane: everything in the logs, and the newest of each kind."""

from collections.abc import Sequence

from rnnviz.training.frame import Update, Validation
from rnnviz.training.scalar_log import ScalarLog


class Ledger:
    """What updates and validations have given so far. The logs may be read from any thread."""

    def __init__(self, logs: Sequence[ScalarLog]) -> None:
        self.logs = tuple(logs)
        self.updates: dict[int, Update] = {}  # the last one, by lane
        self.validations: dict[int, Validation] = {}

    def note_update(self, update: Update, tokens_per_s: float) -> None:
        """One update of one lane."""
        self.updates[update.lane] = update
        self.logs[update.lane].append(update, tokens_per_s)

    def note_validation(self, validation: Validation) -> None:
        """One validation of one lane."""
        self.validations[validation.lane] = validation
        self.logs[validation.lane].append_validation(validation)

    def clear(self) -> None:
        """The run was started over."""
        self.updates.clear()
        self.validations.clear()
        for log in self.logs:
            log.clear()

    def go_back(self, step: int, change: int) -> None:
        """The run went back to a moment after so many updates and changes: what came later has not been."""
        for lane, log in enumerate(self.logs):
            log.go_back(step, change)
            known, validations = log.last_update(lane), log.validations
            self.updates.pop(lane, None)
            self.validations.pop(lane, None)
            if known is not None:
                self.updates[lane] = known
            if validations:
                self.validations[lane] = validations[-1]
