"""The recurrent machine: closed forms, torch, truncation, lengths, and the forms that must be equal."""

from copy import deepcopy

import numpy as np
import pytest

import xpnet as xn
from xpnet import modules
from xpnet.errors import GraphError, ShapeError
from xpnet.machines.equivalences import equivalent
from xpnet.machines.recurrent import Recurrent, simple_cell

B, T, F, H = 4, 6, 3, 5


def run(machine, *inputs, cotangent=None):
    states = [x if isinstance(x, xn.State) else xn.State(x, fixed=x.dtype.kind == "i") for x in inputs]
    out = xn.State()
    machine.fprop(*states, out)
    out.accumulate(np.ones_like(out.x) if cotangent is None else cotangent)
    machine.bprop(*states, out)
    return out, states


def elman(backend, seed=0, **options):
    machine = Recurrent(simple_cell(F, H), H, **options)
    return machine, xn.ParameterStore(machine, backend, seed=seed)


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_backprop_through_time_in_closed_form(numpy64, rng, steps):
    """z_{t+1} = w z_t + x_t and E = ½ (z_T - y)²: dE/dw = (z_T - y) Σ_t w^{T-1-t} z_t."""
    graph = xn.Graph()
    x, z = graph.input("x"), graph.input("z")
    graph.output("z", graph(xn.Plus(), x, graph(xn.Linear(1, 1, bias=False), z, name="w")))
    machine = Recurrent(graph, 1, last=True)
    store = xn.ParameterStore(machine, numpy64)
    w = float(store["cell.w.weight"].x[0, 0])
    x, y = rng.normal(size=(steps, 1)), rng.normal(size=1)
    zs = [0.0]
    for value in x[:, 0]:
        zs.append(w * zs[-1] + value)
    out, states = run(machine, x, cotangent=np.asarray([zs[-1] - y[0]]))
    assert out.x == pytest.approx(zs[-1], rel=1e-12)
    expected = (zs[-1] - y[0]) * sum(w ** (steps - 1 - t) * zs[t] for t in range(steps))
    assert store.gradients()["cell.w.weight"] == pytest.approx(expected, rel=1e-12)
    powers = (zs[-1] - y[0]) * w ** np.arange(steps - 1, -1, -1.0)
    np.testing.assert_allclose(states[0].dx[:, 0], powers, rtol=1e-12)


def torch_states(torch, values, x, first, lengths=None):
    z, states = first, []
    for t in range(x.shape[1]):
        new = torch.tanh(
            x[:, t] @ values["cell.input.weight"].T + values["cell.input.bias"] + z @ values["cell.state.weight"].T
        )
        z = new if lengths is None else torch.where(lengths[:, None] > t, new, z)
        states.append(z)
    return torch.stack(states, 1)


