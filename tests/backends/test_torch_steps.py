"""The torch backend's steps: traced and compiled on the CPU, recorded as CUDA graphs are."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

import xpnet as xn

torch = pytest.importorskip("torch", reason="torch is not installed: its backend cannot be tested")

from xpnet_torch import compiled, graphs  # noqa: E402


def step(weight, x):
    """A pure step: the weight moves towards the mean of x, and says how far it is."""
    gap = weight - x.mean(0)
    return weight - 0.5 * gap, (gap * gap).sum()


@pytest.mark.slow
def test_a_compiled_training_step_gives_the_eager_numbers(rng):
    x, y, codes = rng.normal(size=(8, 3)), rng.integers(0, 4, 8), rng.normal(size=(4, 2))
    results = []
    for name, capture in (("numpy", lambda t: t), ("torch", xn.capture)):
        machine = xn.Cascade(xn.Linear(3, 5), xn.Tanh(), xn.Linear(5, 2))
        param = xn.ParameterStore(machine, xn.get_backend(name, dtype="float64"), seed=1)
        learner = capture(xn.Trainer(machine, xn.Euclidean(), param))
        for _ in range(5):
            loss = learner.learn_sample(x, y, codes, learning_rate=0.1, inertia=0.5, weight_decay=0.01)
        results.append((float(loss), param.state_dict()))
    assert results[1][0] == pytest.approx(results[0][0], abs=1e-12)
    for name, value in results[0][1].items():
        np.testing.assert_allclose(results[1][1][name], value, rtol=0, atol=1e-12)


def test_a_compiler_that_is_wrong_is_not_believed(monkeypatch, caplog):
    """Torch 2.13 compiles a + α b as a + b where a is a product; whatever a compiler does, the numbers stay right."""
    monkeypatch.setattr(compiled, "build", lambda traced, _: lambda *arrays: tuple(2 * x for x in traced(*arrays)))
    weight, x = torch.ones(3), torch.arange(6.0).reshape(2, 3)
    with caplog.at_level(logging.WARNING, "xpnet"):
        got = compiled.on_cpu(step)(weight, x)
    assert compiled.same(got, step(weight, x))
    assert "gives other numbers than the operations themselves" in caplog.text


def test_a_compiler_that_cannot_run_is_done_without(monkeypatch, caplog):
    def broken(traced, arrays):
        msg = "no C++ compiler was found\nand so on"
        raise OSError(msg)

    monkeypatch.setattr(compiled, "build", broken)
    weight, x = torch.ones(3), torch.arange(6.0).reshape(2, 3)
    with caplog.at_level(logging.WARNING, "xpnet"):
        assert compiled.same(compiled.on_cpu(step)(weight, x), step(weight, x))
    assert "cannot run here (OSError: no C++ compiler was found): this step is left uncompiled" in caplog.text


def test_one_tensor_in_two_places_is_two_arguments(monkeypatch):
    monkeypatch.setattr(compiled, "build", lambda traced, _: traced)
    run, (a, b) = compiled.on_cpu(step), (torch.rand(3, 3), torch.rand(3, 3))
    for weight, x in ((a, a), (a, b), (b, a), (b, b)):
        assert compiled.same(run(weight, x), step(weight, x))


@pytest.mark.slow
@pytest.mark.parametrize("inductor", [True, False])
def test_programs_take_arguments_however_they_lie_in_memory(monkeypatch, caplog, inductor):
    if not inductor:
        monkeypatch.delattr("torch._inductor.compile")
    run, wide = compiled.on_cpu(step), torch.rand(4, 6)
    for x in (wide[:, :3], wide[:, ::2], wide[:, :3].contiguous(), wide[:3].T[:, 1:], wide[:1, :3], wide[1:2, 1:4]):
        weight = torch.rand(x.shape[1])
        assert compiled.same(run(weight, x), step(weight, x))
    assert "gives other numbers" not in caplog.text  # that the compiler cannot run in this process is no matter here


def test_a_step_is_traced_once_for_each_shape(monkeypatch):
    monkeypatch.setattr(compiled, "build", lambda traced, _: traced)
    calls = []

    def counted(*arrays):
        calls.append(1)
        return step(*arrays)

    run = compiled.on_cpu(counted)
    for rows in (2, 2, 5, 2, 5):
        x = torch.rand(rows, 3)
        assert compiled.same(run(torch.ones(3), x), step(torch.ones(3), x))
    assert len(calls) == 2


def replaying(body):
    """What a CUDA graph does: the same operations again, their results where they were."""
    results = body()

    def replay():
        for place, new in zip(results, body(), strict=True):
            place.copy_(new)

    return replay, results


def test_a_recorded_step_updates_in_place_and_reads_new_arguments():
    weight = torch.ones(3, dtype=torch.float64)
    exact, run = weight.clone(), graphs.on_gpu(step, 1, replaying)
    losses = []
    for k in range(4):
        x = torch.full((2, 3), float(k), dtype=torch.float64)
        exact, wanted = step(exact, x)
        new, loss = run(weight, x)
        assert new is weight
        losses.append(loss)
        torch.testing.assert_close(weight, exact, rtol=0, atol=1e-15)
        torch.testing.assert_close(loss, wanted, rtol=0, atol=1e-15)
    assert len({loss.data_ptr() for loss in losses}) == 4  # a later replay writes into no earlier result


def test_other_places_and_shapes_are_recorded_anew():
    made = []

    def record(body):
        made.append(body)
        return replaying(body)

    run = graphs.on_gpu(step, 1, record)
    first, second = torch.ones(3), torch.ones(3)
    for weight, rows in ((first, 2), (first, 2), (second, 2), (first, 4), (second, 2)):
        run(weight, torch.rand(rows, 3))
    assert len(made) == 3


def test_a_recording_that_misses_something_is_not_used(caplog):
    def forgetful(body):
        return lambda: None, body()

    weight, x = torch.ones(3), torch.zeros(2, 3)
    with caplog.at_level(logging.WARNING, "xpnet"):
        new, loss = graphs.on_gpu(step, 1, forgetful)(weight, x)
    torch.testing.assert_close(new, torch.full((3,), 0.5))
    assert float(loss) == 3.0
    assert "run without recording" in caplog.text


def test_a_recording_that_fails_leaves_parameters_as_they_were():
    def failing(body):
        for _ in range(3):
            body()
        msg = "operation not permitted when stream is capturing"
        raise RuntimeError(msg)

    weight = torch.ones(3)
    with pytest.raises(RuntimeError, match="not permitted"):
        graphs.on_gpu(step, 1, failing)(weight, torch.zeros(2, 3))
    torch.testing.assert_close(weight, torch.ones(3))


def test_precision_travels_with_the_store():
    machine = xn.Linear(2, 1)
    store = xn.ParameterStore(machine, xn.get_backend("torch", device="cpu", precision="bfloat16"))
    assert store.to("cpu").backend.precision == "bfloat16"


def test_threads_that_trace_at_once_leave_tensors_as_they_were(monkeypatch):
    monkeypatch.setattr(compiled, "build", lambda traced, _: traced)
    meeting, reads = Barrier(2), [getattr(torch.Tensor, name) for name in compiled.READS]

    def trace(_):
        meeting.wait()
        return [compiled.on_cpu(step)(torch.ones(3), torch.rand(2, 3)) for _ in range(20)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(trace, range(2)))
    assert [getattr(torch.Tensor, name) for name in compiled.READS] == reads
