"""Training divided among processes: the trainer's own does a part of each update, helpers do the others."""

from rnnviz.training.workers.crew import Crew
from rnnviz.training.workers.setting import MOST_WORKERS, WORKERS
from rnnviz.training.workers.sharing import Part, divided

__all__ = ["MOST_WORKERS", "WORKERS", "Crew", "Part", "divided"]
