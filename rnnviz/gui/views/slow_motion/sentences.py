"""One sentence for each moment of an update, with its real words and numbers."""

from rnnviz.gui.cursor import CursorState
from rnnviz.gui.views.headline import Role, Runs, headline, named
from rnnviz.gui.views.slow_motion.numbers import (
    is_finite,
    missing,
    probability_of,
    step_back,
    told_apart,
    word_shares,
)
from rnnviz.gui.views.slow_motion.stage import (
    ADJUST,
    AGAIN_BY,
    ALL_FROM,
    COLLECT,
    COMPARE,
    GAP_FROM,
    MOVED_BY,
    PREDICT,
    READ,
    REMEMBER,
    Stage,
    stage_of,
)
from rnnviz.gui.views.tracks.shares import fate, hands_on, shares_left
from rnnviz.gui.views.wording import learned, one_in, percent, unit_of
from rnnviz.probes import NO_TARGET, Trace, UpdateRecord


def update_headline(record: UpdateRecord, cursor: CursorState) -> Runs:
    """What happens at this phase, as runs of text with a role each.

    Outside slow motion, and for a network that has broken, the sentence of the passage.
    """
    trace = record.before
    stage = stage_of(record, cursor)
    if stage is None or not is_finite(trace, stage.error_step, cursor.layer):
        return headline(trace, cursor)
    if stage.step == READ:
        return _read(record, stage)
    if stage.step == REMEMBER:
        return _remember(trace, stage)
    if stage.step == PREDICT:
        return _predict(trace, stage)
    t = stage.error_step
    if trace.targets[t] == NO_TARGET:
        after = _word(trace, t)
        return [("No right answer is known after ", "plain"), *after, (", so no error sets out.", "plain")]
    if stage.step == COMPARE:
        return _compare(trace, stage)
    if stage.step == ADJUST:
        return _adjust(record, stage)
    if not (shares_left(trace, t, cursor.layer) > 0).any():
        return [
            ("The error of ", "plain"), *_answer(trace, t),
            (" finds no way into the states: nothing sets out.", "plain"),
        ]  # fmt: skip
    return (
        _collect(record, stage, cursor.layer) if stage.step == COLLECT else _back(trace, stage, cursor.layer)
    )


def _word(trace: Trace, step: int, role: Role = "word") -> Runs:
    return named(trace, str(trace.words[step]), role)


def _answer(trace: Trace, step: int) -> Runs:
    return named(trace, str(trace.target_words[step]), "answer")


def _read(record: UpdateRecord, stage: Stage) -> Runs:
    trace, k = record.before, stage.focus
    others = record.others
    beside = {0: ".", 1: "; 1 other sequence runs alongside."}.get(
        others, f"; {others} others run alongside."
    )
    return [
        (f"Update {trace.step + 1} reads ", "plain"), *_word(trace, k),
        (f", {unit_of(trace)} {k + 1} of {trace.length}{beside}", "plain"),
    ]  # fmt: skip


def _remember(trace: Trace, stage: Stage) -> Runs:
    k = stage.focus
    if not hands_on(trace):
        return [*_word(trace, k), (" alone becomes the new state: none is handed on.", "plain")]
    before = "the state before it"
    if k == 0:
        before = "the state carried in" if trace.hidden[0].any() else "a state of zeros"
    return [*_word(trace, k), (f" and {before} become the new state.", "plain")]


def _predict(trace: Trace, stage: Stage) -> Runs:
    k = stage.focus
    return [
        ("After ", "plain"), *_word(trace, k), (" the network expects ", "plain"),
        *named(trace, str(trace.candidate_words[k, 0]), "word"),
        (f" with {one_in(float(trace.candidate_probs[k, 0]))}.", "plain"),
    ]  # fmt: skip


def _compare(trace: Trace, stage: Stage) -> Runs:
    t = stage.error_step
    said = float(trace.target_prob[t])
    if stage.part < GAP_FROM:
        return [
            ("After ", "plain"), *_word(trace, t), (" comes ", "plain"), *_answer(trace, t),
            (f", to which the network gave {one_in(said)}.", "plain"),
        ]  # fmt: skip
    return [
        ("What it said less what was right, p − y, is the error: ", "plain"), *_answer(trace, t),
        (f" got {missing(1 - said)} % too little.", "plain"),
    ]  # fmt: skip


