"""An order for what several processes read and write in shared memory, on processors that keep none (ARM)."""

import threading

_fence = threading.Lock()


def settle() -> None:
    """Let what was written and read before be so for all, before what is written and read next.

    Python has no memory fence, but taking a lock is one on every processor.
    """
    for _ in range(2):
        _fence.acquire()
        _fence.release()
