"""The table of a memory experiment as CSV: a row for each network, its fields the columns."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from rnnviz.text import TASK_KINDS
from rnnviz.training.errors import TrainingError
from rnnviz.training.memory_experiment import CellChoice, MemoryResult
from rnnviz.training.settings import SettingError

COLUMNS = tuple(field.name for field in fields(MemoryResult))
_TYPES: dict[str, type] = {field.name: field.type for field in fields(MemoryResult)}  # type: ignore[misc]
MOST_ROWS = 100_000


def table_row(result: MemoryResult) -> list[Any]:
    """The cells of one row, in the order of `COLUMNS`; a number that does not exist is empty."""
    return ["" if isinstance(v, float) and math.isnan(v) else v for v in asdict(result).values()]


def table_text(results: Iterable[MemoryResult]) -> str:
    """The whole table, its first line the names of the columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(table_row(result) for result in results)
    return out.getvalue()


def read_table(text: str) -> tuple[MemoryResult, ...]:
    """The results that `table_text` wrote. Raises TrainingError."""
    rows = csv.DictReader(io.StringIO(text))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise TrainingError(
            "This is no table of a memory experiment: its first line must name the columns "
            f"{', '.join(COLUMNS)}. `rnnviz experiment memory` writes one."
        )
    results = []
    try:
        for line, row in enumerate(rows, 2):
            results.append(_result(row, line))
            if line > MOST_ROWS:
                raise TrainingError(f"The table has more than {MOST_ROWS:,} rows. Take a part of it.")
    except csv.Error as error:
        raise TrainingError(f"The table cannot be read ({error}). Write it anew.") from None
    if not results:
        raise TrainingError("The table has no rows yet: no network was done.")
    if len({(r.task, r.chance) for r in results}) > 1:
        raise TrainingError("The table has several tasks in it. Take the rows of one of them.")
    return tuple(results)


def _result(row: dict[str, Any], line: int) -> MemoryResult:
    values: dict[str, Any] = {}
    for name in COLUMNS:
        text, kind = row.get(name), _TYPES[name]
        try:
            values[name] = math.nan if kind is float and text == "" else kind(text)
        except (TypeError, ValueError):
            raise TrainingError(f"Line {line} of the table has {text!r} under {name}: mend it.") from None
    result = MemoryResult(**values)
    try:
        CellChoice.written(f"{result.cell}:{result.activation}" if result.activation else result.cell)
    except SettingError as error:
        raise TrainingError(f"Line {line} of the table: {error}") from None
    if result.task not in TASK_KINDS or not result.distance >= 1 or None in row:
        raise TrainingError(f"Line {line} of the table is no result of a memory task: mend it.")
    return result
