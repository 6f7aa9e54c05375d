"""Messages between two processes of this program over a pipe.

Pickled, which is safe here and nowhere else: both ends are this program, started by itself, and the pipe has
no name by which anybody else could write to it. The arrays go beside the pickle, as they are: copied into it
they would hold the interpreter's lock, and the window still, for as long as a large text takes to copy.
"""

import pickle
import threading
from multiprocessing.connection import Connection
from typing import Any


class Channel:
    """One end of a pipe. Several threads may send; one receives."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self._sending = threading.Lock()

    def send(self, message: object) -> None:
        """Write a message; waits while the pipe is full. Raises OSError where nobody reads any more."""
        arrays: list[pickle.PickleBuffer] = []
        body = pickle.dumps(message, protocol=5, buffer_callback=arrays.append)
        with self._sending:
            self._connection.send_bytes(len(arrays).to_bytes(4, "little"))
            self._connection.send_bytes(body)
            for array in arrays:
                self._connection.send_bytes(array.raw())

    def receive(self) -> Any:
        """The next message; waits for it. Raises EOFError or OSError where the other end is gone."""
        count = int.from_bytes(self._connection.recv_bytes(), "little")
        body = self._connection.recv_bytes()
        arrays = [self._connection.recv_bytes() for _ in range(count)]
        return pickle.loads(body, buffers=arrays)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
