"""A trainer's step as a pure function of arrays, by way of a copy of the trainer that reads nothing on the host.

The copy keeps its parameters as leaves, which the function's arguments are put into before the step and the results
taken from after it; a compiler that calls the function once sees all that the step does, and nothing else.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from copy import copy, deepcopy
from typing import TYPE_CHECKING, final

from xpnet._typing import Array, HostArray
from xpnet.backend import HOST_READ, Backend
from xpnet.optimizers import Traceable
from xpnet.parameters import ParameterStore

if TYPE_CHECKING:
    from xpnet.training.capture import Learner


@final
class Program:
    """A compiled function; `traced` once it has run."""

    def __init__(self, run: Callable[..., tuple[Array, ...]]) -> None:
        self.traced = False
        self._run = run

    def __call__(self, *arrays: Array) -> tuple[Array, ...]:
        """The function."""
        results = self._run(*arrays)
        self.traced = True
        return results


def step(trainer: "Learner", rule: Traceable, names: Sequence[str], absent: Mapping[str, None]) -> Program:
    """(values, slots, learning rate, arguments called `names`) -> (new values, new slots, loss); others are absent.

    Where the loss or the sample is not finite, the loss is NaN and values and slots come back as they were.
    """
    twin, slots = _twin(trainer), rule.slots
    count = len(trainer.param) * (1 + len(slots))

    def learn(*arrays: Array) -> tuple[Array, ...]:
        held, rate, given = arrays[:count], arrays[count], dict(zip(names, arrays[count + 1 :], strict=True))
        _begin(twin, held, slots)
        loss = twin.learn_sample(**given, **absent, update_args=_AtRate(rule, rate))
        xp = twin.param.backend.xp
        usable = xp.isfinite(loss)
        sample = given["sample"]
        if xp.isdtype(sample.dtype, "real floating"):  # a squashing function may hide an infinite one from the loss
            usable = usable & xp.isfinite(xp.sum(0.0 * sample))  # 0·x = 0, but for these; quicker than looking at each
        loss, new = xp.where(usable, loss, math.nan), twin.param.arrays(slots)
        return (*(xp.where(usable, after, before) for after, before in zip(new, held, strict=True)), loss)

    return Program(trainer.param.backend.compile(learn, donate=count))


def inference(trainer: "Learner", options: Mapping[str, object], names: Sequence[str]) -> Program:
    """(values, arguments called `names`) -> what `run` returns."""
    twin, count = _twin(trainer), len(trainer.param)

    def run(*arrays: Array) -> tuple[Array, ...]:
        _begin(twin, arrays[:count])
        return twin.run(**dict(zip(names, arrays[count:], strict=True)), **options)

    return Program(trainer.param.backend.compile(run))


class _AtRate:
    """The optimizer at a learning rate that is an argument of the program."""

    def __init__(self, rule: Traceable, rate: Array) -> None:
        self.rule, self.rate = rule, rate

    def update(self, store: ParameterStore) -> None:
        self.rule.update_at(store, self.rate)


def _twin(trainer: "Learner") -> "Learner":
    twin = deepcopy(trainer)
    twin.param.scatter(unread(trainer.param.backend))
    return twin


def unread(backend: Backend) -> Backend:
    """The backend as one whose numbers are not looked at on the host: who tries is told so."""
    other = copy(backend)
    other.synchronous = False
    other.to_numpy = _refuse  # type: ignore[method-assign]
    return other


def _refuse(x: Array) -> HostArray:
    raise RuntimeError(HOST_READ)


def _begin(twin: "Learner", arrays: Sequence[Array], slots: Sequence[str] = ()) -> None:
    """Values in, and whatever an earlier trace left on the trainer out."""
    twin.param.put_arrays(arrays, slots)
    vars(twin)["_settled_on"] = None
