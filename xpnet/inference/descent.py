"""The continuous answer, or latent variable, of lowest energy: descent on the gradient of a machine's input."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from numbers import Integral, Real
from typing import Protocol, TypeAlias

from xpnet._typing import Array, Namespace
from xpnet.errors import NotFiniteError, RecipeError, ShapeError
from xpnet.inference.bystanders import Bystanders
from xpnet.inference.found import Descent as Descent
from xpnet.inference.landscape import Landscape, Point, event_ndim_of, searched
from xpnet.inference.line_search import LineSearch
from xpnet.inference.starts import starting_points
from xpnet.module import Module
from xpnet.state import State

Progress: TypeAlias = Callable[[int, int, int], object]  # (steps done, replicas that converged, replicas)
Project: TypeAlias = Callable[[Array], Array]  # values to the nearest ones that are allowed, of the same shape


class Search(Protocol):
    """A method under way: what it remembers of each replica."""

    step: Array  # (...), the length of each replica's step along its slope

    def propose(self, here: Point) -> Array:
        """The values to try next, (..., n)."""

    def judge(self, here: Point, there: Point) -> Array:
        """Which replicas go there, (...)."""


class Method(Protocol):
    """A way of descending: LineSearch, Momentum, or anything else with `begin`."""

    def begin(self, xp: Namespace, here: Point) -> Search:
        """A search from these points."""


def descend(
    machine: Module,
    inputs: Sequence[Array | State | None],
    start: Array,
    *,
    method: Method | None = None,
    steps: int = 200,
    tolerance: float = 1e-5,
    restarts: int = 1,
    spread: float = 1.0,
    seed: int = 0,
    project: Project | None = None,
    event_ndim: int | None = None,
    progress: Progress | None = None,
) -> Descent:
    """argmin of the energy over the input that is None, by `method`, LineSearch() by default; the others stay fixed.

    machine: E(X, Y), E(X, Y, Z) or any other whose one output is an energy; its parameters are left as they are, with
    the gradients that are pending. inputs: an array for each input, or a State whose value enters as it is.
    start (*lead, *event): first values; lead axes broadcast against those of the other inputs, and each energy gets a
    value of its own. restarts R: descend from `start` and from R - 1 points around it, at a normal distance of
    standard deviation `spread`, the same around every start; the best counts. Starting points of your own are one more
    axis in front of `start`, so that each has an answer of its own; `found.lowest()` then keeps the best.

    All replicas run as one batch and converge one by one, when no component of dE/dY exceeds `tolerance`.
    project: confines the search, e.g. to a box; called with (R, *lead, *event), once for each trial. event_ndim: the
    axes of one value, where the machine leaves that open.

    Raises NotFiniteError where a start has no finite energy; later, such a point is a step not taken.

    >>> import numpy as np
    >>> from xpnet.modules import Euclidean
    >>> found = descend(Euclidean(), [np.asarray([[1.0, 2.0], [3.0, 4.0]]), None], np.zeros(2))
    >>> found.value.tolist(), found.summary()
    ([[1.0, 2.0], [3.0, 4.0]], 'converged 2 of 2, largest gradient 0, 1 step')
    """
    _require(steps=(steps, 0), tolerance=(tolerance, 0), restarts=(restarts, 1), spread=(spread, 0))
    if method is not None and (isinstance(method, type) or not callable(getattr(method, "begin", None))):
        msg = f"method is LineSearch(), Momentum(rate) or anything else with `begin`; got {method!r}"
        raise RecipeError(msg)
    position = searched(machine, inputs)
    given = machine.backend.asarray(start)
    ndim = event_ndim_of(machine, position) if event_ndim is None else event_ndim
    if given.ndim < ndim:
        msg = f"start has shape {tuple(given.shape)}; one value of input {position} has {ndim} axes of its own"
        raise ShapeError(msg)
    landscape = Landscape(machine, inputs, tuple(given.shape[given.ndim - ndim :]))
    confined = None if project is None else _on_vectors(project, landscape)
    with Bystanders(machine) as bystanders, _unwarned():
        run = _Run(landscape, bystanders, confined, tolerance)
        first = starting_points(landscape, given, restarts, spread, seed)
        return run.down(first, method or LineSearch(), steps, progress).lowest()


class _Run:
    """The descent of all replicas (R, *lead) at once."""

    def __init__(self, landscape: Landscape, bystanders: Bystanders, project: Project | None, tolerance: float) -> None:
        self.landscape, self.bystanders, self.xp = landscape, bystanders, landscape.xp
        self.project, self.tolerance = project, tolerance

    def down(self, first: Array, method: Method, steps: int, progress: Progress | None) -> Descent:
        """Step by step, until every replica has converged or stalled, or the steps are used up."""
        xp = self.xp
        here = self._at(first if self.project is None else self.project(first))
        self._require_finite(here)
        search = method.begin(xp, here)
        taken = xp.zeros_like(here.energy, dtype=xp.int64)
        stalled = xp.zeros_like(here.energy, dtype=xp.bool)
        for step in range(1, steps + 1):
            converged = self._gradient(here) <= self.tolerance
            unmoved = xp.all(here.value - search.step[..., None] * here.slope == here.value, axis=-1)
            stalled = stalled | (unmoved & ~converged)
            active = ~(stalled | converged)
            if not bool(xp.any(active)):
                break
            trial = search.propose(here)
            trial = trial if self.project is None else self.project(trial)
            there = self._at(xp.where(active[..., None], trial, here.value))
            here = self._moved(here, there, search.judge(here, there) & active)
            taken = taken + xp.astype(active, xp.int64)
            if progress is not None:
                n_converged = xp.count_nonzero(self._gradient(here) <= self.tolerance)
                progress(step, int(n_converged), prod(here.energy.shape))
        gradient, value = self._gradient(here), self.landscape.shaped(here.value)
        converged = gradient <= self.tolerance
        return Descent(value, here.energy, converged, stalled, gradient, taken, xp.zeros_like(taken), here.energy)

    def _at(self, value: Array) -> Point:
        point = self.landscape.at(value)
        self.bystanders.forget()
        return point

    def _gradient(self, here: Point) -> Array:
        """The largest component of dE/dvalue, or of the step that is left of it where the search is confined."""
        step = here.slope if self.project is None else here.value - self.project(here.value - here.slope)
        return self.xp.max(self.xp.abs(step), axis=-1)

    def _moved(self, here: Point, there: Point, gone: Array) -> Point:
        where, wide = self.xp.where, gone[..., None]
        return Point(
            where(wide, there.value, here.value),
            where(gone, there.energy, here.energy),
            where(wide, there.slope, here.slope),
        )

    def _require_finite(self, here: Point) -> None:
        bad = int(self.xp.count_nonzero(~self.xp.isfinite(here.energy)))
        if bad:
            msg = (
                f"{bad} of {prod(here.energy.shape)} starting points have no finite energy and gradient; start "
                "elsewhere, draw restarts nearer by a smaller spread, or confine them by project"
            )
            raise NotFiniteError(msg)


@contextmanager
def _unwarned() -> Iterator[None]:
    """A trial too far out is no reason for a warning: it has no finite energy, and nobody stays there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _on_vectors(project: Project, landscape: Landscape) -> Project:
    def confined(value: Array) -> Array:
        result = project(landscape.shaped(value))
        if tuple(result.shape) != tuple(landscape.shaped(value).shape):
            msg = f"project gave shape {tuple(result.shape)} for values of shape {tuple(landscape.shaped(value).shape)}"
            raise ShapeError(msg)
        return landscape.flat(result)

    return confined


def _require(**numbers: tuple[object, int]) -> None:
    for name, (value, least) in numbers.items():
        whole = name in ("steps", "restarts")
        if not isinstance(value, Integral if whole else Real) or not least <= float(value) < float("inf"):
            kind = "finite" if not whole or isinstance(value, Integral) else "an integer"
            msg = f"{name} of a descent must be {kind} and at least {least}; got {value!r}"
            raise RecipeError(msg)
