"""What can go wrong with a run: each error says what is the matter and what to do about it."""


class TrainingError(Exception):
    """A run cannot begin or go on. `str(error)` is for the person in front of the screen."""


class DoesNotFit(TrainingError):  # noqa: N818 - the name says what is wrong
    """The network and its buffers need more memory than this machine has free."""


class Diverged(TrainingError):  # noqa: N818 - the name says what is wrong
    """The numbers left what can be computed with; the network is still that of the last good update."""

    def __init__(self, step: int, cause: str, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.step = step  # the update that broke the network or could not be made
        self.cause = cause
        self.remedy = remedy


class HelpersFailed(TrainingError):  # noqa: N818 - the name says what is wrong
    """The processes that help to train cannot be started or go on; the network is that of the last update."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy


class WorkerGone(HelpersFailed):
    """A process that helped to train has ended by itself; the network is that of the last update."""

    def __init__(self, exit_code: int | None, said: str = "") -> None:
        """`said`: the error that the process has told before it was ended, if any."""
        why = f"was ended by signal {-exit_code}" if exit_code and exit_code < 0 else f"ended ({exit_code})"
        guess = f"failed: {said}." if said else f"{why}; perhaps the machine is short of memory."
        super().__init__(
            f"A process that helps to train {guess}",
            "Nothing is lost: go on training, with fewer processor cores if it happens again.",
        )


class CheckpointError(TrainingError):
    """A checkpoint cannot be read, written or continued."""


class NotACheckpoint(CheckpointError):  # noqa: N818 - the name says what is wrong
    """The file is no checkpoint of this program, or a damaged one."""


class WrongCheckpoint(CheckpointError):  # noqa: N818 - the name says what is wrong
    """A whole checkpoint, but not of this text."""


class TextNotHere(CheckpointError):  # noqa: N818 - the name says what is wrong
    """The text that a network was made with has to be chosen."""


class NotConfirmed(CheckpointError):  # noqa: N818 - the name says what is wrong
    """The checkpoint is written, but the disk has not said that it will outlast a power cut."""
