"""The JAX backend: devices, arrays, unchanged modules, and whole training steps under `jax.jit`."""

import subprocess
import sys

import contract_cases
import numpy as np
import pytest
import traced_steps
from rounded import rounded

import xpnet as xn
from xpnet.errors import BackendError, BackendUnavailable, ParameterError, PlacementError
from xpnet.ops.window import Window
from xpnet.testing import check_module, check_ops

jax = pytest.importorskip("jax", reason="jax is not installed: its backend cannot be tested")

CONVOLUTIONS = ("convolution", "convolution_vjp_x", "convolution_vjp_weight")
QUICK = ("linear", "softmax", "logsum-trainable", "switch-3", "euclidean", "convolution", "lookup", "graph")


@pytest.fixture
def backend():
    return xn.get_backend("jax", device="cpu", dtype="float64")


@pytest.fixture
def narrow():
    return xn.get_backend("jax", device="cpu", dtype="float32")


# --- devices and arrays ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cpu", "cpu:0"])
def test_device_names(name):
    backend = xn.get_backend("jax", device=name)
    assert (backend.device_name, backend.parse_device(backend.device_name)) == ("cpu:0", backend.device)


def test_devices_that_are_not_here():
    with pytest.raises(BackendError, match="no device '0:cpu'; write 'cpu', 'cuda' or 'cuda:1'"):
        xn.get_backend("jax", device="0:cpu")
    with pytest.raises(BackendError, match="no device 'cpu:7'; present: cpu:0"):
        xn.get_backend("jax", device="cpu:7")
    with pytest.raises(BackendUnavailable, match=r"backend 'jax' cannot run on 'tpu': .*; install a JAX for it"):
        xn.get_backend("jax", device="tpu")


def test_without_64_bits_integers_are_of_32_and_nothing_warns():
    """In a process of its own, since 64-bit numbers stay on once they are."""
    program = """
import warnings; warnings.simplefilter("error")
import numpy as np, xpnet as xn
narrow = xn.get_backend("jax")
assert narrow.indices([1, 2]).dtype == np.int32 and not narrow.capabilities.float64
machine = xn.Cascade(xn.Linear(3, 2))
trainer = xn.Trainer(machine, xn.Euclidean(), xn.ParameterStore(machine, narrow))
trainer.learn_sample(np.ones((4, 3)), [0, 1, 0, 1], np.eye(2), learning_rate=0.1)
print(trainer.run(np.ones((4, 3)), np.eye(2), top=2)[0].dtype)
wide = xn.get_backend("jax", dtype="float64")
assert wide.indices([1]).dtype == np.int64 and wide.capabilities.float64
assert machine.modules[0].weight.x.dtype == np.float32
trainer.learn_sample(np.ones((4, 3)), [0, 1, 0, 1], np.eye(2), learning_rate=0.1)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "int32\n"), done.stderr


def test_arrays_cannot_be_written_so_parameters_are_leaves(backend):
    assert not backend.capabilities.views
    assert not backend.capabilities.inplace
    with pytest.raises(ParameterError, match="backend 'jax' has no views"):
        xn.ParameterStore(xn.Linear(2, 1), backend, layout="view")


def test_host_arrays_are_copied(backend):
    x = np.ones(3)
    there = backend.asarray(x)
    x[:] = 7.0
    np.testing.assert_array_equal(backend.to_numpy(there), 1.0)
    assert backend.asarray(there) is there
    backend.synchronize()


def test_an_array_of_another_device_is_an_error():
    """JAX moves what was not put anywhere, so two devices are needed to see it."""
    program = """
import jax, xpnet as xn
first, second = xn.get_backend("jax", device="cpu:0"), xn.get_backend("jax", device="cpu:1")
x = second.ones((2,))
assert x.device == second.device != first.device
for act in (lambda: first.asarray(x), lambda: first.require_same_placement(first.ones((2,)), x, "Linear")):
    try:
        act()
    except xn.XpnetError as error:
        print(type(error).__name__, error)
with second.device_scope():
    assert jax.numpy.zeros(2).device == second.device
