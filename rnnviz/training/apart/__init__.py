"""The trainer in a process of its own, so that drawing and learning do not share one interpreter.

Two threads of one Python process take turns: while a frame is drawn nothing is learned. `ApartTrainer` looks
like a `Trainer` to its owner; the work is done by a real `Trainer` in a worker process, which is started
afresh (spawn) and spoken to through a pipe.
"""

from rnnviz.training.apart.reserve import Reserve
from rnnviz.training.apart.trainer import ApartTrainer

__all__ = ["ApartTrainer", "Reserve"]
