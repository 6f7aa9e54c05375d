"""What LSTM and GRU share beyond `gating`: a gate that keeps the state, and the order of the way back."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from rnnviz.engine.arrays import Floats, aligned_zeros
from rnnviz.engine.cells.cell import Cell, LayerErrors, LayerRun, LayerWeights
from rnnviz.engine.cells.gating import Interventions, coefficient_rows
from rnnviz.engine.errors import Stop
from rnnviz.engine.overrides import LayerOverrides


class GatedCell(Cell):
    """One block of the recurrent weights for each gate, and one gate that keeps a share of the state."""

    keeping_block: ClassVar[int]  # the gate that the state before is multiplied by
    slope_rows: ClassVar[int]  # arrays that `_fill_slopes` writes for each time step, scratch included
    overlays = True
    kept_arrays = 1
    reads_forth_alone = True

    def gates(self, run: LayerRun, length: int) -> dict[str, Floats]:
        """Every gate by its name, each (T, B, H)."""
        return dict(zip(self.gate_names, run.pre[:, :length], strict=True))

    def backward(
        self,
        weights: LayerWeights,
        run: LayerRun,
        errors: LayerErrors,
        length: int,
        stop: Stop | None,
        overrides: LayerOverrides | None,
        begin: int = 0,
    ) -> None:
        """The gates' derivatives for a few steps at once, then those steps, from the last to the first."""
        weight_back = weights.weight_hh_back
        forced = self._interventions(overrides)
        slopes = self._slopes(run, errors)
        keeps = run.pre[self.keeping_block]
        if keeps.dtype != slopes.dtype:
            keeps = keeps.astype(slopes.dtype)
        if errors.dstate.shape[2] == 1:
            keeps = keeps[:, 0]
            weight_back = run.extra["rows"] if errors.trains else weight_back.reshape(-1, self.hidden).T
        rows = slopes.shape[1]
        for end in range(length, begin, -rows):
            start = max(begin, end - rows)
            self._fill_slopes(run, slopes, start, end, forced)
            views = errors.slope_views[: end - start]
            steps = list(zip(range(end - 1, start - 1, -1), reversed(views), strict=True))
            self._steps_back(weight_back, keeps, errors, steps, stop, forced)
        if forced is not None:
            forced.silence(errors.dstate[:, 0])

    @abstractmethod
    def _steps_back(
        self,
        weight_back: Floats,
        keeps: Floats,
        errors: LayerErrors,
        steps: Sequence[tuple[int, tuple[Floats, ...]]],
        stop: Stop | None,
        forced: Interventions | None,
    ) -> None:
        """Take the errors back through those steps, the last one first, each with its views of the slopes.

        `weight_back` is (G, H, H), or (H, G*H) for a single sequence, which it goes through the other way
        round; `keeps` (T, B, H) or (T, H), the keeping gate. Raises Interrupted once `stop()` is true.
        """

    @abstractmethod
    def _fill_slopes(
        self, run: LayerRun, slopes: Floats, start: int, end: int, forced: Interventions | None
    ) -> None:
        """Write what errors are multiplied by at steps start ... end-1 into `slopes` (R, rows, B, H)."""

    @abstractmethod
    def _slope_views(self, slopes: Floats) -> tuple[Floats, ...]:
        """The parts of one step's slopes (R, B, H) that `_steps_back` multiplies by."""

    def _slopes(self, run: LayerRun, errors: LayerErrors) -> Floats:
        """Scratch (R, rows, B, H) for as many steps as stay in the cache, made as it is first asked for."""
        B, H = run.state.shape[2:]
        if "slopes" not in errors.extra:
            rows = coefficient_rows(errors.dpre.shape[1], B, H)
            slopes = aligned_zeros((self.slope_rows, rows, B, H), errors.dpre.dtype)
            errors.extra["slopes"] = slopes
            shaped = slopes[:, :, 0] if errors.dstate.shape[2] == 1 else slopes
            errors.slope_views = [self._slope_views(shaped[:, j]) for j in range(rows)]
        return errors.extra["slopes"]

    def _interventions(self, overrides: LayerOverrides | None) -> Interventions | None:
        if overrides is None:
            return None
        self.describe_overrides(overrides)
        return Interventions(overrides, self.gate_names)


def in_digits_of(slopes: Floats, *values: Floats) -> tuple[Floats, ...]:
    """Forward values in the digits of the slopes: 1 - x of a saturated gate keeps some in float64 only."""
    return values if slopes.dtype == values[0].dtype else tuple(a.astype(slopes.dtype) for a in values)
