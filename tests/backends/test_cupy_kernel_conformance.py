"""Every kernel that stands in CuPy's table of ops is proved on the CPU: the conformance kit, through the shim."""

import pytest
from cuda_shim import ShimBackend, ShimLaunch, compiler, kernels, overrides

from xpnet.errors import ContractError
from xpnet.ops import gives_same_bits
from xpnet.testing import check_ops
from xpnet.testing.ops_cases import SHAPES

pytestmark = [
    pytest.mark.skipif(compiler() is None, reason="g++ is not installed: kernels cannot be run on the CPU"),
    pytest.mark.slow,
]
NAMES = sorted(overrides.overrides(None, None))
BRIEF = {"label_logsum"}  # of the kernels of label tiles, whose blocks of 33 take long here, one
WITHOUT_KERNELS = {"linear_vjp_weight"}  # a product of CuPy's own, written where it is kept


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_in_the_table_has_passed_the_kit(name, dtype):
    backend = ShimBackend(dtype=dtype)
    report = check_ops(backend, [name])
    assert report.cases[name] >= len(SHAPES[name]) > 0
    assert backend.launch.launched or name in WITHOUT_KERNELS, "no case reached a kernel: the reference ran each time"


def test_the_table_holds_what_was_proved_and_nothing_else():
    backend = ShimBackend()
    assert backend.ops.accelerated == set(NAMES)
    assert set(NAMES) <= SHAPES.keys()


@pytest.mark.parametrize(
    ("name", "threads"),
    [(name, threads) for name in NAMES for threads in (1, 33) if threads == 1 or name in BRIEF or "label" not in name],
)
def test_any_size_of_block_will_do(name, threads):
    check_ops(ShimBackend(launch=ShimLaunch(threads)), [name])


def test_all_promise_the_same_bits_every_time():
    assert all(gives_same_bits(override) for override in overrides.overrides(None, None).values())
    texts = "".join(kernels.text(file) for file in [*kernels.files(), "prelude.cuh"])
    assert "atomic" not in texts.replace("no atomics", "")


def test_a_wrong_text_does_not_pass():
    wrong = kernels.text("tanh.cu").replace("(1 - y[i] * y[i])", "(1 + y[i] * y[i])")
    with pytest.raises(ContractError, match="override 'tanh_vjp'"):
        check_ops(ShimBackend(launch=ShimLaunch(texts={"tanh.cu": wrong})), ["tanh_vjp"])
