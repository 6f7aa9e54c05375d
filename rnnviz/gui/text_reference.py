"""Where a text was, as JSON that outlives the program: its file, the example it is, or its memory task."""

from pathlib import Path
from typing import Any

from rnnviz.text import Task, TextFile, sample_at, samples, task_of
from rnnviz.training import TextSource


def reference_to(text: TextFile | None) -> dict[str, Any]:
    """How to find a text again; nothing where there is no way."""
    if text is None:
        return {}
    if text.origin is not None:
        sample = sample_at(text.origin)
        return {"sample": sample.file} if sample is not None else {"file": str(text.origin)}
    task = task_of(text)
    return {} if task is None else {"task": [task.kind, task.distance, task.examples, task.seed]}


def source_of(reference: Any) -> TextSource | None:
    """The same read back; None where it leads nowhere."""
    match reference:
        case {"sample": str(file)}:
            return next((sample.path for sample in samples() if sample.file == file), None)
        case {"file": str(file)}:
            return Path(file)
        case {"task": [str(kind), int(distance), int(examples), int(seed)]}:
            try:
                return Task(kind, distance, examples, seed)
            except ValueError:
                return None
    return None
