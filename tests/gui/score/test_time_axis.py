"""The axis: tiers, rounding, zoom and scroll."""

import pytest

from rnnviz.gui.views.time_axis import DENSE, DENSE_WORDS, WIDEST, TimeAxis


def axis(length: int, characters: bool = False, width: float = 551.0, ratio: float = 1.0) -> TimeAxis:
    return TimeAxis(length=length, left=153, width=width, characters=characters, pixel_ratio=ratio)


@pytest.mark.parametrize(
    ("length", "characters", "tier"),
    [
        (5, False, "wide"), (8, False, "wide"), (10, False, "slant"), (19, False, "slant"),
        (20, False, "dense"), (25, False, "dense"), (26, False, "scroll"), (400, False, "scroll"),
        (25, True, "dense"), (39, True, "dense"), (40, True, "scroll"),
    ],
)  # fmt: skip
def test_the_width_of_a_column_decides_its_tier(length: int, characters: bool, tier: str) -> None:
    assert axis(length, characters).tier == tier


def test_columns_never_get_narrower_than_their_minimum() -> None:
    assert DENSE_WORDS <= axis(1000).column_width < DENSE_WORDS + 1
    assert DENSE <= axis(1000, characters=True).column_width < DENSE + 1


@pytest.mark.parametrize("width", [551.0, 700.0, 1191.0, 1832.0])
@pytest.mark.parametrize("characters", [True, False])
def test_no_column_is_cut_in_two_at_the_end_of_a_passage(characters: bool, width: float) -> None:
    a = axis(1000, characters, width).revealing(999)
    first = a.visible.start
    assert a.scrolls
    assert a.column(first)[0] == pytest.approx(a.left, abs=1)
    assert a.column(999)[1] == pytest.approx(a.right, abs=1)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("length", [1, 7, 24, 400])
def test_edges_lie_on_device_pixels_and_every_step_is_found_again(length: int, ratio: float) -> None:
    a = axis(length, ratio=ratio)
    assert all(edge * ratio == pytest.approx(round(edge * ratio)) for edge in a.edges)
    assert len(a.edges) == length + 1
    for step in a.visible:
        left, right = a.column(step)
        middle = (max(left, a.left) + min(right, a.right)) / 2
        assert a.step_at(middle) == step
    assert a.step_at(a.left - 1) is None
    assert a.step_at(a.right + 1) is None


def test_zoom_keeps_the_step_under_the_mouse() -> None:
    a = axis(100).scrolled(500)
    x = 400.0
    before = a.step_at(x)
    for _ in range(3):
        a = a.zoomed(1.25, x)
        assert a.step_at(x) == before
    assert a.zoomed(1e-9).zoom == 1.0


def test_revealing_scrolls_no_more_than_needed() -> None:
    a = axis(100)
    assert a.revealing(5) == a
    end = a.revealing(99)
    assert end.visible.stop == 100
    assert end.revealing(98) == end
    assert end.revealing(0).visible.start == 0


def test_a_column_is_never_absurdly_wide() -> None:
    assert axis(1, width=2000).column_width <= WIDEST < 250
