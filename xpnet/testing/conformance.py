"""The conformance kit for accelerated primitives: each override against its reference and a float64 oracle."""

from collections.abc import Iterable
from functools import partial
from inspect import signature

import array_api_compat.numpy as host_xp
import numpy as np

from xpnet._typing import Array, HostArray
from xpnet.backend import Backend, get_backend
from xpnet.errors import ContractError
from xpnet.ops import REFERENCE, gives_same_bits
from xpnet.testing.ops_arguments import arrays_in, hosts, listed, placed
from xpnet.testing.ops_cases import MAY_ALIAS, MAY_WRITE, SEEN_THROUGH, SHAPES, OpCase, cases
from xpnet.testing.ops_report import OpsReport

REPEATS = 5
SLACK = 4.0  # an override may be this many times less exact than the reference,
FLOOR = {"float32": 1e-6, "float64": 1e-13}  # plus this, relative to the largest result


def check_ops(backend: Backend | str, names: Iterable[str] | None = None) -> OpsReport:
    """Prove every accelerated primitive of a backend (or the primitives named), case by case.

    Each must give the reference's shape, dtype and device; be as exact as the reference, both measured against NumPy in
    float64; have infinities and NaN in the same places; name labels that have the energies it gives; leave its
    arguments alone (updates own them) and return no view of them; take `out=` as a hint only; and give the same bits
    every time, unless it is marked `nondeterministic`.

    Raises ContractError naming the primitive, the case and both sides.

    >>> from xpnet import get_backend
    >>> sorted(check_ops(get_backend("numpy"), ["tanh_vjp"]).cases)
    ['tanh_vjp']
    """
    backend = backend if isinstance(backend, Backend) else get_backend(backend)
    report = OpsReport(repr(backend))
    with backend.device_scope(), np.errstate(all="ignore"):
        for name in sorted(backend.ops.accelerated if names is None else names):
            if name not in SHAPES:
                msg = f"primitive {name!r} has no cases in xpnet/testing/ops_cases.py; an override needs some"
                raise ContractError(msg)
            trials = [_Trial(backend, name, case) for case in cases(name)]
            errors = [trial.run() for trial in trials]
            report.cases[name] = len(trials)
            report.override_errors[name] = max(override for override, _ in errors)
            report.reference_errors[name] = max(reference for _, reference in errors)
    return report


class _Trial:
    """One primitive in one case."""

    def __init__(self, backend: Backend, name: str, case: OpCase) -> None:
        self.backend, self.name, self.case = backend, name, case
        self.op = getattr(backend.ops, name)

    def run(self) -> tuple[float, float]:
        """The errors of override and reference; ContractError if any clause is broken."""
        try:
            return self._run()
        except ContractError:
            raise
        except Exception as error:
            error.add_note(f"in {self.name!r}, case {self.case.name!r}")
            raise

    def _run(self) -> tuple[float, float]:
        args = self._args()
        self.exact_args = hosts(self.backend, args, np.float64)
        exact = listed(REFERENCE[self.name](host_xp, *self.exact_args))
        exact = self._comparable([np.asarray(result) for result in exact])
        self.reference = listed(partial(REFERENCE[self.name], self.backend.xp)(*self._args()))
        reference_error = max(map(self._error, self._comparable(self._hosts(self.reference)), exact), default=0.0)
        worst = 0.0
        for hint in self._hints():
            args = self._args()
            before = hosts(self.backend, args)
            results = listed(self.op(*args, **hint))
            self._require_form(results)
            for position, (value, wanted) in enumerate(zip(self._comparable(self._hosts(results)), exact, strict=True)):
                self._require_pattern(value, wanted, position)
                error = self._error(value, wanted)
                allowed = SLACK * reference_error + FLOOR[self.backend.dtype_name]
                if error > allowed:
                    self._fail("error", f"at most {allowed:.2e} (reference {reference_error:.2e})", f"{error:.2e}")
                worst = max(worst, error)
            if self.name not in MAY_WRITE:
                self._require_same_bits("arguments after the call", before, hosts(self.backend, args))
        if gives_same_bits(self.op):
            self._require_determinism()
        self._require_no_alias()
        return worst, reference_error

    def _args(self) -> list[Array]:
        return placed(self.backend, self.case.args, self.case.layout)

    def _hosts(self, arrays: list[Array]) -> list[HostArray]:
        return hosts(self.backend, arrays)

    def _comparable(self, results: list[HostArray]) -> list[HostArray]:
        """Results whose numbers tell how wrong they are: places are seen through what lies there."""
        return SEEN_THROUGH[self.name](self.exact_args, results) if self.name in SEEN_THROUGH else results

    def _hints(self) -> list[dict[str, Array]]:
        """No `out`, and where the primitive takes one, an `out` that holds something else."""
        if "out" not in signature(REFERENCE[self.name]).parameters:
            return [{}]
        return [{}, {"out": self.backend.ones(tuple(self.reference[0].shape)) * 7.0}]

    def _require_form(self, results: list[Array]) -> None:
        def form(arrays: list[Array]) -> str:
            return "; ".join(f"shape {tuple(a.shape)}, dtype and device {self.backend.placement(a)}" for a in arrays)

        if form(results) != form(self.reference):
            self._fail("form of the result", form(self.reference), form(results))

    def _require_pattern(self, value: HostArray, wanted: HostArray, position: int) -> None:
        for kind in (np.isnan, np.isposinf, np.isneginf):
            if not np.array_equal(kind(value), kind(wanted)):
                counts = (f"{int(kind(side).sum())} of {side.size}" for side in (wanted, value))
                self._fail(f"places where {kind.__name__} in result {position}", *counts)

    def _error(self, value: HostArray, wanted: HostArray) -> float:
        finite = np.isfinite(wanted) & np.isfinite(value)
        scale = float(np.max(np.abs(wanted[finite]), initial=0.0)) or 1.0
        return float(np.max(np.abs(value[finite] - wanted[finite]), initial=0.0)) / scale

    def _require_same_bits(self, what: str, wanted: list[HostArray], got: list[HostArray]) -> None:
        for one, other in zip(arrays_in(wanted), arrays_in(got), strict=True):
            if not np.array_equal(one, other, equal_nan=True):
                place = tuple(int(axis[0]) for axis in np.nonzero((one != other) & ~(np.isnan(one) & np.isnan(other))))
                self._fail(f"{what}, index {place}", str(one[place]), str(other[place]))

    def _require_determinism(self) -> None:
        args = self._args()
        again = self._args if self.name in MAY_WRITE else lambda: args
        first = self._hosts(listed(self.op(*again())))
        for repeat in range(1, REPEATS):
            result = self._hosts(listed(self.op(*again())))
            self._require_same_bits(f"repeat {repeat} on the same arguments", first, result)

    def _require_no_alias(self) -> None:
        if not self.backend.capabilities.inplace or self.name in MAY_ALIAS | MAY_WRITE:
            return
        args = self._args()
        before = hosts(self.backend, args)
        for result in listed(self.op(*args)):
            if result.ndim and result.size:
                try:
                    result[...] = 7.25
                except ValueError as error:  # NumPy's word for a read-only array
                    self._fail("result", "an array of its own", f"a read-only view ({error})")
        self._require_same_bits("arguments after writing into the result", before, hosts(self.backend, args))

    def _fail(self, what: str, wanted: str, got: str) -> None:
        msg = f"{self.backend!r}, override {self.name!r}, case {self.case.name!r}: {what}: expected {wanted}; got {got}"
        raise ContractError(msg)
