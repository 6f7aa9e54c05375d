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


@dataclass(slots=True, eq=False)
class _Deed:
    """An intervention, in its place once it is sent: a word may be swapped before it is answered."""

    place: tuple[object, ...] | None  # of a gate held, where: moving its valve on is the same deed
    wish: int  # what was wished at once is taken back at once: lifting all
    unanswered: int = 0  # commands for it that are on their way
    acts: bool = False  # one of them was obeyed
    is_taken_back: bool = False  # to be undone as soon as it acts


@dataclass(frozen=True, slots=True)
class _Sent:
    """A command on its way."""

    wish: int
    deed: _Deed


class Undoing:
    """The order of deeds and swaps. Answers come in the order of the commands.

    An undo is never sent for a command that is still on its way: were that refused, it would take back what
    was done before.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Another run."""
        self._stack: list[_Swap | _Deed] = []
        self._sent: list[_Sent | None] = []  # not answered yet; None: an undo
        self._acting: list[_Deed] = []  # as far as is known, what the training thread can take back
        self._wishes = 0
        self.taken_back = 0  # the wish that `take_back` took back last
        self._words = ""  # what the training thread would take back

    def will_do(self, *commands: Intervene | Lift) -> int:
        """Commands are on their way, all of one wish: its number."""
        self._wishes += 1
        for command in commands:
            deed = self._deed_of(command)
            deed.unanswered += 1
            self._sent.append(_Sent(self._wishes, deed))
        return self._wishes

    def _deed_of(self, command: Intervene | Lift) -> _Deed:
        """A new one; or the last one, where its valve is moved on: the trainer takes both back as one."""
        place: tuple[object, ...] | None = None
        if isinstance(command, Intervene) and isinstance(command.intervention, HoldGate):
            held = command.intervention
            place = (held.gate, held.step, held.layer, command.lane)
        last = next((one for one in reversed(self._stack) if isinstance(one, _Deed)), None)
        if last is not None and place is not None and last.place == place:
            self._stack.remove(last)  # from behind a word that was swapped meanwhile
        else:
            last = _Deed(place, self._wishes)
        self._stack.append(last)
        return last

    def did_swap(self, before: Passage, after: Passage, words: str) -> int:
        """A word of the passage was swapped: the number of this wish."""
        self._wishes += 1
        self._stack.append(_Swap(before, after, words, self._wishes))
        return self._wishes

    def done(self, undo: str, asked: bool = True) -> tuple[UndoIntervention, ...]:
        """A command was obeyed, or (not `asked`) others stand; `undo` says what would be taken back next.

        What is to be sent now: the undo of a deed that was taken back before it was done.
        """
        self._words = undo
        owed = 0
        if asked and self._sent:
            sent = self._sent.pop(0)
            if sent is not None:
                owed = self._acts(sent.deed)
            elif self._acting:
                self._acting.pop()
        if not undo:
            self._forget_deeds()
        return self._will_undo(owed)

    def _acts(self, deed: _Deed) -> bool:
        """A deed acts from now on, if it did not; whether it is to be undone at once."""
        deed.unanswered -= 1
        if deed.acts:
            return False
        deed.acts = True
        last = self._acting[-1] if self._acting else None
        if last is None or deed.place is None or last.place != deed.place:
            self._acting.append(deed)
            return deed.is_taken_back
        self._acting[-1] = deed  # what was wished between two moves of a valve was refused: they are one
        deed.wish = last.wish
        if last in self._stack:
            self._stack.remove(last)
        return deed.is_taken_back and not last.is_taken_back

    def _forget_deeds(self) -> None:
        """Nothing can be taken back but swaps, and what is still on its way."""
        self._acting.clear()
        for one in self._stack:
            if isinstance(one, _Deed):
                one.acts = False
        self._stack = [one for one in self._stack if isinstance(one, _Swap) or one.unanswered]

    def refused(self) -> int:
        """A command was refused: the number of the wish that came to nothing; 0 where not all of one did."""
        sent = self._sent.pop(0) if self._sent else None
        if sent is None:
            return 0
        sent.deed.unanswered -= 1
        if not sent.deed.unanswered and not sent.deed.acts and sent.deed in self._stack:
            self._stack.remove(sent.deed)
        if any(one is not None and one.wish == sent.wish for one in self._sent):
            return 0
        acts = any(isinstance(one, _Deed) and one.acts and one.wish == sent.wish for one in self._stack)
        return 0 if acts else sent.wish

    @property
    def owes(self) -> bool:
        """Whether a deed was taken back that may still come to act: its undo has to be sent first."""
        return any(one is not None and one.deed.is_taken_back and not one.deed.acts for one in self._sent)

    def _forget_stale_swaps(self, watched: Passage) -> None:
        """A swap that was followed by quite another passage cannot be taken back."""
        while self._stack and isinstance(self._stack[-1], _Swap) and self._stack[-1].after != watched:
            self._stack.pop()

    def has_something(self, watched: Passage) -> bool:
        """Whether there is something to take back, be it on its way."""
        self._forget_stale_swaps(watched)
        return bool(self._stack or (self._words and None not in self._sent))

    def words(self, watched: Passage) -> str:
        """What would be taken back; "" for nothing, and of what is on its way while it is."""
        self._forget_stale_swaps(watched)
        last = self._stack[-1] if self._stack else None
        return last.words if isinstance(last, _Swap) else self._words

    def take_back(self, watched: Passage) -> Passage | tuple[UndoIntervention, ...]:
        """The passage to watch again, or what to send: an undo for each deed of the last wish that acts."""
        self._forget_stale_swaps(watched)
        last = self._stack.pop() if self._stack else None
        self.taken_back = 0 if last is None else last.wish
        if last is None:
            return self._will_undo(1)
        if isinstance(last, _Swap):
            return last.before
        deeds = [last]
        while self._stack and isinstance(one := self._stack[-1], _Deed) and one.wish == last.wish:
            deeds.append(one)
            self._stack.pop()
        for deed in deeds:
            deed.is_taken_back = True
        return self._will_undo(sum(deed.acts for deed in deeds))

    def _will_undo(self, count: int) -> tuple[UndoIntervention, ...]:
        self._sent += [None] * count
        return (UndoIntervention(),) * count
