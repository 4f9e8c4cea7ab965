"""What must notice a mutant: the public checkers of modules and of accelerated primitives, on every registered case."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import xpnet as xn
from xpnet.testing import check_module, check_ops

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Check:
    """Something that raises when the functions it runs through are wrong."""

    name: str
    run: Callable[[], object]


def checks() -> list[Check]:
    """Every contract case with the references alone and with the accelerated primitives, then those by themselves."""
    sys.path.insert(0, str(ROOT / "tests"))
    from contract_cases import CASES

    found = []
    for accel in ("off", "on"):
        os.environ["XPNET_ACCEL"] = accel
        backend = xn.get_backend("numpy", dtype="float64")
        found += [Check(f"{case.name}, accel {accel}", partial(_contract, case, backend)) for case in CASES]
    return [*found, Check("check_ops", partial(check_ops, backend))]


def _contract(case: Any, backend: xn.Backend) -> None:
    # A case's other fields are check_module's arguments of the same names, as in tests/test_contract.py.
    options = {field.name: getattr(case, field.name) for field in fields(case) if field.name not in ("name", "make")}
    check_module(case.make(), backend=backend, **options)
