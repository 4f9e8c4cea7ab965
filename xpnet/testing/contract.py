"""The contract checker, for the shipped modules and for everybody's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xpnet._typing import HostArray, Shape
from xpnet.backend import Backend, get_backend
from xpnet.checks import shape_of
from xpnet.errors import ContractError, ShapeError
from xpnet.module import Module
from xpnet.testing.clauses import CLAUSES, Clause
from xpnet.testing.draws import Draw
from xpnet.testing.trial import Trial

LEADS: tuple[Shape, ...] = ((), (1,), (3,), (2, 3), (0,))  # a sample, batches, batch and replicas, an empty batch
SHOWN = 8  # problems told in full; the rest is counted
TOLERANCE = {"float64": 1e-6, "float32": 3e-5}  # relative to the largest number compared; differences reach 1e-9


@dataclass(frozen=True)
class Line:
    """One clause on one set of shapes: its largest relative error, and what is wrong, if anything."""

    clause: str
    shapes: tuple[Shape, ...]
    error: float
    problem: str = ""


def check_module(
    module: Module,
    inputs: Sequence[Shape],
    *,
    backend: Backend | None = None,
    leads: Sequence[Shape] = LEADS,
    layout: str | None = None,
    seed: int = 0,
    draws: Sequence[Draw | None] | None = None,
) -> list[Line]:
    """Check every clause of the module contract; returns a report, or raises ContractError with all that failed.

    inputs: the event shape of each input, e.g. [(3,)] for one vector. Each is tried with every lead shape of `leads`,
    and where there are several inputs, with leads that broadcast. Derivatives are compared with central differences
    of the module's own fprop on NumPy in float64. The module itself is left alone: copies are checked.
    draws: for each input how to draw it (see xpnet.testing.draws), None for standard normal numbers; an input that
    draws integers is discrete: it is fixed, and no gradient may reach it.

    >>> from xpnet.modules import Linear
    >>> report = check_module(Linear(3, 2), inputs=[(3,)], backend=get_backend("numpy", dtype="float64"))
    >>> len({line.clause for line in report}), max(line.error for line in report) < 1e-6
    (11, True)
    """
    backend = backend or get_backend()
    events = _events(inputs)
    lines = []
    for shapes in _all_shapes(events, leads):
        trial = Trial(module, shapes, backend, layout, seed, draws)
        lines += [_line(clause, trial) for clause in CLAUSES]
    broken = [line for line in lines if line.problem]
    if broken:
        shown = [f"  {line.clause}, input shapes {list(line.shapes)}: {line.problem}" for line in broken[:SHOWN]]
        more = f"\n  … and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        msg = f"{module!r} breaks its contract on {backend!r}:\n" + "\n".join(shown) + more
        raise ContractError(msg)
    return lines


def _events(inputs: object) -> list[Shape]:
    if not (isinstance(inputs, Sequence) and all(isinstance(event, Sequence) for event in inputs)):
        msg = f"inputs is a list with the event shape of each input, such as [(3,)] for one vector; got {inputs!r}"
        raise ShapeError(msg)
    return [shape_of(event, "each input's event") for event in inputs]


def _all_shapes(events: list[Shape], leads: Sequence[Shape]) -> Iterator[tuple[Shape, ...]]:
    for lead in leads:
        yield tuple(lead + event for event in events)
    if len(events) > 1:
        for turn in range(len(events)):
            # A batch on one port meets a label set on the others, each way round.
            yield tuple(((4, 1) if port == turn else (3,)) + event for port, event in enumerate(events))
            yield tuple(((2, 1) if port == turn else (2, 3)) + event for port, event in enumerate(events))
            yield tuple(((1,) if port == turn else (1, 3)) + event for port, event in enumerate(events))


def _line(clause: Clause, trial: Trial) -> Line:
    worst, problems = 0.0, []
    try:
        for what, expected, got in clause(trial):
            error, problem = _compare(what, expected, got, TOLERANCE[trial.backend.dtype_name])
            worst = max(worst, error)
            problems += [problem] if problem else []
    except Exception as error:  # a module may fail in any way; the report must name the clause all the same
        notes = "; ".join(getattr(error, "__notes__", []))
        problems.append(f"{type(error).__name__}: {error}{f' ({notes})' if notes else ''}")
        trial.store.clear()
    return Line(clause.__name__.replace("_", " "), tuple(trial.shapes), worst, "; ".join(problems))


def _compare(what: str, expected: HostArray, got: HostArray | None, tolerance: float) -> tuple[float, str]:
    if got is None:
        return (0.0, "") if expected.size == 0 else (float("inf"), f"{what} was not written")
    if got.shape != expected.shape:
        return float("inf"), f"{what} has shape {got.shape} instead of {expected.shape}"
    if expected.size == 0:
        return 0.0, ""
    error = float(abs(got - expected).max()) / max(1.0, float(abs(expected).max()))
    if error <= tolerance:
        return error, ""
    return error, f"{what} is off by {error:.3g} (tolerance {tolerance:g}): expected {expected}, got {got}"
