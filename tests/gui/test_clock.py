"""How often live frames are taken."""

from rnnviz.gui.clock import LONGEST_WAIT_S, FramePace

SHARE = 0.1


class Times:
    """A clock on the wall and one of the thread's work, both set by hand."""

    def __init__(self) -> None:
        self.now = self.worked = 0.0

    def pass_by(self, seconds: float, working: float = 0.0) -> None:
        self.now += seconds
        self.worked += working


def pace_of(times: Times) -> FramePace:
    return FramePace(SHARE, lambda: times.now, lambda: times.worked)


def test_the_first_frame_may_be_taken_at_once() -> None:
    assert pace_of(Times()).may_take()


def test_a_frame_is_paid_for_before_the_next_one_is_taken() -> None:
    times = Times()
    pace = pace_of(times)
    pace.taken()
    times.pass_by(0.004, working=0.004)
    assert not pace.may_take()
    times.pass_by(0.004 / SHARE - 0.005)
    assert not pace.may_take()
    times.pass_by(0.002)
    assert pace.may_take()


def test_a_dear_frame_still_leaves_ten_pictures_a_second() -> None:
    times = Times()
    pace = pace_of(times)
    pace.taken()
    times.pass_by(LONGEST_WAIT_S * 1.01, working=LONGEST_WAIT_S)
    assert pace.may_take()


def test_a_new_wish_need_not_wait() -> None:
    times = Times()
    pace = pace_of(times)
    times.pass_by(5.0)
    pace.taken()
    times.pass_by(0.005, working=0.005)
    assert not pace.may_take()
    pace.hurry()
    assert pace.may_take()
