"""One module on one backend with one set of inputs, beside its twin on NumPy in float64."""

from collections.abc import Sequence
from copy import deepcopy
from functools import cached_property
from typing import final

import numpy as np

from xpnet._typing import Array, HostArray, Shape
from xpnet.backend import Backend, get_backend
from xpnet.machines.machine import Machine
from xpnet.module import Cost, Module
from xpnet.parameters import ParameterStore
from xpnet.state import State
from xpnet.streams import stream
from xpnet.testing import oracle
from xpnet.testing.draws import Draw, normal
from xpnet.testing.oracle import discrete


@final
class Trial:
    """A subject (a copy of the module on the backend under test) and an oracle (a copy on NumPy float64).

    Values are drawn once, rounded to float32, and given to both, so that every difference is the subject's own.
    draws: for each input how to draw it (see xpnet.testing.draws), None for standard normal numbers.
    """

    def __init__(
        self,
        module: Module,
        shapes: Sequence[Shape],
        backend: Backend,
        layout: str | None = None,
        seed: int = 0,
        draws: Sequence[Draw | None] | None = None,
    ) -> None:
        self.backend, self.shapes = backend, [tuple(shape) for shape in shapes]
        self.draws = [draw or normal for draw in draws or [None] * len(self.shapes)]
        self._draws = stream(seed, "check_module", *(str(shape) for shape in shapes))
        self.module, self._twin = deepcopy(module), deepcopy(module)
        self.store = ParameterStore(self.module, backend, layout=layout)
        self._twin_store = ParameterStore(self._twin, get_backend("numpy", dtype="float64"))
        self.values = {name: self.draw(value.shape) for name, value in self._twin_store.state_dict().items()}
        self._twin_store.load_state_dict(self.values)
        self.store.load_state_dict({n: v.astype(backend.dtype_name) for n, v in self.values.items()})
        self.inputs = self.other_inputs()
        self.n_outputs = module.n_outputs
        self.names = [*(f"input {k}" for k in range(len(shapes))), *(f"parameter {n!r}" for n in self.values)]

    def draw(self, shape: Shape, how: Draw = normal) -> HostArray:
        """Values that float32 holds exactly; integers stay as they are."""
        values = np.asarray(how(self._draws, shape))  # NumPy hands out shape () as a scalar
        return values if discrete(values) else np.asarray(values.astype("float32"), dtype="float64")

    def other_inputs(self) -> list[HostArray]:
        """Fresh values for the inputs, each in its own domain."""
        return [self.draw(shape, how) for shape, how in zip(self.shapes, self.draws, strict=True)]

    # --- the subject ---------------------------------------------------------------------------------------

    def states(
        self, values: Sequence[HostArray] | None = None, *, fixed: bool = False, spread: bool = False
    ) -> list[State]:
        """Fresh input states on the backend; spread=True makes their arrays non-contiguous."""
        values = self.inputs if values is None else values
        arrays = [self.backend.indices(v) if discrete(v) else self.backend.asarray(v) for v in values]
        if spread:
            stack = self.backend.xp.stack
            arrays = [stack([array, array], axis=-1)[..., 0] for array in arrays]
        return [State(array, fixed=fixed or discrete(v)) for array, v in zip(arrays, values, strict=True)]

    def fprop(self, inputs: Sequence[State]) -> list[State]:
        """Fresh outputs."""
        outputs = [State() for _ in range(self.n_outputs)]
        self.module.fprop(*inputs, *outputs)
        return outputs

    def seed_outputs(self, outputs: Sequence[State]) -> None:
        """Accumulate the trial's cotangents and second derivatives into the outputs."""
        for output, dx, ddx in zip(outputs, self.cotangents, self.second, strict=True):
            output.accumulate(self.backend.asarray(dx))
            output.accumulate_ddx(self.backend.asarray(ddx))

    def run(self, inputs: Sequence[State] | None = None, *, second: bool = False) -> list[State]:
        """All passes once; returns the input states."""
        inputs = self.states() if inputs is None else list(inputs)
        outputs = self.fprop(inputs)
        self.seed_outputs(outputs)
        self.module.bprop(*inputs, *outputs)
        if second:
            self.module.bbprop(*inputs, *outputs)
        return inputs

    def derivatives(self, inputs: Sequence[State], kind: str = "dx") -> list[HostArray | None]:
        """dx or ddx of inputs and parameters on the host; None where there is none."""
        states = [*inputs, *(self.store[name] for name in self.values)]
        return [None if getattr(s, kind) is None else self.host(getattr(s, kind)) for s in states]

    def host(self, x: Array) -> HostArray:
        """A float64 copy on the host."""
        return self.backend.to_numpy(x).astype("float64")

    # --- the oracle ----------------------------------------------------------------------------------------

    def function(self, arguments: Sequence[HostArray]) -> list[HostArray]:
        """The module as a function of inputs and parameters, in float64."""
        inputs = [State(value, fixed=discrete(value)) for value in arguments[: len(self.inputs)]]
        self._twin_store.load_state_dict(dict(zip(self.values, arguments[len(self.inputs) :], strict=True)))
        outputs = [State() for _ in range(self.n_outputs)]
        self._twin.fprop(*inputs, *outputs)
        return [output.x + 0.0 for output in outputs]  # copies: an output may be an input, which the oracle moves

    @property
    def point(self) -> list[HostArray]:
        """Inputs, then parameters."""
        return [*self.inputs, *self.values.values()]

    @cached_property
    def outputs(self) -> list[HostArray]:
        """The outputs in float64."""
        return self.function(self.point)

    @cached_property
    def cotangents(self) -> list[HostArray]:
        """A random dE/dx for each output."""
        return [self.draw(value.shape) for value in self.outputs]

    @cached_property
    def second(self) -> list[HostArray]:
        """A random second derivative for each output."""
        return [self.draw(value.shape) for value in self.outputs]

    @cached_property
    def expected_dx(self) -> list[HostArray]:
        """dx of inputs and parameters by central differences."""
        return self.expected_dx_at(self.inputs)

    def expected_dx_at(self, inputs: Sequence[HostArray]) -> list[HostArray]:
        """The same at other inputs."""
        return oracle.pull_back(self.function, [*inputs, *self.values.values()], self.cotangents)

    @cached_property
    def expected_ddx(self) -> list[HostArray]:
        """ddx by the contract: diag(Jᵀ diag(ddx) J), and for a cost its own curvature times dE.

        Across the modules of a machine, bbprop is LeCun's layer-wise recursion, which is no Jacobian of the whole: a
        machine is compared with its own recursion in float64.
        """
        if isinstance(self._twin, Machine):
            return self._recursion()
        squared = oracle.pull_back_squared(self.function, self.point, self.second)
        if not isinstance(self._twin, Cost):
            return squared
        own = oracle.curvature(self.function, self.point, self.cotangents)
        return [a + b for a, b in zip(squared, own, strict=True)]

    def _recursion(self) -> list[HostArray]:
        self._twin_store.load_state_dict(self.values)
        inputs = [State(value, fixed=discrete(value)) for value in self.inputs]
        outputs = [State() for _ in range(self.n_outputs)]
        self._twin.fprop(*inputs, *outputs)
        for output, dx, ddx in zip(outputs, self.cotangents, self.second, strict=True):
            output.accumulate(dx)
            output.accumulate_ddx(ddx)
        self._twin.bprop(*inputs, *outputs)
        self._twin.bbprop(*inputs, *outputs)
        states = [*inputs, *(self._twin_store[name] for name in self.values)]
        found = [oracle.no_derivative(s.x) if s.fixed else s.curvature.copy() for s in states]
        self._twin_store.clear()
        return found
