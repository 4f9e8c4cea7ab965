"""check_backend passes every backend that is shipped and tells what is wrong with others in full."""

from pathlib import Path

import pytest
from broken_backends import broken_clauses, sound, strict

import xpnet as xn
from xpnet.errors import BackendError, ContractError
from xpnet.testing import check_backend
from xpnet.testing.backend_contract import CLAUSES, FLOORS

SLOW = ("references equal float64", "overrides equal their references")  # where libraries compile for each shape


def usable(name, **how):
    try:
        return xn.get_backend(name, **how)
    except xn.errors.BackendUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numpy_passes(dtype):
    report = check_backend(usable("numpy", dtype=dtype))
    assert [line.clause for line in report.lines] == list(CLAUSES)
    assert all(line.comparisons for line in report.lines if line.clause != "mixed devices are refused")
    assert report.error < (1e-4 if dtype == "float32" else 1e-6)
    assert str(report).count("\n") == len(CLAUSES)


@pytest.mark.parametrize("device", ["CPU_DEVICE", "device1", "device2", "no_float64"])
def test_strict_passes(device):
    report = check_backend(usable("strict", device=device))
    assert [line.clause for line in report.lines] == list(CLAUSES)
    counted = {line.clause: line.comparisons for line in report.lines}
    assert bool(counted["mixed devices are refused"]) == device.startswith("device")


def test_torch_passes():
    check_backend(usable("torch", device="cpu"))


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"precision": "bfloat16"}, {"precision": "float16"}, {"dtype": "float64"}], ids=str)
def test_torch_passes_otherwise(how):
    check_backend(usable("torch", device="cpu", **how))


@pytest.mark.slow
def test_jax_passes():
    check_backend(usable("jax", dtype="float32"), clauses=CLAUSES.keys() - SLOW)


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["cupy", "torch", "jax"])
def test_on_a_gpu(name):
    check_backend(usable(name, device="cuda"))


def test_a_backend_may_be_named():
    assert check_backend("numpy", clauses=["sorting is stable"]).backend == repr(xn.get_backend("numpy"))
    with pytest.raises(BackendError, match="unknown backend 'nunpy'; did you mean 'numpy'"):
        check_backend("nunpy")


def test_the_message_holds_clause_both_sides_and_remedy():
    found, message = broken_clauses(sound(ones=lambda self, shape: self.zeros(shape)))
    assert found == ["to numpy keeps every value"]
    head, line, rest = message.split("\n")
    assert head == "BrokenSound(device='cpu', dtype='float32') breaks the contract of backends:"
    assert "to_numpy(ones): expected [1, 1, 1, 1, 1, 1]; got [0, 0, 0, 0, 0, 0]" in line
    assert line.endswith(f"Remedy: {CLAUSES[found[0]].remedy}")
    assert rest.endswith("clauses that stand on these were not tried")


def test_many_problems_are_counted():
    message = broken_clauses(sound(asarray=lambda self, x, dtype=None: None))[1]
    assert "arrays are made in place: AttributeError: 'NoneType' object has no attribute 'dtype'" in message
    message = broken_clauses(sound(to_numpy=lambda self, x: [x]))[1]
    assert "; … and " in message
    assert " more. Remedy: " in message


def test_the_notes_of_an_error_are_told():
    message = broken_clauses(sound(overrides={"relu": lambda x: x.nothing}))[1]
    assert "has no attribute 'nothing' (in 'relu', case 'width 1, one vector')" in message


def test_an_unknown_clause_is_told():
    with pytest.raises(ContractError, match="no clause 'sorting is stabel'; did you mean 'sorting is stable'"):
        check_backend("numpy", clauses=["sorting is stabel"])


def test_sound_backends_pass():
    assert broken_clauses(sound()) == broken_clauses(sound(dtype="float64")) == broken_clauses(strict()) == ([], "")


def test_every_clause_has_a_backend_that_breaks_it():
    folder = Path(__file__).parent
    told = "\n".join(
        path.read_text(encoding="utf-8") for path in folder.glob("test_backend_*.py") if path != Path(__file__)
    )
    assert [name for name in CLAUSES if f'"{name}"' not in told] == []


def test_every_clause_says_what_it_promises():
    assert len(CLAUSES) == sum(len(floor) for floor in FLOORS) > 30
    for entry in CLAUSES.values():
        assert len((entry.check.__doc__ or "").split()) > 8, entry.name
        assert len(entry.remedy.split()) > 8, entry.name
        assert entry.remedy.endswith((".", "err.", "them.")), entry.name


def test_a_layout_without_views_is_checked_too(monkeypatch):
    monkeypatch.setenv("XPNET_STORE", "leaf")
    check_backend("numpy", clauses=["machines learn as in float64", "parameters travel unchanged"])
