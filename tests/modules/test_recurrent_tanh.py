"""The fused simple recurrent net: the same as Recurrent of its cell, and the derivative of its own fprop."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError, ShapeError
from xpnet.machines.recurrent import Recurrent, simple_cell
from xpnet.modules.recurrent_tanh import RecurrentTanh


def plain_like(fused_store, backend):
    """Recurrent of the simple cell with the same values."""
    plain = Recurrent(simple_cell(3, 4), 4)
    store = xn.ParameterStore(plain, backend)
    values = fused_store.state_dict()
    names = {name: next(n for n in store if n.endswith(end)) for name, end in ENDS.items()}
    store.load_state_dict({names[name]: value for name, value in values.items()})
    return plain, {name: store[other] for name, other in names.items()}


ENDS = {"weight": "input.weight", "bias": "input.bias", "state_weight": "state.weight"}


@pytest.mark.parametrize("shape", [(6, 3), (2, 6, 3), (2, 3, 5, 3), (2, 1, 3)])
def test_the_same_as_recurrent(shape, backend, rng, close):
    fused = RecurrentTanh(3, 4)
    store = xn.ParameterStore(fused, backend, seed=1)
    plain, places = plain_like(store, backend)
    x, dz = backend.asarray(rng.normal(size=shape)), backend.asarray(rng.normal(size=(*shape[:-1], 4)))
    results = []
    for machine in (fused, plain):
        input, output = xn.State(x), xn.State()
        machine.fprop(input, output)
        output.accumulate(dz)
        machine.bprop(input, output)
        results.append((output.x, input.dx))
    for got, wanted in zip(*results, strict=True):
        close(got, backend.to_numpy(wanted), factor=8)
    for name, place in places.items():
        close(store[name].dx, backend.to_numpy(place.dx), factor=8)


def test_gradients_against_central_differences(numpy64, rng):
    fused = RecurrentTanh(2, 3)
    store = xn.ParameterStore(fused, numpy64, seed=4)
    x, dz = rng.normal(size=(2, 5, 2)), rng.normal(size=(2, 5, 3))
    input, output = xn.State(x), xn.State()
    fused.fprop(input, output)
    output.accumulate(dz)
    fused.bprop(input, output)
    derivatives = {name: store[name].dx.copy() for name in store}

    def energy():
        z = xn.State()
        fused.fprop(xn.State(x), z)
        return (z.x * dz).sum()

    for values, dx in [(x, input.dx), *((store[name].x, derivatives[name]) for name in store)]:
        for place in np.ndindex(values.shape):
            kept, values[place] = values[place], values[place] + 1e-6
            up = energy()
            values[place] = kept - 1e-6
            slope = (up - energy()) / 2e-6
            values[place] = kept
            assert dx[place] == pytest.approx(slope, abs=1e-8)


def test_it_learns_to_remember():
    """The first number's sign, eight steps later: nothing but the state carries it."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(128, 8, 1))
    labels = (x[:, 0, 0] > 0).astype(int)
    machine = xn.Cascade(
        RecurrentTanh(1, 12), xn.modules.Steps(7, 1), xn.modules.Reshape((1, 12), (12,)), xn.Linear(12, 2)
    )
    trainer = xn.Trainer(machine, xn.Euclidean(), xn.ParameterStore(machine, seed=0))
    for _ in range(400):
        loss = trainer.learn_sample(x, labels, np.eye(2), learning_rate=0.5, inertia=0.5)
    index, _ = trainer.run(x, np.eye(2))
    assert float(loss) < 0.4
    assert (index == labels).mean() > 0.95


def test_errors_and_words():
    assert repr(RecurrentTanh(3, 2)) == "RecurrentTanh(3, 2)"
    with pytest.raises(ShapeError, match=r"RecurrentTanh expects input\.x with last axis 3"):
        RecurrentTanh(3, 2).fprop(xn.State(np.ones((4, 2), "float32")), xn.State())
    with pytest.raises(PlacementError):
        RecurrentTanh(3, 2).fprop(xn.State(np.ones((4, 3))), xn.State())