def _back(trace: Trace, stage: Stage, layer: int) -> Runs:
    t, walk = stage.error_step, stage.walk
    if walk is None:
        little = "little " if learned(trace, t) else ""
        where: Runs = (
            [(" enters the last state.", "plain")]
            if t == trace.length - 1
            else [(" enters the state of ", "plain"), *_word(trace, t), (".", "plain")]
        )
        return [(f"The {little}error of ", "plain"), *_answer(trace, t), (" (p − y)", "plain"), *where]
    if stage.others > 0:
        return _others(trace, t)
    if not hands_on(trace) and t > 0:
        return [("The error stops here: this network hands no state on.", "plain")]
    if walk.over:
        return _arrived(trace, t, layer)
    move = step_back(trace, t, walk.step, layer)
    if move is None:
        cut = fate(trace, t, walk.step, layer) == "blocked"
        why = "f′ is 0 on the way" if cut else "it is smaller than the computer's numbers can hold"
        return [("Nothing arrives at ", "plain"), *_word(trace, walk.step), (f": {why}.", "plain")]
    if not stage.in_full:
        return [
            ("The error of ", "plain"), *_answer(trace, t), (" reaches ", "plain"), *_word(trace, walk.step),
            (f" with {percent(move.arrives)} % of its strength.", "plain"),
        ]  # fmt: skip
    here, before = _word(trace, walk.step), _word(trace, walk.step - 1)
    if not move.in_two:
        text = f" the step back leaves {percent(move.reaches)} % of it."
        return [("From ", "plain"), *here, (" to ", "plain"), *before, (text, "plain")]
    if walk.part < 0.5:
        left = "." if walk.step == t else f" of what arrived: {percent(move.let_through)} % is left."
        return [("At ", "plain"), *here, (f" f′ lets {percent(move.slope)} % through{left}", "plain")]
    verb = "stretches" if move.weights > 1 else "shrinks"
    arrival = ": so much reaches "
    if percent(move.reaches) != percent(move.handed_on):
        arrival = f"; with what the layer above adds, {percent(move.reaches)} % reaches "
    return [
        (f"W_hh {verb} it to {percent(move.handed_on)} %", "plain"), (arrival, "plain"),
        *before, (".", "plain"),
    ]  # fmt: skip


def _others(trace: Trace, t: int) -> Runs:
    others = int((trace.targets != NO_TARGET).sum()) - 1
    if others == 0:
        return [("The error of ", "plain"), *_answer(trace, t), (" is the only one.", "plain")]
    errors = "The error of the other" if others == 1 else f"The errors of the other {others}"
    walk = "walks" if others == 1 else "walk"
    return [(f"{errors} {unit_of(trace, others)} {walk} back in the same way.", "plain")]


def _arrived(trace: Trace, t: int, layer: int) -> Runs:
    shares = shares_left(trace, t, layer)
    if t == 0:
        return [("The window begins here: the error goes no further back.", "plain")]
    if not shares[0] > 0:
        return [("Nothing of the error of ", "plain"), *_answer(trace, t), (" reaches ", "plain"),
                *_word(trace, 0), (".", "plain")]  # fmt: skip
    return [
        *_word(trace, 0), (f" gets {percent(float(shares[0]))} %", "plain"),
        ("; there the window begins, and the error goes no further.", "plain"),
    ]  # fmt: skip


def _collect(record: UpdateRecord, stage: Stage, layer: int) -> Runs:
    trace, t = record.before, stage.error_step
    if not hands_on(trace):
        return [("This network has no W_hh: it hands no state on.", "plain")]
    used = f"used {trace.length} times" if trace.length > 1 else "used once"
    one = word_shares(trace, t, layer)
    if stage.part >= ALL_FROM or one is None or not one.max() > 0:
        if record.others == 0:
            return [(f"With the errors of all {unit_of(trace, 2)} together: one matrix, {used}.", "plain")]
        also = "another sequence adds" if record.others == 1 else f"{record.others} other sequences add"
        return [(f"All errors go to the one W_hh, {used}; {also} to it too.", "plain")]
    most = int(one.argmax())
    first = next(k for k in range(trace.length) if one[k] > 0)
    runs: Runs = [(f"The one W_hh is {used}: ", "plain"), *_word(trace, most), (" sends most", "plain")]
    if first == most:
        return [*runs, (".", "plain")]
    back = most - first
    part = f", {back} {unit_of(trace, back)} back, {percent(float(one[first] / one[most]))} % of that."
    return [*runs, ("; ", "plain"), *_word(trace, first), (part, "plain")]


def _adjust(record: UpdateRecord, stage: Stage) -> Runs:
    trace, t = record.before, stage.error_step
    if stage.part < MOVED_BY:
        return [("The weights move a little, against the error.", "plain")]
    word = str(trace.target_words[t])
    old = probability_of(trace, t, word)
    now = None if record.after is None else probability_of(record.after, t, word)
    if now is None or old is None:
        return [("The weights have moved; what they predict now is not known.", "plain")]
    if stage.part < AGAIN_BY:
        return [("With the new weights the network predicts again.", "plain")]
    before, after = one_in(old), one_in(now)
    if before == after and old >= 0.001:
        before, after = (f"{text} %" for text in told_apart(old, now))
    if before == after:
        return [*_answer(trace, t), (f" gets {after}, as before: one update is a small step.", "plain")]
    return [
        ("After ", "plain"), *_word(trace, t), (" the network now gives ", "plain"), *_answer(trace, t),
        (f" {after}; before the update it gave {before}.", "plain"),
    ]  # fmt: skip
