"""What undo takes back: interventions, known to the training thread too, and swapped words."""

from dataclasses import dataclass

from rnnviz.text import Passage
from rnnviz.training import HoldGate, Intervene, Lift, UndoIntervention


@dataclass(frozen=True, slots=True)
class _Swap:
    before: Passage
    after: Passage
    words: str
    wish: int


@dataclass(frozen=True, slots=True)
class _Deed:
    """An intervention that was obeyed; of a gate held, where: moving its valve on is the same deed."""

    place: tuple[object, ...] | None
    wish: int = 0  # what was wished at once is taken back at once: lifting all


class Undoing:
    """The order of deeds and swaps. Answers come in the order of the commands."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Another run."""
        self._stack: list[_Swap | _Deed] = []
        self._sent: list[_Deed | None] = []  # not answered yet; None: an undo
        self._wishes = 0
        self.taken_back = 0  # the wish that `take_back` took back last
        self._words = ""  # what the training thread would take back

    def will_do(self, *commands: Intervene | Lift) -> int:
        """Commands are on their way, all of one wish: its number."""
        self._wishes += 1
        for command in commands:
            place: tuple[object, ...] | None = None
            if isinstance(command, Intervene) and isinstance(command.intervention, HoldGate):
                held = command.intervention
                place = (held.gate, held.step, held.layer, command.lane)
            self._sent.append(_Deed(place, self._wishes))
        return self._wishes

    def did_swap(self, before: Passage, after: Passage, words: str) -> int:
        """A word of the passage was swapped: the number of this wish."""
        self._wishes += 1
        self._stack.append(_Swap(before, after, words, self._wishes))
        return self._wishes

    def done(self, undo: str, asked: bool = True) -> None:
        """A command was obeyed, or (not `asked`) others stand; `undo` says what would be taken back next."""
        self._words = undo
        deed = self._sent.pop(0) if asked and self._sent else None
        last = self._stack[-1] if self._stack else None
        if deed is not None:
            goes_on = isinstance(last, _Deed) and deed.place is not None and last.place == deed.place
            if not goes_on:
                self._stack.append(deed)
        if not undo:
            self._stack = [one for one in self._stack if isinstance(one, _Swap)]

    def refused(self) -> int:
        """A command was refused: the number of the wish that came to nothing; 0 where not all of one did."""
        deed = self._sent.pop(0) if self._sent else None
        if deed is None or any(one is not None and one.wish == deed.wish for one in self._sent):
            return 0
        return 0 if any(one.wish == deed.wish for one in self._stack) else deed.wish

    def _forget_stale_swaps(self, watched: Passage) -> None:
        """A swap that was followed by quite another passage cannot be taken back."""
        while self._stack and isinstance(self._stack[-1], _Swap) and self._stack[-1].after != watched:
            self._stack.pop()

    def words(self, watched: Passage) -> str:
        """What would be taken back; "" for nothing."""
        self._forget_stale_swaps(watched)
        last = self._stack[-1] if self._stack else None
        return last.words if isinstance(last, _Swap) else self._words

    def take_back(self, watched: Passage) -> Passage | tuple[UndoIntervention, ...]:
        """The passage to watch again, or the commands to send: as many as the last wish had."""
        self._forget_stale_swaps(watched)
        last = self._stack.pop() if self._stack else None
        self.taken_back = 0 if last is None else last.wish
        if isinstance(last, _Swap):
            return last.before
        count = 1
        while isinstance(last, _Deed) and self._stack and isinstance(self._stack[-1], _Deed):
            if self._stack[-1].wish != last.wish:
                break
            self._stack.pop()
            count += 1
        self._sent += [None] * count
        return (UndoIntervention(),) * count
