"""Random machines with fan-out and shared weights, wired in random order, against torch and JAX in float64."""

import numpy as np
import pytest
from random_dags import energy, random_dag, relative_error, values

import xpnet as xn

MODULES = {
    "tanh": lambda detail: xn.Tanh(),
    "plus": lambda detail: xn.Plus(),
    "concatenate": lambda detail: xn.Concatenate(),
    "softmax": xn.Softmax,
    "logsum": xn.Logsum,
    "euclidean": lambda detail: xn.Euclidean(),
}


def build(dag, rng):
    """The graph, its boxes added in random order, half of the shared weights as one module, half as tied parameters."""
    graph = xn.Graph()
    wires = [graph.input("x"), graph.input("y")]
    wires += [graph.wire(f"w{k}") for k in range(len(dag.steps))]
    linears = [xn.Linear(*shape) for shape in dag.linears]
    graph.output("energy", wires[-1])
    for position in rng.permutation(len(dag.steps)):
        operation, inputs, detail = dag.steps[position]
        sources = [wires[k] for k in inputs]
        if operation == "linear":
            module = linears[detail] if rng.random() < 0.5 else sharing(linears[detail])
        elif detail == "branch":
            sources = graph(xn.Branch(2), sources[0])
            module = xn.Plus()
        else:
            module = MODULES[operation](detail)
        graph(module, *sources, to=wires[position + 2])
    return graph, linears


def sharing(linear):
    twin = xn.Linear(linear.in_features, linear.out_features)
    twin.weight, twin.bias = linear.weight, linear.bias
    return twin


def ours(dag, ends, parameters, rng, layout):
    """Energy, and gradients of x, y and of every parameter, by fprop and bprop."""
    graph, linears = build(dag, rng)
    used = sorted({detail for operation, _, detail in dag.steps if operation == "linear"})
    xn.ParameterStore(graph, layout=layout)
    for k in used:
        linears[k].weight.x, linears[k].bias.x = parameters[k]
    states = [xn.State(end) for end in ends] + [xn.State()]
    graph.fprop(*states)
    states[-1].accumulate(np.ones_like(states[-1].x))
    graph.bprop(*states)
    gradients = [state.dx for state in states[:-1]] + [p.dx for k in used for p in (linears[k].weight, linears[k].bias)]
    return states[-1].x.sum(), [np.zeros(1) if g is None else g for g in gradients], used


def by_torch(torch, dag, ends, parameters, used):
    leaves = [torch.tensor(end, requires_grad=True) for end in ends]
    held = [[torch.tensor(v, requires_grad=True) for v in pair] for pair in parameters]
    total = energy(torch, dag, leaves, held)
    wanted = torch.autograd.grad(total, leaves + [v for k in used for v in held[k]], allow_unused=True)
    return total.item(), [np.zeros(1) if g is None else g.numpy() for g in wanted]


def by_jax(jax, dag, ends, parameters, used):
    def of(ends, parameters):
        return energy(jax.numpy, dag, ends, parameters)

    with jax.enable_x64(True):
        total, (at_ends, at_parameters) = jax.jit(jax.value_and_grad(of, argnums=(0, 1)))(ends, parameters)
        return float(total), [np.asarray(g) for g in [*at_ends, *(g for k in used for g in at_parameters[k])]]


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
    for seed in range(200):
        compare(seed, lambda *args: by_torch(torch, *args), layout)


def test_random_machines_against_jax(numpy64, jax):
    for seed in range(6):  # JAX compiles each machine: many more are in the slow suite
        compare(seed, lambda *args: by_jax(jax, *args), None)


@pytest.mark.slow
def test_a_thousand_random_machines(numpy64, torch, jax):
    for seed in range(1000):
        compare(seed + 10_000, lambda *args: by_torch(torch, *args), None)
        if seed % 20 == 0:
            compare(seed + 10_000, lambda *args: by_jax(jax, *args), None)


def test_the_random_machines_contain_what_they_should():
    """Fan-out, shared weights and every operation, or the comparison would prove little."""
    dags = [random_dag(np.random.default_rng(seed)) for seed in range(200)]
    steps = [step for dag in dags for step in dag.steps]
    assert {step[0] for step in steps} == {*MODULES, "linear"}
    assert sum(step[2] == "branch" for step in steps) > 20
    shared = [dag for dag in dags if len([s for s in dag.steps if s[0] == "linear"]) > len(dag.linears)]
    read = [[wire for _, inputs, _ in dag.steps for wire in inputs] for dag in dags]
    assert len(shared) > 20
    assert sum(len(wires) > len(set(wires)) for wires in read) > 150
