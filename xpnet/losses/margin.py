"""Does a loss make a machine that answers correctly? The sufficient condition of LeCun & Huang (AISTATS 2005)."""

import math
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import final

from xpnet._typing import HostArray
from xpnet.backend import Backend, get_backend
from xpnet.losses.loss import Loss
from xpnet.state import State

HEIGHT = 20.0  # energies from 0 to here for the correct answer, from -here for the incorrect one; 4 m if that is more
STEPS = 161  # grid points from 0 to there
ANY = 1.0  # the margin that a loss with margin "inf" is tried with
OTHERS: tuple[tuple[float, ...], ...] = ((), (0.0,), (3.0, 30.0))  # further answers, so far above


@final
@dataclass(frozen=True)
class MarginReport:
    """Whether a loss satisfies the condition with a margin, and the surface L(E_C, E_I) to see it by; true if it does.

    best_right, best_wrong: the points (E_C, E_I) of lowest loss where E_C + m < E_I, and where it is not; their losses.
    surface[i][j]: the loss at E_C = correct[i], E_I = offending[j].
    """

    loss: str
    margin: float
    satisfied: bool
    best_right: tuple[float, float]
    best_wrong: tuple[float, float]
    loss_right: float
    loss_wrong: float
    correct: HostArray
    offending: HostArray
    surface: HostArray

    def __bool__(self) -> bool:
        return self.satisfied

    def __str__(self) -> str:
        verdict, sign = ("satisfies", "<") if self.satisfied else ("does not satisfy", ">=")
        return (
            f"{self.loss} {verdict} the margin condition with m = {self.margin:g}: lowest loss where E_C + m < E_I is "
            f"{self.loss_right:.6g} at {self.best_right} {sign} {self.loss_wrong:.6g} at {self.best_wrong} elsewhere"
        )


def satisfies_margin_condition(loss: Loss, margin: float | None = None) -> MarginReport:
    """Is some point with E_C + m < E_I lower than every point with E_C + m > E_I, all other energies being equal?

    Then minimising the loss makes the correct answer win by the margin, if the machine can do it at all. Checked on a
    grid of both energies, with no, one and two further answers; the report is of the first that fails, or the last.
    margin: m; by default the margin that the loss states, 1 where it states any, 0 where it states none.

    >>> from xpnet.losses import EnergyLoss, HingeLoss, PerceptronLoss
    >>> bool(satisfies_margin_condition(HingeLoss(margin=2.0))), bool(satisfies_margin_condition(EnergyLoss()))
    (True, False)
    >>> [bool(satisfies_margin_condition(PerceptronLoss(), margin=m)) for m in (0.0, 0.5)]
    [True, False]
    """
    backend = get_backend("numpy", dtype="float64")
    subject = deepcopy(loss).bind(backend)
    if margin is None:
        margin = 0.0 if loss.margin is None else min(loss.margin, ANY)
    reports = [_report(subject, margin, others, backend) for others in OTHERS]
    return next((report for report in reports if not report), reports[-1])


def _report(loss: Loss, margin: float, others: Sequence[float], backend: Backend) -> MarginReport:
    xp = backend.xp
    height = max(HEIGHT, 4.0 * margin)
    correct = xp.linspace(0.0, height, STEPS, dtype=backend.dtype)
    offending = xp.linspace(-height, height, 2 * STEPS - 1, dtype=backend.dtype)
    surface = _surface(loss, correct, offending, [height + other for other in others], backend)
    gap = offending[None, :] - correct[:, None] - margin
    tolerance = 1e-9 * height  # what lies on the border belongs to neither side
    right, right_at = _lowest(xp.where(gap > tolerance, surface, math.inf))
    wrong, wrong_at = _lowest(xp.where(gap < -tolerance, surface, math.inf))
    return MarginReport(
        loss=repr(loss),
        margin=margin,
        satisfied=right < wrong,
        best_right=(float(correct[right_at[0]]), float(offending[right_at[1]])),
        best_wrong=(float(correct[wrong_at[0]]), float(offending[wrong_at[1]])),
        loss_right=right,
        loss_wrong=wrong,
        correct=correct,
        offending=offending,
        surface=surface,
    )


def _surface(
    loss: Loss, correct: HostArray, offending: HostArray, others: Sequence[float], backend: Backend
) -> HostArray:
    xp = backend.xp
    shape = (correct.shape[0], offending.shape[0])
    wires = [xp.broadcast_to(correct[:, None], shape), xp.broadcast_to(offending[None, :], shape)]
    wires += [xp.full(shape, other, dtype=backend.dtype) for other in others]
    value = State()
    loss.fprop(State(xp.stack(wires, axis=-1)), State(backend.indices(0), fixed=True), value)
    return value.x


def _lowest(surface: HostArray) -> tuple[float, tuple[int, int]]:
    place = int(surface.argmin())
    return float(surface.min()), divmod(place, surface.shape[1])
