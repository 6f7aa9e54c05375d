"""A table of numbers in long format: named columns with their units, as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """One column; every column of a table has as many values."""

    name: str  # as in the `.npz` where it is there: "share_left"
    unit: str  # "nats"; "" where it has none, as words and numbers of things
    values: NDArray[Any]  # (rows,)

    @property
    def heading(self) -> str:
        """ "loss [nats]"."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


@dataclass(frozen=True, slots=True)
class Table:
    """Columns side by side."""

    columns: tuple[Column, ...]

    @property
    def rows(self) -> int:
        """How many rows below the header."""
        return len(self.columns[0].values) if self.columns else 0

    def csv(self) -> str:
        """The header and the rows; a number that is not known is an empty field.

        Numbers keep all their digits: read back they are the same.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([column.heading for column in self.columns])
        writer.writerows(zip(*(_texts(column.values) for column in self.columns), strict=True))
        return out.getvalue()


def table(rows: int, *columns: tuple[str, str, ArrayLike]) -> Table:
    """A table out of (name, unit, values); a single value stands in each of the rows."""
    return Table(
        tuple(
            Column(name, unit, np.broadcast_to(np.asarray(values), (rows,))) for name, unit, values in columns
        )
    )


def stacked(tables: Sequence[tuple[int, str, Table]]) -> Table:
    """The tables of several lanes under each other, by number from 1 and title.

    A column that one of them has not is empty there.
    """
    headings = list(dict.fromkeys((c.name, c.unit) for _, _, one in tables for c in one.columns))
    columns = [
        Column("lane", "", _joined(np.full(one.rows, number) for number, _, one in tables)),
        Column("network", "", _joined(np.full(one.rows, title, dtype=object) for _, title, one in tables)),
    ]
    for name, unit in headings:
        columns.append(Column(name, unit, _joined(_column_of(one, name) for _, _, one in tables)))
    return Table(tuple(columns))


def _column_of(one: Table, name: str) -> NDArray[Any]:
    found = [column.values for column in one.columns if column.name == name]
    return np.array(_texts(found[0]), dtype=object) if found else np.full(one.rows, "", dtype=object)


def _joined(parts: Iterable[NDArray[Any]]) -> NDArray[Any]:
    found = list(parts)
    return np.concatenate(found) if found else np.zeros(0)


def _texts(values: NDArray[Any]) -> list[str]:
    """Every value as text. Single precision needs 9 digits to come back as it was, double up to 17."""
    if values.dtype.kind == "b":
        return [str(int(value)) for value in values.tolist()]
    if values.dtype.kind != "f":
        return [str(value) for value in values.tolist()]
    if values.dtype == np.float32:
        return ["" if value != value else f"{value:.9g}" for value in values.tolist()]
    return ["" if value != value else repr(value) for value in values.tolist()]
