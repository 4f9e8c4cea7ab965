"""How a kernel's text is read, and how CuPy is asked to run it; by a stand-in that notes what it is asked."""

from types import SimpleNamespace

import numpy as np
import pytest
from cuda_shim import kernels


class Recorder:
    """CuPy as the launcher sees it: a current device, and modules of kernels."""

    def __init__(self):
        self.device, self.compiled, self.calls = 0, [], []
        self.cuda = SimpleNamespace(runtime=SimpleNamespace(getDevice=lambda: self.device))

    def RawModule(self, code):
        self.compiled.append(code)
        return SimpleNamespace(get_function=self._function)

    def _function(self, name):
        return lambda *args, **options: self.calls.append((name, *args, options))


@pytest.fixture
def cupy():
    return Recorder()


def slope(launch, dtype="float32", threads=128):
    arrays = [np.ones(6, dtype) for _ in range(3)]
    launch("tanh_vjp", *arrays, 6, blocks=2, threads=threads, words_a_thread=1, words=10)
    return arrays


def test_a_launch_passes_arrays_numbers_and_sizes(cupy):
    arrays = slope(kernels.DeviceLaunch(cupy))
    [(name, grid, block, args, options)] = cupy.calls
    assert (name, grid, block, options) == ("tanh_vjp", (2,), (128,), {"shared_mem": 8 * (128 + 10)})
    assert all(one is other for one, other in zip(args, arrays, strict=False))
    assert isinstance(args[3], np.int64)
    assert args[3] == 6


def test_reals_are_passed_in_the_kernels_own_width(cupy):
    launch = kernels.DeviceLaunch(cupy)
    for dtype in ("float32", "float64"):
        x = np.ones((2, 3), dtype)
        launch("softmax", x, x.copy(), 2, 3, 0.1, blocks=1, threads=32)
        assert type(cupy.calls[-1][3][-1]) is np.dtype(dtype).type


def test_each_text_is_compiled_once_for_a_device_and_dtype(cupy):
    launch = kernels.DeviceLaunch(cupy)
    for dtype in ("float32", "float32", "float64"):
        slope(launch, dtype)
    assert len(cupy.compiled) == 2
    cupy.device = 1
    slope(launch)
    assert len(cupy.compiled) == 3
    assert len(cupy.calls) == 4
    assert [code.partition("\n")[0] for code in cupy.compiled[:2]] == ["typedef float real;", "typedef double real;"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (lambda x: (x, x, 6), r"takes 4 arguments \(dy, y, dx, count\); got 3"),
        (lambda x: (x, x.astype("float32"), x, 6), r"one real dtype, float32 or float64; got \['float32', 'float64'\]"),
        (lambda x: (*[x.astype("int64")] * 3, 6), r"one real dtype, float32 or float64; got \['int64'\]"),
        (lambda x: (x, x[::2], x, 3), r"contiguous arrays; y has strides \(16,\): copy it first"),
    ],
)
def test_what_a_kernel_does_not_take_is_refused(cupy, args, words):
    with pytest.raises(TypeError, match=f"kernel 'tanh_vjp' takes.*{words}|{words}"):
        kernels.DeviceLaunch(cupy)("tanh_vjp", *args(np.ones(6)), blocks=1, threads=32)
    assert not cupy.calls


def test_labels_are_int64(cupy):
    x, label = np.ones((2, 3)), np.zeros(2, "int32")
    with pytest.raises(TypeError, match="takes label in int64; got int32"):
        kernels.DeviceLaunch(cupy)("likelihood", x, label, x[:, 0].copy(), x.copy(), 2, 3, 1.0, blocks=1, threads=32)


def test_a_program_includes_nothing_from_elsewhere():
    for file in kernels.files():
        for dtype, real in (("float32", "float"), ("float64", "double")):
            program = kernels.program(kernels.text(file), dtype)
            assert program.startswith(f"typedef {real} real;")
            assert "#include" not in program


def test_every_file_says_what_it_computes_and_holds_a_kernel():
    for file in kernels.files():
        assert kernels.text(file).startswith("// ")
        assert list(kernels.kernels_in(file, kernels.text(file)))
    assert len(kernels.KERNELS) == sum(kernels.text(file).count("__global__") for file in kernels.files())


def test_an_unknown_kind_of_parameter_is_refused():
    with pytest.raises(ValueError, match=r"a kernel's parameter is one of .*; got 'int n'"):
        list(kernels.kernels_in("x.cu", 'extern "C" __global__ void f(real* y, int n) {}'))
