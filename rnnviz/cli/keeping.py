"""The checkpoint of a training run: written every so often and at the end. A fault stops no training."""

from pathlib import Path

from rnnviz.cli.errors import file_trouble, say
from rnnviz.training import CheckpointError, Experiment, NotConfirmed, checkpoint


class Keeper:
    """Writes one run's checkpoint file, and says what is wrong when it cannot."""

    def __init__(self, experiment: Experiment, path: Path | None, every: int | None) -> None:
        """`path` None: nothing is kept; `every` None: only what is asked for."""
        self._experiment = experiment
        self._path = path
        self._every = every
        self._saved_at: int | None = None  # the update that the file of this run holds
        self._trouble = ""

    def after_update(self) -> None:
        """Write where it is time. What goes wrong is told once, and training goes on."""
        step = self._experiment.step
        if self._every is None or step % self._every:
            return
        before, trouble = self._trouble, self.save()
        if trouble and trouble != before:
            say(f"{trouble} Training goes on; update {step + self._every:,} is the next to be saved.")
        elif before and not trouble:
            say(f"{self._path} is saved again, with update {step:,}.")

    def save(self) -> str:
        """Write the present update, unless the file holds it; "" or what went wrong and what to do."""
        if self._path is None or self._saved_at == self._experiment.step:
            return ""
        try:
            checkpoint.save(self._experiment, self._path)
        except NotConfirmed as error:
            self._saved_at, self._trouble = self._experiment.step, str(error)
        except CheckpointError as error:
            self._trouble = f"{error}{self._still_there}"
        except OSError as error:
            self._trouble = file_trouble(error, f"the checkpoint {self._path} was not written")
        else:
            self._saved_at, self._trouble = self._experiment.step, ""
        return self._trouble

    @property
    def _still_there(self) -> str:
        return "" if self._saved_at is None else f" {self._path} still holds update {self._saved_at:,}."

    def rescue(self) -> str:
        """Write the checkpoint of a run that did not reach its end; a sentence about it."""
        if self._path is None:
            return "Nothing was saved; --save CKPT would keep the network."
        step = self._experiment.step
        return self.save() or f"{self._path} holds update {step:,}; --resume goes on from there."
