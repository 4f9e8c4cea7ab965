"""Continuous inference against closed forms, SciPy and central differences; restarts, batches and reports."""

import numpy as np
import pytest
from valleys import Barrier, DoubleWell, Kink, Quadratic, fitted, neural

import xpnet as xn
from xpnet.errors import NotFiniteError, RecipeError, ShapeError
from xpnet.inference.descent import descend
from xpnet.inference.line_search import LineSearch
from xpnet.inference.momentum import Momentum
from xpnet.modules import Times

METHODS = [LineSearch(), Momentum(0.2, 0.5), Momentum(0.2, 0.5, nesterov=True)]


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_the_least_squares_solution(backend, rng, method):
    """E = ½ ‖W y + b - x‖² is lowest at the solution of the normal equations, on every backend."""
    machine = fitted()
    store = xn.ParameterStore(machine, backend)
    exact = backend.dtype_name == "float64"
    x = rng.normal(size=(4, 5))
    found = descend(machine, [x, None], np.zeros(3), method=method, steps=2000, tolerance=1e-9 if exact else 1e-4)
    w, b = (store.state_dict()[f"linear.{name}"].astype("float64") for name in ("weight", "bias"))
    wanted = np.linalg.solve(w.T @ w, w.T @ (x - b).T).T
    assert bool(backend.xp.all(found.converged))
    assert found.value.dtype == backend.dtype
    np.testing.assert_allclose(backend.to_numpy(found.value), wanted, atol=1e-6 if exact else 2e-3)
    residual = 0.5 * ((wanted @ w.T + b - x) ** 2).sum(-1)
    np.testing.assert_allclose(backend.to_numpy(found.energy), residual, rtol=1e-6 if exact else 1e-4)
    assert float(backend.xp.max(found.gradient)) <= (1e-9 if exact else 1e-4)


@pytest.mark.parametrize("position", [0, 1])
def test_any_input_can_be_the_one(numpy64, rng, position):
    given = rng.normal(size=(3, 2))
    inputs = [None if k == position else given for k in range(2)]
    np.testing.assert_allclose(descend(xn.Euclidean(), inputs, np.zeros(2)).value, given)


def test_a_neural_energy_as_scipy_minimises_it(numpy64, rng):
    optimize = pytest.importorskip("scipy.optimize", reason="scipy is not installed: its minimize is the oracle here")
    machine = neural()
    store = xn.ParameterStore(machine, numpy64, seed=3)
    held = store.state_dict()

    def net(name, u):
        hidden = np.tanh(held[f"{name}.0.weight"] @ u + held[f"{name}.0.bias"])
        return held[f"{name}.2.weight"] @ hidden + held[f"{name}.2.bias"]

    def energy(y, x):
        near = held["v.weight"] @ x + held["v.bias"]
        return 0.5 * np.sum((net("f", x) - net("g", y)) ** 2) + 0.5 * np.sum((near - y) ** 2)

    x, start = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    found = descend(machine, [x, None], start, tolerance=1e-8, steps=1000)
    assert found.converged.all()
    for k in range(6):
        theirs = optimize.minimize(energy, start[k], args=(x[k],), options={"gtol": 1e-7})
        assert float(found.energy[k]) == pytest.approx(theirs.fun, rel=1e-9)
        np.testing.assert_allclose(found.value[k], theirs.x, atol=1e-5)


def test_a_latent_variable_found_is_held_while_the_rest_learns(numpy64, rng):
    """dE*/dW for E*(W) = min over Z of E(X, Y, Z; W) is ∂E/∂W at that Z: against differences of the minimum."""
    graph = xn.Graph()
    x, y, z = (graph.input(name) for name in "xyz")
    decoded = graph(xn.Cascade(xn.Linear(5, 4), xn.Tanh(), xn.Linear(4, 3)), graph(xn.Concatenate(), x, z), name="net")
    prior = graph(xn.Euclidean(), z, graph(xn.modules.Trainable((2,)), name="prior"))
    graph.output("energy", graph(xn.Plus(), graph(xn.Euclidean(), decoded, y), prior))
    store = xn.ParameterStore(graph, numpy64)
    store["prior.value"].x = rng.normal(size=2)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))

    def lowest():
        return descend(graph, [x, y, None], np.zeros(2), tolerance=1e-10, steps=2000)

    found = lowest()
    assert found.converged.all()
    assert all(store[name].dx is None for name in store)
    inputs, energy = [xn.State(value, fixed=True) for value in (x, y, found.value)], xn.State()
    graph.fprop(*inputs, energy)
    np.testing.assert_allclose(energy.x, found.energy, rtol=1e-12)
    energy.accumulate(np.ones(4))
    graph.bprop(*inputs, energy)
    for name, gradient in store.gradients().items():
        assert np.max(np.abs(gradient)) > 1e-3
        for index in np.ndindex(gradient.shape):
            held, ends = store[name].x.copy(), []
            for step in (1e-5, -1e-5):
                moved = held.copy()
                moved[index] += step
                store[name].x = moved
                ends.append(lowest().energy.sum())
            store[name].x = held
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-7), (name, index)


