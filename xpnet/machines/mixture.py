"""The mixture of experts of the lecture."""

from collections.abc import Sequence
from typing import final

from xpnet.errors import GraphError
from xpnet.machines.cascade import Cascade
from xpnet.machines.machine import Box, Machine, Plan
from xpnet.machines.parallel import Parallel
from xpnet.module import Module, require_module
from xpnet.modules.softmax import Softmax
from xpnet.modules.weighted_sum import WeightedRows, WeightedSum


@final
class MixtureOfExperts(Machine):
    """F(X) = Σ_k u_k F_k(X) with u = softmax(-β G(X)): experts for parts of the input space, and a gater that chooses.

    gater: any module or machine that gives one energy per expert, (..., K); a low energy calls the expert.
    experts: K modules or machines, each (..., n) to (..., *event); event_ndim says how many event axes that is.
    batched: evaluate all experts as one (see Parallel) instead of one by one; None, the default, does so where their
    structure allows. The parameters, their names and the function are the same either way.

    >>> import numpy as np
    >>> from xpnet.modules import Linear
    >>> from xpnet.state import State
    >>> machine = MixtureOfExperts(Linear(3, 2), [Linear(3, 1), Linear(3, 1)])  # two linear regressors
    >>> x, y = State(np.ones((5, 3), dtype="float32")), State()
    >>> machine.fprop(x, y)
    >>> y.x.shape, machine.batched
    ((5, 1), True)
    """

    def __init__(
        self,
        gater: Module,
        experts: Sequence[Module],
        beta: float = 1.0,
        *,
        event_ndim: int = 1,
        batched: bool | None = None,
    ) -> None:
        _require_list(experts)
        for role, part in (("gater", gater), *((f"expert {k}", expert) for k, expert in enumerate(experts))):
            require_module(part, f"MixtureOfExperts: {role}")
        if not experts:
            msg = "MixtureOfExperts needs at least one expert"
            raise GraphError(msg)
        self.gater, self.experts, self.beta, self.event_ndim = gater, tuple(experts), beta, event_ndim
        self._check_gater()
        stack = None if batched is False else self._stack(needed=batched is True)
        self.batched = stack is not None
        self._wiring = self._one_by_one() if stack is None else self._as_one(stack)

    def plan(self) -> Plan:
        """Gater and softmax, the experts, their weighted sum."""
        return self._wiring

    def _check_gater(self) -> None:
        """GraphError where the end of the gater tells that it has another number of outputs than there are experts."""
        last = self.gater
        while isinstance(last, Cascade):
            last = last[-1]
        energies = getattr(last, "out_features", len(self.experts))
        if energies != len(self.experts):
            msg = f"the gater gives {energies} energies for {len(self.experts)} experts; give it one output per expert"
            raise GraphError(msg)

    def _one_by_one(self) -> Plan:
        k = len(self.experts)
        outputs = tuple(range(3, 3 + k))
        boxes = [Box(f"experts.{n}", expert, (0,), (3 + n,)) for n, expert in enumerate(self.experts)]
        total = Box("sum", WeightedSum(self.event_ndim), (2, *outputs), (3 + k,))
        return Plan((*self._gate(), *boxes, total), 4 + k, (0,), (3 + k,))

    def _as_one(self, stack: Parallel) -> Plan:
        boxes = (*self._gate(), Box("experts", stack, (0,), (3,)), Box("sum", WeightedRows(), (2, 3), (4,)))
        return Plan(boxes, 5, (0,), (4,))

    def _gate(self) -> tuple[Box, Box]:
        return Box("gater", self.gater, (0,), (1,)), Box("softmax", Softmax(self.beta), (1,), (2,))

    def _stack(self, *, needed: bool) -> Parallel | None:
        try:
            if self.event_ndim != 1:
                msg = f"experts with {self.event_ndim} event axes are evaluated one by one; only vectors are batched"
                raise GraphError(msg)
            return Parallel(self.experts)
        except GraphError:
            if needed:
                raise
            return None

    def describe(self) -> str:
        """Gater, experts and β."""
        return f"{self.gater!r}, {list(self.experts)!r}, beta={self.beta}"


def _require_list(experts: object) -> None:
    if not isinstance(experts, Sequence):
        msg = f"MixtureOfExperts takes the gater, then a list of experts; got {experts!r} in place of the list"
        raise GraphError(msg)
