"""The lanes of a race from other seeds, as the window runs them: in the background, to the present update."""

from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from rnnviz.gui.cursor import Cursor
from rnnviz.gui.results_show import ResultsShow
from rnnviz.gui.session import Session
from rnnviz.gui.theme import Theme
from rnnviz.gui.views.repeats import Measure, RepeatsShown
from rnnviz.gui.views.wording import quoted
from rnnviz.probes import Trace, TraceRequest
from rnnviz.text import Corpus
from rnnviz.training import (
    RepeatPlan,
    RepeatResult,
    RepeatRun,
    repeat_lane,
    repeats_text,
    seeds_from,
)

NOT_TRAINED = "Train first: repeats go to the present number of updates."


class RepeatsShow(ResultsShow):
    """Holds the plan and its results until other repeats are asked for."""

    title = "Repeats"

    def __init__(self, session: Session, cursor: Cursor, theme: Theme, parent: QObject) -> None:
        super().__init__(theme, parent)
        self._session, self._cursor = session, cursor
        self.plan: RepeatPlan | None = None
        self.results: list[RepeatResult] = []
        self._corpus: Corpus | None = None
        self._runs: tuple[RepeatRun, ...] = ()
        self._changed = False  # by hand: the race had interventions, which are not repeated
        self._trace: Trace | None = None  # what is watched: its words name what is measured
        self.page.run_clicked.connect(self.run)
        self.page.anew_clicked.connect(self.start_anew)
        self.refresh()

    # -- commands -----------------------------------------------------------------------------------

    def why_not(self) -> str:
        """Why nothing can be repeated now; "" where it can."""
        run, trace = self._session.run, self._session.shown_trace
        if run is None or trace is None:
            return "No text is open yet."
        return NOT_TRAINED if not run.experiment.step else ""

    def start_anew(self) -> None:
        """Repeat the lanes as they stand now, with five seeds."""
        if self.background.is_running or self.why_not():
            self.refresh()
            return
        run, trace = self._session.run, self._session.shown_trace
        assert run is not None and trace is not None
        experiment = run.experiment
        self._corpus, self._trace, self.results = experiment.corpus, trace, []
        frame = self._session.shown_frame
        self._changed = frame is not None and frame.change > 0
        vectors = tuple(lane.vectors for lane in experiment.lanes)
        self.plan = RepeatPlan(
            settings=self._session.settings,
            steps=experiment.step,
            asked=_asked(trace),
            error_step=self._cursor.state.error_step,
            seeds=seeds_from(self._session.settings.experiment.seed),
            vectors=vectors if any(vectors) else None,
        )
        self.run()

    def run(self) -> None:
        """Train what is not done yet."""
        if self.plan is None or self.background.is_running:
            return
        assert self._corpus is not None
        self._runs = self.plan.runs(self.results)
        if self._runs:
            size = len(self._corpus.vocabulary)
            weights = [self.plan.weight(run, size) for run in self._runs]
            self.begin(partial(repeat_lane, self._corpus, self.plan), self._runs, weights)

    # -- what comes ---------------------------------------------------------------------------------

    def on_told(self, job: int, what: float) -> None:
        """A run tells the share of its updates that is done."""
        self.background.note_share(job, what)
        self.refresh()

    def on_finished(self, job: int, result: Any) -> None:
        """One lane is done with one seed."""
        self.results.append(result)
        self.refresh()

    # -- what is shown ------------------------------------------------------------------------------

    def content(self) -> RepeatsShown:
        """The picture as it stands."""
        plan, corpus, trace = self.plan, self._corpus, self._trace
        if plan is None or corpus is None or trace is None:
            return RepeatsShown("Repeats", "Nothing was repeated yet.", (), (), (), ())
        lanes = plan.titles
        answered = corpus.task is not None and plan.settings.experiment.loss == "marked"
        unit = "answer" if answered else "word" if corpus.tokenizer.name == "word" else "character"
        word = quoted(trace, str(trace.target_words[plan.error_step]))
        first = quoted(trace, str(trace.words[0]))
        measures = (
            Measure(f"validation loss, nats per {unit}", "nats", "forward", self._values("valid_loss")),
            Measure(
                "right answers on held-back text", "%", "right", self._values("valid_accuracy"), 0.0, 1.0
            ),
            Measure(f"error of {word} left at {first}", "%", "backward", self._values("share_left"), 0.0),
        )
        return RepeatsShown(
            headline=f"{len(plan.seeds)} seeds, {_updates(plan.steps)} each: {corpus.name}",
            said="each dot a seed; bar: mean ± standard deviation, of the error left median, least and most",
            lanes=lanes,
            broken=tuple(
                sum(bool(r.failure) for r in self.results if r.lane == lane) for lane in range(len(lanes))
            ),
            measures=measures,
            notes=(
                f"Seeds {plan.seeds[0]} to {plan.seeds[-1]}. The same for all: the text, the order of its "
                "windows, and each lane's settings as they stood. Not the same: starting weights, resets and "
                "dropout, which the seed decides.",
                *(("Interventions were not repeated.",) if self._changed else ()),
            ),
        )

    def _values(self, name: str) -> tuple[tuple[float, ...], ...]:
        assert self.plan is not None
        ordered = sorted(self.results, key=lambda r: r.seed)
        lanes = range(len(self.plan.titles))
        return tuple(tuple(float(getattr(r, name)) for r in ordered if r.lane == lane) for lane in lanes)

    def table(self) -> str:
        """Every result, lane by lane."""
        return repeats_text(self.results)

    def said(self) -> str:
        """How many runs are done."""
        if self.plan is None:
            return self.why_not()
        done, count = len(self.results), len(self.plan.runs())
        if done >= count:
            return f"all {count} runs are done"
        if self.background.is_running:
            return f"{done} of {count} runs are done"
        return f"stopped: {done} of {count} runs are done"

    def refresh_buttons(self) -> None:
        """Go on with what is left, or repeat what stands now."""
        left = len(self.plan.runs(self.results)) if self.plan else 0
        self.page.show_buttons(
            running=self.background.is_running, run_text=f"Go on ({left} left)" if left else "",
            why_not="", partial=self.plan is not None, results=bool(self.results),
        )  # fmt: skip


def _updates(count: int) -> str:
    return "1 update" if count == 1 else f"{count:,} updates"


def _asked(trace: Trace) -> TraceRequest:
    """The passage of a trace, its last answer named."""
    answer = int(trace.targets[-1])
    return TraceRequest(
        tokens=tuple(int(i) for i in trace.tokens),
        words=tuple(str(word) for word in trace.words),
        answer=answer if answer >= 0 else None,
        answer_word=str(trace.target_words[-1]) if answer >= 0 else None,
        needs=frozenset(),
        generation=0,
    )
