"""The torch backend: devices, what comes in and goes out, precisions, compiled and recorded steps."""

import warnings

import numpy as np
import pytest
from rounded import rounded

import xpnet as xn
from xpnet.errors import BackendError, BackendUnavailable, PlacementError
from xpnet.testing import check_ops

torch = pytest.importorskip("torch", reason="torch is not installed: its backend cannot be tested")

from xpnet_torch import devices  # noqa: E402
from xpnet_torch.precision import product  # noqa: E402


@pytest.fixture(params=["float32", "float64"])
def backend(request):
    return xn.get_backend("torch", device="cpu", dtype=request.param)


# --- devices ---------------------------------------------------------------------------------------------------


def test_the_default_device_is_torchs_own():
    assert devices.parse(None) == torch.device("cpu")
    with torch.device("meta"), pytest.raises(BackendError, match="runs on 'cpu' and 'cuda'"):
        devices.parse(None)


@pytest.mark.parametrize(("name", "message"), [("gpu:0", "has no device 'gpu:0'; write"), ("meta", "got 'meta'")])
def test_a_name_that_is_no_device(name, message):
    with pytest.raises(BackendError, match=message):
        xn.get_backend("torch", device=name)


@pytest.mark.parametrize(
    ("available", "built", "sentence"),
    [
        (False, None, "this torch is built for the CPU; install a CUDA build of torch"),
        (False, "13.0", "no CUDA device is visible to torch; check nvidia-smi, the driver and CUDA_VISIBLE_DEVICES"),
    ],
)
def test_cuda_that_is_missing_is_one_sentence(monkeypatch, available, built, sentence):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.version, "cuda", built)
    with pytest.raises(BackendUnavailable) as caught:
        devices.parse("cuda")
    assert str(caught.value) == (f"backend 'torch' cannot run on 'cuda': {sentence}, or choose XPNET_DEVICE=cpu")


def test_a_device_index_out_of_range_lists_those_present(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices.parse("cuda") == torch.device("cuda", 0)
    assert devices.parse("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(BackendError, match="no device 'cuda:2'; present: cpu, cuda:0, cuda:1"):
        devices.parse("cuda:2")


# --- arrays ----------------------------------------------------------------------------------------------------


def test_host_arrays_of_any_layout_come_in_without_a_warning(backend):
    x = np.arange(12.0).reshape(3, 4)
    fixed = x.copy()
    fixed.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for given in (x, x.T, x[::-1], x[:, ::2], fixed, x.tolist(), list(x), np.float64(3)):
            np.testing.assert_array_equal(backend.to_numpy(backend.asarray(given)), np.asarray(given))
    assert backend.indices([1, 2]).dtype == torch.int64


def test_tensors_come_in_without_their_history(backend):
    x = torch.ones(2, dtype=backend.dtype, requires_grad=True)
    assert not backend.asarray(x * 2).requires_grad
    held = torch.ones(2, dtype=backend.dtype)
    assert backend.asarray(held) is held
    np.testing.assert_array_equal(backend.to_numpy(x), [1, 1])


def test_a_tensor_of_another_device_is_an_error(backend):
    with pytest.raises(PlacementError, match=r"a tensor on meta was handed to TorchBackend.*x\.to\('cpu'\)"):
        backend.asarray(torch.ones(2, device="meta"))


def test_arrays_of_another_library_meet_no_parameter(backend):
    linear = xn.Linear(2, 1).bind(backend)
    xn.ParameterStore(linear, backend)
    with pytest.raises(PlacementError, match=r"Linear: weight and input.x must share .*\(torch\) and .*\(numpy\)"):
        linear.fprop(xn.State(np.ones((1, 2))), xn.State())


def test_what_costs_nothing_to_know_on_the_cpu(backend):
    assert backend.distinct(backend.indices([3, 1, 3])).tolist() == [1, 3]
    assert backend.synchronous
    assert backend.memory_stats() == {}
    assert backend.remarks() == [f"{torch.get_num_threads()} threads"]
    backend.synchronize()


def test_overrides_conform(backend):
    report = check_ops(backend)
    assert set(report.cases) == backend.ops.accelerated
    assert {"linear", "sgd", "sum_rows", "replace_rows", "segment_add"} <= backend.ops.accelerated


def test_on_a_gpu_sums_by_atomics_are_marked(monkeypatch):
    from xpnet_torch.overrides import overrides

    from xpnet.ops import gives_same_bits

    marked = {name for name, op in overrides(torch.device("cuda"), "full").items() if not gives_same_bits(op)}
    assert marked == {"segment_add", "sum_rows", "convolution", "convolution_vjp_x", "convolution_vjp_weight"}
    assert all(map(gives_same_bits, overrides(torch.device("cpu"), "full").values()))


# --- precisions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("precision", "digits"), [("bfloat16", 8), ("float16", 11)])
def test_products_are_of_rounded_numbers_summed_in_float32(precision, digits, rng):
    """Against float64 products of numbers rounded to that many digits."""
    a, b = rng.normal(size=(5, 40)), rng.normal(size=(40, 3))

    backend = xn.get_backend("torch", device="cpu", precision=precision)
    got = backend.xp.matmul(backend.asarray(a), backend.asarray(b))
    assert got.dtype == torch.float32
    np.testing.assert_allclose(got.numpy(), rounded(a, digits) @ rounded(b, digits), rtol=0, atol=2e-5)
    assert np.abs(got.numpy() - a @ b).max() > 1e-4  # so the test can tell
    linear = backend.ops.linear(backend.asarray(a), backend.asarray(b.T))
    torch.testing.assert_close(linear, got, rtol=0, atol=0)


def test_training_in_bfloat16_keeps_parameters_in_float32(rng):
    x = rng.normal(size=(64, 6))
    y = x[:, :3].argmax(1)
    losses = {}
    for precision in ("full", "bfloat16"):
        backend = xn.get_backend("torch", device="cpu", precision=precision)
        machine = xn.Cascade(xn.Linear(6, 16), xn.Tanh(), xn.Linear(16, 3))
        trainer = xn.Trainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend, seed=0))
        losses[precision] = [float(trainer.learn_sample(x, y, np.eye(3), learning_rate=0.5)) for _ in range(60)]
        assert machine.modules[0].weight.x.dtype == torch.float32
    assert losses["bfloat16"][-1] < 0.5 * losses["bfloat16"][0]
    assert losses["bfloat16"][-1] == pytest.approx(losses["full"][-1], rel=0.05)
    assert losses["bfloat16"] != losses["full"]


def test_precisions_that_do_not_fit():
    with pytest.raises(BackendError, match="'tf32' is of CUDA's tensor cores"):
        xn.get_backend("torch", device="cpu", precision="tf32")
    with pytest.raises(BackendError, match="is of float32 products, but dtype is float64"):
        xn.get_backend("torch", device="cpu", dtype="float64", precision="bfloat16")


def test_tf32_is_switched_on_for_one_product_alone(monkeypatch):
    seen = []
    real = torch.matmul
    monkeypatch.setattr(torch, "matmul", lambda a, b: seen.append(torch.backends.cuda.matmul.allow_tf32) or real(a, b))
    product("tf32")(torch.ones(1, 1), torch.ones(1, 1))
    assert (seen, torch.backends.cuda.matmul.allow_tf32) == ([True], False)
