"""Random machines against torch and JAX in float64: with fan-out, shared weights, switches, replicas, recurrences.

Their operations are those of random_dags; each is wired in random order, and its weights are shared in two ways.
"""

import numpy as np
import pytest
from jax_by_numpy import value_and_gradients
from random_dags import OPERATIONS, RECURRENCES, energy, random_dag, relative_error, values

import xpnet as xn
from xpnet import modules
from xpnet.machines.trellis import Trellis
from xpnet.machines.unfolded import Unfolded

MODULES = {
    "tanh": lambda detail: xn.Tanh(),
    "plus": lambda detail: xn.Plus(),
    "times": lambda detail: modules.Times(),
    "concatenate": lambda detail: xn.Concatenate(),
    "softmax": xn.Softmax,
    "logsum": xn.Logsum,
    "min": lambda detail: xn.Min(),
    "euclidean": lambda detail: xn.Euclidean(),
    "switch": lambda detail: xn.Switch(event_ndim=1),
    "select": lambda detail: modules.Select(),
}
MAKERS = {
    "linear": lambda inside, out: [xn.Linear(inside, out)],
    "convolution": lambda inside, out: [modules.Convolution(inside, out, kernel=2)],
    "cell": lambda inside, out: [xn.Linear(inside, out), xn.Linear(out, out, bias=False)],
    "trellis": lambda inside, _: [modules.Trainable((inside, inside)), modules.Trainable((inside,))],
}


def made(group):
    """The modules that hold a group's parameters."""
    kind, *sizes = group
    return MAKERS[kind](*sizes)


def parameters_of(holders):
    return [parameter for module in holders for _, parameter in module.parameters()]


class Builder:
    """A graph for a dag, its boxes added in random order, the weights shared as modules or as tied parameters."""

    def __init__(self, dag, rng):
        self.dag, self.rng, self.graph = dag, rng, xn.Graph()
        self.held = [made(group) for group in dag.groups]
        self.wires = [self.graph.input(name) for name in ("x", "y", "s")]
        self.labels = []  # what the discrete inputs of switches are
        self.wires += [self.graph.wire(f"w{k}") for k in range(len(dag.steps))]
        for position in rng.permutation(len(dag.steps)):
            self.add(*dag.steps[position], self.wires[position + 3])
        self.graph.output("energy", self.wires[-1])

    def add(self, operation, inputs, detail, to):
        graph, sources = self.graph, [self.wires[k] for k in inputs]
        if operation in ("linear", "convolution"):
            graph(self.shared(detail)[0], *sources, to=to)
        elif operation in ("recurrent", "states"):
            graph(self.recurrence(*detail, given=len(inputs) > 1, last=operation == "recurrent"), *sources, to=to)
        elif operation == "trellis":
            given = [graph(module) for module in self.shared(detail)]
            graph(Trellis(self.dag.groups[detail][1]), *sources, *given, to=to)
        elif operation in ("switch", "select"):
            self.labels.append(np.asarray(detail))
            graph(MODULES[operation](detail), *sources, graph.input(f"label{len(self.labels)}"), to=to)
        elif detail == "branch":
            graph(xn.Plus(), *graph(xn.Branch(2), sources[0]), to=to)
        else:
            graph(MODULES[operation](detail), *sources, to=to)

    def shared(self, group):
        """The group's modules themselves, or others that hold the same parameters."""
        held = self.held[group]
        if self.rng.random() < 0.5:
            return held
        twins = made(self.dag.groups[group])
        for module, twin in zip(held, twins, strict=True):
            for name, parameter in module.parameters():
                setattr(twin, name, parameter)
        return twins

    def recurrence(self, group, form, *, given, last):
        pulled, carried = self.shared(group)
        width, initial = self.dag.groups[group][2], "given" if given else "zeros"
        step = xn.Graph()
        x = step.input("x")
        if form in ("machine", "hoisted"):
            z = step.input("z")
            step.output("z", step(xn.Tanh(), step(xn.Plus(), step(pulled, x), step(carried, z))))
            return xn.Recurrent(step, width, initial=initial, last=last, hoist=form == "hoisted")
        first = [step.input("z0", constant=True)] if given else []
        z = step.wire("z")
        old = step(modules.Delay(width, initial), z, *first)
        step(xn.Tanh(), step(xn.Plus(), step(pulled, x), step(carried, old)), to=z)
        step.output("z", z)
        return step if form == "graph" and not last else Unfolded(step, last=last)