@pytest.mark.parametrize("hoist", [False, True])
@pytest.mark.parametrize("initial", ["zeros", "trainable", "given"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("lengths", [None, [6, 1, 3, 4]])
def test_torch_autograd_agrees(numpy64, rng, torch, hoist, initial, last, lengths):
    machine, store = elman(numpy64, initial=initial, last=last, lengths=lengths is not None, hoist=hoist)
    x, z0 = rng.normal(size=(B, T, F)), rng.normal(size=(B, H))
    if initial == "trainable":
        store["delay.initial"].x = z0[0]
    values = {name: torch.tensor(value, requires_grad=True) for name, value in store.state_dict().items()}
    tx, tz = torch.tensor(x, requires_grad=True), torch.tensor(z0, requires_grad=True)
    first = {"given": tz, "trainable": values.get("delay.initial"), "zeros": torch.zeros(H, dtype=torch.float64)}
    n = None if lengths is None else torch.tensor(lengths)
    expected = torch_states(torch, values, tx, first[initial].expand(B, H), n)
    expected = expected[:, -1] if last else expected
    cotangent = rng.normal(size=tuple(expected.shape))
    (expected * torch.tensor(cotangent)).sum().backward()

    inputs = [x, *([z0] if initial == "given" else []), *([] if lengths is None else [np.asarray(lengths)])]
    out, states = run(machine, *inputs, cotangent=cotangent)
    np.testing.assert_allclose(out.x, expected.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(states[0].dx, tx.grad.numpy(), atol=1e-12)
    if initial == "given":
        np.testing.assert_allclose(states[1].dx, tz.grad.numpy(), atol=1e-12)
    for name, gradient in store.gradients().items():
        np.testing.assert_allclose(gradient, values[name].grad.numpy(), atol=1e-11, err_msg=name)


@pytest.mark.parametrize("options", [{}, {"last": True}, {"lengths": True}, {"lengths": True, "last": True}], ids=str)
def test_the_hoisted_form_is_equal(backend, rng, options):
    """Input products on the whole sequence, and one product for the weight gradients of all steps."""
    plain = Recurrent(simple_cell(F, H), H, initial="trainable", **options)
    hoisted = Recurrent(plain.cell, H, initial="trainable", hoist=True, **options)
    hoisted.delay.initial = plain.delay.initial
    xn.ParameterStore(plain, backend)
    inputs = [backend.asarray(rng.normal(size=(B, T, F)))]
    inputs += [np.asarray([6, 0, 3, 4])] if "lengths" in options else []
    report = equivalent(plain, hoisted, *inputs)
    assert report, str(report)
    assert len(report.comparisons) == 6


def test_hoisting_takes_the_weights_out_of_the_loop(numpy64, rng):
    """What it is for: the input's Linear runs once, and the state's weights get one product and not T."""
    machine, _ = elman(numpy64, hoist=True)
    plan = machine.plan_for([xn.State(rng.normal(size=(B, T, F))), xn.State()])
    names = [box.name for box in plan.boxes]
    assert names.count("cell.input") == 1
    assert sum(name.startswith("cell.state@") for name in names) == T
    assert "weights of cell.state" in names
    assert not any(name.startswith("cell.input@") for name in names)


def test_second_derivatives_of_the_hoisted_form_are_equal(numpy64, rng):
    plain, store = elman(numpy64)
    hoisted = Recurrent(plain.cell, H, hoist=True).bind(numpy64)
    found = []
    for machine in (plain, hoisted):
        out, states = run(machine, rng.normal(size=(B, T, F)) * 0 + 0.3)
        out.accumulate_ddx(np.ones_like(out.x))
        machine.bbprop(*states, out)
        found.append([states[0].ddx, *(store[name].ddx for name in store)])
        store.clear()
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 4])
def test_truncated_gradients_are_those_of_the_last_k_steps(numpy64, rng, k):
    """With the energy at the end: the states before the last k steps are constants."""
    machine, store = elman(numpy64, truncate=k, last=True)
    x = rng.normal(size=(B, T, F))
    out, states = run(machine, x)
    truncated = store.gradients()
    store.clear()
    tail = Recurrent(machine.cell, H, initial="given", last=True).bind(numpy64)
    head, _ = run(Recurrent(machine.cell, H, last=True).bind(numpy64), x[:, : T - k])
    store.clear()
    expected, (dx, _) = run(tail, x[:, T - k :], xn.State(head.x, fixed=True))
    np.testing.assert_allclose(out.x, expected.x, rtol=1e-14)
    for name, gradient in store.gradients().items():
        np.testing.assert_allclose(truncated[name], gradient, rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(states[0].dx[:, T - k :], dx.dx, rtol=1e-12)
    assert (states[0].dx[:, : T - k] == 0).all()


def test_truncation_longer_than_the_sequence_changes_nothing(numpy64, rng):
    plain, _ = elman(numpy64)
    truncated = Recurrent(plain.cell, H, truncate=T)
    assert equivalent(plain, truncated, rng.normal(size=(B, T, F)))


def test_padding_never_matters(backend, rng):
    """NaN and infinity after a sequence's end change no bit, and no gradient reaches them."""
    machine, store = elman(backend, lengths=True)
    x, n = rng.normal(size=(2, T, F)), backend.indices([T, 2])
    found = []
    for padding in (0.0, np.nan, np.inf):
        x[1, 2:] = padding
        state, out = xn.State(backend.asarray(x)), xn.State()
        machine.fprop(state, xn.State(n, fixed=True), out)
        out.accumulate(backend.xp.ones_like(out.x))
        machine.bprop(state, xn.State(n, fixed=True), out)
        found.append([backend.to_numpy(out.x), backend.to_numpy(state.dx), *store.gradients().values()])
        store.clear()
    for other in found[1:]:
        assert all((a == b).all() for a, b in zip(found[0], other, strict=True))
    values, dx = found[0][:2]
    assert (values[1, 1:] == values[1, 1]).all()
    assert (dx[1, 2:] == 0).all()


def test_one_machine_stands_in_many_places_with_many_lengths(numpy64, rng):
    """Inner wires stay with the outputs: passes may interleave, and lengths may change from call to call."""
    machine, store = elman(numpy64)
    inputs = [rng.normal(size=(B, steps, F)) for steps in (2, 5, 2)]
    alone = []
    for x in inputs:
        _, states = run(machine, x)
        alone.append((states[0].dx, store.gradients()))
        store.clear()
    states, outs = [xn.State(x) for x in inputs], [xn.State() for _ in inputs]
    for state, out in zip(states, outs, strict=True):
        machine.fprop(state, out)
    for state, out in zip(states[::-1], outs[::-1], strict=True):
        out.accumulate(np.ones_like(out.x))
        machine.bprop(state, out)
    for state, (dx, _) in zip(states, alone, strict=True):
        np.testing.assert_array_equal(state.dx, dx)
    for name, gradient in store.gradients().items():
        np.testing.assert_allclose(gradient, sum(g[name] for _, g in alone), rtol=1e-12)


def test_constants_are_the_same_at_every_step(numpy64, rng):
    """A cell with a third input, such as a label: its gradient is the sum over the steps."""
    graph = xn.Graph()
    x, z, c = graph.input("x"), graph.input("z"), graph.input("c")
    graph.output("z", graph(xn.Tanh(), graph(xn.Linear(F + H + 2, H), graph(xn.Concatenate(), x, z, c))))
    wide = xn.Graph()
    a, b = wide.input("xc"), wide.input("z")
    linear = graph.plan().boxes[1].module
    order = [*range(F), *range(F + 2, F + 2 + H), F, F + 1]
    picked = wide(modules.Pick(order), wide(xn.Concatenate(), a, b))
    wide.output("z", wide(xn.Tanh(), wide(linear, picked)))
    x, c = rng.normal(size=(B, T, F)), rng.normal(size=(B, 2))
    one, (dx, dc) = run(Recurrent(graph, H).bind(numpy64), x, c)
    together = np.concatenate([x, np.broadcast_to(c[:, None], (B, T, 2))], -1)
    two, (dxc,) = run(Recurrent(wide, H).bind(numpy64), together)
    np.testing.assert_allclose(one.x, two.x, rtol=1e-12)
    np.testing.assert_allclose(dx.dx, dxc.dx[..., :F], atol=1e-12)
    np.testing.assert_allclose(dc.dx, dxc.dx[..., F:].sum(1), atol=1e-12)


def test_labels_and_samples_broadcast(numpy64, rng):
    """Replicas: sequences (B, 1, T, F) against initial states (K, H)."""
    machine, store = elman(numpy64, initial="given", last=True)
    x, z0 = rng.normal(size=(B, 1, T, F)), rng.normal(size=(2, H))
    out, (dx, dz) = run(machine, x, z0)
    together = store.gradients()
    store.clear()
    assert out.x.shape == (B, 2, H)
    total = 0.0
    for k in range(2):
        alone, (dk, dzk) = run(machine, x[:, 0], z0[k])
        np.testing.assert_allclose(out.x[:, k], alone.x, rtol=1e-12)
        np.testing.assert_allclose(dz.dx[k], dzk.dx, atol=1e-12)
        total = total + dk.dx
    np.testing.assert_allclose(dx.dx[:, 0], total, atol=1e-12)
    for name, gradient in store.gradients().items():
        np.testing.assert_allclose(together[name], gradient, rtol=1e-10)


def test_it_learns_to_remember(numpy64):
    """The last output is the first input, some steps ago: only backprop through time can carry that."""
    rng = np.random.default_rng(0)
    machine = xn.Cascade(Recurrent(simple_cell(1, 6), 6, last=True, initial="trainable", hoist=True), xn.Linear(6, 1))
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, numpy64, seed=1))
    codes = np.asarray([[-1.0], [1.0]])
    for _ in range(300):
        x, label = rng.normal(size=(16, 4, 1)) * 0.3, rng.integers(2, size=16)
        x[:, 0, 0] = codes[label, 0]
        energy = trainer.learn_sample(x, label, codes, learning_rate=0.2)
    assert energy < 0.05
    index, _ = trainer.run(x, codes)
    assert (index == label).mean() > 0.9


