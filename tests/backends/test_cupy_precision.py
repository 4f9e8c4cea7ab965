"""Products below float32 on the CuPy backend: the stand-in's cuBLAS multiplies what it finds at given addresses.

The oracle rounds the operands by itself, bit by bit, and multiplies in float64.
"""

import importlib.util
import itertools

import numpy as np
import pytest
from cupy_stand_in import blas

import xpnet as xn
from xpnet.errors import BackendError, BackendUnavailable

DIGITS = {"tf32": 11, "bfloat16": 8, "float16": 11}  # of the significand, the leading one included
REDUCED = ["tf32", "float16"]
if importlib.util.find_spec("ml_dtypes") is not None:  # NumPy's bfloat16
    REDUCED.append("bfloat16")
SUM = 2.0**-23  # what rounding the sum to float32 may add


def rounded(x, digits):
    """x with so many binary digits, halves to even, whatever its exponent."""
    significand, exponent = np.frexp(np.asarray(x, np.float64))
    return np.ldexp(np.round(np.ldexp(significand, digits)), exponent - digits)


def within(got, a, b, precision, product=np.matmul):
    """Whether got is a product of operands that were rounded, halves either way, and summed well."""
    wanted = product(rounded(a, DIGITS[precision]), rounded(b, DIGITS[precision]))
    size = product(np.abs(a).astype(np.float64), np.abs(b).astype(np.float64))
    # Halves fall on either side: one unit in the last place, of a number that is rare among random ones.
    np.testing.assert_array_less(np.abs(got - wanted), size * SUM + 1e-45)


@pytest.fixture
def calls(fake_cupy):
    blas.calls.clear()
    return blas.calls


SHAPES = [
    ((3, 4), (4, 5)), ((1, 4), (4, 1)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (4,)), ((2, 3, 4), (4, 5)),
    ((2, 1, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 6)), ((4,), (2, 4, 5)),
    ((2, 3, 4), (4,)), ((6, 2, 3, 4), (6, 2, 4, 1)), ((1, 3, 4), (1, 4, 5)), ((1, 3, 4), (7, 4, 5)),
]  # fmt: skip


@pytest.mark.parametrize("precision", REDUCED)
@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_products_of_every_shape_are_of_rounded_operands(cupy_backend, rng, precision, left, right):
    backend = cupy_backend("cuda:1", precision=precision)
    a, b = (rng.normal(size=shape).astype(np.float32) for shape in (left, right))
    y = backend.xp.matmul(backend.asarray(a), backend.asarray(b))
    assert (y.dtype, y.device.id, y.shape) == (np.float32, 1, np.matmul(a, b).shape)
    within(backend.to_numpy(y), a, b, precision)


@pytest.mark.parametrize("precision", REDUCED)
def test_rounding_is_seen(cupy_backend, rng, precision):
    a, b = (rng.normal(size=(40, 40)).astype(np.float32) for _ in range(2))
    backend = cupy_backend(precision=precision)
    got = backend.to_numpy(backend.xp.matmul(backend.asarray(a), backend.asarray(b)))
    error = np.abs(got - a.astype(np.float64) @ b).max() / (np.abs(a) @ np.abs(b)).max()
    unit = 2.0 ** -DIGITS[precision]
    assert unit / 100 < error < 2 * unit


def _plain(backend, x):
    return backend.asarray(x)


def _turned(backend, x):
    return backend.asarray(x.swapaxes(-1, -2).copy()).swapaxes(-1, -2)


def _spread(backend, x):
    return backend.asarray(np.repeat(x, 2, axis=-1))[..., ::2]


@pytest.mark.parametrize("precision", REDUCED)
@pytest.mark.parametrize("stack", [(), (5,)])
@pytest.mark.parametrize(("first", "second"), list(itertools.product([_plain, _turned, _spread], repeat=2)))
def test_operands_may_lie_in_memory_in_any_way(cupy_backend, rng, calls, precision, stack, first, second):
    backend = cupy_backend(precision=precision)
    a, b = rng.normal(size=(*stack, 3, 4)).astype(np.float32), rng.normal(size=(*stack, 4, 6)).astype(np.float32)
    x, y = first(backend, a), second(backend, b)
    assert [z.flags.c_contiguous for z in (x, y)] == [layout is _plain for layout in (first, second)]
    calls.clear()
    within(backend.to_numpy(backend.xp.matmul(x, y)), a, b, precision)
    assert len(calls) == 1


def test_each_precision_asks_cublas_for_its_own_types(cupy_backend, calls):
    asked = {}
    for precision in REDUCED:
        backend = cupy_backend(precision=precision)
        calls.clear()
        backend.xp.matmul(backend.ones((2, 3)), backend.ones((3, 4)))
        ((kind, compute, count),) = calls
        asked[precision] = kind, compute, count
    every = {"tf32": (0, 77, 1), "float16": (2, 68, 1), "bfloat16": (14, 68, 1)}
    assert asked == {precision: every[precision] for precision in REDUCED}


