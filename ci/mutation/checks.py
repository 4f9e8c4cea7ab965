"""What must notice a mutant: the public contract, on every registered case, and the kit for accelerated primitives."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cached_property, partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xpnet as xn
from mutation.targets import optional_backends
from xpnet.errors import ContractError
from xpnet.machines.machine import Machine
from xpnet.testing import check_ops
from xpnet.testing.clauses import CLAUSES
from xpnet.testing.contract import LEADS, _all_shapes, _line
from xpnet.testing.trial import Trial

OWN_TESTS, OWN_RANK = "own tests", 3
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Check:
    """Something that raises when the functions it runs through are wrong.

    rank: checks of a higher rank are made ready, and tried, only for mutants that those below did not notice.
    about: only mutants of files whose path begins so are tried.
    """

    name: str
    run: Callable[[], object]
    rank: int = 0
    about: str = ""


def checks() -> list[Check]:
    """Modules with the accelerated primitives, and those by themselves; the references alone; machines; own tests."""
    sys.path.insert(0, str(ROOT / "tests"))
    from contract_cases import CASES
    from loss_cases import CASES as LOSS_CASES

    with accelerated("on"):
        backend = xn.get_backend("numpy", dtype="float64")
        others = [xn.get_backend(name, device="cpu", dtype="float64") for name in optional_backends()]
    found = [
        Check(f"check_ops of {name} on {at.name}", partial(check_ops, at, [name]), about=f"backends/xpnet_{at.name}/")
        for at in (backend, *others)
        for name in sorted(at.ops.accelerated)
    ]
    for case in (*CASES, *LOSS_CASES):
        machine = isinstance(case.make(), Machine)
        found.append(Check(f"{case.name}, accel on", Contract(case, "on"), rank=2 if machine else 0))
        if not machine:
            found.append(Check(f"{case.name}, accel off", Contract(case, "off"), rank=1, about="xpnet/ops/"))
        if case.name == "linear":
            found.append(Check("linear, a store of leaves", Contract(case, "on", "leaf"), about="xpnet/parameters/"))
    return [*found, *_own_tests()]


def _own_tests() -> Iterator[Check]:
    """The test file of each source file, for code that is no module's and that no case runs through."""
    for path in sorted((ROOT / "tests").glob("**/test_*.py")):
        part = path.parent.relative_to(ROOT / "tests")
        source = "xpnet" / part / path.name.removeprefix("test_")
        if (ROOT / source).is_file():
            yield Check(f"{OWN_TESTS} {part / path.name}", partial(_run_tests, path), OWN_RANK, str(source))


def _run_tests(path: Path) -> None:
    quiet = ["-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-m", "not slow", f"--rootdir={ROOT}"]
    with redirect_stdout(StringIO()):
        code = pytest.main([*quiet, str(path)])
    if code:
        msg = f"{path.name} fails"
        raise ContractError(msg)


@contextmanager
def accelerated(value: str) -> Iterator[None]:
    """Backends made within this block have XPNET_ACCEL so."""
    before = os.environ.get("XPNET_ACCEL")
    os.environ["XPNET_ACCEL"] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ["XPNET_ACCEL"]
        else:
            os.environ["XPNET_ACCEL"] = before


class Contract:
    """check_module on one case, with what is expected calculated once, on the unchanged code."""

    def __init__(self, case: Any, accel: str, layout: str | None = None) -> None:
        self.case, self.accel, self.layout = case, accel, layout

    def __call__(self) -> None:
        """Every clause on every set of shapes; ContractError at the first that is broken."""
        with np.errstate(all="ignore"):
            for trial in self.trials:
                for clause in CLAUSES:
                    line = _line(clause, trial)
                    if line.problem:
                        trial.tidy()
                        msg = f"{line.clause}, input shapes {list(line.shapes)}: {line.problem}"
                        raise ContractError(msg)

    @cached_property
    def trials(self) -> list["FrozenTrial"]:
        """The same trials that check_module makes."""
        with accelerated("off"):  # the oracle takes the references
            make = partial(FrozenTrial, self.case.make(), draws=self.case.draws, accel=self.accel, layout=self.layout)
            return [make(shapes) for shapes in _all_shapes(self.case.inputs, LEADS)]


class FrozenTrial(Trial):
    """A trial that knows its oracle's answers from the start, and whose arrays nobody can write into."""

    def __init__(self, module: xn.Module, shapes: Sequence[Any], draws: Any, accel: str, layout: str | None) -> None:
        with accelerated(accel):
            backend = xn.get_backend("numpy", dtype="float64")
        self._known: dict[bytes, list[np.ndarray]] = {}
        super().__init__(module, shapes, backend, layout, draws=draws)
        known = (self.inputs, self.values.values(), self.cotangents, self.second, self.outputs)
        for arrays in (*known, self.expected_dx, self.expected_ddx):
            for array in arrays:
                np.asarray(array).setflags(write=False)

    def expected_dx_at(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Calculated once for these inputs: the first time is before any mutant."""
        key = b"".join(value.tobytes() for value in inputs)
        if key not in self._known:
            self._known[key] = super().expected_dx_at(inputs)
        return self._known[key]

    def tidy(self) -> None:
        """What a mutant may have written into the parameters is written over."""
        self.store.load_state_dict(self.values)
        self.store.clear()
