"""The shim that runs kernels on the CPU: what a GPU would compute, and each way of being wrong is seen."""

import numpy as np
import pytest
from cuda_shim import KernelFault, ShimLaunch, compiler, kernels

pytestmark = pytest.mark.skipif(compiler() is None, reason="g++ is not installed: kernels cannot be run on the CPU")

REVERSED = """
extern "C" __global__ void turned(const real* x, real* y, long long n) {
    real* room = (real*)shared_room;
    FOR_EACH_ROW(row, n) {
        room[threadIdx.x] = x[row * blockDim.x + threadIdx.x];
        __syncthreads();
        y[row * blockDim.x + threadIdx.x] = room[blockDim.x - 1 - threadIdx.x];
        __syncthreads();
    }
}
"""
SUM = """
extern "C" __global__ void summed(const real* x, real* y, long long n) {
    real sum = 0;
    FOR_EACH_OF_ROW(k, n) sum += x[k];
    sum = block_sum(sum);
    FOR_EACH_OF_ROW(k, n) y[k] = sum;
}
"""


@pytest.fixture
def run(monkeypatch):
    """run(text, *args, …): the kernel that a text defines, as if it stood in a file of its own."""

    def run(text, *args, threads, blocks=1, words_a_thread=1, words=0):
        [kernel] = kernels.kernels_in("own.cu", text)
        monkeypatch.setitem(kernels.KERNELS, kernel.name, kernel)
        launch = ShimLaunch(texts={"own.cu": text})
        launch(kernel.name, *args, blocks=blocks, threads=threads, words_a_thread=words_a_thread, words=words)

    return run


def arrays(*shape, dtype="float64"):
    x = np.arange(1, 1 + np.prod(shape), dtype=dtype).reshape(shape)
    return x, np.zeros_like(x)


@pytest.mark.parametrize("threads", [1, 2, 33, 64, 1024])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_threads_meet_at_barriers(run, threads, dtype):
    x, y = arrays(3, threads, dtype=dtype)
    run(REVERSED, x, y, 3, threads=threads, blocks=2)
    np.testing.assert_array_equal(y, x[:, ::-1])


@pytest.mark.parametrize("number", [0, 1])
def test_a_missing_barrier_is_seen(run, number):
    parts = REVERSED.split("__syncthreads();")
    kept = ["__syncthreads();"] * 2
    kept[number] = ""
    text = parts[0] + kept[0] + parts[1] + kept[1] + parts[2]
    assert text.count("__syncthreads") == 1
    x, y = arrays(3, 8)
    with pytest.raises(KernelFault, match="'turned': y depends on the order of threads: a barrier is missing"):
        run(text, x, y, 3, threads=8)


@pytest.mark.parametrize("threads", [1, 7, 32, 33])
@pytest.mark.parametrize("n", [1, 7, 100])
def test_reductions_take_any_number_of_threads(run, threads, n):
    x, y = arrays(n)
    run(SUM, x, y, n, threads=threads)
    np.testing.assert_array_equal(y, x.sum())


@pytest.mark.parametrize("barrier", range(3))
def test_each_barrier_of_a_reduction_is_needed(run, barrier, monkeypatch):
    """Twice in a row, as the last barrier keeps a second reduction from overwriting what the first gave."""
    whole = kernels.text("prelude.cuh")
    start, *rest = whole.split("__syncthreads(); ")
    assert len(rest) == 3
    cut = start + "".join(("" if k == barrier else "__syncthreads(); ") + part for k, part in enumerate(rest))
    monkeypatch.setattr(kernels.texts, "_prelude", lambda: cut)
    twice = SUM.replace("sum = block_sum(sum);", "sum = block_sum(block_sum(sum) + sum);")
    x, y = arrays(13)
    with pytest.raises(KernelFault, match="a barrier is missing"):
        run(twice, x, y, 13, threads=13)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("if (threadIdx.x < 2) __syncthreads();", "not all threads of a block came to the same barrier"),
        ("if (threadIdx.x < 2) __syncthreads();\nelse __syncthreads();", "not all threads of a block came to the same"),
        ("shared_room[blockDim.x] = 0;", "wrote behind its shared memory"),
        ("y[n] = 0;", "wrote beside one of its arrays"),
        ("y[-1] = 0;", "wrote beside one of its arrays"),
        ("y[0] = threadIdx.x;", "depends on the order of threads"),
        ("y[0] += x[0];", None),
        ("((real*)x)[0] = 7;", "wrote into its input x"),
    ],
)
def test_what_no_gpu_would_run_as_meant_is_seen(run, body, text):
    x, y = arrays(8)
    used = "(void)x; (void)y; (void)n;"
    kernel = f'extern "C" __global__ void wrong(const real* x, real* y, long long n) {{\n{used}\n{body}\n}}'
    if text is None:
        run(kernel, x, y, 8, threads=4)
        assert y[0] == 4 * x[0]
    else:
        with pytest.raises(KernelFault, match=text):
            run(kernel, x, y, 8, threads=4)


def test_after_a_fault_the_next_launch_is_sound(run):
    x, y = arrays(2, 4)
    stuck = REVERSED.replace("room[threadIdx.x] =", "if (threadIdx.x) __syncthreads(); room[threadIdx.x] =")
    with pytest.raises(KernelFault, match="same barrier"):
        run(stuck, x, y, 2, threads=4)
    run(REVERSED, x, y, 2, threads=4)
    np.testing.assert_array_equal(y, x[:, ::-1])


def test_unset_shared_memory_is_not_a_number(run):
    x, y = arrays(4)
    kernel = """extern "C" __global__ void unset(const real* x, real* y, long long n) {
        FOR_EACH(i, n) y[i] = x[i] + ((real*)shared_room)[threadIdx.x];
    }"""
    run(kernel, x, y, 4, threads=4)
    assert np.isnan(y).all()


def test_more_shared_memory_than_a_gpu_has_is_refused(run):
    x, y = arrays(4)
    with pytest.raises(KernelFault, match="more than 48 KiB"):
        run(SUM, x, y, 4, threads=64, words_a_thread=100)


def test_a_text_that_does_not_compile_is_refused(run):
    x, y = arrays(4)
    with pytest.raises(SyntaxError, match="unknown"):
        run(SUM.replace("sum += x[k]", "sum += unknown[k]"), x, y, 4, threads=4)


def test_an_array_behind_two_parameters_is_one(run):
    kernel = """extern "C" __global__ void doubled(const real* x, real* y, long long n) {
        FOR_EACH(i, n) y[i] = x[i] + x[i];
    }"""
    x, _ = arrays(5)
    wanted = x + x
    run(kernel, x, x, 5, threads=2)
    np.testing.assert_array_equal(x, wanted)
