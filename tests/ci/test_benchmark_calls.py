"""Counting what a step asks of the array library, and what a GPU was asked to launch."""

import numpy as np
import pytest


@pytest.fixture
def counting():
    from benchmarks.calls import CountingBackend

    return CountingBackend()


def counted(backend, step):
    backend.tally.calls.clear()
    step()
    return dict(backend.tally.calls)


def test_functions_operators_gathers_and_assignments_count(counting):
    xp, x = counting.xp, counting.asarray(np.ones((3, 4)))
    ids = counting.indices([0, 2])
    assert counted(counting, lambda: xp.tanh(x) * 2.0 + x) == {"tanh": 1, "multiply": 1, "add": 1}
    assert counted(counting, lambda: xp.matmul(x, xp.matrix_transpose(x))) == {"matmul": 1}
    assert counted(counting, lambda: x[ids, ...]) == {"take": 1}
    assert counted(counting, lambda: x.__setitem__((slice(0, 2), ...), 1.0)) == {"assignment": 1}
    assert counted(counting, lambda: xp.concat([x, x])) == {"concat": 1}
    assert counted(counting, lambda: xp.mean(x) > 0) == {"mean": 1, "greater": 1}

    def in_place():
        y = x
        y -= 1.0

    assert counted(counting, in_place) == {"subtract": 1}


def test_views_shapes_and_dtypes_are_free(counting):
    xp, x = counting.xp, counting.asarray(np.ones((3, 4)))
    free = [
        lambda: xp.reshape(x, (2, 6)), lambda: xp.broadcast_to(x, (5, 3, 4)), lambda: x[1:, None, ::2], lambda: x.T,
        lambda: xp.asarray(x), lambda: xp.isdtype(x.dtype, "integral"), lambda: xp.expand_dims(x, axis=0),
        lambda: xp.empty((3,)),
    ]  # fmt: skip
    assert [counted(counting, step) for step in free] == [{}] * len(free)
    assert counted(counting, lambda: xp.reshape(xp.matrix_transpose(x), (12,))) == {"reshape": 1}  # a copy


def test_results_are_right(counting):
    xp, x = counting.xp, counting.asarray([1.0, 2.0])
    assert counting.to_numpy(xp.sum(x * x) / 2.0) == 2.5
    assert type(counting.to_numpy(x)) is np.ndarray


def test_an_override_counts_what_it_launches_and_calls(counting):
    from benchmarks.calls import CountingBackend

    def squared(kernel, y, x, *, blocks, threads):
        assert (kernel, blocks, threads, type(x)) == ("square", 1, 32, np.ndarray)
        y[...] = x * x

    def overriding(xp, launch):
        def tanh(x):
            y = xp.empty(x.shape, dtype=x.dtype)
            launch("square", y, x, blocks=1, threads=32)
            return y + 1.0

        return {"tanh": tanh}

    backend = CountingBackend(overriding, squared)
    x = backend.asarray([2.0, 3.0])
    assert counted(backend, lambda: backend.ops.tanh(x)) == {"kernel square": 1, "add": 1}
    assert backend.to_numpy(backend.ops.tanh(x)).tolist() == [5.0, 10.0]
    plain = counting.asarray([2.0, 3.0])
    assert counted(backend, lambda: backend.ops.sigmoid(x)) == counted(counting, lambda: counting.ops.sigmoid(plain))


def test_the_step_of_a_linear_machine_is_counted_exactly(counting):
    from benchmarks.calls import calls_in

    import xpnet as xn

    machine = xn.Linear(3, 2, bias=False)
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=counting))
    sample, codes, label = counting.ones((4, 3)), counting.ones((2, 2)), counting.indices([0, 1, 0, 1])
    found = calls_in(lambda: trainer.learn_sample(sample, label, codes, learning_rate=0.1), counting)
    assert found["matmul"] == 2  # X Wᵀ and dYᵀ X
    assert found["take"] == 1  # the desired codes
    assert found["vecdot"] == 2  # the distances, and their mean


def test_torchs_operations_count_but_its_views_do_not():
    torch = pytest.importorskip("torch")
    from benchmarks.calls import torch_calls_in

    x = torch.ones((3, 4), requires_grad=True)
    found = torch_calls_in(lambda: torch.tanh(x).T.reshape(-1).sum().backward(), torch)
    assert (found["tanh"], found["tanh_backward"], found["sum"]) == (1, 1, 1)
    assert not {"t", "view", "expand", "transpose"} & set(found)


def test_the_table_has_a_row_for_every_training_step():
    from benchmarks.calls_table import calls_table, with_kernels
    from benchmarks.libraries import Libraries
    from benchmarks.workloads import WORKLOADS

    import xpnet as xn

    libraries = Libraries(xn.get_backend("numpy"))
    head, _, *rows = calls_table([WORKLOADS[0], WORKLOADS[-1]], libraries).splitlines()
    (cells,) = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells[0] == "mlp_step"
    if with_kernels() is None:
        assert "kernels" not in head
    else:
        assert 0 < int(cells[2]) < int(cells[1])


def test_launches_are_told_apart_from_what_runs_on_the_device():
    from benchmarks.launches import Launches, counted

    events = [
        ("cudaLaunchKernel", "CPU"), ("cuLaunchKernelEx", "CPU"), ("cudaGraphLaunch", "CPU"),
        ("cudaMemcpyAsync", "CPU"), ("cudaStreamSynchronize", "CPU"), ("aten::mm", "CPU"),
        ("sgemm", "CUDA"), ("Memcpy DtoD", "CUDA"),
    ]  # fmt: skip
    assert counted(events, steps=2) == Launches(2.0, 1.0)
    assert str(Launches(1.0, 38.5)) == "1 / 38.5"


def test_the_profiler_sees_a_whole_step():
    torch = pytest.importorskip("torch")
    from benchmarks.launches import launches

    steps = []
    found = launches(lambda: steps.append(torch.ones(2).sum()), lambda _: None, torch)
    assert (found.host, len(steps)) == (0, 5)
