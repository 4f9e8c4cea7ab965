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


def test_a_fused_primitive_counts_once_and_computes_the_same(counting):
    from benchmarks.calls import CountingBackend

    fused = CountingBackend(["softmax"])
    x = np.asarray([[0.0, 1.0, 3.0]])
    results = [backend.to_numpy(backend.ops.softmax(backend.asarray(x), 1.0)) for backend in (counting, fused)]
    np.testing.assert_array_equal(*results)
    assert counted(fused, lambda: fused.ops.softmax(fused.asarray(x), 1.0))["softmax"] == 1
    assert counted(fused, lambda: fused.ops.tanh(fused.ones((3,)))) == {"tanh": 1, "ones": 1}
    assert sum(counted(counting, lambda: counting.ops.softmax(counting.asarray(x), 1.0)).values()) > 2


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
    from benchmarks.calls_table import calls_table
    from benchmarks.libraries import Libraries
    from benchmarks.workloads import WORKLOADS

    import xpnet as xn

    text = calls_table([WORKLOADS[0], WORKLOADS[-1]], Libraries(xn.get_backend("numpy")), frozenset({"sgd"}))
    head, _, *rows = text.splitlines()
    assert "with CuPy's 1 kernels" in head
    assert len(rows) == 1
    _, name, reference, fused, _ = (cell.strip() for cell in rows[0].split("|"))
    assert name == "mlp_step"
    assert 0 < int(fused) < int(reference)


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
