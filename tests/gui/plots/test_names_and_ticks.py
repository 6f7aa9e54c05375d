"""Names of curves keep clear of steep curves; a log axis has labels however short it is."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSizeF

from rnnviz.gui.views.plots.labels import Surroundings, crossings, place_label, sampled
from rnnviz.gui.views.plots.ticks import log_ticks


@pytest.mark.parametrize("steep", [0.2, 1.0, 4.0, 12.0])
@pytest.mark.parametrize("above", [True, False])
def test_a_name_stands_beside_a_curve_however_steep(steep: float, above: bool) -> None:
    area = QRectF(0, 0, 500, 600)
    x = np.linspace(0, min(500, 600 / steep), 60)
    line = sampled(x, x * steep)
    place = place_label(QSizeF(104, 13), line, Surroundings(area, [line], []), above=above)
    assert area.contains(place)
    assert crossings(place, [line]) == 0


@pytest.mark.parametrize(
    ("low", "high"), [(0.7, 2.15), (1.2, 2.3), (0.7, 3.15), (-3.3, 2.4), (-12, 2.7), (-1, 6)]
)
def test_a_log_axis_has_several_labels_and_one_hundred_is_among_them(low: float, high: float) -> None:
    ticks = log_ticks(low, high)
    assert 3 <= len(ticks) <= 9
    assert 2.0 in ticks
    assert ticks == sorted(ticks)
    assert all(low <= tick <= high for tick in ticks)
    digits = {round(10 ** (tick - math.floor(tick + 1e-9))) for tick in ticks}
    assert digits <= {1, 2, 5}
