"""The right answers of a memory task before and after an intervention."""

from collections.abc import Sequence

from rnnviz.gui.views.wording import percent
from rnnviz.training import Validation

UNKNOWN = "…"


class RightAnswers:
    """Remembers what was measured last, by lane, and what it was before something was changed."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Another run, or one that began anew."""
        self._known: dict[int, Validation] = {}
        self._before: dict[int, float] = {}
        self._after: dict[int, float] = {}
        self.compares = False

    def note(self, validation: Validation) -> None:
        """One lane was measured."""
        self._known[validation.lane] = validation
        if self.compares:
            self._after[validation.lane] = validation.accuracy

    def knows(self, lanes: Sequence[int], step: int) -> bool:
        """Whether these lanes were measured as they are now."""
        return all(lane in self._known and self._known[lane].step == step for lane in lanes)

    def change_comes(self) -> None:
        """What is known so far is what was before."""
        self._before = {lane: known.accuracy for lane, known in self._known.items()}

    def change_came(self) -> None:
        """What is measured from now on is what came of it."""
        self._known.clear()
        self._after.clear()
        self.compares = True

    def dismiss(self) -> None:
        """Nothing is compared any more."""
        self.compares = False

    def text(self, lanes: Sequence[int], *, brief: bool = False) -> str:
        """ "right answers 100 % -> 26 %", in a race lane by lane; "" where nothing is compared.

        `brief` leaves out the lanes in which nothing has changed.
        """
        if not self.compares:
            return ""
        parts, measured = [], False
        for lane in lanes:
            before, after = _percent(self._before.get(lane)), _percent(self._after.get(lane))
            if before == after == UNKNOWN:
                continue
            measured = True
            if not (brief and len(lanes) > 1 and before == after):
                number = f"{lane + 1}: " if len(lanes) > 1 else ""
                parts.append(f"{number}{before} → {after}")
        if measured and not parts:
            return "right answers as before in every lane"
        return f"right answers {', '.join(parts)}" if parts else ""


def _percent(accuracy: float | None) -> str:
    return UNKNOWN if accuracy is None else f"{percent(accuracy)} %"
