"""A trainer whose steps are compiled: the same steps, in the time that the library's compiler can make of them."""

import logging
import math
from collections.abc import Callable
from typing import Protocol, final

from xpnet._typing import Array
from xpnet.backend import Backend, on_its_device
from xpnet.errors import RecipeError, XpnetError
from xpnet.optimizers import Sgd, Traceable
from xpnet.parameters import ParameterStore
from xpnet.training.arrays import brought, form_of
from xpnet.training.called import Called
from xpnet.training.knobs import Knobs, is_module
from xpnet.training.twin import Program, inference, step
from xpnet.training.update_args import rule_of

_log = logging.getLogger("xpnet")

MOST = 64  # programs that are kept; then the oldest goes
STATIC = ("top", "n", "beta")  # options of `run` that are no arrays
REFUSED = {"negatives": "draw them before and give candidates", "energies": "take what is returned"}


class Learner(Protocol):
    """What can be captured: any of the trainers."""

    param: ParameterStore

    def learn_sample(self, *args: Array, **named: Array) -> Array:
        """One update; returns what was minimised."""

    def run(self, *args: Array, **named: Array) -> tuple[Array, Array]:
        """The best answers and energies."""


@final
class Captured:
    """`learn_sample` and `run` of a trainer, each compiled once for every shape of what it is given.

    The trainer's parameters are updated as by the trainer itself, and both may take turns. A compiled step knows all of
    its arguments but their values: shapes, dtypes, the optimizer without its learning rate. It also knows the numbers
    that modules and losses hold, so that a `loss.margin` that changes with every step is compiled with every step. A
    step whose loss is NaN or infinite changes nothing: it is an error at once where reading is free, and elsewhere the
    loss tells. The trainer's slots (energies, mout, ...) stay as they were; gradients that were pending are dropped.
    What a module of your own draws on the host during a step is drawn once, when it is compiled. On JAX, a step gives
    the memory of the old parameters to the new: keep values by `param.state_dict()`, not by the arrays themselves.
    """

    def __init__(self, trainer: Learner) -> None:
        self.trainer = trainer
        self._learns, self._runs = Called(trainer.learn_sample), Called(trainer.run)
        self._programs: dict[object, Program | None] = {}
        self._parts: tuple[object, ...] = ()
        self._knobs = Knobs(())
        self._rate: tuple[Backend, float, Array] | None = None

    @property
    def backend(self) -> Backend:
        """Where the trainer computes."""
        return self.trainer.param.backend

    @property
    def compiles(self) -> bool:
        """Whether this backend compiles steps; if not, the trainer's own methods run."""
        return type(self.backend).compile is not Backend.compile

    @on_its_device
    def learn_sample(self, *args: object, **named: object) -> Array:
        """The trainer's `learn_sample`, with the same arguments; returns the loss before the update, an array ()."""
        if not self.compiles:
            return self.trainer.learn_sample(*args, **named)
        given = _given(self._learns, args, named)
        rule = self._rule(given)
        arrays, absent = self._arrays(given)
        if arrays is None:
            return self.trainer.learn_sample(*args, **named)  # which says what is wrong with them
        key = ("learn_sample", _frozen(rule), *self._form(arrays))
        program = self._program(key, lambda: step(self.trainer, rule, list(arrays), absent))
        if program is None:
            return self.trainer.learn_sample(*args, **named)
        return self._learned(key, program, rule, arrays, lambda: self.trainer.learn_sample(*args, **named))

    @on_its_device
    def run(self, *args: object, **named: object) -> tuple[Array, Array]:
        """The trainer's `run`, with the same arguments."""
        if not self.compiles:
            return self.trainer.run(*args, **named)
        given = _given(self._runs, args, named)
        options = {name: given.pop(name) for name in STATIC if name in given}
        arrays, absent = self._arrays(given)
        if arrays is None:
            return self.trainer.run(*args, **named)
        key = ("run", repr(options), *self._form(arrays))  # 1, 1.0 and True are equal, and not the same
        program = self._program(key, lambda: inference(self.trainer, options | absent, list(arrays)))
        found = None
        if program is not None:
            found = self._called(key, program, [*self.trainer.param.arrays(), *arrays.values()])
        if found is None or (self.backend.synchronous and self._has_nan(found[1])):
            return self.trainer.run(*args, **named)  # which says where a NaN came from
        return found[0], found[1]

    def _form(self, arrays: dict[str, Array]) -> tuple[object, ...]:
        """What a program is made for: a place, the trainer's parts and parameters, the arguments' shapes and dtypes."""
        parts = tuple(part for part in vars(self.trainer).values() if is_module(type(part)))  # type: ignore[arg-type]
        if self._parts != parts:
            self._parts, self._knobs = parts, Knobs(parts)
        return (
            self.backend,
            parts,
            self._knobs.now(),
            *self.trainer.param.names,
            *((name, form_of(x)) for name, x in arrays.items()),
        )

    def _has_nan(self, energies: Array) -> bool:
        held = self.backend.to_numpy(energies)  # where the host is the device, no copy; two calls of the library less
        return bool(held.size) and math.isnan(held.min())

    def _arrays(self, given: dict[str, object]) -> tuple[dict[str, Array] | None, dict[str, None]]:
        """The arguments as arrays of the backend, and those that are None; no arrays where one is none."""
        absent = {name: None for name, value in given.items() if value is None}
        try:
            return {name: brought(self.backend, given[name]) for name in given if name not in absent}, absent
        except XpnetError:
            raise
        except (
            TypeError,
            ValueError,
            RuntimeError,
            OverflowError,
        ):  # ragged lists, texts, what the library does not read
            return None, absent

    def __getattr__(self, name: str) -> object:
        """Everything else is the trainer's: answer, explain, param, …"""
        if name.startswith("__") or name == "trainer":
            raise AttributeError(name)
        return getattr(self.trainer, name)

    def _rule(self, given: dict[str, object]) -> Traceable:
        """The optimizer among the arguments, which are taken out."""
        numbers = {name: given.pop(name) for name in Sgd.__dataclass_fields__ if name in given}
        rule = rule_of(given.pop("update_args", None), numbers)  # type: ignore[arg-type]
        if not isinstance(rule, Sgd) and not isinstance(rule, Traceable):  # asking a protocol is slow
            msg = f"a captured step takes an optimizer that has slots, prepare and update_at, as Sgd does; got {rule!r}"
            raise RecipeError(msg)
        rule.prepare(self.trainer.param)
        return rule

    def _learned(
        self, key: object, program: Program, rule: Traceable, arrays: dict[str, Array], eagerly: Callable[[], Array]
    ) -> Array:
        store = self.trainer.param
        held = store.arrays(rule.slots)
        results = self._called(key, program, [*held, self._rate_array(rule.learning_rate), *arrays.values()])
        if results is None:
            return eagerly()
        new, loss = list(results[: len(held)]), results[len(held)]
        if any(one is not other for one, other in zip(new, held, strict=True)):
            store.put_arrays(new, rule.slots, given_up=True)
        if self.backend.synchronous and not math.isfinite(self.backend.to_numpy(loss)):
            return eagerly()  # which finds out why, and says so
        return loss

    def _program(self, key: object, make: Callable[[], Program]) -> Program | None:
        if key not in self._programs:
            if len(self._programs) >= MOST:
                del self._programs[next(iter(self._programs))]
            self._programs[key] = make()
        return self._programs[key]

    def _called(self, key: object, program: Program, arrays: list[Array]) -> tuple[Array, ...] | None:
        """What the program gives; None, from now on, where the step cannot be traced."""
        try:
            return program(*arrays)
        except XpnetError:  # of these arguments: others of the same form may be right
            if not program.traced:
                del self._programs[key]
            raise
        except Exception as error:
            if program.traced:
                raise
            self._programs[key] = None
            reason = (str(error).strip().splitlines() or [""])[0]
            _log.warning("this step is not captured, it runs eagerly: %s: %s", type(error).__name__, reason)
            return None

    def _rate_array(self, rate: float) -> Array:
        """The learning rate as an array; the last one is kept, for loops that do not change it."""
        rate = float(rate)  # of an array, the number that it holds now
        if self._rate is None or self._rate[:2] != (self.backend, rate):
            self._rate = self.backend, rate, self.backend.asarray(rate)
        return self._rate[2]


