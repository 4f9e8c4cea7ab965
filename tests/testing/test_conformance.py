"""The conformance kit passes what is right and catches each way of being wrong."""

import warnings

import array_api_compat.numpy as xp
import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ContractError
from xpnet.ops import REFERENCE, resolve
from xpnet.testing import check_ops
from xpnet.testing.ops_cases import MAY_WRITE, SHAPES, cases


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_overrides_of_numpy_conform(dtype):
    backend = xn.get_backend("numpy", dtype=dtype)
    report = check_ops(backend)
    assert set(report.cases) == backend.ops.accelerated
    assert min(report.cases.values()) > 10
    assert f"{len(report.cases)} primitives" in str(report)


def test_every_primitive_with_cases_is_exact_on_every_backend(backend):
    """Also the references themselves: infinities and NaN stand where float64 has them, arguments stay untouched."""
    whole = backend.name != "strict" and backend.dtype_name == "float32"
    report = check_ops(backend, SHAPES if whole else ["linear", "linear_vjp_weight", "euclidean", "euclidean_vjp"])
    limit = 1e-5 if backend.dtype_name == "float32" else 1e-13
    assert max(report.reference_errors.values()) < limit


def test_every_accelerated_primitive_has_cases(backend):
    assert backend.ops.accelerated <= set(SHAPES) <= set(REFERENCE)


def test_the_cases_cover_what_they_should():
    for name in SHAPES:
        words = " ".join(case.name for case in cases(name))
        wanted = ["one vector", "one row", "two rows", "few rows", "many rows", "higher lead axes", "an empty batch"]
        if name not in MAY_WRITE:  # they own their arguments, which are the store's own arrays
            wanted += ["large", "infinite", "nan", "strided", "transposed", "broadcast", "read-only"]
        assert all(word in words for word in wanted), name
    betas = {case.args[-1] for case in cases("logsum")}
    assert betas == {1.0, -2.0, 1e-8, -1e-8, 30.0}


# --- one wrong override of each kind ---------------------------------------------------------------------------


def tanh_vjp(dy, y):
    return dy * (1.0 - y * y)


def wrong_formula(dy, y):
    return dy * (1.0 + y * y)


def inexact(dy, y):
    return tanh_vjp(dy, y) * np.asarray(1 + 1e-5, dy.dtype)


def wrong_shape(dy, y):
    return tanh_vjp(dy, y)[None]


def wrong_dtype(dy, y):
    return tanh_vjp(dy.astype(np.float64), y)


def hides_nan(dy, y):
    return np.nan_to_num(tanh_vjp(dy, y))


def writes_into_its_input(dy, y):
    if dy.flags.writeable:
        dy *= 1.0 - y * y
        return dy.copy()
    return tanh_vjp(dy, y)


noise = np.random.default_rng(0)


def wavers(dy, y):
    result = tanh_vjp(dy, y)
    return result * np.asarray(1 + 1e-7 * noise.integers(0, 3), result.dtype)


def refuses_higher_axes(dy, y):
    if dy.ndim > 2:
        msg = "at most two axes"
        raise ValueError(msg)
    return tanh_vjp(dy, y)


def forgets_strides(dy, y):
    flat = np.lib.stride_tricks.as_strided(dy, dy.shape, np.zeros(dy.shape, dy.dtype).strides) if dy.size else dy
    return tanh_vjp(flat, y)


def fails_on_empty_batches(dy, y):
    return tanh_vjp(dy, y) if dy.size else np.ones((1, *dy.shape[1:]), dy.dtype)


def adds_to_out(dy, x, *, out=None):
    product = REFERENCE["linear_vjp_weight"](np, dy, x)
    if out is None:
        return product
    out += product
    return out


def passes_its_input_on(x):
    return x


def with_override(name, override, dtype="float32"):
    backend = xn.get_backend("numpy").with_dtype(dtype)
    backend.ops = resolve(backend.xp, {name: override})
    return backend


@pytest.mark.parametrize(
    ("name", "override", "text"),
    [
        ("tanh_vjp", wrong_formula, "error: expected at most"),
        ("tanh_vjp", inexact, "error: expected at most"),
        ("tanh_vjp", wrong_shape, r"form of the result: expected shape \(1,\).*; got shape \(1, 1\)"),
        ("tanh_vjp", wrong_dtype, "expected .*float32.*; got .*float64"),
        ("tanh_vjp", hides_nan, "places where is"),
        ("tanh_vjp", writes_into_its_input, "arguments after the call, index"),
        ("tanh_vjp", wavers, "on the same arguments|error"),
        ("tanh_vjp", forgets_strides, "strided arguments.*error|transposed arguments.*error"),
        ("tanh_vjp", fails_on_empty_batches, r"an empty batch.*form of the result: expected shape \(0, 1\)"),
        ("linear_vjp_weight", adds_to_out, "error: expected at most"),
        ("relu", passes_its_input_on, "arguments after writing into the result, index"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_override_is_caught(name, override, text):
    with pytest.raises(ContractError, match=text) as caught:
        check_ops(with_override(name, override))
    for part in ("NumpyBackend", f"override {name!r}", "case '", "expected", "got"):
        assert part in str(caught.value)


def test_a_result_that_is_an_argument_is_caught():
    def logsum(x, beta=1.0):
        return x[..., 0] if x.shape[-1] == 1 else REFERENCE["logsum"](xp, x, beta)

    with pytest.raises(ContractError, match=r"K=1.*arguments after writing into the result"):
        check_ops(with_override("logsum", logsum))


def test_an_error_of_an_override_is_placed():
    with pytest.raises(ValueError, match="at most two axes") as caught:
        check_ops(with_override("tanh_vjp", refuses_higher_axes))
    assert caught.value.__notes__ == ["in 'tanh_vjp', case 'width 1, higher lead axes'"]


def test_a_primitive_without_cases_is_an_error():
    backend = with_override("tanh_vjp", tanh_vjp)
    with pytest.raises(ContractError, match="primitive 'nothing' has no cases"):
        check_ops(backend, ["nothing"])


def test_float64_is_held_to_float64():
    """A float32 computation inside a float64 backend is off by 1e-8, which a float32 tolerance would pass."""

    def through_float32(dy, y):
        return tanh_vjp(dy.astype(np.float32), y.astype(np.float32)).astype(np.float64)

    with pytest.raises(ContractError, match="error: expected at most"):
        check_ops(with_override("tanh_vjp", through_float32, "float64"))


def test_the_kit_is_quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_ops(xn.get_backend("numpy"))
