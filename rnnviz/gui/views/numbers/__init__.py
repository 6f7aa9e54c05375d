"""What the views show, as tables: the same numbers, with names and units."""

from rnnviz.gui.views.numbers.of_plots import PLOT_TABLES, race_table
from rnnviz.gui.views.numbers.of_tracks import TRACK_TABLES, steps_table
from rnnviz.gui.views.numbers.table import Column, Table, stacked, table

__all__ = ["PLOT_TABLES", "TRACK_TABLES", "Column", "Table", "race_table", "stacked", "steps_table", "table"]