def test_rows_with_lead_axes_are_one_product_in_every_precision(cupy_backend, calls, monkeypatch, plugin):
    backend = cupy_backend(precision="tf32")
    calls.clear()
    backend.xp.matmul(backend.ones((8, 5, 3)), backend.ones((3, 4)))
    assert [count for _, _, count in calls] == [1]
    shapes = []
    whole = plugin("products").cupy.matmul
    monkeypatch.setattr(plugin("products").cupy, "matmul", lambda a, b: shapes.append(a.shape) or whole(a, b))
    full = cupy_backend()
    shapes.clear()
    assert full.xp.matmul(full.ones((8, 5, 3)), full.ones((3, 4))).shape == (8, 5, 4)
    assert shapes == [(40, 3)]


def test_one_matrix_for_a_whole_stack_is_not_copied(cupy_backend, calls, fake_cupy, monkeypatch):
    steps = []
    whole = blas.gemmStridedBatchedEx
    monkeypatch.setattr(blas, "gemmStridedBatchedEx", lambda *a: steps.append((a[10], a[14], a[20])) or whole(*a))
    backend = cupy_backend(precision="tf32")
    backend.xp.matmul(backend.ones((3, 4)), backend.ones((7, 4, 5)))
    assert steps == [(20, 0, 7)]  # cuBLAS's A is our second operand


@pytest.mark.parametrize("precision", ["full", *REDUCED])
@pytest.mark.parametrize(
    ("left", "right", "axes"),
    [((2, 3, 4), (4, 3, 5), ([2, 1], [0, 1])), ((2, 3), (3, 4), 1), ((2, 3), (2, 3), 2), ((2,), (3,), 0),
     ((2, 3, 4), (4, 5), ([-1], [0]))],
)  # fmt: skip
def test_tensordot(cupy_backend, rng, precision, left, right, axes):
    backend = cupy_backend(precision=precision)
    a, b = (rng.normal(size=shape).astype(np.float32) for shape in (left, right))
    got = backend.to_numpy(backend.xp.tensordot(backend.asarray(a), backend.asarray(b), axes=axes))
    if precision == "full" or axes == 0:
        np.testing.assert_allclose(got, np.tensordot(a.astype(np.float64), b, axes=axes), rtol=1e-5)
    else:
        within(got, a, b, precision, lambda p, q: np.tensordot(p, q, axes=axes))


@pytest.mark.parametrize("precision", ["full", "float16"])
def test_vecdot_stays_float32(cupy_backend, rng, precision):
    backend = cupy_backend(precision=precision)
    a, b = rng.normal(size=(3, 4, 50)).astype(np.float32), rng.normal(size=(4, 50)).astype(np.float32)
    got = backend.to_numpy(backend.xp.vecdot(backend.asarray(a), backend.asarray(b)))
    np.testing.assert_allclose(got, np.vecdot(a.astype(np.float64), b), atol=1e-5)
    for dtype in (np.int64, np.int32, np.float64):  # as the standard has it: of its operands' dtype
        pair = backend.asarray([1, 2], dtype)
        assert backend.xp.vecdot(pair, pair).dtype == dtype
    with pytest.raises(ValueError, match=r"vecdot: axis -1 of \(3, 4, 50\) and of \(1,\) must be of one length"):
        backend.xp.vecdot(backend.asarray(a), backend.ones((1,)))
    z = backend.xp.asarray(np.asarray([1j, 2.0]), device=backend.device)
    assert backend.xp.vecdot(z, z) == 5.0


def test_other_dtypes_are_multiplied_in_full(cupy_backend, calls):
    backend = cupy_backend(precision="float16")
    calls.clear()
    big = backend.asarray([[1.0 + 2.0**-30]], np.float64)
    assert float(backend.xp.matmul(big, big)[0, 0]) == (1.0 + 2.0**-30) ** 2
    assert backend.xp.matmul(backend.indices([[3]]), backend.indices([[70000]]))[0, 0] == 210000
    assert not calls


@pytest.mark.parametrize("precision", REDUCED)
@pytest.mark.parametrize(
    ("left", "right"), [((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0, 2, 3), (3, 2)), ((0, 2, 3), (1, 3, 2))]
)
def test_empty_products_are_zero(cupy_backend, precision, left, right):
    backend = cupy_backend(precision=precision)
    got = backend.to_numpy(backend.xp.matmul(backend.ones(left), backend.ones(right)))
    np.testing.assert_array_equal(got, np.matmul(np.ones(left), np.ones(right)))


def test_shapes_that_do_not_fit_are_refused(cupy_backend):
    backend = cupy_backend(precision="tf32")
    with pytest.raises(ValueError, match=r"matmul: \(2, 3\) has 3 columns, \(4, 5\) has 4 rows"):
        backend.xp.matmul(backend.ones((2, 3)), backend.ones((4, 5)))


@pytest.mark.parametrize("scale", [2.0**-100, 1e-9, 1.0, 1e6, 2.0**60])
def test_float16_neither_overflows_nor_loses_small_gradients(cupy_backend, rng, scale):
    backend = cupy_backend(precision="float16")
    a, b = (scale * rng.normal(size=(5, 6))).astype(np.float32), rng.normal(size=(6, 4)).astype(np.float32)
    got = backend.to_numpy(backend.xp.matmul(backend.asarray(a), backend.asarray(b)))
    within(got, a, b, "float16")
    assert np.all(got != 0)