def ours(dag, ends, parameters, rng, layout):
    """Energy, and gradients of x, y, s and of every parameter, by fprop and bprop."""
    built, used = Builder(dag, rng), dag.parameters_used()
    xn.ParameterStore(built.graph, layout=layout)
    ours = [parameters_of(built.held[k]) for k in used]
    for k, held in zip(used, ours, strict=True):
        for parameter, value in zip(held, parameters[k], strict=True):
            parameter.x = value
    states = [xn.State(end) for end in ends]
    labels = [xn.State(label, fixed=True) for label in built.labels]
    output = xn.State()
    built.graph.fprop(*states, *labels, output)
    output.accumulate(np.ones_like(output.x))
    built.graph.bprop(*states, *labels, output)
    gradients = [state.dx for state in states] + [parameter.dx for held in ours for parameter in held]
    return output.x.sum(), [np.zeros(1) if g is None else g for g in gradients], used


def by_torch(torch, dag, ends, parameters, used):
    leaves = [torch.tensor(end, requires_grad=True) for end in ends]
    held = [[torch.tensor(v, requires_grad=True) for v in group] for group in parameters]
    total = energy(torch, dag, leaves, held)
    wanted = torch.autograd.grad(total, leaves + [v for k in used for v in held[k]], allow_unused=True)
    return total.item(), [np.zeros(1) if g is None else g.numpy() for g in wanted]


def by_jax(jax, dag, ends, parameters, used):
    def of(ends, parameters):
        return energy(jax.numpy, dag, ends, parameters)

    total, (at_ends, at_parameters) = value_and_gradients(jax, of, ends, parameters)
    return float(total), [*at_ends, *(g for k in used for g in at_parameters[k])]


def compare(seed, oracle, layout):
    rng = np.random.default_rng(seed)
    dag = random_dag(rng)
    ends, parameters = values(dag, rng)
    total, gradients, used = ours(dag, ends, parameters, rng, layout)
    wanted_total, wanted = oracle(dag, ends, parameters, used)
    assert relative_error(total, wanted_total) < 1e-9, f"energy of random machine {seed}: {dag}"
    for position, (got, want) in enumerate(zip(gradients, wanted, strict=True)):
        assert relative_error(got, want) < 1e-9, f"gradient {position} of random machine {seed}: {dag}"


def test_random_machines_against_torch(numpy64, torch, layout):
    for seed in range(60):
        compare(seed, lambda *args: by_torch(torch, *args), layout)


def test_random_machines_against_jax(numpy64, jax):
    for seed in range(12):
        compare(seed, lambda *args: by_jax(jax, *args), None)


@pytest.mark.slow
def test_numpy_carries_out_what_jax_would(numpy64, jax):
    """Of one machine, the energy and gradients that JAX itself computes."""
    rng = np.random.default_rng(1)
    dag = random_dag(rng)
    ends, parameters = values(dag, rng)
    used = dag.parameters_used()
    with jax.enable_x64(True):
        of = jax.jit(jax.value_and_grad(lambda *given: energy(jax.numpy, dag, *given), argnums=(0, 1)))
        total, (at_ends, at_parameters) = of(ends, parameters)
    compiled = [float(total), *at_ends, *(g for k in used for g in at_parameters[k])]
    one_by_one, gradients = by_jax(jax, dag, ends, parameters, used)
    for got, want in zip([one_by_one, *gradients], compiled, strict=True):
        assert relative_error(got, want) < 1e-12


@pytest.mark.slow
def test_a_thousand_random_machines_against_torch(numpy64, torch):
    for seed in range(1000):
        compare(seed + 10_000, lambda *args: by_torch(torch, *args), None)


@pytest.mark.slow
def test_a_thousand_random_machines_against_jax(numpy64, jax):
    for seed in range(1000):
        compare(seed + 20_000, lambda *args: by_jax(jax, *args), None)


def test_the_random_machines_contain_what_they_should():
    """Fan-out, shared weights and every operation in every form, or the comparison would prove little."""
    dags = [random_dag(np.random.default_rng(seed)) for seed in range(60)]
    steps = [step for dag in dags for step in dag.steps]
    assert {step[0] for step in steps} == set(OPERATIONS) - {"branch"}
    assert sum(step[2] == "branch" for step in steps) > 10
    recurrent = [(len(step[1]), step[2][1]) for step in steps if step[0] in ("recurrent", "states")]
    assert set(recurrent) == {(n, form) for n in (1, 2) for form in RECURRENCES}
    groups = [[dag.group_of(step) for step in dag.steps if dag.group_of(step) is not None] for dag in dags]
    assert sum(len(read) > len(set(read)) for read in groups) > 15
    read = [[wire for _, inputs, _ in dag.steps for wire in inputs] for dag in dags]
    assert sum(len(wires) > len(set(wires)) for wires in read) > 45
    assert sum(dag.steps[-1][0] == last for dag in dags for last in ("logsum", "min")) > 30  # over the replicas
