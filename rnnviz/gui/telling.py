"""What the training thread says, in words for people."""

from collections.abc import Sequence

from rnnviz.gui.run import Message, Run
from rnnviz.text import UNKNOWN
from rnnviz.training import (
    Experiment,
    Failed,
    Intervened,
    InterventionRefused,
    Saved,
    SaveFailed,
    SettingRefused,
)


def message_of(event: object, run: Run) -> Message | None:
    """What an event has to tell; None where a view shows it instead."""
    match event:
        case Failed(message=text, lane=int(lane)):
            title = run.experiment.lanes[lane].title
            dropped = f"Lane {lane + 1} ({title}) dropped out of the race; the others go on."
            return Message(dropped, text, "warning")
        case Failed(message=text, remedy=remedy):
            return Message(text, remedy, "error")
        case Saved(path=path):
            return Message(f"Saved as {path}.")
        case SaveFailed(message=text):
            return Message(text, severity="error")
        case SettingRefused(message=text):
            return Message(text, severity="warning")
        case InterventionRefused(message=text, remedy=remedy):
            return Message(text, remedy, "warning")
        case Intervened(note=note) if note:
            return Message(note)
    return None


def continuation_of(run: Run, ids: Sequence[int]) -> str:
    """Written tokens as text that follows the watched passage, with a blank between where one belongs."""
    corpus = run.experiment.corpus
    rare = "(rare word)" if corpus.tokenizer.name == "word" else "\ufffd"
    before, _ = corpus.encode(run.passage.text)
    tokens = [corpus.vocabulary.token(int(i)) for i in ids]
    after = [rare if token == UNKNOWN else token for token in tokens]
    whole, head = corpus.tokenizer.join([*before, *after]), corpus.tokenizer.join(before)
    return whole.removeprefix(head)


def messages_of_opening(experiment: Experiment, note: str) -> list[Message]:
    """What to tell of a run that has just been opened: that it goes on, and what its text is like."""
    messages = [Message(one) for one in (*experiment.corpus.notes, note) if one]
    if experiment.step:
        messages.insert(0, Message(f"The network goes on at update {experiment.step:,}."))
    if experiment.warning:
        messages.append(Message(experiment.warning, severity="warning"))
    return messages


def words_for_undo(previous: Run, present: Run) -> str:
    """What undoing would bring back: another text by its name."""
    name = previous.experiment.corpus.name
    return "Old network kept" if name == present.experiment.corpus.name else f"{name} kept"