def test_gradients_that_were_pending_are_untouched(backend, rng):
    machine = fitted()
    store = xn.ParameterStore(machine, backend)
    store["linear.weight"].accumulate(backend.asarray(rng.normal(size=(5, 3))))
    before = store.gradients()
    seen = []

    def look(*_):  # nor do gradients of the search pile up on the way
        seen.extend(store[name].dx for name in store)

    descend(machine, [rng.normal(size=(2, 5)), None], np.zeros(3), steps=5, progress=look)
    assert seen == [None] * 10
    for name, gradient in store.gradients().items():
        np.testing.assert_array_equal(gradient, before[name])
    assert store["linear.bias"].dx is None


def test_restarts_find_what_one_start_does_not(backend):
    alone = descend(DoubleWell(), [None], [0.8, 0.9], tolerance=1e-3)
    many = descend(DoubleWell(), [None], [0.8, 0.9], tolerance=1e-3, restarts=30, spread=1.5)
    assert bool(alone.converged)
    assert bool(many.converged)
    np.testing.assert_allclose(backend.to_numpy(alone.value), [DoubleWell.higher] * 2, atol=1e-3)
    np.testing.assert_allclose(backend.to_numpy(many.value), [DoubleWell.lowest] * 2, atol=1e-3)
    energies = backend.to_numpy(many.energies)
    assert energies.shape == (30,)
    assert energies[int(many.restart)] == energies.min() == float(many.energy)
    assert energies[0] == pytest.approx(float(alone.energy), rel=1e-6)  # the first start is the given one
    assert int(alone.restart) == 0 < int(many.restart)


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_a_batch_is_its_samples_one_by_one(numpy64, rng, method):
    machine = neural()
    xn.ParameterStore(machine, numpy64)
    x, start = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    options = {"method": method, "tolerance": 1e-7, "steps": 500}
    together = descend(machine, [x, None], start, **options)
    several = descend(machine, [x, None], start, restarts=3, **options)
    assert together.converged.all()
    assert len(set(together.steps.tolist())) > 1
    for k in range(5):
        alone = descend(machine, [x[k], None], start[k], **options)
        assert alone.value.shape == (2,)
        np.testing.assert_allclose(together.value[k], alone.value, atol=1e-8)
        # A rounding may tip one last comparison, so that a trial more or less is made.
        assert abs(int(together.steps[k]) - int(alone.steps)) <= 2
        alone = descend(machine, [x[k], None], start[k], restarts=3, **options)
        np.testing.assert_allclose(several.energies[:, k], alone.energies, rtol=1e-9)


def test_who_has_converged_stays(numpy64):
    machine = Quadratic([1.0, 50.0], [0.0, 0.0])
    far = [[1e-4, 0.0], [8.0, 3.0]]
    found = descend(machine, [None], far, tolerance=1e-3)
    assert found.value[0].tolist() == far[0]
    assert found.steps[0] == 0 < found.steps[1] < 200
    assert found.converged.all()


def test_who_has_converged_is_not_judged_again(numpy64):
    """Not even where a second evaluation at the same value would say otherwise."""

    class Restless(Quadratic):
        calls = 0

        def slope(self, y):
            self.calls += 1
            return super().slope(y) + (self.calls > 1)

    found = descend(Restless([1.0], [0.0]), [None], [[0.0], [5.0]], steps=3)
    assert found.gradient[0] == 0.0 != found.gradient[1]
    assert found.converged.tolist() == [True, False]


def test_one_value_for_each_energy(numpy64, rng):
    x, start = rng.normal(size=(4, 1, 2)), rng.normal(size=(3, 2))
    found = descend(xn.Euclidean(), [x, None], start)
    np.testing.assert_allclose(found.value, np.broadcast_to(x, (4, 3, 2)))
    assert found.energy.shape == found.converged.shape == found.steps.shape == found.gradient.shape == (4, 3)


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_confined_to_a_box(backend, method):
    """min ½ (y1 - 2)² + 2 (y2 - ½)² in [-1, 1]²: at (1, ½), where the gradient is -1 and the step left over is 0."""
    machine = Quadratic([1.0, 4.0], [2.0, 0.5])

    def box(y):
        assert y.shape == (3, 2)
        return backend.xp.clip(y, -1.0, 1.0)

    found = descend(machine, [None], [-7.0, 9.0], method=method, project=box, restarts=3, tolerance=1e-4)
    assert bool(found.converged)
    np.testing.assert_allclose(backend.to_numpy(found.value), [1.0, 0.5], atol=1e-4)
    assert float(found.gradient) <= 1e-4
    assert bool(backend.xp.all(found.energies < 0.51))


def test_a_projection_must_keep_the_shape(numpy64):
    with pytest.raises(ShapeError, match=r"project gave shape \(1, 1\) for values of shape \(1, 2\)"):
        descend(xn.Euclidean(), [np.ones(2), None], np.zeros(2), project=lambda y: y[:, :1])