"""
    environment = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("PlacementError an array on cpu:1 was handed to JaxBackend(device='cpu:0'")
    assert second.startswith("PlacementError Linear must share one dtype and device")


def test_arrays_of_another_library_meet_no_parameter(backend):
    linear = xn.Linear(2, 1)
    xn.ParameterStore(linear, backend)
    with pytest.raises(PlacementError, match=r"\(jax\) and .*\(numpy\)"):
        linear.fprop(xn.State(np.ones((1, 2))), xn.State())


@pytest.mark.parametrize(("precision", "digits"), [("bfloat16", 8), ("float16", 11)])
def test_products_are_of_rounded_numbers_summed_in_float32(precision, digits, rng):
    a, b = rng.normal(size=(5, 40)), rng.normal(size=(40, 3))

    backend = xn.get_backend("jax", device="cpu", precision=precision)
    got = backend.to_numpy(backend.xp.matmul(backend.asarray(a), backend.asarray(b)))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, rounded(a, digits) @ rounded(b, digits), rtol=0, atol=2e-5)
    assert np.abs(got - a @ b).max() > 1e-4


# --- modules and steps -----------------------------------------------------------------------------------------


def test_overrides_conform(narrow):
    """Convolutions take long here, a compilation each case; of them the first does."""
    assert narrow.ops.accelerated == {"segment_add", "replace_rows", *CONVOLUTIONS}
    check_ops(narrow, ["segment_add", "replace_rows"])


@pytest.mark.parametrize("over", [(Window(3),), (Window(2, stride=2, dilation=3),), (Window(2), Window(3, dilation=2))])
def test_convolutions_are_those_of_numpy(backend, over, rng):
    host, sizes = xn.get_backend("numpy", dtype="float64").ops, (9, 8)[: len(over)]
    x = rng.normal(size=(2, 1, *sizes, 3))
    weight, bias = rng.normal(size=(4, *(w.width for w in over), 3)), rng.normal(size=4)
    wanted = host.convolution(x, weight, bias, over)
    dy, there = rng.normal(size=wanted.shape), backend.asarray
    for got, exact in (
        (backend.ops.convolution(there(x), there(weight), there(bias), over), wanted),
        (
            backend.ops.convolution_vjp_x(there(dy), there(weight), over, sizes),
            host.convolution_vjp_x(dy, weight, over, sizes),
        ),
        (backend.ops.convolution_vjp_weight(there(dy), there(x), over), host.convolution_vjp_weight(dy, x, over)),
    ):
        np.testing.assert_allclose(backend.to_numpy(got), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", [c for c in contract_cases.CASES if c.name in QUICK], ids=lambda case: case.name)
def test_the_contract(case, backend):
    check_module(case.make(), inputs=case.inputs, backend=backend, draws=case.draws, leads=[(2, 3)])


@pytest.mark.parametrize("case", contract_cases.CASES, ids=lambda case: case.name)
def test_every_module_is_traced_unchanged(case, backend):
    """Three passes without one number read on the host, and every shape known beforehand."""
    passes, arrays = traced_steps.passes(case, backend)
    jax.make_jaxpr(passes)(*arrays)


@pytest.mark.slow
@pytest.mark.parametrize("case", contract_cases.CASES, ids=lambda case: case.name)
def test_every_module_under_jit_has_the_numbers_of_numpy(case, backend):
    passes, arrays = traced_steps.passes(case, backend)
    wanted, host_arrays = traced_steps.passes(case, xn.get_backend("numpy", dtype="float64"))
    for got, exact in zip(jax.jit(passes)(*arrays), wanted(*host_arrays), strict=True):
        scale = max(float(np.abs(exact[np.isfinite(exact)]).max(initial=0.0)), 1.0)
        np.testing.assert_allclose(np.asarray(got), exact, rtol=0, atol=1e-12 * scale)


def test_a_number_read_on_the_way_is_noticed(backend):
    """The test above can fail."""

    class Reading(xn.Module):
        def fprop(self, input, output):
            output.x = input.x * float(self.xp.sum(input.x))

        bprop = bbprop = fprop

    case = contract_cases.Case("reading", Reading, [(3,)])
    passes, arrays = traced_steps.passes(case, backend)
    with pytest.raises(jax.errors.ConcretizationTypeError):
        jax.make_jaxpr(passes)(*arrays)
