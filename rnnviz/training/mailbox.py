"""The mailbox between the training thread and whoever watches: one request, one frame, the latest wins.

So a slow screen never slows training, and nothing can pile up.
"""

import threading
from collections.abc import Callable

from rnnviz.probes import TraceRequest
from rnnviz.training.frame import Frame


class Mailbox:
    """Holds the standing request and at most one frame that answers it."""

    def __init__(self, wake: Callable[[], None] | None = None) -> None:
        """`wake` is called, on the caller's thread, when there is something new for the trainer to do."""
        self._wake = wake
        self._lock = threading.Lock()
        self._request: TraceRequest | None = None
        self._frame: Frame | None = None
        self.on_frame: Callable[[], None] | None = None
        """Called on the training thread when it has left a frame, for whoever does not look at a clock."""

    @property
    def request(self) -> TraceRequest | None:
        """What is being watched; None while nobody watches."""
        return self._request

    @property
    def wants_frame(self) -> bool:
        """Whether a request stands and no frame waits to be taken."""
        return self._request is not None and self._frame is None

    def post_request(self, request: TraceRequest | None) -> None:
        """Watch something else from now on; a frame that answers an older request is thrown away."""
        with self._lock:
            self._request = request
            if self._frame is not None and not self._answers(self._frame):
                self._frame = None
        self._call()

    def put(self, frame: Frame) -> bool:
        """Training thread: leave a frame, in place of an untaken one.

        False, and nothing left, where the request that it answers no longer stands.
        """
        with self._lock:
            if not self._answers(frame):
                return False
            self._frame = frame
        if self.on_frame is not None:
            self.on_frame()
        return True

    def take(self) -> Frame | None:
        """The newest frame, once; it answers the standing request."""
        if self._frame is None:  # looked at sixty times a second, mostly in vain: no lock for that
            return None
        with self._lock:
            frame, self._frame = self._frame, None
        if frame is not None:
            self._call()
        return frame

    def empty(self) -> None:
        """Throw an untaken frame away; the request stands."""
        with self._lock:
            self._frame = None

    def _answers(self, frame: Frame) -> bool:
        return self._request is not None and frame.generation == self._request.generation

    def _call(self) -> None:
        if self._wake is not None:
            self._wake()