def test_a_replica_without_a_step_left_stalls(backend):
    """At a kink no slope is small: there the search ends when rounding leaves no step, and says so."""
    found = descend(Kink(), [None], [[1.0], [9.0]], steps=500)
    assert backend.to_numpy(found.stalled).tolist() == [True, False]
    assert backend.to_numpy(found.converged).tolist() == [False, True]
    np.testing.assert_allclose(backend.to_numpy(found.value), [[0.3], [9.0]], rtol=1e-6)
    assert 5 < int(found.steps[0]) < 200
    assert int(found.steps[1]) == 0
    assert found.summary().startswith("converged 1 of 2 (1 stalled), largest gradient ")


def test_momentum_does_not_stall_where_it_turns(numpy64):
    """E = ½ y² with η = 1.5, μ = ½: from 1 by v = -1.5 to -½, where v = -¾ + ¾ = 0 is a step of nothing, but no end."""
    machine, method = Quadratic([1.0], [0.0]), Momentum(1.5, 0.5)
    values = [float(descend(machine, [None], [1.0], method=method, steps=k).value[0]) for k in range(4)]
    assert values == [1.0, -0.5, -0.5, 0.25]
    found = descend(machine, [None], [1.0], method=method, tolerance=1e-9)
    assert found.converged
    assert not found.stalled


def test_progress_is_told(backend):
    told = []
    start = [[0.0], [0.9], [5.0]]
    found = descend(DoubleWell(), [None], start, restarts=2, tolerance=1e-3, progress=lambda *told_: told.append(told_))
    steps, converged, replicas = zip(*told, strict=True)
    assert steps == tuple(range(1, len(told) + 1))
    assert max(backend.to_numpy(found.steps).tolist()) <= len(told) < 200
    assert list(converged) == sorted(converged)
    assert converged[-1] == 6
    assert set(replicas) == {6}


def test_without_steps_it_says_where_it_is(numpy64):
    found = descend(Quadratic([2.0], [1.0]), [None], [4.0], steps=0)
    assert (found.value.tolist(), float(found.energy), float(found.gradient)) == ([4.0], 9.0, 6.0)
    assert not found.converged
    assert found.steps == 0


def test_a_start_without_energy_is_named(backend):
    with pytest.raises(NotFiniteError, match="2 of 3 starting points have no finite energy and gradient"):
        descend(Barrier(), [None], [[1.0], [-1.0], [0.0]])
    with pytest.raises(NotFiniteError, match=r"of 9 .* smaller spread"):
        descend(Barrier(), [None], [1.0], restarts=9, spread=5.0)
    confined = descend(
        Barrier(), [None], [1.0], restarts=9, spread=5.0, project=lambda y: backend.xp.clip(y, 0.1, 10.0)
    )
    assert bool(confined.converged)


def test_arrays_stay_where_they_are(strict_devices):
    """On a device that refuses to mix, whatever comes from the host is brought there, and answers stay there."""
    for device in strict_devices:
        with xn.use_backend(device):
            machine = neural()
            xn.ParameterStore(machine, device)
            found = descend(
                machine, [device.ones((4, 3)), None], np.zeros(2), restarts=3, method=LineSearch(), tolerance=1e-3
            )
            assert all(value.device == device.device for value in vars(found).values())
            assert bool(device.xp.all(found.converged))
            assert found.summary().startswith("converged 4 of 4, ")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"steps": -1}, "steps of a descent must be finite and at least 0; got -1"),
        ({"tolerance": float("nan")}, "tolerance of a descent must be finite and at least 0; got nan"),
        ({"restarts": 0}, "restarts of a descent must be finite and at least 1; got 0"),
        ({"spread": float("inf")}, "spread of a descent must be finite and at least 0; got inf"),
    ],
)
def test_what_is_no_option(numpy64, options, text):
    with pytest.raises(RecipeError, match=text):
        descend(xn.Euclidean(), [np.ones(2), None], np.zeros(2), **options)


def test_what_does_not_fit(numpy64):
    with pytest.raises(ShapeError, match=r"start has shape \(\); one value of input 1 has 1 axes of its own"):
        descend(xn.Euclidean(), [np.ones(2), None], 0.0)
    with pytest.raises(ShapeError, match="2 of 2 are None"):
        descend(xn.Euclidean(), [None, None], np.zeros(2))
    with pytest.raises(ShapeError, match="event_ndim=1"):
        descend(Times(), [np.ones(2), None], np.zeros(2))
    with pytest.raises(ShapeError, match="last axis 3"):
        descend(xn.Euclidean(), [np.ones(3), None], np.zeros(2))


def test_event_axes_that_the_machine_leaves_open(numpy64):
    """E = X Y with Y a number in [-1, 1]: at the end where the product is lowest."""
    found = descend(
        Times(), [np.asarray([2.0, -3.0]), None], 0.0, event_ndim=0, project=lambda y: np.clip(y, -1.0, 1.0)
    )
    assert found.value.tolist() == [-1.0, 1.0]
    assert found.energy.tolist() == [-2.0, -3.0]