def test_in_float16_what_is_far_below_the_largest_loses_digits_then_all(cupy_backend):
    backend = cupy_backend(precision="float16")
    one = backend.ones((1, 1))

    def kept(small):
        pair = backend.asarray([[1.0], [small]])
        return float(backend.xp.matmul(pair, one)[1, 0])

    odd = 1.0 + 2.0**-10
    assert kept(odd * 2.0**-27) == odd * 2.0**-27
    assert kept(odd * 2.0**-35) == 2.0**-35
    assert kept(2.0**-41) == 0.0


def test_infinities_and_nan_stay_in_their_own_rows(cupy_backend):
    values = np.asarray([[1.0, 2.0], [np.inf, 1.0], [np.nan, 1.0], [1e6, 1.0], [-np.inf, 0.0]], np.float32)
    for precision in REDUCED:
        backend = cupy_backend(precision=precision)
        got = backend.to_numpy(backend.xp.matmul(backend.asarray(values), backend.ones((2, 1))))[:, 0]
        assert got[0] == 3.0
        np.testing.assert_array_equal(got[[1, 2, 4]], [np.inf, np.nan, -np.inf])
        assert got[3] == pytest.approx(1e6, rel=2.0**-8)


def test_zeros_and_the_largest_float32(cupy_backend):
    backend = cupy_backend(precision="float16")
    assert float(backend.xp.matmul(backend.zeros((1, 2)), backend.ones((2, 1)))[0, 0]) == 0.0
    largest = np.finfo(np.float32).max
    got = float(backend.xp.matmul(backend.asarray([[largest]]), backend.ones((1, 1)))[0, 0])
    assert got == np.inf or got == pytest.approx(largest, rel=2.0**-10)
    tiny = np.float32(2.0**-149)
    assert float(backend.xp.matmul(backend.asarray([[tiny]]), backend.asarray([[2.0]]))[0, 0]) == 2.0**-148


@pytest.mark.parametrize(("capability", "precision"), [("75", "tf32"), ("75", "bfloat16"), ("61", "float16")])
def test_a_gpu_without_such_tensor_cores_is_told(cupy_backend, fake_cupy, capability, precision, monkeypatch):
    monkeypatch.setattr(fake_cupy.cuda.Device, "compute_capability", capability)
    with pytest.raises(
        BackendError, match=rf"{precision!r} needs compute capability [78]\.0; cuda:0 has .*take 'full'"
    ):
        cupy_backend(precision=precision)
    assert cupy_backend().precision == "full"


def test_precision_is_of_float32_and_by_a_known_name(cupy_backend):
    with pytest.raises(BackendError, match="is of float32 products, but dtype is float64"):
        cupy_backend(dtype="float64", precision="tf32")
    with pytest.raises(BackendError, match="no precision 'float8'"):
        cupy_backend(precision="float8")
    assert repr(cupy_backend(precision="tf32").with_dtype("float32")).endswith("precision='tf32')")


def test_bfloat16_says_what_it_needs(cupy_backend, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ml_dtypes", None)
    with pytest.raises(BackendUnavailable, match="needs NumPy's bfloat16, which is missing; pip install ml_dtypes"):
        cupy_backend(precision="bfloat16")


@pytest.mark.parametrize("precision", REDUCED)
def test_training_keeps_float32_parameters_and_comes_near_full_precision(cupy_backend, rng, precision):
    x, labels = rng.normal(size=(64, 8)), rng.integers(0, 3, 64)
    learned = {}
    for kind in ("full", precision):
        backend = cupy_backend(precision=kind)
        with backend.device_scope(), xn.use_backend(backend):
            machine = xn.Cascade(xn.Linear(8, 16), xn.Tanh(), xn.Linear(16, 3))
            trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=backend, seed=1))
            for _ in range(30):
                trainer.learn_sample(
                    backend.asarray(x), backend.indices(labels), backend.asarray(np.eye(3)), {"learning_rate": 0.1}
                )
        learned[kind] = trainer.param.state_dict()
        assert {value.dtype for value in learned[kind].values()} == {np.dtype(np.float32)}
    distance = max(np.abs(learned["full"][name] - learned[precision][name]).max() for name in learned["full"])
    assert 1e-7 < distance < 0.02


def test_axes_may_be_counted_from_the_end(cupy_backend, rng):
    backend = cupy_backend(precision="bfloat16")
    a, b = backend.asarray(rng.normal(size=(2, 3, 4))), backend.asarray(rng.normal(size=(5, 4, 3)))
    wanted = np.tensordot(np.asarray(a), np.asarray(b), axes=((1, 2), (2, 1)))
    got = backend.xp.tensordot(a, b, axes=((-2, -1), (-1, -2)))
    assert got.shape == wanted.shape
    np.testing.assert_allclose(np.asarray(got), wanted, rtol=0, atol=0.05)