def test_copies_and_backends(backend):
    """A deep copy is independent; moving a machine moves all that unfolding made."""
    machine, store = elman(xn.get_backend("numpy", dtype=backend.dtype_name))
    x = np.linspace(-1, 1, B * T * F).reshape(B, T, F).astype(backend.dtype_name)
    first = xn.State()
    machine.fprop(xn.State(x), first)
    twin = deepcopy(machine)
    twin_store = xn.ParameterStore(twin, xn.get_backend("numpy", dtype=backend.dtype_name))
    twin_store.load_state_dict(store.state_dict())
    store.to(backend)
    moved, kept = xn.State(), xn.State()
    machine.fprop(xn.State(backend.asarray(x)), moved)
    twin.fprop(xn.State(x), kept)
    np.testing.assert_allclose(backend.to_numpy(moved.x), first.x, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(kept.x, first.x)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Recurrent(xn.Linear(3, 3), 3), r"1 inputs and 1 outputs"),
        (lambda: Recurrent(simple_cell(2, 2), 2, truncate=0), r"at least 1; got 0"),
        (lambda: Recurrent(simple_cell(2, 2), 2, initial="ones"), r"zeros, trainable, given; got 'ones'"),
    ],
)
def test_what_is_no_recurrent_machine(make, words):
    with pytest.raises(GraphError, match=words):
        make()


def test_wrong_shapes_say_what_is_expected(numpy64):
    machine, _ = elman(numpy64)
    with pytest.raises(ShapeError, match=r"at least 1; got \{0: 0\}"):
        machine.fprop(xn.State(np.zeros((2, 0, F))), xn.State())
    with pytest.raises(ShapeError, match=r"\(..., T, 1 axes\)"):
        machine.fprop(xn.State(np.zeros(F)), xn.State())
    with pytest.raises(ShapeError, match="2 inputs and outputs in all; got 3 states"):
        machine.fprop(xn.State(np.zeros((2, F))), xn.State(), xn.State())
    with pytest.raises(ShapeError, match="last axis 3") as caught:
        machine.fprop(xn.State(np.zeros((2, T, F + 1))), xn.State())
    assert any("'cell@0'" in note for note in caught.value.__notes__)