def capture(trainer: Learner) -> Captured:
    """The trainer with compiled steps: one `jax.jit` program, one CUDA graph, … a step, as its backend does it.

    trainer: SimpleTrainer, Trainer or SequenceTrainer. On backends that compile nothing (NumPy, strict) the trainer's
    own methods run. A step that reads numbers on the host, such as a descent for a latent variable, cannot be traced;
    it runs eagerly, and a warning in the log says why.

    >>> import numpy as np
    >>> from xpnet.machines import Cascade
    >>> from xpnet.modules import Euclidean, Linear
    >>> from xpnet.training.simple_trainer import SimpleTrainer
    >>> fast = capture(SimpleTrainer(Cascade(Linear(2, 2)), Euclidean()))
    >>> for _ in range(50):
    ...     energy = fast.learn_sample(np.eye(2), [1, 0], np.eye(2), learning_rate=0.5)
    >>> bool(energy < 1e-3)
    True
    """
    for method in ("learn_sample", "run"):
        if not callable(getattr(trainer, method, None)):
            msg = f"capture takes a trainer, which has learn_sample and run; got {trainer!r}"
            raise RecipeError(msg)
    return Captured(trainer)


def _given(called: Called, args: tuple[object, ...], named: dict[str, object]) -> dict[str, object]:
    """The arguments by name."""
    given = called.by_name(args, named)
    for name, remedy in REFUSED.items():
        if given.get(name) is not None:
            msg = f"a captured step takes no {name}=: {remedy}"
            raise RecipeError(msg)
    return given


def _frozen(rule: Traceable) -> object:
    """All of an optimizer that a compiled step knows: everything but its learning rate."""
    return type(rule), tuple((name, value) for name, value in vars(rule).items() if name != "learning_rate")
