"""What the clauses of a backend's contract compare with: each comparison is counted, and what fails is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from xpnet._typing import Array, DType, HostArray
from xpnet.backend import Backend

# Relative to the largest number compared: some roundings of one operation in this dtype, or precision of products.
ROUNDING = {"float32": 2e-6, "float64": 1e-13}
PRODUCTS = {"full": 0.0, "tf32": 3e-3, "float16": 3e-3, "bfloat16": 2e-2}


@final
class Bench:
    """A backend under test, the other one it is mixed with (None: there is no second device), and what was found."""

    def __init__(self, backend: Backend, other: Backend | None = None) -> None:
        self.backend, self.xp, self.other = backend, backend.xp, other
        self.rounding = ROUNDING[backend.dtype_name]
        self.comparisons, self.worst = 0, 0.0
        self.problems: list[str] = []

    def another(self, **how: str) -> Backend:
        """A backend of the same class, made in another way."""
        kind: Callable[..., Backend] = type(self.backend)
        return kind(**how)

    def holds(self, what: str, true: bool, expected: object, got: object) -> bool:
        """Count a comparison that the clause made itself; both sides are for the message."""
        self.comparisons += 1
        if not true:
            self.problems.append(" ".join(f"{what}: expected {expected}; got {got}".split()))  # in one line
        return bool(true)

    def same(self, what: str, expected: object, got: object) -> bool:
        """The two sides are equal."""
        return self.holds(what, bool(expected == got), repr(expected), repr(got))

    def placed(self, what: str, x: Array, dtype: DType, shape: tuple[int, ...] | None = None) -> bool:
        """x has this dtype and shape, and stands on the backend's device."""
        fine = self.holds(f"dtype of {what}", bool(x.dtype == dtype), dtype, x.dtype)
        if not self.backend.one_place:
            device = self.backend.device
            fine &= self.holds(f"device of {what}", bool(x.device == device), device, x.device)
        return fine if shape is None else fine & self.same(f"shape of {what}", shape, tuple(x.shape))

    def bits(self, what: str, expected: HostArray, got: HostArray) -> bool:
        """Two host arrays are equal in shape and in every number, with NaN, infinities and the sign of zero."""
        expected, got = np.asarray(expected), np.asarray(got)
        if not self.same(f"shape of {what}", expected.shape, got.shape):
            return False
        fine = np.array_equal(expected, got, equal_nan=expected.dtype.kind == "f")
        if expected.dtype.kind == "f":
            real = ~np.isnan(expected)  # the sign of NaN means nothing
            fine = fine and np.array_equal(np.signbit(expected[real]), np.signbit(got[real]))
        return self.holds(what, bool(fine), _shown(expected), _shown(got))

    def near(self, what: str, expected: HostArray, got: Array, tolerance: float | None = None) -> bool:
        """An array of the backend is a float64 host array up to rounding: integers and truths are equal."""
        seen = np.asarray(self.backend.to_numpy(got))
        if np.asarray(expected).dtype.kind != "f":
            return self.bits(what, np.asarray(expected), seen)
        return self.close(what, expected, seen, tolerance)

    def close(self, what: str, expected: HostArray, got: HostArray, tolerance: float | None = None) -> bool:
        """Two host arrays agree relative to the largest expected number; NaN and infinities are in the same places."""
        expected, got = np.asarray(expected, dtype=np.float64), np.asarray(got, dtype=np.float64)
        if not self.same(f"shape of {what}", expected.shape, got.shape):
            return False
        finite = np.isfinite(expected)
        wild = np.array_equal(expected[~finite], got[~finite], equal_nan=True) and bool(np.isfinite(got[finite]).all())
        scale = max(1.0, float(np.max(np.abs(expected[finite]), initial=0.0)))
        gap = np.abs(np.where(finite, got, 0.0) - np.where(finite, expected, 0.0))
        error = float(np.max(gap, initial=0.0)) / scale if wild else float("inf")
        self.worst = max(self.worst, error) if wild else self.worst
        limit = self.rounding if tolerance is None else tolerance
        told = f"{_shown(got)}, off by {error:.2g} (tolerance {limit:.2g})"
        return self.holds(what, error <= limit, _shown(expected), told)

    def refuses(self, what: str, kind: type[Exception], call: Callable[[], object]) -> bool:
        """The call raises this error, and says something."""
        wanted = f"a {kind.__name__} with a sentence"
        try:
            result = call()
        except kind as error:
            return self.holds(what, bool(str(error).strip()), wanted, "one without a word")
        except Exception as error:  # whatever else a library raises is what the message has to tell
            return self.holds(what, False, wanted, f"{type(error).__name__}: {error}")
        return self.holds(what, False, wanted, f"no error but {result!r}")

    @property
    def products(self) -> float:
        """The tolerance of what went through matrix products."""
        return max(self.rounding, PRODUCTS[self.backend.precision])


Check: TypeAlias = Callable[[Bench], None]


@final
@dataclass(frozen=True)
class BackendClause:
    """One promise of the backend protocol: its name, how it is checked, and what to do where it is broken."""

    name: str
    check: Check
    remedy: str


def clause(remedy: str) -> Callable[[Check], BackendClause]:
    """Make a function of a bench a clause of that name; the remedy ends the message of each broken one."""
    return lambda check: BackendClause(check.__name__.replace("_", " "), check, remedy)


def _shown(values: HostArray) -> str:
    """Few numbers in full, many by their beginning, in one line."""
    flat = np.asarray(values).reshape(-1)
    text = ", ".join(f"{number:.9g}" if flat.dtype.kind == "f" else str(number) for number in flat[:6])
    return f"[{text}{', …' if flat.size > 6 else ''}]"
